/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of .NCF scripts, right and wrong, and how a script falls into lines. */
#include "vip/ncf.h"

#include "base/container.h"
#include "base/unit.h"

struct right {
	const char *text;
	enum ncf_kind kind;
	const char *board, *address;
	uint8_t length;
	const char *note; /* NULL: none */
};

struct wrong {
	const char *text;
	unsigned column;
	const char *sentence;
};

/* clang-format off */
static const struct right rights[] = {
	{ "", NCF_NOTHING, "", "", 0, NULL },
	{ "  \t ", NCF_NOTHING, "", "", 0, NULL },
	{ "# a comment", NCF_NOTHING, "", "", 0, NULL },
	{ "; BIND IP VNIC Address=bad", NCF_NOTHING, "", "", 0, NULL },
	{ "rem BIND IP VNIC", NCF_NOTHING, "", "", 0, NULL },
	{ "REM", NCF_NOTHING, "", "", 0, NULL },
	{ "REM Stra\xe1""e \x84", NCF_NOTHING, "", "", 0, NULL },
	{ "BIND IP VNIC Mask=255.255.255.255 Address=10.1.1.1", NCF_BIND, "VNIC", "10.1.1.1", 32, NULL },
	{ "BIND IP TO VNIC MASK=FF.FF.FF.FF ADDRESS=10.1.1.1", NCF_BIND, "VNIC", "10.1.1.1", 32, NULL },
	{ "bind ip to vnic addr=10.1.1.1 mask=ff.ff.ff.0", NCF_BIND, "vnic", "10.1.1.1", 24, NULL },
	{ "Bind Ip Vnic ad=10.1.1.1 m=FF.F0.0.0", NCF_BIND, "Vnic", "10.1.1.1", 12, NULL },
	{ "BIND IP VNIC Address = 10.1.1.1 Mask = 255.255.0.0 ; web", NCF_BIND, "VNIC", "10.1.1.1", 16, NULL },
	{ "\tBIND\tIP\tVNIC\tADDRESS=10.1.1.1", NCF_BIND, "VNIC", "10.1.1.1", 32, NULL },
	{ "BIND IP VNIC ADDRESS=10.1.1.1 MASK=/24", NCF_BIND, "VNIC", "10.1.1.1", 24, NULL },
	{ "BIND IP VNIC ADDRESS=2001:db8::1", NCF_BIND, "VNIC", "2001:db8::1", 128, NULL },
	{ "BIND IP VNIC MASK=/64 ADDRESS=2001:db8::1", NCF_BIND, "VNIC", "2001:db8::1", 64, NULL },
	{ "BIND IP VNIC ARP=YES ADDRESS=10.1.1.1 Gate=10.1.1.254", NCF_BIND, "VNIC", "10.1.1.1", 32,
	  "a virtual board has no use for ARP=, GATEWAY=" },
	{ "BIND IP TO VNIC [INT=3 PORT=300] ADDR=10.1.1.1", NCF_BIND, "VNIC", "10.1.1.1", 32,
	  "a virtual board has no use for [...]" },
	{ "UNBIND IP VNIC Address=10.1.1.1", NCF_UNBIND, "VNIC", "10.1.1.1", 32, NULL },
	{ "unbind ip from VNIC addr=10.1.1.1 mask=FF.FF.FF.FF", NCF_UNBIND, "VNIC", "10.1.1.1", 32, NULL },
	{ "UNBIND IP VNIC", NCF_UNBIND, "VNIC", "", 0, NULL },
	{ "LOAD VNIC NAME=VNIC", NCF_LOAD, "VNIC", "", 0, NULL },
	{ "load vnic.lan name=web", NCF_LOAD, "web", "", 0, NULL },
	{ "LOAD SYS:SYSTEM\\VNIC.LAN NAME=VNIC", NCF_LOAD, "VNIC", "", 0, NULL },
	{ "LOAD C:/NWSERVER/VNIC.LAN", NCF_LOAD, "VNIC", "", 0, NULL },
	{ "VNIC NAME=WEB", NCF_LOAD, "WEB", "", 0, NULL },
	{ "LOAD VNIC NAME=VNIC FRAME=ETHERNET_II", NCF_LOAD, "VNIC", "", 0,
	  "a virtual board has no use for FRAME=" },
	{ "UNLOAD VNIC", NCF_UNLOAD, "", "", 0, NULL },
	{ "UNLOAD VNIC.LAN NAME=WEB", NCF_UNLOAD, "WEB", "", 0, NULL },
	{ "SET RIP2 AGGREGATION OVERRIDE=ON", NCF_AGGREGATION, "", "", 0, NULL },
	{ "set rip2 aggregation override = off", NCF_AGGREGATION, "", "", 0, NULL },
	{ "SET RIP2 AGGREGATION OVERRIDE", NCF_AGGREGATION, "", "", 0, NULL },
	{ "SET TIME ZONE = EST5EDT", NCF_FOREIGN, "", "", 0, NULL },
	{ "nss /poolactivate=HOMES", NCF_FOREIGN, "", "", 0, NULL },
	{ "mount HOMES VOLID=254", NCF_FOREIGN, "", "", 0, NULL },
	{ "CLUSTER CVSBIND ADD BCC_HOMES_SERVER 10.1.1.1", NCF_FOREIGN, "", "", 0, NULL },
	{ "NUDP ADD BCC_HOMES_SERVER 10.1.1.1", NCF_FOREIGN, "", "", 0, NULL },
	{ "LOAD CE100B.LAN SLOT=3 FRAME=ETHERNET_II NAME=CE100B_1_EII", NCF_FOREIGN, "CE100B_1_EII", "", 0, NULL },
	{ "LOAD TCPIP RIP=YES", NCF_FOREIGN, "TCPIP", "", 0, NULL },
	{ "UNLOAD CONLOG", NCF_FOREIGN, "", "", 0, NULL },
	{ "BIND IPX VNIC NET=1", NCF_FOREIGN, "", "", 0, NULL },
	{ "ADD NAME SPACE LONG HOMES", NCF_FOREIGN, "", "", 0, NULL },
	{ "=", NCF_FOREIGN, "", "", 0, NULL },
	{ "? BIND IP VNIC ADDRESS=10.1.1.1", NCF_BIND, "VNIC", "10.1.1.1", 32, NULL },
	{ "?Y BIND IP VNIC ADDRESS=10.1.1.1", NCF_BIND, "VNIC", "10.1.1.1", 32, NULL },
	{ "?y\tunbind ip vnic", NCF_UNBIND, "vnic", "", 0, NULL },
	{ "?LOAD VNIC NAME=WEB", NCF_LOAD, "WEB", "", 0, NULL },
	{ "?N BIND IP VNIC ADDRESS=10.1.1.300", NCF_DECLINED, "", "", 0, NULL },
	{ "  ?n unbind ip vnic", NCF_DECLINED, "", "", 0, NULL },
	{ "? mount HOMES", NCF_FOREIGN, "", "", 0, NULL },
	{ "?", NCF_NOTHING, "", "", 0, NULL },
	{ "?Y ; nothing", NCF_NOTHING, "", "", 0, NULL },
	{ "?NSS /x", NCF_FOREIGN, "", "", 0, NULL },
};

