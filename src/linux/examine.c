/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/examine.h"

#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/container.h"
#include "base/text.h"
#include "linux/arp_trial.h"
#include "linux/filters.h"
#include "linux/message.h"
#include "linux/old_filters.h"
#include "linux/overruled.h"

#define FINDINGS_MAX 64
#define OVERRULED_TOLD 3 /* of learned routes that are not used */
#define MTU_MIN 576	 /* RFC 791: every host must take that much; a full RIP packet needs 532 */

struct examination {
	struct errand errand;
	struct examine_hooks hooks;
	struct examine_what what;
	struct finding findings[FINDINGS_MAX];
	size_t n_findings;
};

/* A finding about an interface, or about the host; what it does not say is left empty. */
static struct finding *found(struct examination *x, uint8_t severity, const char *interface,
			     const char *format, ...) __attribute__((format(printf, 4, 5)));

static struct finding *found(struct examination *x, uint8_t severity, const char *interface,
			     const char *format, ...)
{
	size_t last = x->n_findings < FINDINGS_MAX ? x->n_findings++ : FINDINGS_MAX - 1;
	struct finding *f = &x->findings[last];
	va_list args;

	*f = (struct finding){ .severity = severity };
	text_copy(f->interface, sizeof(f->interface), interface ? interface : "");
	va_start(args, format);
	vsnprintf(f->what, sizeof(f->what), format, args);
	va_end(args);
	return f;
}

/* The number in a file under /proc/sys; -1 when there is none. */
static long sysctl_read(const char *format, const char *interface)
{
	char path[128], text[32];
	long value = -1;
	FILE *file;

	snprintf(path, sizeof(path), format, interface);
	file = fopen(path, "re");
	if (!file)
		return -1;
	if (fgets(text, sizeof(text), file))
		value = strtol(text, NULL, 10);
	fclose(file);
	return value;
}

static bool speaks_on_several(const struct examination *x)
{
	for (size_t i = 1; i < x->what.n_spoken; i++)
		if (x->what.spoken[i].interface != x->what.spoken[0].interface)
			return true;
	return false;
}

/* True also where that cannot be asked. */
static bool has_ipv4_address(const char *interface)
{
	struct ifreq request = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool has = true;

	text_copy(request.ifr_name, sizeof(request.ifr_name), interface);
	if (fd < 0)
		return true;
	has = ioctl(fd, SIOCGIFADDR, &request) == 0 || errno != EADDRNOTAVAIL;
	close(fd);
	return has;
}

/* The kernel takes the larger of the two: Documentation/networking/ip-sysctl.rst. */
static void look_at_rp_filter(struct examination *x, const char *interface)
{
	long all = sysctl_read("/proc/sys/net/ipv4/conf/%s/rp_filter", "all");
	long own = sysctl_read("/proc/sys/net/ipv4/conf/%s/rp_filter", interface);
	const char *cause = all > own ? "all" : interface;
	long mode = all > own ? all : own;
	struct finding *f;

	if (mode > 0 && !has_ipv4_address(interface)) {
		f = found(x, FINDING_PROBLEM, interface,
			  "rp_filter is on on %s, which has no address", interface);
		text_copy(
			f->effect, sizeof(f->effect),
			"the kernel drops what comes from a router to which no route leads there: "
			"it is not heard");
		snprintf(f->fix, sizeof(f->fix), "sysctl -w net.ipv4.conf.%s.rp_filter=0", cause);
		return;
	}
	if (mode != 1)
		return;
	f = found(x, speaks_on_several(x) ? FINDING_PROBLEM : FINDING_NOTE, interface,
		  "rp_filter is strict on %s", interface);
	text_copy(f->effect, sizeof(f->effect),
		  "packets that do not come the way on which the answer would leave are dropped: a "
		  "second path is dead");
	snprintf(f->fix, sizeof(f->fix), "sysctl -w net.ipv4.conf.%s.rp_filter=2", cause);
}

static void look_at_mtu(struct examination *x, const char *interface)
{
	struct ifreq request = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct finding *f;

	text_copy(request.ifr_name, sizeof(request.ifr_name), interface);
	if (fd >= 0 && ioctl(fd, SIOCGIFMTU, &request) == 0 && request.ifr_mtu < MTU_MIN) {
		f = found(x, FINDING_PROBLEM, interface, "the MTU of %s is %d", interface,
			  request.ifr_mtu);
		text_copy(f->effect, sizeof(f->effect),
			  "a full RIP packet needs 532 bytes: long announcements are lost");
		snprintf(f->fix, sizeof(f->fix), "ip link set %s mtu 1500", interface);
	}
	if (fd >= 0)
		close(fd);
}

