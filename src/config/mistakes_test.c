/* SPDX-License-Identifier: Apache-2.0 */
/* Mistakes and the exact sentence that each of them gets. */
#include "config/config.h"

#include "base/container.h"
#include "base/unit.h"

struct mistake {
	const char *text, *sentence;
};

/* clang-format off */
static const struct mistake syntax[] = {
	{ "rip: {",
	  "f:2:1: did not find expected node content (while parsing a flow node)" },
	{ "rip:\n\tmetric: 3\n",
	  "f:2:1: a tab cannot indent here: use spaces" },
	{ "vips: [10.9.1.1",
	  "f:2:1: the list that begins in line 1, column 7 is not closed: a ']' is missing, or a ','" },
	{ "boards: &b [vnic0]\n",
	  "f:1:9: anchors ('&b') are not allowed here" },
	{ "boards: *b\n",
	  "f:1:9: aliases ('*b') are not allowed here" },
	{ "boards: &a [*a]\n",
	  "f:1:9: anchors ('&a') are not allowed here" },
	{ "rip: !!map {}\n",
	  "f:1:6: tags ('tag:yaml.org,2002:map') are not allowed here" },
	{ "rip: {}\n---\nrip: {}\n",
	  "f:2:1: a second document ('---') is not allowed here" },
	{ "%YAML 1.1\n---\nrip: {}\n",
	  "f:1:1: directives ('%...') are not allowed here" },
	{ "[[[[[[[[[[[[",
	  "f:1:1: the configuration is a map of keys and values, not a list" },
	{ "vips: [[[[[[[[[10.9.1.1]]]]]]]]]\n",
	  "f:1:8: a VIP is a map of keys and values, not a list" },
	{ "- rip\n",
	  "f:1:1: the configuration is a map of keys and values, not a list" },
	{ "rip\n",
	  "f:1:1: the configuration is a map of keys and values, not 'rip'" },
	{ "boards: [vnic0\nvips: []\n",
	  "f:1:10: the list that begins in line 1, column 9 is not closed: a ']' or ',' is missing before the next line" },
	{ "\"rip: {}\n",
	  "f:2:1: the quote that is opened in line 1, column 1 is not closed" },
	{ "rip: {metric: 3]\n",
	  "f:1:16: the map that begins in line 1, column 6 is not closed: a '}' is missing, or a ','" },
	{ "rip: \"\\0\"\n",
	  "f:1:6: a NUL character is not allowed here" },
	{ "boards: [\"vnic\\0\"]\n",
	  "f:1:10: a NUL character is not allowed here" },
	{ "? [rip]\n: {}\n",
	  "f:1:3: a key is a plain word, not a list" },
	{ "<<: {}\n",
	  "f:1:1: unknown key '<<': the configuration has boards, vips, checks, interfaces, guard, proof, source, rip, ospf" },
	{ "vips: @x\n",
	  "f:1:7: text that begins with '@' needs quotes" },
	{ "rip:\n   metric: 3\n  tag: 1\n",
	  "f:3:3: wrong indentation, or a sign in the wrong place: this begins in column 3, the map around it, of line 1, in column 1" },
};

