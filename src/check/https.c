/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vipd-check-https: one GET over TLS, with the certificate verified. It prints what was found and
 * ends with 0 when that is well. vipd starts it like any other program of a check: so a stranger's
 * TLS is never spoken with by a process that has any rights, and vipd itself needs no GnuTLS. Its
 * patience is that of whoever has started it.
 *
 * When it is connected and has the certificates of the system, it gives up everything but its
 * descriptors, and only then listens to the stranger.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "check/confine.h"
#include "check/http.h"

#define EXIT_USAGE 2

/*
 * To close while more of a page comes makes the kernel answer with RST, and the server log an
 * error. So the rest is read, but not for long, and not all of a film.
 */
#define LINGER_MS 250
#define LINGER_BYTES (1024 * 1024)

/* RFC 7301 6: HTTP/1.1. A server that speaks HTTP/2 only says so by an alert. */
#define PROTOCOL "http/1.1"

/* Where the words stand on the command line. */
enum word {
	WORD_ADDRESS = 1,
	WORD_PORT,
	WORD_NAME, /* that the certificate must have: a name, or the address */
	WORD_HOST, /* of the Host header */
	WORD_PATH,
	WORD_STATUS_LOW,
	WORD_STATUS_HIGH,
	WORD_EXPECT,  /* may be empty */
	WORD_TIMEOUT, /* milliseconds, after which we are ended */
	WORDS,
};

struct visit {
	char **words;
	int fd;
	int64_t begun_ms;
	gnutls_certificate_credentials_t trusted;
	gnutls_session_t session;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int ill(const char *what, const char *why)
{
	printf("%s: %s\n", what, why);
	return EXIT_FAILURE;
}

static int visit_connect(struct visit *v)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
	struct sockaddr_in four = { .sin_family = AF_INET };
	uint16_t port = htons((uint16_t)atoi(v->words[WORD_PORT]));
	const struct sockaddr *to;
	socklen_t size;

	six.sin6_port = four.sin_port = port;
	if (inet_pton(AF_INET, v->words[WORD_ADDRESS], &four.sin_addr) == 1) {
		to = (const struct sockaddr *)&four;
		size = sizeof(four);
	} else if (inet_pton(AF_INET6, v->words[WORD_ADDRESS], &six.sin6_addr) == 1) {
		to = (const struct sockaddr *)&six;
		size = sizeof(six);
	} else {
		return -EINVAL;
	}
	v->fd = socket(to->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return v->fd < 0 || connect(v->fd, to, size) < 0 ? -errno : 0;
}

static bool is_name(const char *text)
{
	uint8_t bytes[16];

	return inet_pton(AF_INET, text, bytes) != 1 && inet_pton(AF_INET6, text, bytes) != 1;
}

static int visit_prepare(struct visit *v)
{
	const char *name = v->words[WORD_NAME];
	int error = gnutls_certificate_allocate_credentials(&v->trusted);

	if (error >= 0)
		error = gnutls_certificate_set_x509_system_trust(v->trusted);
	if (error >= 0)
		error = gnutls_init(&v->session, GNUTLS_CLIENT);
	if (error >= 0)
		error = gnutls_set_default_priority(v->session);
	if (error >= 0)
		error = gnutls_credentials_set(v->session, GNUTLS_CRD_CERTIFICATE, v->trusted);
	if (error >= 0)
		error = gnutls_alpn_set_protocols(
			v->session, &(gnutls_datum_t){ (uint8_t *)PROTOCOL, strlen(PROTOCOL) }, 1,
			0);
	/* RFC 6066 3: an address is no server name. */
	if (error >= 0 && is_name(name))
		error = gnutls_server_name_set(v->session, GNUTLS_NAME_DNS, name, strlen(name));
	if (error < 0)
		return error;
	gnutls_session_set_verify_cert(v->session, name, 0);
	gnutls_transport_set_int(v->session, v->fd);
	return 0;
}

/* GnuTLS has several reasons on one line; what it says is made of its own words. */
static int certificate_ill(struct visit *v)
{
	gnutls_datum_t why = { 0 };
	unsigned status = gnutls_session_get_verify_cert_status(v->session);

	if (gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &why, 0) < 0)
		return ill("certificate", "it is not valid");
	return ill("certificate", (const char *)why.data);
}

