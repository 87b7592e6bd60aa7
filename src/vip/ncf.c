/* SPDX-License-Identifier: Apache-2.0 */
#include "vip/ncf.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/container.h"
#include "base/text.h"
#include "net/prefix.h"
#include "vip/ncf_scan.h"

#define NCF_DRIVER "VNIC"
#define NCF_SUFFIX ".NCF"
#define NCF_END_OF_FILE 0x1a /* Ctrl-Z, as DOS editors write it */

/* What BIND and UNBIND say besides the board. */
struct binding_keys {
	struct word mask; /* empty when there is none */
	unsigned seen;	  /* a bit for each key */
	struct text ignored;
};

struct ncf_key {
	const char *name;
	/* Takes the value; false when it is wrong and has been told. NULL: it means nothing here.
	 */
	bool (*take)(struct scan *s, struct binding_keys *k, struct word value);
};

/* Decimal, or hexadecimal, digits in front of the word; -1 when they are not a byte. */
static int octet_take(struct word *w, bool hex)
{
	size_t most = hex ? 2 : 3, n = 0;
	char digits[4] = "";
	long value;

	while (n < w->length && n < most && isxdigit((unsigned char)w->at[n])) {
		digits[n] = w->at[n];
		n++;
	}
	value = strtol(digits, NULL, hex ? 16 : 10);
	w->at += n;
	w->length -= n;
	return n > 0 && value <= UINT8_MAX ? (int)value : -1;
}

/*
 * FF.FF.FF.0 or 255.255.255.0. Without a letter it is decimal, although 10.0.0.0 could be either;
 * who reads the note with both forms sees what was meant.
 */
static int mask_parse_dotted(struct word w, uint32_t *ret)
{
	uint32_t mask = 0;
	bool hex = false;

	for (size_t i = 0; i < w.length; i++)
		hex |= isalpha((unsigned char)w.at[i]) != 0;
	for (int i = 0; i < 4; i++) {
		int octet = octet_take(&w, hex);

		if (octet < 0 || (i < 3 ? w.length == 0 || *w.at != '.' : w.length > 0))
			return -1;
		mask = mask << 8 | (uint32_t)octet;
		w.at += i < 3;
		w.length -= i < 3;
	}
	*ret = mask;
	return 0;
}

/* /24; -1 when it is no length of the family. */
static int mask_parse_length(struct word w, enum family family)
{
	int length = 0;

	if (w.length < 2 || w.length > 4)
		return -1;
	for (size_t i = 1; i < w.length; i++) {
		if (!isdigit((unsigned char)w.at[i]))
			return -1;
		length = 10 * length + (w.at[i] - '0');
	}
	return length >= 1 && length <= family_bits(family) ? length : -1;
}

/* The mask is looked at when the address is known, since either may come first. */
static bool mask_take(struct scan *s, struct word w)
{
	enum family family = s->line->address.family;
	uint32_t mask;
	int length;

	if (*w.at == '/') {
		length = mask_parse_length(w, family);
		if (length < 0)
			return scan_refuse(s, w.at, "'%s' is no length from /1 to /%u",
					   WORD_TEXT(w), family_bits(family));
	} else if (family == FAMILY_IPV6) {
		return scan_refuse(s, w.at, "the mask of an IPv6 address is MASK=/1 to MASK=/128");
	} else if (mask_parse_dotted(w, &mask) < 0) {
		return scan_refuse(s, w.at, "'%s' is not a mask like 255.255.255.0 or FF.FF.FF.0",
				   WORD_TEXT(w));
	} else {
		length = prefix_ipv4_mask_length(mask);
		if (length <= 0)
			return scan_refuse(s, w.at,
					   "'%s' is not a mask: its ones are not all in front",
					   WORD_TEXT(w));
	}
	s->line->length = (uint8_t)length;
	s->line->masked = true;
	return true;
}

static bool key_take_address(struct scan *s, struct binding_keys *k, struct word value)
{
	char text[ADDRESS_TEXT_MAX];
	const char *why;

	(void)k;
	if (value.length >= sizeof(text) ||
	    address_parse(word_text(value, text, sizeof(text)), &s->line->address) < 0)
		return scan_refuse(s, value.at, "'%s' is not an IP address", WORD_TEXT(value));
	if (!address_is_host(&s->line->address, &why))
		return scan_refuse(s, value.at, "%s cannot be a VIP: it is %s", text, why);
	s->line->length = family_bits(s->line->address.family);
	s->line->column = (unsigned)(value.at - s->begin) + 1;
	return true;
}