static const struct mistake stumbles[] = {
	{ "vips: [10.9.1.1]\n\xef\xbb\xbfinterfaces: {eth1: {rip: {}}}\n",
	  "f:2:2: wrong indentation, or a sign in the wrong place: this begins in column 2, the map around it, of line 1, in column 1; line 2, column 1 has a byte order mark inside the text (U+FEFF), where nothing is meant" },
	{ "interfaces:\n\xc2\xa0\xc2\xa0""eth1: {rip: {}}\n",
	  "f:1:12: 'interfaces' is a map like {eth1: {rip: {}}}, not ''; line 2, column 1 has a no-break space (U+00A0), where a space is meant" },
	{ "vips:\n\xc2\xa0\xc2\xa0- 10.9.1.1\n",
	  "f:3:1: could not find expected ':' (while scanning a simple key that begins in line 2); line 2, column 1 has a no-break space (U+00A0), where a space is meant" },
	{ "vips:\n\xe3\x80\x80- 10.9.1.1\n",
	  "f:3:1: could not find expected ':' (while scanning a simple key that begins in line 2); line 2, column 1 has a space that is none for YAML (U+3000), where a space is meant" },
	{ "vips:\xc2\xa0[10.9.1.1]\n",
	  "f:1:1: text without quotes has a character that cannot be meant; line 1, column 6 has a no-break space (U+00A0), where a space is meant" },
	{ "vips:\n  -\xc2\xa0""10.9.1.1\n",
	  "f:2:3: text without quotes has a character that cannot be meant; line 2, column 4 has a no-break space (U+00A0), where a space is meant" },
	{ "vips: [10.9.1.1\xc2\xa0]\n",
	  "f:1:8: text without quotes has a character that cannot be meant; line 1, column 16 has a no-break space (U+00A0), where a space is meant" },
	{ "vips: [{address:\xc2\xa0""10.9.1.1}]\n",
	  "f:1:9: text without quotes has a character that cannot be meant; line 1, column 17 has a no-break space (U+00A0), where a space is meant" },
	{ "interfaces:\n  eth1:\n    rip:\n      cost\xc2\xa0: 2\n",
	  "f:4:7: text without quotes has a character that cannot be meant; line 4, column 11 has a no-break space (U+00A0), where a space is meant" },
	{ "vips: [10.9.1.1\xe2\x80\x8b]\n",
	  "f:1:8: text without quotes has a character that cannot be meant; line 1, column 16 has an invisible character (U+200B), where nothing is meant" },
	{ "\xe2\x80\x8bvips: [10.9.1.1]\n",
	  "f:1:1: text without quotes has a character that cannot be meant; line 1, column 1 has an invisible character (U+200B), where nothing is meant" },
	{ "vips: [{address: 10.9.1.1, label: \xe2\x80\x9cweb\xe2\x80\x9d}]\n",
	  "f:1:35: text without quotes has a character that cannot be meant; line 1, column 35 has a quotation mark of print (U+201C), where \" is meant" },
	{ "vips: [\xe2\x80\x9c""10.9.1.1\xe2\x80\x9d]\n",
	  "f:1:8: text without quotes has a character that cannot be meant; line 1, column 8 has a quotation mark of print (U+201C), where \" is meant" },
	{ "vips: [\xe2\x80\x98""10.9.1.1\xe2\x80\x99]\n",
	  "f:1:8: text without quotes has a character that cannot be meant; line 1, column 8 has a quotation mark of print (U+2018), where ' is meant" },
	{ "interfaces: {\xe2\x80\x9c""eth[1-2]\xe2\x80\x9d: {rip: {}}}\n",
	  "f:1:14: text without quotes has a character that cannot be meant; line 1, column 14 has a quotation mark of print (U+201C), where \" is meant" },
	{ "vips: [\xc2\xab""10.9.1.1\xc2\xbb]\n",
	  "f:1:8: text without quotes has a character that cannot be meant; line 1, column 8 has a quotation mark of print (U+00AB), where \" is meant" },
	{ "vips:\n  \xe2\x80\x93 10.9.1.1\n",
	  "f:2:3: 'vips' is a list like [{address: 10.9.1.1/32}], not '\xe2\x80\x93 10.9.1.1'; line 2, column 3 has a dash of print (U+2013), where - is meant" },
	{ "vips\xef\xbc\x9a [10.9.1.1]\n",
	  "f:1:1: the configuration is a map of keys and values, not 'vips\xef\xbc\x9a [10.9.1.1]'; line 1, column 5 has a sign of full width (U+FF1A), where the one of ASCII is meant" },
	{ "vips: [10.9.1.1, 10.9.1.2\ninterfaces: {eth1: {rip: {}}}\n",
	  "f:1:18: the list that begins in line 1, column 7 is not closed: a ']' or ',' is missing before the next line" },
	{ "vips: [10.9.1.1, 10.9.1.2\n",
	  "f:2:1: the list that begins in line 1, column 7 is not closed: a ']' is missing, or a ','" },
	{ "interfaces: {eth1: {rip: {}}\nvips: [10.9.1.1]\n",
	  "f:2:1: the map that begins in line 1, column 13 is not closed: a '}' is missing, or a ','" },
	{ "vips: [\"10.9.1.1]\ninterfaces: {eth1: {rip: {}}}\n",
	  "f:3:1: the quote that is opened in line 1, column 8 is not closed" },
	{ "vips: [10.9.1.1]]\n",
	  "f:1:17: there is a ']' too many" },
	{ "interfaces:\n  eth1:\n    rip: {}\n   bfd: on\n",
	  "f:4:4: wrong indentation, or a sign in the wrong place: this begins in column 4, the map around it, of line 2, in column 3" },
	{ "vips:\n  - address: 10.9.1.1\n   metric: 3\n",
	  "f:3:4: wrong indentation, or a sign in the wrong place: this begins in column 4, the list around it, of line 2, in column 3" },
	{ "vips:\n  - address: 10.9.1.1\n metric: 3\n",
	  "f:3:2: wrong indentation, or a sign in the wrong place: this begins in column 2, the map around it, of line 1, in column 1" },
	{ " vips: [10.9.1.1]\ninterfaces: {eth1: {rip: {}}}\n",
	  "f:2:1: wrong indentation: what stands in front of this line begins further to the right than column 1" },
	{ "vips: [10.9.1.1]\n  interfaces: {eth1: {rip: {}}}\n",
	  "f:2:3: wrong indentation, or a sign in the wrong place: this begins in column 3, the map around it, of line 1, in column 1" },
	{ "vips:[10.9.1.1]\n",
	  "f:1:1: the configuration is a map of keys and values, not 'vips:[10.9.1.1]'; the space behind 'vips:' is missing" },
	{ "rip:\n  update:30s\n  timeout:180s\n",
	  "f:2:3: 'rip' is a map of keys and values, not 'update:30s timeout:180s'; the space behind 'update:' is missing" },
	{ "vips:\n  -10.9.1.1\n  -10.9.1.2\n",
	  "f:2:3: 'vips' is a list like [{address: 10.9.1.1/32}], not '-10.9.1.1 -10.9.1.2'; the space behind '-' is missing" },
	{ "interfaces:\n  *: {rip: {}}\n",
	  "f:2:4: text that begins with '*' needs quotes: \"*\"" },
	{ "vips: [{address: 10.9.1.1, label: @web}]\n",
	  "f:1:35: text that begins with '@' needs quotes" },
	{ "vips: [{address: 10.9.1.1, label: %web}]\n",
	  "f:1:35: text that begins with '%' needs quotes" },
	{ "vips: [2001:db8::]\n",
	  "f:1:17: text that ends with ':' needs quotes here" },
};