static const struct wrong wrongs[] = {
	{ "BIND", 5, "which protocol?" },
	{ "BIND IP", 8, "which board?" },
	{ "BIND IP TO", 11, "which board?" },
	{ "BIND IP ADDRESS=10.1.1.1", 9, "which board? A key comes behind it" },
	{ "BIND IP VNIC", 13, "BIND IP needs ADDRESS=" },
	{ "BIND IP VNIC MASK=255.0.0.0", 28, "BIND IP needs ADDRESS=" },
	{ "BIND IP VNIC 10.1.1.1", 14, "'10.1.1.1' is not KEY=VALUE" },
	{ "BIND IP VNIC ADDRESS=10.1.1", 22, "'10.1.1' is not an IP address" },
	{ "BIND IP VNIC ADDRESS=10.1.1.1/32", 22, "'10.1.1.1/32' is not an IP address" },
	{ "BIND IP VNIC ADDRESS=10.1.1.\x01", 22, "'10.1.1.?' is not an IP address" },
	{ "BIND IP VNIC ADDRESS=224.0.0.9", 22, "224.0.0.9 cannot be a VIP: it is a multicast address" },
	{ "BIND IP VNIC ADDRESS=::2", 22, "::2 cannot be a VIP: it is an address of the reserved network ::/64, which routers refuse" },
	{ "BIND IP VNIC ADDRESS=", 22, "ADDRESS= has no value" },
	{ "BIND IP VNIC A=10.1.1.1", 14, "'A' may be ADDRESS= or ARP=" },
	{ "BIND IP VNIC ADDRES5=10.1.1.1", 14, "unknown key 'ADDRES5' (did you mean ADDRESS=?)" },
	{ "BIND IP VNIC COLOUR=RED", 14, "unknown key 'COLOUR'" },
	{ "BIND IP VNIC ADDR=10.1.1.1 ADDRESS=10.1.1.2", 28, "ADDRESS= is here twice" },
	{ "BIND IP VNIC =10.1.1.1", 9, "which board? A key comes behind it" },
	{ "BIND IP VNIC ADDR=10.1.1.1 =5", 28, "there is no key in front of this '='" },
	{ "BIND IP VNIC ADDR=10.1.1.1 MASK=255.0.255.0", 33, "'255.0.255.0' is not a mask: its ones are not all in front" },
	{ "BIND IP VNIC ADDR=10.1.1.1 MASK=0.0.0.0", 33, "'0.0.0.0' is not a mask: its ones are not all in front" },
	{ "BIND IP VNIC ADDR=10.1.1.1 MASK=FF.FF.FF", 33, "'FF.FF.FF' is not a mask like 255.255.255.0 or FF.FF.FF.0" },
	{ "BIND IP VNIC ADDR=10.1.1.1 MASK=FF.FF.FF.FG", 33, "'FF.FF.FF.FG' is not a mask like 255.255.255.0 or FF.FF.FF.0" },
	{ "BIND IP VNIC ADDR=10.1.1.1 MASK=255.FF.FF.0", 33, "'255.FF.FF.0' is not a mask like 255.255.255.0 or FF.FF.FF.0" },
	{ "BIND IP VNIC ADDR=10.1.1.1 MASK=255.255.255.256", 33, "'255.255.255.256' is not a mask like 255.255.255.0 or FF.FF.FF.0" },
	{ "BIND IP VNIC ADDR=10.1.1.1 MASK=/33", 33, "'/33' is no length from /1 to /32" },
	{ "BIND IP VNIC ADDR=2001:db8::1 MASK=FF.FF.FF.FF", 36, "the mask of an IPv6 address is MASK=/1 to MASK=/128" },
	{ "BIND IP VNIC [INT=3 ADDR=10.1.1.1", 14, "there is no ']' for this '['" },
	{ "BIND IP A/B ADDR=10.1.1.1", 9, "'A/B' cannot be the name of a board" },
	{ "BIND IP V\xc4NIC ADDR=10.1.1.1", 9, "'V?NIC' cannot be the name of a board" },
	{ "UNBIND IP VNIC ADDRESS", 16, "'ADDRESS' is not KEY=VALUE" },
	{ "UNBIND IP VNIC MASK=255.0.0.0", 21, "MASK= without ADDRESS=: which address?" },
	{ "BNID IP VNIC ADDR=10.1.1.1", 1, "unknown command 'BNID' (did you mean BIND?)" },
	{ "UNBID IP VNIC", 1, "unknown command 'UNBID' (did you mean UNBIND?)" },
	{ "? BIND IP VNIC ADDRESS=10.1.1", 24, "'10.1.1' is not an IP address" },
	{ "BIND TCPIP VNIC ADDR=10.1.1.1", 6, "the protocol of an address is IP, not 'TCPIP'" },
	{ "UNBIND IPX FROM VNIC ADDRESS=10.1.1.1", 8, "the protocol of an address is IP, not 'IPX'" },
	{ "VIPS.NCF 10.1.1.1", 10, "a script is given no parameters here" },
	{ "0123456789012345678901234567890123456789012345678901234567890123.NCF", 1,
	  "the name of a script is shorter than 64 letters" },
	{ "LOAD VNIC NMAE=VNIC", 11, "unknown key 'NMAE' (did you mean NAME=?)" },
	{ "LOAD VNIC NAME=..", 16, "'..' cannot be the name of a board" },
	{ "SET RIP2 AGGREGATION OVERRIDE=MAYBE", 31, "RIP2 AGGREGATION OVERRIDE is ON or OFF, not 'MAYBE'" },
	{ "add secondary ipaddress 10.1.1.1", 5, "a secondary address lives on a physical network: a VIP is bound and unbound by BIND IP and UNBIND IP" },
};
/* clang-format on */

