/* SPDX-License-Identifier: Apache-2.0 */
/* What a person may say of a health check. */
#ifndef FIELDS_CHECK_H
#define FIELDS_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fields/field.h"

/* How it is found out whether a service is well. */
enum check_kind {
	CHECK_TCP = 1, /* a connection to a port is accepted */
	CHECK_HTTP,    /* GET of a path: the status, and perhaps a text in the body */
	CHECK_HTTPS,   /* the same over TLS */
	CHECK_ICMP,    /* an echo request is answered */
	CHECK_DNS,     /* a name server answers for a name */
	CHECK_EXEC,    /* a program ends with 0 */
	CHECK_FILE,    /* a file is there */
};

/* What follows for the VIPs of a check that fails. */
enum check_failing {
	CHECK_WITHDRAWS,
	CHECK_WORSENS, /* they are announced with a bad metric: a last resort */
};

#define CHECK_NAME_MAX 32
#define CHECK_TARGET_MAX 192
#define CHECK_EXPECT_MAX 64
#define CHECK_USER_MAX 32
#define CHECK_EVERY_MIN_MS 100
#define CHECK_EVERY_MAX_MS 3600000

struct check_settings {
	char name[CHECK_NAME_MAX];
	uint8_t kind;		/* enum check_kind */
	struct address address; /* who is asked; not set: the VIP itself */
	uint16_t port;		/* TCP, HTTP, HTTPS, DNS */
	/*
	 * HTTP: the path; DNS: the name; FILE: the file's path; EXEC: the program's path and its
	 * arguments, each ended by a newline.
	 */
	char target[CHECK_TARGET_MAX];
	char host[CHECK_EXPECT_MAX];	  /* HTTP: the Host header; empty: the address */
	char expect[CHECK_EXPECT_MAX];	  /* HTTP: a text in the body; empty: any body */
	uint16_t status_low, status_high; /* HTTP */
	char user[CHECK_USER_MAX];	  /* EXEC: as whom it runs */
	struct duration every, timeout;
	uint8_t rise, fall; /* so many results in a row make it pass, or fail */
	uint8_t failing;    /* enum check_failing */
	bool fail_open;	    /* when it fails for every VIP, it counts for none */
};

extern const struct record check_record; /* struct check_settings */

/* The words for these in the configuration, the API and the JSON; NULL for what is none. */
const char *check_kind_name(uint8_t kind);
const char *check_failing_name(uint8_t failing);

/* The port where a service of the kind is usually asked; 0: there is none. */
uint16_t check_usual_port(uint8_t kind);

/* Every two seconds, with a patience of one; twice well to pass, three times not to fail. */
void check_settings_default(struct check_settings *s);

/* What a check must have, by its kind. 0, or -EINVAL with a sentence that says what is wrong. */
int check_settings_check(const struct check_settings *s, char *sentence, size_t size);

#endif