static const struct mistake keys[] = {
	{ "vip: []\n",
	  "f:1:1: unknown key 'vip' (did you mean 'vips'?)" },
	{ "interface:\n  eth1: {rip: {}}\n",
	  "f:1:1: unknown key 'interface' (did you mean 'interfaces'?)" },
	{ "board: [vnic0]\n",
	  "f:1:1: unknown key 'board' (did you mean 'boards'?)" },
	{ "gaurd: {grace: 3s}\n",
	  "f:1:1: unknown key 'gaurd' (did you mean 'guard'?)" },
	{ "Vips: [10.9.1.1]\n",
	  "f:1:1: unknown key 'Vips' (did you mean 'vips'?)" },
	{ "rip:\n  updates: 30s\n",
	  "f:2:3: unknown key 'updates' (did you mean 'update'?)" },
	{ "rip:\n  time-out: 180s\n",
	  "f:2:3: unknown key 'time-out' (did you mean 'timeout'?)" },
	{ "guard: {grase: 3s}\n",
	  "f:1:9: unknown key 'grase' (did you mean 'grace'?)" },
	{ "vips:\n  - address: 10.9.1.1\n    metrics: 3\n",
	  "f:3:5: unknown key 'metrics' (did you mean 'metric'?)" },
	{ "vips:\n  - address: 10.9.1.1\n    anounce: no\n",
	  "f:3:5: unknown key 'anounce' (did you mean 'announce'?)" },
	{ "vips:\n  - address: 10.9.1.1\n    lable: web\n",
	  "f:3:5: unknown key 'lable' (did you mean 'label'?)" },
	{ "interfaces:\n  eth1:\n    RIP: {}\n",
	  "f:3:5: unknown key 'RIP' (did you mean 'rip'?)" },
	{ "interfaces: {eth1: {rip: {neighbours: [10.1.0.1]}}}\n",
	  "f:1:27: unknown key 'neighbours' (did you mean 'neighbors'?)" },
	{ "interfaces: {eth1: {rip: {pasive: yes}}}\n",
	  "f:1:27: unknown key 'pasive' (did you mean 'passive'?)" },
	{ "vips:\n  - {adress: 10.9.1.1}\n",
	  "f:2:6: unknown key 'adress' (did you mean 'address'?)" },
	{ "interfaces:\n  eth1: {rip: {verson: 2}}\n",
	  "f:2:16: unknown key 'verson' (did you mean 'version'?)" },
	{ "rip: {colour: red}\n",
	  "f:1:7: unknown key 'colour': 'rip' has update, timeout, garbage, metric, distance, pace, tag" },
	{ "rip: {}\nboards: [a]\nrip: {}\n",
	  "f:3:1: 'rip' is here twice: it was given in line 1 already" },
	{ "vips: [{address: 10.9.1.1, metric: 3, metric: 4}]\n",
	  "f:1:39: 'metric' is here twice: it was given in line 1 already" },
	{ "bfd: on\n",
	  "f:1:1: 'bfd' belongs to an interface, like {eth1: {rip: {}, bfd: on}}" },
	{ "interfaces: {eth1: {rip: {}, auth: {}}}\n",
	  "f:1:30: 'auth' belongs to 'rip', 'ospf' or 'bfd' of an interface" },
	{ "bgp: {as: 65001}\n",
	  "f:1:1: this version of vipd does not have 'bgp' yet" },
	{ "ospf: {area: 0}\n",
	  "f:1:8: 'area' belongs to 'ospf' of an interface, like {eth1: {ospf: {area: 0}}}" },
	{ "interfaces: {eth1: {bfd: {}}}\n",
	  "f:1:26: 'bfd' watches the neighbours that a routing protocol finds: the interface "
	  "needs one too, like 'rip: {}' or 'ospf: {}'" },
	{ "interfaces: {eth1: {rip: {}, bfd: {auth: {secret: \"file:/k\"}}}}\n",
	  "f:1:42: 'auth' needs its 'type', like meticulous-sha1" },
	{ "interfaces: {eth1: {rip: {}, bfd: {auth: {type: sha-1, secret: \"file:/k\"}}}}\n",
	  "f:1:49: 'type' is simple, md5, meticulous-md5, sha1 or meticulous-sha1, not 'sha-1'" },
	{ "interfaces: {eth1: {rip: {}, bfd: {auth: {type: md5}}}}\n",
	  "f:1:42: a key needs its 'secret'" },
	{ "interfaces: {eth1: {rip: {}, bfd: {auth: {type: md5, secret: \"file:/k\", send: {}}}}}\n",
	  "f:1:73: unknown key 'send': 'auth' of 'bfd' has type, keys, id, secret" },
	{ "interfaces: {eth1: {probe: on}}\n",
	  "f:1:28: 'probe' watches the neighbours that a routing protocol finds: the interface "
	  "needs one too, like 'rip: {}' or 'ospf: {}'" },
	{ "interfaces: {eth1: {rip: {}, probe: 100ms}}\n",
	  "f:1:37: 'probe' is on, off, or a map like {interval: 50ms, multiplier: 3}, not '100ms'" },
	{ "interfaces: {eth1: {rip: {}, probe: {interval: 9ms}}}\n",
	  "f:1:48: 'interval' is a duration from 10ms to 1m, not '9ms'" },
	{ "interfaces: {eth1: {rip: {}, probe: {interval: 61s}}}\n",
	  "f:1:48: 'interval' is a duration from 10ms to 1m, not '61s'" },
	{ "interfaces: {eth1: {rip: {}, prob: on}}\n",
	  "f:1:30: unknown key 'prob' (did you mean 'probe'?)" },
	{ "interfaces: {eth1: {rip: {}, bfd: fast}}\n",
	  "f:1:35: 'bfd' is on, off, or a map like {interval: 50ms, multiplier: 3}, not 'fast'" },
	{ "interfaces: {eth1: {rip: {}, bfd: {interval: 10}}}\n",
	  "f:1:46: 'interval' is a duration and needs a unit: 10s or 10ms?" },
	{ "interfaces: {eth1: {rip: {}, bfd: {multiplier: 0}}}\n",
	  "f:1:48: 'multiplier' is a number from 1 to 255, not '0'" },
	{ "interfaces: {eth1: {rip: {auth: x}}}\n",
	  "f:1:33: 'auth' is a map of keys and values, not 'x'" },
	{ "interfaces: {eth1: {rip: {auth: {secret: file:/k}}}}\n",
	  "f:1:33: 'auth' needs its 'type', like hmac-sha-256" },
	{ "interfaces: {eth1: {rip: {auth: {type: sha256, secret: file:/k}}}}\n",
	  "f:1:40: 'type' is simple, md5, hmac-sha-1, hmac-sha-256, hmac-sha-384 or "
	  "hmac-sha-512, not 'sha256'" },
	{ "interfaces: {eth1: {rip: {auth: {type: md5}}}}\n", "f:1:33: a key needs its 'secret'" },
	{ "interfaces: {eth1: {rip: {auth: {type: md5, secret: opensesame}}}}\n",
	  "f:1:53: 'secret' names a file that has it, like file:/etc/vipd/rip.key" },
	{ "interfaces: {eth1: {rip: {auth: {type: md5, id: 256, secret: file:/k}}}}\n",
	  "f:1:49: 'id' is a number from 0 to 255, not '256'" },
	{ "interfaces: {eth1: {rip: {auth: {type: md5, keys: [{id: 1, secret: file:/k}, {id: 1, "
	  "secret: file:/l}]}}}}\n",
	  "f:1:78: two keys have the 'id' 1" },
	{ "interfaces: {eth1: {rip: {auth: {type: md5, secret: file:/k, keys: [{id: 1, secret: "
	  "file:/k}]}}}}\n",
	  "f:1:33: 'auth' has 'secret', or a list of 'keys', not both" },
	{ "interfaces: {eth1: {rip: {auth: {type: md5, secret: file:/k, send: {from: "
	  "2026-02-30}}}}}\n",
	  "f:1:75: 'from' is a time like 2026-12-01T08:00:00Z, or a day like 2026-12-01, not "
	  "'2026-02-30'" },
	{ "interfaces: {eth1: {rip: {auth: {type: md5, secret: file:/k, send: {from: 2026-02-02, "
	  "until: 2026-02-01}}}}}\n",
	  "f:1:68: 'until' is not behind 'from'" },
	{ "interfaces: {eth1: {rip: {version: 1, auth: {type: md5, secret: file:/k}}}}\n",
	  "f:1:45: RIP-1 cannot be authenticated: 'auth' needs 'version' 2 or compatible" },
	{ "vips: [{address: 10.9.1.1, chekc: web}]\n",
	  "f:1:28: unknown key 'chekc' (did you mean 'check'?)" },
	{ "interfaces: {eth1: {learn: all}}\n",
	  "f:1:28: 'learn' takes the routes that a routing protocol hears: the interface needs "
	  "one too, like 'rip: {}' or 'ospf: {}'" },
	{ "interfaces: {eth1: {rip: {}, learn: some}}\n",
	  "f:1:37: 'learn' is off, default, all, or a list of networks like [10.0.0.0/8], not "
	  "'some'" },
	{ "interfaces: {eth1: {rip: {}, learn: {all: yes}}}\n",
	  "f:1:37: 'learn' is off, default, all, or a list like [10.0.0.0/8], not a map" },
	{ "interfaces: {eth1: {rip: {}, learn: []}}\n",
	  "f:1:37: 'learn' with an empty list learns nothing: say off" },
	{ "interfaces: {eth1: {rip: {}, learn: [{}]}}\n",
	  "f:1:38: an item of 'learn' is one value, not a map" },
	{ "interfaces: {eth1: {rip: {auth: {type: md5, keys: {id: 1}}}}}\n",
	  "f:1:51: 'keys' is a list of keys like [{id: 1, secret: \"file:/etc/vipd/rip.key\"}], not a map" },
	{ "interfaces: {eth1: {rip: {}, bfd: {auth: {type: md5, keys: 1}}}}\n",
	  "f:1:60: 'keys' is a list of keys like [{id: 1, secret: \"file:/etc/vipd/rip.key\"}], not '1'" },
	{ "interfaces: {eth1: {rip: {auth: {type: md5, secret: file:/k, id: []}}}}\n",
	  "f:1:66: 'id' is a number from 0 to 255, not a list" },
	{ "interfaces: {eth1: {rip: {}, learn: [10.0.0.0/33]}}\n",
	  "f:1:38: '10.0.0.0/33' is not a network like 10.8.0.0/16 or 2001:db8::/32" },
	{ "interfaces: {eth1: {rip: {}, learn: [10.1.0.0/8]}}\n",
	  "f:1:38: '10.1.0.0/8' is an address in the network 10.0.0.0/8, not a network" },
	{ "interfaces: {eth1: {rip: {}, learn: [10.0.0.0/8, 10.0.0.0/8]}}\n",
	  "f:1:50: 10.0.0.0/8 is here twice" },
	{ "vips: [{board: vnic0}]\n",
	  "f:1:8: a VIP needs its 'address', an address like 10.9.1.1 or 10.9.1.1/24" },
	{ "vips: [{}]\n",
	  "f:1:8: a VIP needs its 'address', an address like 10.9.1.1 or 10.9.1.1/24" },
};

