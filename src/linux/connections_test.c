/* SPDX-License-Identifier: Apache-2.0 */
/* Connections over a loopback of the test's own are counted by their local address. */
#include "linux/connections.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/unit.h"
#include "linux/namespace_test.h"

#define PORT 7000
#define CLIENTS 5

static struct sockaddr_in6 at(const char *text)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_port = htons(PORT) };

	assert_int_equal(inet_pton(AF_INET6, text, &a.sin6_addr), 1);
	return a;
}

static int listener(void)
{
	struct sockaddr_in6 a = at("::");
	int fd = socket(AF_INET6, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, CLIENTS), 0);
	return fd;
}

static int client(const char *to)
{
	struct sockaddr_in6 a = at(to);
	int fd = socket(AF_INET6, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static uint32_t count(const char *local)
{
	struct address a;
	uint32_t n = 99;

	assert_int_equal(address_parse(local, &a), 0);
	assert_int_equal(connections_count(&a, &n), 0);
	return n;
}

/* Both ends of each connection are here, and have the same address. */
static void test_connections_are_counted_by_their_local_address(void **state)
{
	int server = listener(), clients[CLIENTS], accepted[CLIENTS];

	(void)state;
	assert_int_equal(count("10.9.1.1"), 0);
	for (int i = 0; i < CLIENTS; i++) {
		clients[i] = client(i < 3 ? "::ffff:10.9.1.1" : "2001:db8::1");
		accepted[i] = accept(server, NULL, NULL);
		assert_true(accepted[i] >= 0);
	}
	/* A socket of IPv6 that is connected over IPv4 counts for the IPv4 address. */
	assert_int_equal(count("10.9.1.1"), 2 * 3);
	assert_int_equal(count("2001:db8::1"), 2 * 2);
	assert_int_equal(count("10.9.1.2"), 0);
	for (int i = 0; i < CLIENTS; i++) {
		close(clients[i]);
		close(accepted[i]);
	}
	assert_int_equal(count("10.9.1.1"), 0);
	assert_int_equal(count("2001:db8::1"), 0);
	close(server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_connections_are_counted_by_their_local_address),
	};

	if (!namespace_enter() || system("ip address add 10.9.1.1/32 dev lo && ip address add "
					 "2001:db8::1/128 dev lo nodad "
					 "&& ip address add 10.9.1.2/32 dev lo"))
		return 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
