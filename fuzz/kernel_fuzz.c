/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as what the kernel answers to those who ask it on sockets of their own: routes, TCP
 * connections, packet filters, our table of ARP silence. The kernel is believed, but not to be
 * without a fault, nor to be of our version. The system calls are those of this file: a program's
 * own come before those of a library.
 *
 * libnftnl ends the process where an attribute has another type than it knows; that is as far as
 * such an answer is followed here. What it has allocated until then is freed in its place, where a
 * sanitizer tells what that is.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netfilter.h>
#include <linux/netlink.h>

#include "base/container.h"
#include "fuzz.h"
#include "linux/arp_table.h"
#include "linux/connections.h"
#include "linux/fib.h"
#include "linux/filters.h"
#include "wire/reader.h"

#define PORT 77

/* What is still to be received: a length in two bytes, the bytes, and so on. */
static struct reader answers;

static jmp_buf way_out;
static bool inside; /* the way out is open */
static int opened = -1;

/* Allocated inside, and not freed yet. What is too much is lost when the process would have ended.
 */
static const volatile void *held[4096];
static size_t n_held;

/* Of the sanitizers' own interface; without one it is not there. */
__attribute__((weak)) int
__sanitizer_install_malloc_and_free_hooks(void (*allocated)(const volatile void *, size_t),
					  void (*freed)(const volatile void *));

static void allocated(const volatile void *p, size_t size)
{
	(void)size;
	if (inside && n_held < ARRAY_LENGTH(held))
		held[n_held++] = p;
}

static void freed(const volatile void *p)
{
	for (size_t k = n_held; inside && k-- > 0;)
		if (held[k] == p) {
			held[k] = held[--n_held];
			return;
		}
}

static void held_free(void)
{
	while (n_held > 0)
		free((void *)(uintptr_t)held[--n_held]);
}

static ssize_t answer(void *to, size_t size, int flags)
{
	size_t length = reader_u16(&answers);
	const uint8_t *bytes;

	if (reader_left(&answers) < length)
		length = reader_left(&answers);
	bytes = reader_take(&answers, length);
	if (!reader_ok(&answers) || !bytes || length == 0) {
		errno = flags & MSG_DONTWAIT ? EAGAIN : ENOBUFS;
		return -1;
	}
	length = length < size ? length : size;
	memcpy(to, bytes, length);
	return (ssize_t)length;
}

ssize_t recv(int fd, void *to, size_t size, int flags)
{
	(void)fd;
	return answer(to, size, flags);
}

/* Only libmnl calls it here. */
ssize_t recvmsg(int fd, struct msghdr *m, int flags)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	(void)fd;
	memcpy(m->msg_name, &kernel, sizeof(kernel));
	m->msg_namelen = sizeof(kernel);
	m->msg_flags = 0;
	return answer(m->msg_iov->iov_base, m->msg_iov->iov_len, flags);
}

ssize_t send(int fd, const void *bytes, size_t length, int flags)
{
	(void)fd;
	(void)bytes;
	(void)flags;
	return (ssize_t)length;
}

ssize_t sendto(int fd, const void *bytes, size_t length, int flags, __CONST_SOCKADDR_ARG to,
	       socklen_t size)
{
	(void)to;
	(void)size;
	return send(fd, bytes, length, flags);
}

int socket(int domain, int type, int protocol)
{
	(void)domain;
	(void)type;
	(void)protocol;
	opened = dup(STDERR_FILENO);
	return opened;
}

void exit(int status)
{
	if (inside)
		longjmp(way_out, 1);
	_exit(status);
}

int bind(int fd, __CONST_SOCKADDR_ARG address, socklen_t size)
{
	(void)fd;
	(void)address;
	(void)size;
	return 0;
}

int getsockname(int fd, __SOCKADDR_ARG address, socklen_t *size)
{
	struct sockaddr_nl own = { .nl_family = AF_NETLINK, .nl_pid = PORT };

	(void)fd;
	*size = sizeof(own);
	memcpy(address.__sockaddr__, &own, sizeof(own));
	return 0;
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t size)
{
	(void)fd;
	(void)level;
	(void)name;
	(void)value;
	(void)size;
	return 0;
}

static void take_route(void *context, const struct fib_route *r)
{
	(void)context;
	assert(r->prefix.length <= family_bits(r->prefix.address.family));
	assert(r->n_interfaces <= FIB_INTERFACES_MAX);
}

static void read_routes(uint8_t how)
{
	struct address destination = address_ipv4(0x0a010101);
	struct fib_route route;

	if (how & 1)
		(void)fib_read(how & 2 ? FAMILY_IPV4 : FAMILY_IPV6, FIB_MAIN, take_route, NULL);
	else if (fib_ask(&destination, &route) == 0)
		take_route(NULL, &route);
}

static void read_connections(uint8_t how)
{
	struct address local = { how & 1 ? FAMILY_IPV6 : FAMILY_IPV4, { 10, 1, 1, 1 } };
	uint32_t count;

	(void)connections_count(&local, &count);
}

static void read_filters(uint8_t how)
{
	struct filter_packet packet = { .out = how & 1, .interface = 2, .name = "eth1" };
	struct filter_verdict verdict = { 0 };
	struct filter_set set;

	packet.destination = address_ipv4(0xe0000009);
	packet.port = 520;
	filters_read(&set);
	filter_judge(&set, &packet, &verdict);
	assert(verdict.fate <= FILTER_DROPS);
	assert(strnlen(verdict.where, sizeof(verdict.where)) < sizeof(verdict.where));
	filter_set_done(&set);
}

static void take_object(void *context, const struct input *in)
{
	uint8_t bytes[INPUT_BYTES_MAX];

	(void)context;
	assert(input_encode(in, bytes) > 0);
}

static void read_arp_table(uint8_t how)
{
	struct nft *t = nft_open(NFPROTO_ARP, NFT_TABLE, NFT_BYTES);

	assert(t);
	if (how & 1)
		(void)nft_read(t);
	arp_table_dump(t, take_object, NULL);
	nft_close(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static void (*const deeds[])(uint8_t how) = { read_routes, read_connections, read_filters,
						      read_arp_table };
	static bool hooked;
	uint8_t what;

	if (!hooked && __sanitizer_install_malloc_and_free_hooks)
		(void)__sanitizer_install_malloc_and_free_hooks(allocated, freed);
	hooked = true;
	reader_init(&answers, bytes, length);
	what = reader_u8(&answers);
	n_held = 0;
	if (setjmp(way_out) == 0) {
		inside = true;
		deeds[what % ARRAY_LENGTH(deeds)](what >> 4);
		inside = false;
	} else {
		inside = false;
		close(opened);
		held_free();
	}
	return 0;
}