static const struct mistake values[] = {
	{ "guard: {grace: 10}\n",
	  "f:1:16: 'grace' is a duration and needs a unit: 10s or 10ms?" },
	{ "guard: {grace: 0s}\n",
	  "f:1:16: 'grace' is a duration from 100ms to 1h, not '0s'" },
	{ "guard: on\n",
	  "f:1:8: 'guard' is a map of keys and values, not 'on'" },
	{ "rip: {metric: 16}\n",
	  "f:1:15: 'metric' is a number from 1 to 15, not '16'" },
	{ "rip: {metric: fast}\n",
	  "f:1:15: 'metric' is a number from 1 to 15, not 'fast'" },
	{ "rip: {metric: -1}\n",
	  "f:1:15: 'metric' is a number from 1 to 15, not '-1'" },
	{ "rip: {metric: }\n",
	  "f:1:15: 'metric' is a number from 1 to 15, not ''" },
	{ "rip: {metric: [3]}\n",
	  "f:1:15: 'metric' is a number from 1 to 15, not a list" },
	{ "rip: {update: 30}\n",
	  "f:1:15: 'update' is a duration and needs a unit: 30s or 30ms?" },
	{ "rip: {update: 1.5s}\n",
	  "f:1:15: 'update' is a duration like 300ms, 3s or 2m, not '1.5s'" },
	{ "rip: {update: 30 s}\n",
	  "f:1:15: 'update' is a duration like 300ms, 3s or 2m, not '30 s'" },
	{ "rip: {update: 5ms}\n",
	  "f:1:15: 'update' is a duration from 100ms to 24h, not '5ms'" },
	{ "rip: {update: 99999999999999999999s}\n",
	  "f:1:15: 'update' is a duration like 300ms, 3s or 2m, not '99999999999999999999s'" },
	{ "rip: {update: 9999999999h}\n",
	  "f:1:15: 'update' is a duration like 300ms, 3s or 2m, not '9999999999h'" },
	{ "rip: {timeout: 30s}\n",
	  "f:1:16: 'timeout' (30s) must be longer than 'update' (30s): every neighbour would be given up between two of its updates" },
	{ "rip: {update: 200s}\n",
	  "f:1:15: 'timeout' (3m) must be longer than 'update' (200s): every neighbour would be given up between two of its updates" },
	{ "rip: {tag: 65536}\n",
	  "f:1:12: 'tag' is a number from 0 to 65535, not '65536'" },
	{ "rip: {pace: 0}\n",
	  "f:1:13: 'pace' is a number from 1 to 65535, not '0'" },
	{ "rip: {distance: 15}\n",
	  "f:1:17: 'distance' is a number from 1 to 14, not '15'" },
	{ "rip: on\n",
	  "f:1:6: 'rip' is a map of keys and values, not 'on'" },
	{ "boards: vnic0\n",
	  "f:1:9: 'boards' is a list of names like [vnic0], not 'vnic0'" },
	{ "boards: [vnic0, vnic0]\n",
	  "f:1:17: the board 'vnic0' is here twice" },
	{ "boards: [a b]\n",
	  "f:1:10: 'a b' cannot be the name of a board (1 to 15 characters, no space, '/' or ':')" },
	{ "boards: [averyveryverylongname]\n",
	  "f:1:10: 'averyveryverylongname' cannot be the name of a board (1 to 15 characters, no space, '/' or ':')" },
	{ "boards: [[vnic0]]\n",
	  "f:1:10: a list cannot be the name of a board (1 to 15 characters, no space, '/' or ':')" },
	{ "boards: [\"eth/0\"]\n",
	  "f:1:10: 'eth/0' cannot be the name of a board (1 to 15 characters, no space, '/' or ':')" },
};

