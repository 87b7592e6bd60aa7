/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libmicrohttpd can speak TLS, and so it sets up GnuTLS as soon as it is there, whoever needs it. A
 * daemon that speaks HTTP over its Unix socket only does not: linked statically, libmicrohttpd
 * finds these instead, and nobody for all else that it would ask of GnuTLS, which it does not
 * without MHD_USE_TLS (meson.build). Where it is a shared library it brings GnuTLS along, and these
 * spare a megabyte and some milliseconds at each start: the dynamic linker takes the executable's
 * own definition of a symbol first. (For its own constructor GnuTLS offers the first one itself:
 * GNUTLS_SKIP_GLOBAL_INIT.) Whoever lets vipd speak TLS removes this file.
 */
#include <stdlib.h>

extern void *(*gnutls_malloc)(size_t size);
int _gnutls_global_init_skip(void);
int gnutls_global_init(void);
void gnutls_global_deinit(void);

void *(*gnutls_malloc)(size_t size) = malloc;

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