static struct ncf_line parse(const char *text)
{
	struct ncf_line line = { 0 };
	struct ncf n;

	ncf_init(&n, text, strlen(text));
	(void)ncf_next(&n, &line);
	assert_int_equal(n.at - n.end, 0);
	return line;
}

static void test_what_a_script_may_say_is_understood(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rights); i++) {
		struct ncf_line line = parse(rights[i].text);
		const char *address =
			address_is_set(&line.address) ? ADDRESS_TEXT(&line.address) : "";

		if (line.kind != rights[i].kind)
			print_error("%s: %s\n", rights[i].text, line.sentence);
		assert_int_equal(line.kind, rights[i].kind);
		assert_string_equal(line.board, rights[i].board);
		assert_string_equal(address, rights[i].address);
		assert_int_equal(line.length, rights[i].length);
		assert_string_equal(line.sentence, rights[i].note ? rights[i].note : "");
	}
}

static void test_what_cannot_be_meant_is_refused_with_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(wrongs); i++) {
		struct ncf_line line = parse(wrongs[i].text);

		if (line.kind != NCF_WRONG)
			print_error("%s\n", wrongs[i].text);
		assert_int_equal(line.kind, NCF_WRONG);
		assert_string_equal(line.sentence, wrongs[i].sentence);
		assert_int_equal(line.column, wrongs[i].column);
	}
}