static const struct mistake vips[] = {
	{ "vips: 10.9.1.1\n",
	  "f:1:7: 'vips' is a list like [{address: 10.9.1.1/32}], not '10.9.1.1'" },
	{ "vips: [10.9.1.300]\n",
	  "f:1:8: '10.9.1.300' is not an address like 10.9.1.1 or 10.9.1.1/24" },
	{ "vips: [10.9.1.1/33]\n",
	  "f:1:8: '10.9.1.1/33' is not an address like 10.9.1.1 or 10.9.1.1/24" },
	{ "vips: [10.9.1.1/]\n",
	  "f:1:8: '10.9.1.1/' is not an address like 10.9.1.1 or 10.9.1.1/24" },
	{ "vips: [[10.9.1.1]]\n",
	  "f:1:8: a VIP is a map of keys and values, not a list" },
	{ "vips: [224.0.0.9]\n",
	  "f:1:8: 224.0.0.9 cannot be a VIP: it is a multicast address" },
	{ "vips: [127.0.0.1]\n",
	  "f:1:8: 127.0.0.1 cannot be a VIP: it is a loopback address" },
	{ "vips: ['::ffff:10.9.1.1']\n",
	  "f:1:8: ::ffff:10.9.1.1 cannot be a VIP: it is an IPv4-mapped address, which no router forwards: write it as IPv4" },
	{ "source: {to: '::ffff:10.8.0.0/112', use: 10.9.1.1}\n",
	  "f:1:14: '::ffff:10.8.0.0/112' stands for the IPv4 network 10.8.0.0/16: write it so" },
	{ "source: {to: '2001:db8::/32', use: '::10.9.1.1'}\n",
	  "f:1:9: ::10.9.1.1 cannot be a source: it is an IPv4-compatible address, which routers refuse: write it as IPv4" },
	{ "vips: [10.9.1.0/24]\n",
	  "f:1:8: 10.9.1.0 is the address of its network 10.9.1.0/24 itself, not of a host in it" },
	{ "vips:\n  - address: 10.9.1.255/24\n",
	  "f:2:14: 10.9.1.255 is the broadcast address of its network 10.9.1.0/24" },
	{ "vips: [0.0.0.0]\n",
	  "f:1:8: 0.0.0.0 cannot be a VIP: it is the unspecified address" },
	{ "vips:\n  - 10.9.1.1\n  - 10.9.1.2\n  - 10.9.1.1/24\n  - 10.9.1.2\n",
	  "f:4:5: the VIP 10.9.1.1 is here twice: it was given in line 2 already" },
	{ "vips: [{address: 10.9.1.1, announce: maybe}]\n",
	  "f:1:38: 'announce' is yes or no, not 'maybe'" },
	{ "vips: [{address: 10.9.1.1, hold: fast}]\n",
	  "f:1:34: 'hold' is auto, address or route, not 'fast'" },
	{ "vips: [{address: 10.9.1.1, arp: yes}]\n",
	  "f:1:33: 'arp' is silent or answer, not 'yes'" },
	{ "vips: [{address: 10.9.1.1, conflict: win}]\n",
	  "f:1:38: 'conflict' is refuse, warn, worsen or take, not 'win'" },
	{ "vips: [{address: 10.9.1.1, metric: 0}]\n",
	  "f:1:36: 'metric' is a number from 1 to 65534, not '0'" },
	{ "vips: [{address: 10.9.1.1, metric: 16}]\ninterfaces: {e: {rip: {}, ripng: {}, ospfv3: {}}}\n",
	  "f:1:36: the 'metric' 16 is unreachable: it must be 1 to 15" },
	{ "vips: [{address: 10.9.1.1, board: vnic1}]\n",
	  "f:1:18: there is no board 'vnic1' for the VIP 10.9.1.1: 'boards' does not list it (did you mean 'vnic0'?)" },
	{ "boards: [vnic0, vnic1]\nvips: [{address: 10.9.1.1, board: vnic2}]\n",
	  "f:2:18: there is no board 'vnic2' for the VIP 10.9.1.1: 'boards' does not list it (did you mean 'vnic0'?)" },
	{ "boards: []\nvips: [10.9.1.1]\n",
	  "f:2:8: there is no board 'vnic0' for the VIP 10.9.1.1: 'boards' does not list it" },
	{ "vips: [{address: 10.9.1.1, label: \"a\\nb\"}]\n",
	  "f:1:35: 'label' has a control character in it" },
	{ "vips: [{address: 10.9.1.1, label: this label is longer than thirty-one bytes}]\n",
	  "f:1:35: 'label' is longer than 31 bytes" },
	{ "vips: [{address: {}}]\n",
	  "f:1:18: 'address' is an address like 10.9.1.1 or 10.9.1.1/24, not a map" },
	{ "vips: [aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff]\n",
	  "f:1:8: 'aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd...' is not an address like 10.9.1.1 or 10.9.1.1/24" },
};