static void look_at_forwarding(struct examination *x)
{
	struct finding *f;

	if (sysctl_read("/proc/sys/net/ipv4/%s", "ip_forward") != 1)
		return;
	f = found(x, FINDING_NOTE, NULL, "this host forwards packets");
	text_copy(f->effect, sizeof(f->effect),
		  "a server with two interfaces may carry the traffic of others");
	text_copy(f->fix, sizeof(f->fix), "sysctl -w net.ipv4.ip_forward=0, unless it is meant");
}

static bool socket_is_ours(uint64_t inode)
{
	char path[64], target[64], wanted[64];

	snprintf(wanted, sizeof(wanted), "socket:[%" PRIu64 "]", inode);
	for (int fd = 0; fd < 1024; fd++) {
		ssize_t n;

		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		n = readlink(path, target, sizeof(target) - 1);
		if (n < 0)
			continue;
		target[n] = '\0';
		if (strcmp(target, wanted) == 0)
			return true;
	}
	return false;
}

/* proc(5): /proc/net/udp. Local address and port in hexadecimal; the inode is the tenth field. */
static void look_at_port(struct examination *x)
{
	FILE *file = fopen("/proc/thread-self/net/udp", "re");
	char line[256];
	bool others = false;
	struct finding *f;

	while (file && fgets(line, sizeof(line), file)) {
		unsigned port;
		uint64_t inode;

		if (sscanf(line, "%*u: %*8x:%4x %*x:%*x %*x %*x:%*x %*x:%*x %*x %*u %*u %" SCNu64,
			   &port, &inode) == 2 &&
		    port == 520)
			others |= !socket_is_ours(inode);
	}
	if (file)
		fclose(file);
	if (!others)
		return;
	f = found(x, FINDING_PROBLEM, NULL, "another program has UDP port 520 open");
	text_copy(
		f->effect, sizeof(f->effect),
		"two routing daemons speak RIP here, and one may not hear what is meant for both");
	text_copy(f->fix, sizeof(f->fix), "ss -lunp 'sport = 520', and stop the other one");
}

/* What a filter does to the packets of a protocol that come, or that leave. */
static void say_filter(struct examination *x, const char *protocol, const struct filter_packet *p,
		       const struct filter_verdict *v)
{
	bool udp = filter_protocol(p) == IPPROTO_UDP;
	const char *what = udp ? "UDP port" : "IP protocol";
	struct finding *f;

	f = found(x, v->fate == FILTER_DROPS ? FINDING_PROBLEM : FINDING_NOTE, p->name,
		  "what %s %s on %s %s by this host's own filter: %s", protocol,
		  p->out ? "says" : "hears", p->name,
		  v->fate == FILTER_DROPS ? "is dropped" : "may be dropped", v->where);
	snprintf(f->effect, sizeof(f->effect),
		 p->out ? "no router there hears of the VIPs: %s %u is not let out"
			: "no router is heard there unless %s %u is let in",
		 what, udp ? p->port : p->protocol);
	text_copy(f->fix, sizeof(f->fix), v->fix);
}

/* Of what a protocol says to all, and hears from them. */
static void look_at_filter(struct examination *x, const struct filter_set *set,
			   const struct sockets_spoken *spoken, bool out)
{
	const struct speaker_socket *socket = &spoken->class->sockets[0];
	struct filter_packet p = { .interface = spoken->interface, .out = out };
	struct filter_verdict v;

	if (spoken->class->n_sockets == 0 || !if_indextoname(p.interface, p.name))
		return;
	p.destination = socket->group;
	if (socket->transport == SPEAKER_RAW)
		p.protocol = (uint8_t)socket->port;
	else
		p.port = socket->port;
	filter_judge(set, &p, &v);
	old_filters_judge(&p, &v);
	if (v.fate != FILTER_PASSES)
		say_filter(x, spoken->class->title, &p, &v);
}

static void look_at_filters(struct examination *x)
{
	struct filter_set set;

	filters_read(&set);
	for (size_t i = 0; i < x->what.n_spoken; i++) {
		look_at_filter(x, &set, &x->what.spoken[i], false);
		look_at_filter(x, &set, &x->what.spoken[i], true);
	}
	filter_set_done(&set);
}