static bool key_take_mask(struct scan *s, struct binding_keys *k, struct word value)
{
	(void)s;
	k->mask = value;
	return true;
}

static bool key_take_name(struct scan *s, struct binding_keys *k, struct word value);

/* What the manuals have for BIND; a virtual board has no use for the most of it. */
static const struct ncf_key bind_keys[] = {
	{ "ADDRESS", key_take_address },
	{ "MASK", key_take_mask },
	{ "ARP", NULL },
	{ "BCAST", NULL },
	{ "BROADCAST", NULL },
	{ "COST", NULL },
	{ "DEFROUTE", NULL },
	{ "GATEWAY", NULL },
	{ "POISON", NULL },
};

/* Those of LOAD for a LAN driver. */
static const struct ncf_key load_keys[] = {
	{ "NAME", key_take_name }, { "DMA", NULL },	{ "FRAME", NULL },
	{ "INT", NULL },	   { "MEM", NULL },	{ "NODE", NULL },
	{ "PORT", NULL },	   { "RETRIES", NULL }, { "SLOT", NULL },
};

static bool key_refuse(struct scan *s, struct word w, const struct ncf_key *keys, size_t count)
{
	const char *names[ARRAY_LENGTH(bind_keys) + ARRAY_LENGTH(load_keys)], *nearest;
	char upper[NCF_WORD_MAX];

	word_text(w, upper, sizeof(upper));
	for (char *c = upper; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	for (size_t i = 0; i < count; i++)
		names[i] = keys[i].name;
	nearest = text_nearest(upper, names, count);
	if (nearest)
		return scan_refuse(s, w.at, "unknown key '%s' (did you mean %s=?)", WORD_TEXT(w),
				   nearest);
	return scan_refuse(s, w.at, "unknown key '%s'", WORD_TEXT(w));
}

/* The key that alone begins with the word, or is it; NULL and told when there is none. */
static const struct ncf_key *key_find(struct scan *s, struct word w, const struct ncf_key *keys,
				      size_t count)
{
	const struct ncf_key *found = NULL;

	for (size_t i = 0; i < count; i++) {
		if (word_is(w, keys[i].name))
			return &keys[i];
		if (strncasecmp(w.at, keys[i].name, w.length) != 0)
			continue;
		if (found) {
			scan_refuse(s, w.at, "'%s' may be %s= or %s=", WORD_TEXT(w), found->name,
				    keys[i].name);
			return NULL;
		}
		found = &keys[i];
	}
	if (!found)
		key_refuse(s, w, keys, count);
	return found;
}

/* A driver's parameters for hardware stand in brackets: [INT=3 PORT=300]. */
static bool scan_brackets(struct scan *s, struct binding_keys *k)
{
	const char *begin = s->at;

	while (s->at < s->end && *s->at != ']')
		s->at++;
	if (s->at == s->end)
		return scan_refuse(s, begin, "there is no ']' for this '['");
	s->at++;
	text_add(&k->ignored, "%s[...]", k->ignored.length ? ", " : "");
	return true;
}

static bool scan_key(struct scan *s, struct binding_keys *k, const struct ncf_key *keys,
		     size_t count)
{
	struct word w = scan_word(s), value;
	const struct ncf_key *key;

	if (!scan_equals(s))
		return scan_refuse(s, w.at, "'%s' is not KEY=VALUE", WORD_TEXT(w));
	if (w.length == 0)
		return scan_refuse(s, w.at, "there is no key in front of this '='");
	key = key_find(s, w, keys, count);
	if (!key)
		return false;
	if (k->seen & 1u << (key - keys))
		return scan_refuse(s, w.at, "%s= is here twice", key->name);
	k->seen |= 1u << (key - keys);
	value = scan_value(s);
	if (value.length == 0)
		return scan_refuse(s, value.at, "%s= has no value", key->name);
	if (key->take)
		return key->take(s, k, value);
	text_add(&k->ignored, "%s%s=", k->ignored.length ? ", " : "", key->name);
	return true;
}

/* Takes all that is left of the line as keys. */
static bool scan_keys(struct scan *s, struct binding_keys *k, const struct ncf_key *keys,
		      size_t count)
{
	char ignored[NCF_SENTENCE_MAX / 2];

	text_init(&k->ignored, ignored, sizeof(ignored));
	for (scan_blanks(s); s->at < s->end; scan_blanks(s))
		if (!(*s->at == '[' ? scan_brackets(s, k) : scan_key(s, k, keys, count)))
			return false;
	if (k->ignored.length)
		snprintf(s->line->sentence, sizeof(s->line->sentence),
			 "a virtual board has no use for %s", ignored);
	return true;
}

/* The board is kept as it is written; what Linux makes of it must be the name of an interface. */
static bool board_take(struct scan *s, struct word w)
{
	char name[INTERFACE_NAME_MAX];

	if (w.length == 0)
		return scan_refuse(s, w.at, "which board?");
	if (w.length >= sizeof(s->line->board))
		return scan_refuse(s, w.at, "the name of a board is shorter than %d letters",
				   NCF_BOARD_MAX);
	word_text(w, s->line->board, sizeof(s->line->board));
	ncf_board_name(s->line, name);
	if (strchr(s->line->board, '?') || !interface_name_is_valid(name))
		return scan_refuse(s, w.at, "'%s' cannot be the name of a board", WORD_TEXT(w));
	s->line->column = (unsigned)(w.at - s->begin) + 1;
	return true;
}

static bool key_take_name(struct scan *s, struct binding_keys *k, struct word value)
{
	(void)k;
	return board_take(s, value);
}

/* Only IP has keys that are called so: IPX, ARP and AppleTalk have NET=, ZONE= and the like. */
static bool scan_has_address(struct scan s)
{
	struct word w;

	for (w = scan_word(&s); s.at < s.end; w = scan_word(&s))
		if (scan_equals(&s) && w.length >= 4 && strncasecmp(w.at, "ADDRESS", w.length) == 0)
			return true;
	return false;
}

/* IP [TO] board, or IP [FROM] board; false when it is another protocol, or wrong. */
static bool scan_protocol_and_board(struct scan *s, const char *preposition)
{
	struct word protocol = scan_word(s), board;

	if (protocol.length == 0)
		return scan_refuse(s, protocol.at, "which protocol?");
	if (!word_is(protocol, "IP")) {
		s->line->kind = NCF_FOREIGN;
		if (scan_has_address(*s))
			scan_refuse(s, protocol.at, "the protocol of an address is IP, not '%s'",
				    WORD_TEXT(protocol));
		return false;
	}
	board = scan_word(s);
	if (word_is(board, preposition))
		board = scan_word(s);
	scan_blanks(s);
	if (s->at < s->end && *s->at == '=')
		return scan_refuse(s, board.at, "which board? A key comes behind it");
	return board_take(s, board);
}

static void parse_bind(struct scan *s)
{
	struct binding_keys k = { 0 };

	s->line->kind = NCF_BIND;
	if (!scan_protocol_and_board(s, "TO") ||
	    !scan_keys(s, &k, bind_keys, ARRAY_LENGTH(bind_keys)))
		return;
	if (!address_is_set(&s->line->address))
		scan_refuse(s, s->end, "BIND IP needs ADDRESS=");
	else if (k.mask.length)
		mask_take(s, k.mask);
}

static void parse_unbind(struct scan *s)
{
	struct binding_keys k = { 0 };

	s->line->kind = NCF_UNBIND;
	if (!scan_protocol_and_board(s, "FROM") ||
	    !scan_keys(s, &k, bind_keys, ARRAY_LENGTH(bind_keys)) || !k.mask.length)
		return;
	if (!address_is_set(&s->line->address))
		scan_refuse(s, k.mask.at, "MASK= without ADDRESS=: which address?");
	else
		mask_take(s, k.mask);
}

/* Another driver: its board is physical, and somebody else's business. */
static void parse_load_other(struct scan *s, struct word module)
{
	struct word w, value;

	s->line->kind = NCF_FOREIGN;
	word_text(module, s->line->board, sizeof(s->line->board));
	for (w = scan_word(s); s->at < s->end; w = scan_word(s)) {
		if (!scan_equals(s))
			continue;
		value = scan_value(s);
		if (word_is(w, "NAME"))
			word_text(value, s->line->board, sizeof(s->line->board));
	}
}

static void parse_module(struct scan *s, struct word w, enum ncf_kind kind)
{
	struct word module = word_module(w);
	struct binding_keys k = { 0 };

	if (!word_is(module, NCF_DRIVER)) {
		parse_load_other(s, module);
		return;
	}
	s->line->kind = kind;
	s->line->column = (unsigned)(w.at - s->begin) + 1;
	if (!scan_keys(s, &k, load_keys, ARRAY_LENGTH(load_keys)))
		return;
	if (kind == NCF_LOAD && !*s->line->board)
		text_copy(s->line->board, sizeof(s->line->board), NCF_DRIVER);
}

static bool is_script(struct word w)
{
	const size_t length = sizeof(NCF_SUFFIX) - 1;

	return w.length > length && strncasecmp(w.at + w.length - length, NCF_SUFFIX, length) == 0;
}

/*
 * Another script: its lines are carried out here. Left out it could be a service without its
 * address, and nobody would be told.
 */
static void parse_script(struct scan *s, struct word w)
{
	struct word name = word_base(w);
	bool named = is_script(name);

	s->line->kind = NCF_SCRIPT;
	s->line->column = (unsigned)(w.at - s->begin) + 1;
	if (name.length + sizeof(NCF_SUFFIX) > sizeof(s->line->script)) {
		scan_refuse(s, w.at, "the name of a script is shorter than %d letters",
			    NCF_SCRIPT_MAX);
		return;
	}
	word_text(name, s->line->script, sizeof(s->line->script));
	if (!named)
		text_copy(s->line->script + name.length, sizeof(NCF_SUFFIX), NCF_SUFFIX);
	scan_blanks(s);
	if (s->at < s->end)
		scan_refuse(s, s->at, "a script is given no parameters here");
}

static void parse_load(struct scan *s)
{
	struct word module = scan_word(s);

	if (is_script(module))
		parse_script(s, module);
	else
		parse_module(s, module, NCF_LOAD);
}

/* PROTECT runs a script with its modules in memory of their own. */
static void parse_protect(struct scan *s)
{
	struct word script = scan_word(s);

	if (script.length)
		parse_script(s, script);
	else
		s->line->kind = NCF_FOREIGN;
}

static void parse_unload(struct scan *s)
{
	parse_module(s, scan_word(s), NCF_UNLOAD);
	/* Who is unloaded has no board that could be remembered. */
	if (s->line->kind == NCF_FOREIGN)
		s->line->board[0] = '\0';
}

static void parse_set(struct scan *s)
{
	static const char *const name[] = { "RIP2", "AGGREGATION", "OVERRIDE" };
	struct word value;

	s->line->kind = NCF_FOREIGN;
	for (size_t i = 0; i < ARRAY_LENGTH(name); i++)
		if (!word_is(scan_word(s), name[i]))
			return;
	s->line->kind = NCF_AGGREGATION;
	scan_equals(s);
	value = scan_value(s);
	if (value.length == 0 || word_is(value, "ON") || word_is(value, "OFF"))
		return;
	scan_refuse(s, value.at, "RIP2 AGGREGATION OVERRIDE is ON or OFF, not '%s'",
		    WORD_TEXT(value));
}

/*
 * ADD SECONDARY IPADDRESS, what BIND to a virtual board has replaced. To skip it would leave a
 * service without its address, and nobody would be told.
 */
static void parse_secondary(struct scan *s)
{
	struct word first = scan_word(s);

	s->line->kind = NCF_FOREIGN;
	if (word_is(first, "SECONDARY") && word_is(scan_word(s), "IPADDRESS"))
		scan_refuse(s, first.at,
			    "a secondary address lives on a physical network: a VIP is bound and "
			    "unbound by BIND IP and UNBIND IP");
}

static void parse_remark(struct scan *s)
{
	s->line->kind = NCF_NOTHING;
}

static const struct {
	const char *name;
	void (*parse)(struct scan *s);
} ncf_verbs[] = {
	{ "BIND", parse_bind },	      { "UNBIND", parse_unbind },    { "LOAD", parse_load },
	{ "UNLOAD", parse_unload },   { "SET", parse_set },	     { "ADD", parse_secondary },
	{ "DEL", parse_secondary },   { "DELETE", parse_secondary }, { "REM", parse_remark },
	{ "PROTECT", parse_protect },
};

/* A mistyped BIND must not pass for something of NetWare's. */
static bool is_mistyped(struct scan *s, struct word verb, const char **ret_meant)
{
	static const char *const names[] = { "BIND", "UNBIND" };
	char upper[NCF_WORD_MAX];

	word_text(verb, upper, sizeof(upper));
	for (char *c = upper; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	*ret_meant = text_nearest(upper, names, ARRAY_LENGTH(names));
	return *ret_meant && word_is(scan_word(s), "IP");
}

/*
 * A word that is no verb: a command of NetWare, or a script of that name, whose suffix may be left
 * out when nothing stands behind it.
 */
static void parse_name(struct scan *s, struct word w)
{
	struct scan rest = *s;

	s->line->kind = NCF_FOREIGN;
	if (is_script(w)) {
		parse_script(s, w);
		return;
	}
	scan_blanks(&rest);
	if (rest.at < rest.end || word_base(w).length == 0 ||
	    word_base(w).length + sizeof(NCF_SUFFIX) > NCF_SCRIPT_MAX)
		return;
	parse_script(s, w);
	s->line->maybe = true;
}

static void ncf_parse(struct scan *s)
{
	struct word verb = scan_word(s);
	const char *meant;

	if (s->at == s->end && verb.length == 0)
		return;
	for (size_t i = 0; i < ARRAY_LENGTH(ncf_verbs); i++) {
		if (!word_is(verb, ncf_verbs[i].name))
			continue;
		ncf_verbs[i].parse(s);
		return;
	}
	/* A module's name alone loads it. */
	if (word_is(word_module(verb), NCF_DRIVER)) {
		parse_module(s, verb, NCF_LOAD);
		return;
	}
	parse_name(s, verb);
	if (s->line->kind == NCF_FOREIGN && is_mistyped(s, verb, &meant))
		scan_refuse(s, verb.at, "unknown command '%s' (did you mean %s?)", WORD_TEXT(verb),
			    meant);
}

/*
 * `? command`, `?Y command`, `?N command`: NetWare asks the operator, and after 10 seconds does
 * what the letter says, which is Y when there is none.
 */
static void parse_question(struct scan *s)
{
	bool no = false;

	s->at++;
	if (s->at < s->end && strchr("YyNn", *s->at) &&
	    (s->at + 1 == s->end || scan_is_blank(s->at[1]))) {
		no = toupper((unsigned char)*s->at) == 'N';
		s->at++;
	}
	if (no) {
		s->line->kind = NCF_DECLINED;
		return;
	}
	ncf_parse(s);
}

void ncf_init(struct ncf *n, const char *bytes, size_t length)
{
	const char *end = length ? memchr(bytes, NCF_END_OF_FILE, length) : NULL;

	*n = (struct ncf){ .at = bytes, .end = end ? end : bytes + length };
	if (n->end - n->at >= 3 && memcmp(n->at, "\xef\xbb\xbf", 3) == 0)
		n->at += 3;
}

bool ncf_next(struct ncf *n, struct ncf_line *ret)
{
	struct scan s = { .begin = n->at, .at = n->at, .end = n->at, .line = ret };
	struct word text;

	if (n->at == n->end)
		return false;
	while (s.end < n->end && *s.end != '\n' && *s.end != '\r')
		s.end++;
	n->at = s.end;
	/* A line ends as on DOS, on Unix, or as on an old Macintosh. */
	if (n->at < n->end)
		n->at += n->end - n->at > 1 && memcmp(n->at, "\r\n", 2) == 0 ? 2 : 1;
	*ret = (struct ncf_line){ .number = ++n->number, .column = 1 };
	while (s.at < s.end && scan_is_blank(*s.at))
		s.at++;
	text = (struct word){ s.at, (size_t)(s.end - s.at) };
	word_text(text, ret->text, sizeof(ret->text));
	if (s.at < s.end && *s.at == '?')
		parse_question(&s);
	else
		ncf_parse(&s);
	return true;
}

void ncf_board_name(const struct ncf_line *line, char name[INTERFACE_NAME_MAX])
{
	text_copy(name, INTERFACE_NAME_MAX, line->board);
	for (char *c = name; *c; c++)
		*c = (char)tolower((unsigned char)*c);
}

char *ncf_mask_format(enum family family, uint8_t length, char *buffer)
{
	uint32_t mask;

	if (family == FAMILY_IPV6) {
		snprintf(buffer, NCF_MASK_TEXT_MAX, "/%u", length);
		return buffer;
	}
	mask = prefix_ipv4_mask(length);
	snprintf(buffer, NCF_MASK_TEXT_MAX, "%u.%u.%u.%u (%X.%X.%X.%X)", mask >> 24,
		 mask >> 16 & 255, mask >> 8 & 255, mask & 255, mask >> 24, mask >> 16 & 255,
		 mask >> 8 & 255, mask & 255);
	return buffer;
}