static const struct mistake interfaces[] = {
	{ "interfaces: [eth1]\n",
	  "f:1:13: 'interfaces' is a map like {eth1: {rip: {}}}, not a list" },
	{ "interfaces: {eth1: on}\n",
	  "f:1:20: an interface is a map like {rip: {}}, not 'on'" },
	{ "interfaces: {eth1: }\n",
	  "f:1:20: an interface is a map like {rip: {}}, not ''" },
	{ "interfaces:\n  eth1:\n    rip:\n",
	  "f:3:9: 'rip' is {} for its defaults, a map of its keys, or off, not ''" },
	{ "interfaces: {eth1: {rip: fast}}\n",
	  "f:1:26: 'rip' is {} for its defaults, a map of its keys, or off, not 'fast'" },
	{ "interfaces: {eth1: {ripng: fast}}\n",
	  "f:1:28: 'ripng' is {} for its defaults, a map of its keys, or off, not 'fast'" },
	{ "interfaces: {eth1: {ripng: {version: 1}}}\n",
	  "f:1:29: unknown key 'version': 'ripng' of an interface has cost, passive, neighbors" },
	{ "interfaces: {eth1: {ripng: {cost: 16}}}\n",
	  "f:1:35: 'cost' is a number from 1 to 15, not '16'" },
	{ "interfaces: {eth1: {ripng: {neighbors: [10.1.0.1]}}}\n",
	  "f:1:41: '10.1.0.1' is not an IPv6 address of a neighbour" },
	{ "interfaces: {eth1: {ripng: {neighbors: [2001:db8::1]}}}\n",
	  "f:1:41: 2001:db8::1 cannot be a neighbour of RIPng: it is not a link-local address like fe80::1" },
	{ "interfaces: {eth1: {rip: {neighbors: [fe80::1]}}}\n",
	  "f:1:39: 'fe80::1' is not an IPv4 address of a neighbour" },
	{ "rip: {metric: 10}\ninterfaces: {eth1: {ripng: {cost: 8}}}\n",
	  "f:2:35: 'cost' 8 is too much: with the 'metric' of rip, 10, VIPs would be announced with 17, and 16 means unreachable" },
	{ "interfaces: {eth1: {rip: {}}, eth2: {}, eth1: {}}\n",
	  "f:1:41: 'eth1' is here twice: it was given in line 1 already" },
	{ "interfaces: {interface-number-1: {rip: {}}}\n",
	  "f:1:14: 'interface-number-1' cannot be the name of an interface (1 to 15 characters, no space, '/' or ':')" },
	{ "interfaces: {\"eth[2\": {rip: {}}}\n",
	  "f:1:14: 'eth[2' has a '[' without its ']'" },
	{ "interfaces: {\"interface-number-[1-9]-of-the-rack\": {}}\n",
	  "f:1:14: the pattern 'interface-number-[1-9]-of-the-rack' is longer than 31 characters" },
	{ "interfaces: {eth1: {rip: {version: 3}}}\n",
	  "f:1:36: 'version' is 1, 2 or compatible, not '3'" },
	{ "interfaces: {eth1: {rip: {cost: 16}}}\n",
	  "f:1:33: 'cost' is a number from 1 to 15, not '16'" },
	{ "rip: {metric: 10}\ninterfaces: {eth1: {rip: {cost: 7}}}\n",
	  "f:2:33: 'cost' 7 is too much: with the 'metric' of rip, 10, VIPs would be announced with 16, and 16 means unreachable" },
	{ "interfaces: {eth1: {rip: {neighbors: 10.1.0.1}}}\n",
	  "f:1:38: 'neighbors' is a list of addresses like [10.1.0.1], not '10.1.0.1'" },
	{ "interfaces: {eth1: {rip: {neighbors: [2001:db8::1]}}}\n",
	  "f:1:39: '2001:db8::1' is not an IPv4 address of a neighbour" },
	{ "interfaces: {eth1: {rip: {neighbors: [224.0.0.9]}}}\n",
	  "f:1:39: 224.0.0.9 cannot be a neighbour: it is a multicast address" },
	{ "interfaces: {eth1: {rip: {neighbors: [10.1.0.1, 10.1.0.1]}}}\n",
	  "f:1:49: 10.1.0.1 is here twice" },
	{ "interfaces: {eth1: {rip: {neighbors: [10.1.0.1, 10.1.0.2, 10.1.0.3, 10.1.0.4, 10.1.0.5, 10.1.0.6, 10.1.0.7, 10.1.0.8, 10.1.0.9]}}}\n",
	  "f:1:119: 'neighbors' can list 8 at most" },
	{ "interfaces: {eth1: {rip: {passive: 2}}}\n",
	  "f:1:36: 'passive' is yes or no, not '2'" },
};