/* Somebody has set another route, and what is learned has no effect. */
static void look_at_learned(struct examination *x)
{
	struct overruled routes[OVERRULED_TOLD];
	size_t count = overruled_find(routes, OVERRULED_TOLD);

	for (size_t i = 0; i < count && i < OVERRULED_TOLD; i++) {
		const char *network = PREFIX_TEXT(&routes[i].prefix);
		char name[IF_NAMESIZE] = "";
		struct finding *f;

		(void)if_indextoname(routes[i].interface, name);
		f = found(x, FINDING_NOTE, name,
			  "the learned route to %s is not used: one of somebody else with metric "
			  "%u goes before it",
			  network, routes[i].metric);
		if (i + 1 == OVERRULED_TOLD && count > OVERRULED_TOLD)
			snprintf(f->effect, sizeof(f->effect),
				 "what 'learn' brings has no effect there, nor for %zu others",
				 count - OVERRULED_TOLD);
		else
			text_copy(f->effect, sizeof(f->effect),
				  "what 'learn' brings has no effect there");
		snprintf(f->fix, sizeof(f->fix),
			 "none, where that is meant; else ip %sroute del %s metric %u, or give it "
			 "a metric above %u",
			 routes[i].prefix.address.family == FAMILY_IPV6 ? "-6 " : "", network,
			 routes[i].metric, VIPD_LEARNED_METRIC);
	}
}

/* Some address of the host that is not silent. */
static bool known_address(const struct examination *x, struct address *ret)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool any = false;

	for (size_t i = 0; fd >= 0 && i < x->what.n_spoken && !any; i++) {
		struct ifreq request = { 0 };
		const struct sockaddr_in *a = (const struct sockaddr_in *)&request.ifr_addr;

		if (!if_indextoname(x->what.spoken[i].interface, request.ifr_name) ||
		    ioctl(fd, SIOCGIFADDR, &request) < 0)
			continue;
		*ret = address_make(FAMILY_IPV4, &a->sin_addr);
		any = true;
	}
	if (fd >= 0)
		close(fd);
	return any;
}

static void look_at_silence(struct examination *x)
{
	char sentence[FINDING_TEXT_MAX / 2] = "it has no other address to compare with";
	enum arp_trial verdict = ARP_TRIAL_NONE;
	struct address known;
	struct finding *f;

	if (!address_is_set(&x->what.silent))
		return;
	if (known_address(x, &known))
		verdict = arp_trial(&x->what.silent, &known, sentence, sizeof(sentence));
	switch (verdict) {
	case ARP_TRIAL_SILENT:
		f = found(x, FINDING_GOOD, NULL, "asked by ARP, the host is silent about it");
		break;
	case ARP_TRIAL_ANSWERED:
		f = found(x, FINDING_PROBLEM, NULL, "asked by ARP, the host answers for it");
		text_copy(f->effect, sizeof(f->effect),
			  "hosts on its LANs may bypass the routers, or the L4 switch");
		text_copy(f->fix, sizeof(f->fix),
			  "nft list table arp vipd, and look who changed it");
		break;
	default:
		f = found(x, FINDING_NOTE, NULL, "ARP silence cannot be tried: %s", sentence);
		break;
	}
	f->vip = x->what.silent;
}

/* The first that carries IPv4 on its interface: what is of the interface is said once. */
static bool speaks_ipv4_first(const struct examination *x, size_t at)
{
	const uint8_t ipv4 = (uint8_t)(1u << family_index(FAMILY_IPV4));

	for (size_t i = 0; i < at; i++)
		if (x->what.spoken[i].interface == x->what.spoken[at].interface &&
		    (x->what.spoken[i].class->families & ipv4))
			return false;
	return x->what.spoken[at].class->families & ipv4;
}

static void look(struct errand *errand)
{
	struct examination *x = container_of(errand, struct examination, errand);

	for (size_t i = 0; i < x->what.n_spoken; i++) {
		char name[IF_NAMESIZE];

		/* These IPv6 does not have. */
		if (!speaks_ipv4_first(x, i) || !if_indextoname(x->what.spoken[i].interface, name))
			continue;
		look_at_rp_filter(x, name);
		look_at_mtu(x, name);
	}
	look_at_forwarding(x);
	look_at_port(x);
	look_at_filters(x);
	look_at_learned(x);
	look_at_silence(x);
}

static void looked(struct errand *errand, bool wanted)
{
	struct examination *x = container_of(errand, struct examination, errand);

	if (wanted)
		x->hooks.found(x->hooks.context, x->what.request, x->findings, x->n_findings);
	free(x);
}

int examine_begin(struct errands *errands, const struct examine_hooks *hooks,
		  const struct examine_what *what)
{
	struct examination *x = calloc(1, sizeof(*x));
	int error;

	if (!x)
		return -ENOMEM;
	x->errand = (struct errand){ .run = look, .done = looked };
	x->hooks = *hooks;
	x->what = *what;
	error = errands_put(errands, &x->errand);
	if (error)
		free(x);
	return error;
}