static void test_another_script_is_known_by_its_name(void **state)
{
	static const struct {
		const char *text, *script;
		bool maybe;
	} cases[] = {
		{ "SYS:ETC\\INITSYS.NCF", "INITSYS.NCF", false },
		{ "vips.ncf", "vips.ncf", false },
		{ "?Y C:/nwserver/Vips.Ncf ; mine", "Vips.Ncf", false },
		{ "LOAD SYS:SYSTEM\\VIPS.NCF", "VIPS.NCF", false },
		{ "PROTECT VIPS.NCF", "VIPS.NCF", false },
		{ "protect vips", "vips.NCF", false },
		{ "VIPS", "VIPS.NCF", true },
		{ "SYS:SYSTEM\\VIPS", "VIPS.NCF", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct ncf_line line = parse(cases[i].text);

		assert_int_equal(line.kind, NCF_SCRIPT);
		assert_string_equal(line.script, cases[i].script);
		assert_int_equal(line.maybe, cases[i].maybe);
	}
}

static void test_a_script_falls_into_lines_however_they_end(void **state)
{
	static const char text[] =
		"\xef\xbb\xbf# one\r\n\nUNLOAD VNIC\rmount X\nLOAD VNIC\x1a junk";
	static const enum ncf_kind kinds[] = { NCF_NOTHING, NCF_NOTHING, NCF_UNLOAD, NCF_FOREIGN,
					       NCF_LOAD };
	struct ncf_line line;
	struct ncf n;

	(void)state;
	ncf_init(&n, text, sizeof(text) - 1);
	for (unsigned i = 0; i < ARRAY_LENGTH(kinds); i++) {
		assert_true(ncf_next(&n, &line));
		assert_int_equal(line.kind, kinds[i]);
		assert_int_equal(line.number, i + 1);
	}
	assert_string_equal(line.text, "LOAD VNIC");
	assert_false(ncf_next(&n, &line));
}

static void test_what_is_shown_of_a_line_is_printable_and_short(void **state)
{
	struct ncf_line line = parse("  mount \x1b[2J\xff "
				     "0123456789012345678901234567890123456789"
				     "0123456789012345678901234567890123456789");

	(void)state;
	assert_int_equal(strlen(line.text), NCF_TEXT_MAX - 1);
	assert_memory_equal(line.text, "mount ?[2J? 0", 13);
}

static void test_a_board_is_called_in_lower_case_and_cut(void **state)
{
	struct ncf_line line = parse("LOAD VNIC NAME=A_VERY_LONG_NAME_OF_A_BOARD");
	char name[INTERFACE_NAME_MAX];

	(void)state;
	ncf_board_name(&line, name);
	assert_string_equal(name, "a_very_long_nam");
}

static void test_a_mask_is_printed_in_both_forms(void **state)
{
	char text[NCF_MASK_TEXT_MAX];

	(void)state;
	assert_string_equal(ncf_mask_format(FAMILY_IPV4, 32, text),
			    "255.255.255.255 (FF.FF.FF.FF)");
	assert_string_equal(ncf_mask_format(FAMILY_IPV4, 9, text), "255.128.0.0 (FF.80.0.0)");
	assert_string_equal(ncf_mask_format(FAMILY_IPV6, 64, text), "/64");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_a_script_may_say_is_understood),
		cmocka_unit_test(test_what_cannot_be_meant_is_refused_with_its_place),
		cmocka_unit_test(test_another_script_is_known_by_its_name),
		cmocka_unit_test(test_a_script_falls_into_lines_however_they_end),
		cmocka_unit_test(test_what_is_shown_of_a_line_is_printable_and_short),
		cmocka_unit_test(test_a_board_is_called_in_lower_case_and_cut),
		cmocka_unit_test(test_a_mask_is_printed_in_both_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