static const struct mistake checks[] = {
	{ "checks: [web]\n",
	  "f:1:9: 'checks' is a map like {web: {http: /health}}, not a list" },
	{ "checks: {web: http}\n",
	  "f:1:15: a check is a map of keys and values, not 'http'" },
	{ "checks: {web: {}}\n",
	  "f:1:10: the check 'web' does not say what it does: tcp, http, https, icmp, dns, exec or file" },
	{ "checks: {web server: {tcp: 80}}\n",
	  "f:1:10: 'web server' cannot be the name of a check (1 to 31 letters, digits, '-', '_' or '.')" },
	{ "checks: {a-name-that-is-longer-than-thirty-one: {tcp: 80}}\n",
	  "f:1:10: 'a-name-that-is-longer-than-thirty-one' cannot be the name of a check (1 to 31 letters, digits, '-', '_' or '.')" },
	{ "checks: {web: {tcp: 80}, db: {tcp: 1}, web: {tcp: 81}}\n",
	  "f:1:40: 'web' is here twice: it was given in line 1 already" },
	{ "checks: {web: {htpp: /}}\n",
	  "f:1:16: unknown key 'htpp' (did you mean 'http'?)" },
	{ "checks: {web: {tcp: 80, http: /}}\n",
	  "f:1:31: a check is of one kind: it has 'tcp', and 'http' is a second" },
	{ "checks: {web: {tcp: 0}}\n",
	  "f:1:21: 'tcp' is a port from 1 to 65535, not '0'" },
	{ "checks: {web: {tcp: http}}\n",
	  "f:1:21: 'tcp' is a port from 1 to 65535, not 'http'" },
	{ "checks: {web: {tcp: 80, port: 81}}\n",
	  "f:1:31: 'port' says nothing for a check of the kind tcp" },
	{ "checks: {web: {http: health}}\n",
	  "f:1:22: 'http' is a path like /health, not 'health'" },
	{ "checks: {web: {http: \"http://10.9.1.1/\"}}\n",
	  "f:1:22: 'http' is a path like /health, not 'http://10.9.1.1/'" },
	{ "checks: {web: {http: /is it well}}\n",
	  "f:1:22: '/is it well' has a character in it that must be written as %20" },
	{ "checks: {web: {http: \"/a\\r\\nX: y\"}}\n",
	  "f:1:22: 'http' has a control character in it" },
	{ "checks: {web: {http: /, host: \"a b\"}}\n",
	  "f:1:31: 'host' is a name like www.example.com, not 'a b'" },
	{ "checks: {web: {http: /, status: 700}}\n",
	  "f:1:33: 'status' is a status like 200 or a range like 200-399, not '700'" },
	{ "checks: {web: {http: /, status: 399-200}}\n",
	  "f:1:33: 'status' is a status like 200 or a range like 200-399, not '399-200'" },
	{ "checks: {web: {http: /, status: 200 OK}}\n",
	  "f:1:33: 'status' is a status like 200 or a range like 200-399, not '200 OK'" },
	{ "checks: {web: {http: /, status: [200, 204]}}\n",
	  "f:1:33: 'status' is a status like 200 or a range like 200-399, not a list" },
	{ "checks: {web: {tcp: 80, expect: ok}}\n",
	  "f:1:33: 'expect' says nothing for a check of the kind tcp" },
	{ "checks: {web: {http: /, user: root}}\n",
	  "f:1:31: 'user' says nothing for a check of the kind http" },
	{ "checks: {web: {http: /, address: web1}}\n",
	  "f:1:34: 'address' is an address like 10.1.0.1, not 'web1'" },
	{ "checks: {web: {http: /, address: 0.0.0.0}}\n",
	  "f:1:34: nobody can be asked at 0.0.0.0" },
	{ "checks: {ping: {icmp: router}}\n",
	  "f:1:23: 'icmp' is an address like 10.1.0.1, not 'router'" },
	{ "checks: {ping: {icmp: no}}\n",
	  "f:1:23: 'icmp' is an address like 10.1.0.1, not 'no'" },
	{ "checks: {ping: {icmp: {address: 10.1.0.1}}}\n",
	  "f:1:24: 'icmp' is an address like 10.1.0.1, or {} for the VIP" },
	{ "checks: {names: {dns: }}\n",
	  "f:1:23: 'dns' is a name like www.example.com, not ''" },
	{ "checks: {names: {dns: www..example.com}}\n",
	  "f:1:23: 'www..example.com' is not a name that DNS could have" },
	{ "checks: {s: {exec: /bin/true}}\n",
	  "f:1:20: 'exec' is a list of a program and its arguments like [/bin/true, -v], not '/bin/true'" },
	{ "checks: {s: {exec: []}}\n",
	  "f:1:20: 'exec' is an empty list" },
	{ "checks: {s: {exec: [true]}}\n",
	  "f:1:21: the program of 'exec' is a path that begins with /, not 'true'" },
	{ "checks: {s: {exec: [/bin/true, [a]]}}\n",
	  "f:1:32: an item of 'exec' is one value, not a list" },
	{ "checks: {s: {exec: [/bin/sh, \"a\\nb\"]}}\n",
	  "f:1:30: 'exec' has a control character in it" },
	{ "checks: {s: {exec: [/bin/true], port: 80}}\n",
	  "f:1:39: 'port' says nothing for a check of the kind exec" },
	{ "checks: {s: {exec: [/bin/true], user: \"\"}}\n",
	  "f:1:39: 'user' is the name of a user, not ''" },
	{ "checks: {flag: {file: in-service}}\n",
	  "f:1:23: 'file' is a path like /run/in-service, not 'in-service'" },
	{ "checks: {flag: {file: /run/x, address: 10.1.0.1}}\n",
	  "f:1:40: 'address' says nothing for a check of the kind file" },
	{ "checks: {web: {tcp: 80, every: 2}}\n",
	  "f:1:32: 'every' is a duration and needs a unit: 2s or 2ms?" },
	{ "checks: {web: {tcp: 80, every: 50ms}}\n",
	  "f:1:32: 'every' is a duration from 100ms to 1h, not '50ms'" },
	{ "checks: {web: {tcp: 80, timeout: 3s}}\n",
	  "f:1:34: the 'timeout' of the check 'web' must be longer than nothing and no longer than 'every'" },
	{ "checks: {web: {tcp: 80, fall: 0}}\n",
	  "f:1:31: 'fall' is a number from 1 to 255, not '0'" },
	{ "checks: {web: {tcp: 80, failing: drop}}\n",
	  "f:1:34: 'failing' is withdraw or worsen, not 'drop'" },
	{ "checks: {health: {tcp: 80}}\nvips: [{address: 10.9.1.1, check: heath}]\n",
	  "f:2:35: there is no check 'heath' for the VIP 10.9.1.1: 'checks' does not have it (did you mean 'health'?)" },
	{ "vips: [{address: 10.9.1.1, check: web}]\n",
	  "f:1:35: there is no check 'web' for the VIP 10.9.1.1: 'checks' does not have it" },
	{ "source: maybe\n",
	  "f:1:9: 'source' is off, on or auto, not 'maybe'" },
	{ "source: {mode: always}\n",
	  "f:1:16: 'mode' is off, on or auto, not 'always'" },
	{ "source: {use: 10.9.1.5}\n",
	  "f:1:9: a rule for sources needs one of 'to', 'unit' and 'user': for all connections there is the first VIP" },
	{ "source: [{to: 10.8.0.0/16}]\n",
	  "f:1:10: a rule for sources needs its 'use', a VIP like 10.9.1.1, or none for the choice of Linux" },
	{ "source: {to: 10.8.0.1/16, use: 10.9.1.5}\n",
	  "f:1:14: '10.8.0.1/16' is an address in the network 10.8.0.0/16, not a network" },
	{ "source: {to: \"2001:db8::/32\", use: 10.9.1.5}\n",
	  "f:1:9: connections to 2001:db8::/32 cannot have the source 10.9.1.5: one is IPv4, the other IPv6" },
	{ "source: {unit: postgresql, use: 10.9.1.5}\n",
	  "f:1:16: 'postgresql' is no unit: did you mean 'postgresql.service'?" },
	{ "source: {unit: batch/night, use: 10.9.1.5}\n",
	  "f:1:16: a control group begins with /: '/batch/night'?" },
	{ "source: {unit: /batch/, use: 10.9.1.5}\n",
	  "f:1:16: '/batch/' is no control group: it ends with a /" },
	{ "source: {user: a, use: 10.9.1.5/32}\n",
	  "f:1:24: 'use' is a VIP like 10.9.1.1, or none for the choice of Linux, not '10.9.1.5/32'" },
	{ "source: {user: a, use: 224.0.0.9}\n",
	  "f:1:9: 224.0.0.9 cannot be a source: it is a multicast address" },
	{ "source: {user: a, use: none, rules: []}\n",
	  "f:1:9: 'source' has 'user', or a list of 'rules', not both" },
	{ "source: {rules: {user: a, use: none}}\n",
	  "f:1:17: 'rules' is a list like [{to: 10.8.0.0/16, use: 10.9.1.5}], not a map" },
	{ "source: {rule: []}\n",
	  "f:1:10: unknown key 'rule' (did you mean 'rules'?)" },
	{ "source: on\nsource: off\n",
	  "f:2:1: 'source' is here twice: it was given in line 1 already" },
	{ "vips: [{address: 10.9.1.1, source: 10.9.1.2}]\n",
	  "f:1:36: 'source' is yes or no, not '10.9.1.2'" },
	{ "interfaces: {eth1: {source: auto}}\n",
	  "f:1:29: 'source' is yes or no, not 'auto'" },
	{ "vips: [{address: 10.9.1.1, check: [web]}]\n",
	  "f:1:35: 'check' is a text of up to 31 bytes, not a list" },
};
/* clang-format on */

