/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a person may set, as plain values. One model serves the configuration file, the API and the
 * JSON output, with the same names; `config/` gives every field its name and checks its range.
 */
#ifndef NODE_SETTINGS_H
#define NODE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/address.h"
#include "net/interface.h"
#include "proto/bfd/bfd.h"
#include "proto/probe/probe.h"
#include "proto/rip/rip.h"

#define NODE_BOARD_DEFAULT "vnic0" /* the board of a VIP that names none */
#define NODE_LABEL_MAX 32
#define NODE_PATTERN_MAX 32

/* How long a VIP may drain at the most, and by default. */
#define DRAIN_TIME_MAX DURATION_S(7 * 86400)
#define DRAIN_TIME_DEFAULT DURATION_S(60)

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
#define CHECK_EVERY_MIN DURATION_MS(100)
#define CHECK_EVERY_MAX DURATION_S(3600)

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

/* Limits that the node works inside; what goes beyond is refused with a sentence. */
#define NODE_VIPS_MAX 65536
#define NODE_BOARDS_MAX 256
#define NODE_RULES_MAX 256
#define NODE_CHECKS_MAX 256

/*
 * A board with so many VIPs held as addresses holds the next `auto` ones as routes, and so are all
 * of a larger set that is bound at once.
 */
#define NODE_ADDRESSES_PER_BOARD 256

/* In which form the kernel holds a VIP; see "Kernel costs" in doc/architecture.md. */
enum vip_hold {
	VIP_HOLD_AUTO,	  /* address, or route when the board already holds many */
	VIP_HOLD_ADDRESS, /* an address on the board */
	VIP_HOLD_ROUTE,	  /* a local route to the board */
};

/* What the host says when somebody on a physical network asks who has a VIP. */
enum vip_arp {
	VIP_ARP_SILENT, /* nothing, and the VIP never is the sender of a request */
	VIP_ARP_ANSWER, /* that it is here; it is announced there too (gratuitous ARP) */
};

/* What follows when somebody else has the VIP as well. */
enum vip_conflict {
	VIP_CONFLICT_REFUSE, /* it is not bound while a rival is there; who comes later is only told
			      */
	VIP_CONFLICT_WARN,   /* it is bound and announced, and the rival is told */
	VIP_CONFLICT_WORSEN, /* likewise, with a metric that lets the rival win */
	VIP_CONFLICT_TAKE,   /* likewise, with a metric that wins over the rival */
};

struct vip_settings {
	struct address address;
	uint8_t length; /* of its virtual network; /32 or /128 is a host mask */
	char board[INTERFACE_NAME_MAX];
	bool announce;
	uint32_t metric;	    /* 0: that of the speaker */
	uint8_t hold;		    /* enum vip_hold */
	uint8_t arp;		    /* enum vip_arp */
	uint8_t conflict;	    /* enum vip_conflict */
	bool source;		    /* it may be the first VIP: the source of connections */
	char check[CHECK_NAME_MAX]; /* that it must pass to be announced; empty: none */
	char label[NODE_LABEL_MAX];
};

/*
 * How BFD packets are authenticated. All keys are believed, the first is sent with. Secrets are
 * named by their files here: whoever runs the sessions reads them.
 */
struct bfd_auth {
	uint8_t type; /* enum bfd_auth_type */
	uint8_t n_keys;
	struct bfd_auth_key {
		uint8_t id;
		char secret[KEYCHAIN_PATH_MAX];
	} keys[BFD_KEYS_MAX]; /* with different numbers */
};

/*
 * How vipd speaks on the interfaces whose name fits the pattern. The first rule that fits counts.
 */
struct interface_rule {
	char pattern[NODE_PATTERN_MAX];
	bool rip_enabled, ripng_enabled;
	struct rip_interface_settings rip, ripng;
	struct route_filter learn; /* which routes of its neighbours this host uses */
	bool source;		/* what leaves by it may be given a VIP as its source */
	bool bfd_enabled;	/* the neighbours that are found are watched with BFD */
	struct bfd_params bfd;	/* without authentication and secrets */
	struct bfd_auth bfd_auth;
	bool probe_enabled; /* or by asking them for their addresses */
	struct probe_params probe;
};

/* The words for these in the configuration, the API and the JSON; NULL for what is none. */
const char *vip_hold_name(uint8_t hold);
const char *vip_arp_name(uint8_t arp);
const char *vip_conflict_name(uint8_t conflict);
const char *check_kind_name(uint8_t kind);
const char *check_failing_name(uint8_t failing);

/* A VIP as it is when nothing but its address is said: host mask, on vnic0, announced. */
void vip_settings_default(struct vip_settings *s);

/*
 * The rules for a VIP that need no knowledge of this host. 0, or -EINVAL with a sentence that says
 * what is wrong.
 */
int vip_settings_check(const struct vip_settings *s, char *sentence, size_t size);

/* Every two seconds, with a patience of one; twice well to pass, three times not to fail. */
void check_settings_default(struct check_settings *s);

/* What a check must have, by its kind. 0, or -EINVAL with a sentence that says what is wrong. */
int check_settings_check(const struct check_settings *s, char *sentence, size_t size);

/* What `bfd: on` says: 300 ms, three times. */
void bfd_params_default(struct bfd_params *p);

/* What `probe: on` says: 100 ms, three times. */
void probe_params_default(struct probe_params *p);

/* A rule that lets nothing speak, and leaves the choice of sources on. */
void interface_rule_default(struct interface_rule *r);

/* How the speaker of a family speaks by the rule, which may be NULL; NULL: it does not. */
const struct rip_interface_settings *interface_rule_speech(const struct interface_rule *r,
							   enum family family);

#endif