/* RFC 7301 3.2: no_application_protocol. */
static bool speaks_another(struct visit *v, int error)
{
	return error == GNUTLS_E_NO_APPLICATION_PROTOCOL ||
	       (error == GNUTLS_E_FATAL_ALERT_RECEIVED &&
		gnutls_alert_get(v->session) == GNUTLS_A_NO_APPLICATION_PROTOCOL);
}

static int visit_greet(struct visit *v)
{
	int error;

	do
		error = gnutls_handshake(v->session);
	while (error < 0 && !gnutls_error_is_fatal(error));
	return error;
}

static int visit_judge(struct visit *v)
{
	enum http_verdict verdict = HTTP_MORE;
	struct http_answer answer;
	char bytes[4096], text[160];
	ssize_t n = 0;

	http_answer_init(&answer, (uint16_t)atoi(v->words[WORD_STATUS_LOW]),
			 (uint16_t)atoi(v->words[WORD_STATUS_HIGH]), v->words[WORD_EXPECT]);
	while (verdict == HTTP_MORE) {
		n = gnutls_record_recv(v->session, bytes, sizeof(bytes));
		if (n > 0)
			verdict = http_answer_take(&answer, bytes, (size_t)n);
		else if (n == 0 || gnutls_error_is_fatal((int)n))
			verdict = http_answer_end(&answer);
	}
	http_answer_describe(&answer, text, sizeof(text));
	puts(text);
	return verdict == HTTP_WELL ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* RFC 8446 6.1: whoever ends says close_notify. What still comes is not deciphered any more. */
static void visit_leave(struct visit *v)
{
	int64_t until = now_ms() + LINGER_MS;
	int64_t half = v->begun_ms + atoi(v->words[WORD_TIMEOUT]) / 2;
	size_t read_so_far = 0;
	char bytes[16384];

	(void)gnutls_bye(v->session, GNUTLS_SHUT_WR);
	/* What was found is worth more than being polite. */
	if (half < until)
		until = half;
	while (read_so_far < LINGER_BYTES) {
		struct pollfd ready = { .fd = v->fd, .events = POLLIN };
		int64_t left = until - now_ms();
		ssize_t n;

		if (left <= 0 || poll(&ready, 1, (int)left) <= 0)
			return;
		n = recv(v->fd, bytes, sizeof(bytes), 0);
		if (n <= 0)
			return;
		read_so_far += (size_t)n;
	}
}

static int visit(struct visit *v)
{
	char request[HTTP_REQUEST_MAX];
	size_t length = http_request_write(request, sizeof(request), v->words[WORD_PATH],
					   v->words[WORD_HOST]);
	int error = visit_connect(v), code;

	if (error)
		return ill("connect", strerror(-error));
	error = visit_prepare(v);
	if (error < 0)
		return ill("TLS", gnutls_strerror(error));
	error = confine_to_descriptors();
	if (error)
		return ill("confinement", strerror(-error));
	error = visit_greet(v);
	if (speaks_another(v, error))
		return ill("TLS", "HTTP/1.1 is not spoken there, HTTP/2 alone may be");
	if (error == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR)
		return certificate_ill(v);
	if (error < 0)
		return ill("TLS", gnutls_strerror(error));
	if (length == 0 || gnutls_record_send(v->session, request, length) < 0)
		return ill("TLS", "the request cannot be sent");
	code = visit_judge(v);
	visit_leave(v);
	return code;
}

int main(int argc, char **argv)
{
	struct visit v = { .words = argv, .fd = -1, .begun_ms = now_ms() };

	if (argc != WORDS) {
		fputs("usage: vipd-check-https ADDRESS PORT NAME HOST PATH LOW HIGH EXPECT "
		      "TIMEOUT\n"
		      "vipd starts it by itself.\n",
		      stderr);
		return EXIT_USAGE;
	}
	return visit(&v);
}