static void check(const struct mistake *mistakes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct mistake *m = &mistakes[i];
		char error[CONFIG_ERROR_MAX] = "no error";
		struct config *c = NULL;
		int r = config_parse("f", m->text, strlen(m->text), &c, error, sizeof(error));

		assert_string_equal(error, m->sentence);
		assert_true(r < 0);
		assert_null(c);
	}
}

#define MISTAKES_TEST(name, table)                                                                 \
	static void name(void **state)                                                             \
	{                                                                                          \
		(void)state;                                                                       \
		check(table, ARRAY_LENGTH(table));                                                 \
	}

MISTAKES_TEST(test_text_that_is_not_the_yaml_we_want_is_refused_with_its_place, syntax)
MISTAKES_TEST(test_what_a_person_stumbles_over_is_named, stumbles)
MISTAKES_TEST(test_a_key_that_is_unknown_or_repeated_or_not_there_yet_is_refused, keys)
MISTAKES_TEST(test_a_value_of_the_wrong_type_or_range_is_refused, values)
MISTAKES_TEST(test_a_vip_that_cannot_be_is_refused, vips)
MISTAKES_TEST(test_an_interface_that_cannot_be_is_refused, interfaces)
MISTAKES_TEST(test_a_check_that_cannot_be_is_refused, checks)

static void test_every_truncation_of_a_good_file_is_read_or_refused_in_peace(void **state)
{
	const char *text = "boards: [vnic0, \"vnic1\"]\n"
			   "vips:\n  - {address: 10.9.1.1/24, label: 'a b'}\n  - 10.9.2.1/32\n"
			   "interfaces: {eth1: {rip: {cost: 2, neighbors: [10.1.0.1]}}}\n"
			   "rip: {update: 10s, timeout: 60s}\n";

	(void)state;
	for (size_t length = 0; length <= strlen(text); length++) {
		char error[CONFIG_ERROR_MAX];
		struct config *c = NULL;
		int r = config_parse("f", text, length, &c, error, sizeof(error));

		assert_int_equal(!c, r < 0);
		if (r < 0)
			assert_memory_equal(error, "f:", 2);
		config_free(c);
	}
}

static void test_bytes_that_are_not_utf8_are_refused_with_their_place(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
		const char *sentence;
	} cases[] = {
		{ "rip:\n  \xff", 8,
		  "f:2:3: this is not text in UTF-8: invalid leading UTF-8 octet" },
		{ "a\0b", 3,
		  "f:1:2: this is not text in UTF-8: control characters are not allowed" },
		{ "\xff\xfe{\0}\0", 6, "f:1:1: this is UTF-16: save the file as UTF-8" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		char error[CONFIG_ERROR_MAX] = "no error";
		struct config *c = NULL;

		config_parse("f", cases[i].bytes, cases[i].length, &c, error, sizeof(error));
		assert_string_equal(error, cases[i].sentence);
	}
}

static void test_a_file_that_is_not_there_or_too_long_is_refused(void **state)
{
	char error[CONFIG_ERROR_MAX];
	struct config *c = NULL;

	(void)state;
	assert_true(config_read("/nonexistent/vipd.yaml", true, false, &c, error, sizeof(error)) <
		    0);
	assert_string_equal(error,
			    "/nonexistent/vipd.yaml: cannot be read: No such file or directory");
	assert_true(config_read("/dev/zero", true, false, &c, error, sizeof(error)) < 0);
	assert_string_equal(error, "/dev/zero: the file is longer than 8 MiB");
	assert_true(config_read("/", true, false, &c, error, sizeof(error)) < 0);
	assert_string_equal(error, "/: cannot be read: Is a directory");
	assert_null(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_that_is_not_the_yaml_we_want_is_refused_with_its_place),
		cmocka_unit_test(test_what_a_person_stumbles_over_is_named),
		cmocka_unit_test(
			test_a_key_that_is_unknown_or_repeated_or_not_there_yet_is_refused),
		cmocka_unit_test(test_a_value_of_the_wrong_type_or_range_is_refused),
		cmocka_unit_test(test_a_vip_that_cannot_be_is_refused),
		cmocka_unit_test(test_an_interface_that_cannot_be_is_refused),
		cmocka_unit_test(test_a_check_that_cannot_be_is_refused),
		cmocka_unit_test(test_every_truncation_of_a_good_file_is_read_or_refused_in_peace),
		cmocka_unit_test(test_bytes_that_are_not_utf8_are_refused_with_their_place),
		cmocka_unit_test(test_a_file_that_is_not_there_or_too_long_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
