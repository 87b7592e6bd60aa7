/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libmicrohttpd can speak TLS, and so it sets up GnuTLS as soon as it is loaded: a megabyte of
 * memory and some milliseconds at each start, for a daemon that speaks HTTP over its Unix socket
 * only. The dynamic linker takes the executable's own definition of a symbol first, and these do
 * nothing. (For its own constructor GnuTLS offers the first one itself: GNUTLS_SKIP_GLOBAL_INIT.)
 * Whoever lets vipd speak TLS removes this file.
 */
int _gnutls_global_init_skip(void);
int gnutls_global_init(void);
void gnutls_global_deinit(void);

int _gnutls_global_init_skip(void)
{
	return 1;
}

int gnutls_global_init(void)
{
	return 0;
}

void gnutls_global_deinit(void)
{
}
