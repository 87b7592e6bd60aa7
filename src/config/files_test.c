/* SPDX-License-Identifier: Apache-2.0 */
/* Several files as one configuration, the file of our own among them, and what differs. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/container.h"
#include "base/text.h"
#include "base/unit.h"
#include "config/config.h"
#include "config/savefile.h"

struct folder {
	char root[64], main[96], sentence[CONFIG_ERROR_MAX];
};

static int folder_setup(void **state)
{
	struct folder *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	/* Not below the folder in which it is built: that may be a user's, and the tests root's. */
	umask(022);
	strcpy(f->root, "/tmp/config-files-XXXXXX");
	assert_non_null(mkdtemp(f->root));
	snprintf(f->main, sizeof(f->main), "%s/vipd.yaml", f->root);
	*state = f;
	return 0;
}

static int folder_teardown(void **state)
{
	static const char *const names[] = {
		"conf.d/saved.yaml", "conf.d/a.yaml",  "conf.d/b.yaml", "conf.d/z.yaml",
		"conf.d/c.txt",	     "conf.d/.d.yaml", "conf.d/e.yaml", "conf.d/f.yml",
		"conf.d/g.YAML",     "conf.d",	       "vipd.yaml",	"vipd.yml"
	};
	struct folder *f = *state;
	char path[160];

	for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", f->root, names[i]);
		(void)remove(path);
	}
	assert_int_equal(rmdir(f->root), 0);
	free(f);
	return 0;
}

static void put(const struct folder *f, const char *name, const char *text)
{
	char path[160];
	FILE *to;

	snprintf(path, sizeof(path), "%s/conf.d", f->root);
	(void)mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/%s", f->root, name);
	to = fopen(path, "w");
	assert_non_null(to);
	fputs(text, to);
	fclose(to);
}

static const char *text_of(const struct folder *f, const char *name)
{
	static char text[4096];
	char path[160];
	FILE *from;

	snprintf(path, sizeof(path), "%s/%s", f->root, name);
	from = fopen(path, "r");
	assert_non_null(from);
	text[fread(text, 1, sizeof(text) - 1, from)] = '\0';
	fclose(from);
	return text;
}

static struct config *read_all(struct folder *f)
{
	struct config *c = NULL;

	if (config_read(f->main, false, false, &c, f->sentence, sizeof(f->sentence)) < 0)
		fail_msg("%s", f->sentence);
	return c;
}

/* The sentence of a refusal, with the names of files as they are in the folder. */
static const char *refusal(struct folder *f)
{
	static char plain[CONFIG_ERROR_MAX];
	struct config *c = NULL;
	struct text t;

	assert_int_equal(config_read(f->main, false, false, &c, f->sentence, sizeof(f->sentence)),
			 -EINVAL);
	text_init(&t, plain, sizeof(plain));
	for (const char *at = f->sentence; *at; at++) {
		size_t length = strlen(f->root);

		if (strncmp(at, f->root, length) == 0)
			at += length;
		else
			text_add(&t, "%c", *at);
	}
	return plain;
}

static size_t vips(const struct config *c, char *list, size_t size)
{
	struct text t;
	struct input in;
	size_t n = 0;

	text_init(&t, list, size);
	for (size_t position = 0; config_part(c, &position, &in);) {
		if (in.config.part != CONFIG_VIP)
			continue;
		text_add(&t, "%s%s", n++ ? " " : "", ADDRESS_TEXT(&in.config.vip.address));
	}
	return n;
}

static void files_are_one_configuration_in_the_order_of_their_names(void **state)
{
	struct folder *f = *state;
	struct config *c;
	char list[256];

	put(f, "vipd.yaml", "vips: [10.0.0.1]\nrip: {update: 10s, timeout: 60s}\n");
	put(f, "conf.d/b.yaml", "vips: [10.0.0.3]\nboards: [vnic7]\n");
	put(f, "conf.d/a.yaml", "vips: [10.0.0.2]\ninterfaces: {eth1: {rip: {}}}\n");
	put(f, "conf.d/c.txt", "this is: [no configuration\n");
	put(f, "conf.d/.d.yaml", "this is: [no configuration\n");
	put(f, "conf.d/e.yaml", "vips: [{address: 10.0.0.4, board: vnic7}]\nboards: [vnic7]\n");
	c = read_all(f);
	assert_int_equal(vips(c, list, sizeof(list)), 4);
	assert_string_equal(list, "10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4");
	assert_false(config_is_default(c));
	assert_null(config_warning(c, 0));
	config_free(c);
}

static void without_any_file_the_defaults_hold(void **state)
{
	struct folder *f = *state;
	struct config *c = read_all(f);

	assert_true(config_is_default(c));
	config_free(c);
	assert_int_equal(config_read(f->main, true, false, &c, f->sentence, sizeof(f->sentence)),
			 -ENOENT);
}

static void what_is_given_twice_is_refused_with_both_places(void **state)
{
	static const struct {
		const char *main, *other, *sentence;
	} cases[] = {
		{ "vips:\n  - 10.9.1.1\n", "vips:\n  - 10.9.1.2\n  - 10.9.1.1\n",
		  "conf.d/a.yaml:3:5: the VIP 10.9.1.1 is here twice: it was given in "
		  "vipd.yaml:2:5 already" },
		{ "rip: {tag: 1}\n", "\nrip: {metric: 4}\n",
		  "conf.d/a.yaml:2:6: 'rip' is here twice: it was given in vipd.yaml:1:6 "
		  "already" },
		{ "guard: {grace: 1s}\n", "guard: {grace: 2s}\n",
		  "conf.d/a.yaml:1:8: 'guard' is here twice: it was given in vipd.yaml:1:8 "
		  "already" },
		{ "interfaces: {eth1: {rip: {}}}\n", "interfaces: {eth1: {rip: {}}}\n",
		  "conf.d/a.yaml:1:14: 'eth1' is here twice: it was given in vipd.yaml:1:14 "
		  "already" },
	};
	struct folder *f = *state;

	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		put(f, "vipd.yaml", cases[i].main);
		put(f, "conf.d/a.yaml", cases[i].other);
		assert_string_equal(refusal(f), cases[i].sentence);
	}
}

static void a_mistake_names_the_file_that_it_is_in(void **state)
{
	struct folder *f = *state;

	put(f, "vipd.yaml", "vips: [10.9.1.1]\n");
	put(f, "conf.d/a.yaml", "rip: {}\n\nvipz: []\n");
	assert_string_equal(refusal(f),
			    "conf.d/a.yaml:3:1: unknown key 'vipz' (did you mean 'vips'?)");
	put(f, "conf.d/a.yaml", "rip: {distance: 9, metric: 20}\n");
	assert_string_equal(refusal(f),
			    "conf.d/a.yaml:1:28: 'metric' is a number from 1 to 15, not '20'");
	put(f, "conf.d/a.yaml", "rip: {update: 10m}\n");
	put(f, "conf.d/b.yaml", "vips: [10.9.1.7]\n");
	assert_string_equal(refusal(f), "conf.d/a.yaml:1:15: 'timeout' (3m) must be longer than "
					"'update' (10m): every neighbour would be given up between "
					"two of its updates");
	put(f, "conf.d/a.yaml", "vips: [{address: 10.9.1.8, board: vnic8}]\n");
	assert_string_equal(refusal(f), "conf.d/a.yaml:1:18: there is no board 'vnic8' for the VIP "
					"10.9.1.8: 'boards' does not list it (did you mean "
					"'vnic0'?)");
}

static void what_is_no_file_is_refused(void **state)
{
	struct folder *f = *state;
	struct config *c = NULL;
	char path[160];

	put(f, "vipd.yaml", "");
	snprintf(path, sizeof(path), "%s/conf.d/a.yaml", f->root);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(config_read(f->main, true, false, &c, f->sentence, sizeof(f->sentence)),
			 -EMEDIUMTYPE);
	assert_non_null(strstr(f->sentence, "conf.d/a.yaml: cannot be read: it is no file"));
}

static struct vip_settings vip(const char *text)
{
	struct vip_settings s;

	vip_settings_default(&s);
	assert_int_equal(prefix_parse(text, &s.address, &s.length), 0);
	return s;
}

static int save(struct folder *f, const char *text, bool remove, const char *board)
{
	struct vip_settings s = vip(text);
	const struct savefile_change change = { &s, 1, remove };
	int look;

	if (board)
		text_copy(s.board, sizeof(s.board), board);
	look = savefile_change(f->main, false, &change, true, f->sentence, sizeof(f->sentence));
	if (look <= 0)
		return look;
	assert_int_equal(
		savefile_change(f->main, false, &change, false, f->sentence, sizeof(f->sentence)),
		look);
	return savefile_change(f->main, false, &change, false, f->sentence, sizeof(f->sentence));
}

static void a_saved_vip_is_in_the_configuration_until_it_is_taken_out(void **state)
{
	static const char main[] = "# mine\nvips: [10.9.1.1]\n";
	struct folder *f = *state;
	struct config *c;
	char list[256];

	put(f, "vipd.yaml", main);
	assert_int_equal(save(f, "10.9.2.1/24", false, NULL), 0);
	assert_int_equal(save(f, "10.9.3.1", false, "vnic4"), 0);
	assert_int_equal(save(f, "2001:db8::1", false, NULL), 0);
	assert_int_equal(save(f, "10.9.2.1/25", false, NULL), 0);
	c = read_all(f);
	assert_int_equal(vips(c, list, sizeof(list)), 4);
	assert_string_equal(list, "10.9.1.1 10.9.2.1 10.9.3.1 2001:db8::1");
	config_free(c);
	assert_non_null(strstr(text_of(f, "conf.d/saved.yaml"),
			       "boards: [vnic4]\nvips:\n  - {address: 10.9.2.1/25}\n  - {address: "
			       "10.9.3.1/32, board: vnic4}\n  - {address: \"2001:db8::1/128\"}\n"));
	assert_int_equal(save(f, "10.9.2.1", true, NULL), 0);
	assert_int_equal(save(f, "10.9.77.1", true, NULL), 0);
	c = read_all(f);
	assert_int_equal(vips(c, list, sizeof(list)), 3);
	config_free(c);
	assert_string_equal(text_of(f, "vipd.yaml"), main);
}

static void what_others_have_written_is_not_changed(void **state)
{
	struct folder *f = *state;
	char sentence[256];

	put(f, "vipd.yaml", "vips:\n  - 10.9.1.1\n");
	snprintf(sentence, sizeof(sentence),
		 "10.9.1.1 stands in %s:2:5, a file that vipd does not write: change it there",
		 f->main);
	assert_int_equal(save(f, "10.9.1.1", true, NULL), -EINVAL);
	assert_string_equal(f->sentence, sentence);
	assert_int_equal(save(f, "10.9.1.1/24", false, NULL), -EINVAL);
	assert_string_equal(f->sentence, sentence);
	assert_int_equal(save(f, "10.9.1.1/32", false, NULL), 0);
}

static void nothing_is_saved_into_a_configuration_that_is_wrong(void **state)
{
	struct folder *f = *state;

	put(f, "vipd.yaml", "vips: [10.9.1.1]\nrip: {metrik: 3}\n");
	assert_int_equal(save(f, "10.9.2.1", false, NULL), -EINVAL);
	assert_non_null(strstr(f->sentence, "vipd.yaml:2:7: unknown key 'metrik'"));
	put(f, "vipd.yaml", "");
	put(f, "conf.d/saved.yaml", "vips: [10.9.2.1\n");
	assert_int_equal(save(f, "10.9.2.2", false, NULL), -EINVAL);
	assert_non_null(strstr(f->sentence, "conf.d/saved.yaml:2:1: "));
}

static void what_is_added_to_the_saved_file_stays(void **state)
{
	struct folder *f = *state;

	put(f, "vipd.yaml", "");
	put(f, "conf.d/saved.yaml",
	    "rip: {metric: 5}\nvips: [{address: 10.9.1.1, label: mine}]\ninterfaces: {eth1: {rip: "
	    "{}}}\n");
	assert_int_equal(save(f, "10.9.2.1", false, NULL), 0);
	assert_non_null(strstr(text_of(f, "conf.d/saved.yaml"),
			       "vips:\n  - {address: 10.9.1.1/32, label: mine}\n  - {address: "
			       "10.9.2.1/32}\ninterfaces:\n  eth1: {rip: {}}\nrip: {metric: 5}\n"));
}

static void the_saved_file_is_readable_for_whom_the_main_file_is(void **state)
{
	struct folder *f = *state;
	char path[160];
	struct stat st;

	put(f, "vipd.yaml", "");
	assert_int_equal(chmod(f->main, 0640), 0);
	assert_int_equal(save(f, "10.9.2.1", false, NULL), 0);
	snprintf(path, sizeof(path), "%s/conf.d/saved.yaml", f->root);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_int_equal(chmod(f->main, 0604), 0);
	assert_int_equal(save(f, "10.9.2.2", false, NULL), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0604);
}

static struct config *parse(const char *text)
{
	char sentence[CONFIG_ERROR_MAX];
	struct config *c = NULL;

	if (config_parse("f", text, strlen(text), &c, sentence, sizeof(sentence)) < 0)
		fail_msg("%s", sentence);
	return c;
}

static void change_take(void *context, const struct config_change *change)
{
	text_add(context, "%s %s: %s -> %s\n", change->kind, change->name,
		 change->from ? change->from : "-", change->to ? change->to : "-");
}

static void diff_is(const struct config *now, const struct config *wanted, const char *expected)
{
	char told[1024];
	struct text t;

	text_init(&t, told, sizeof(told));
	assert_int_equal(config_diff(now, wanted, change_take, &t), 0);
	assert_string_equal(told, expected);
}

static void each_difference_is_told_and_nothing_else(void **state)
{
	struct config *a = parse("boards: [vnic0, vnic1]\nvips: [10.9.1.1, 10.9.1.2, "
				 "{address: 10.9.1.3, metric: 4}]\n"
				 "interfaces: {eth1: {rip: {}}, \"eth*\": {rip: {cost: 2}}}\n"
				 "checks: {web: {tcp: 80}, db: {tcp: 5432}, old: {icmp: {}}}\n");
	struct config *b = parse("boards: [vnic0, vnic2]\nvips: [{address: 10.9.1.3, metric: 5}, "
				 "10.9.1.2/32, 10.9.1.0/31]\n"
				 "interfaces: {eth1: {rip: {cost: 3}}, eth7: {rip: {}}}\n"
				 "rip: {update: 20s}\nguard: {grace: 3s}\n"
				 "checks: {db: {tcp: 5432}, web: {http: /}, new: {file: /x}}\n");

	(void)state;
	diff_is(a, a, "");
	diff_is(a, b,
		"board vnic1: vnic1 -> -\n"
		"board vnic2: - -> vnic2\n"
		"check web: {tcp: 80} -> {http: \"/\"}\n"
		"check old: {icmp: {}} -> -\n"
		"check new: - -> {file: \"/x\"}\n"
		"vip 10.9.1.0: - -> {address: 10.9.1.0/31}\n"
		"vip 10.9.1.1: {address: 10.9.1.1/32} -> -\n"
		"vip 10.9.1.3: {address: 10.9.1.3/32, metric: 4} -> {address: 10.9.1.3/32, "
		"metric: 5}\n"
		"interface eth1: {rip: {}} -> {rip: {cost: 3}}\n"
		"interface eth*: {rip: {cost: 2}} -> -\n"
		"interface eth7: - -> {rip: {}}\n"
		"rip : {} -> {update: 20s}\n"
		"guard : {} -> {grace: 3s}\n");
	config_free(a);
	config_free(b);
}

static void another_order_of_the_patterns_is_a_difference(void **state)
{
	struct config *a = parse("interfaces: {\"e*\": {}, \"eth*\": {rip: {}}, eth1: {}}\n");
	struct config *b = parse("interfaces: {\"eth*\": {rip: {}}, \"e*\": {}, eth1: {}}\n");

	(void)state;
	diff_is(a, b, "interface (order): eth1, e*, eth* -> eth1, eth*, e*\n");
	config_free(a);
	config_free(b);
}

/* Asked for with a metric, 0: the speaker's, and announced with another. */
static void live_vip(struct config *live, const char *text, uint8_t metric, bool configured,
		     uint8_t announced)
{
	struct row_vip row = { .settings = vip(text), .configured = configured };

	row.settings.metric = metric;
	row.metric = announced;
	row.leaving = announced == 16;
	assert_int_equal(config_live_vip(live, &row), 0);
}

static void what_a_node_does_differs_only_where_a_hand_has_changed_it(void **state)
{
	struct config *applied = parse("checks: {web: {tcp: 80}}\n"
				       "vips: [10.9.1.1, {address: 10.9.1.2, metric: 3}, 10.9.1.3, "
				       "{address: 10.9.1.4, metric: 7}]\n");
	struct config *live = NULL;

	(void)state;
	assert_int_equal(config_live_begin(applied, &live), 0);
	live_vip(live, "10.9.1.1/32", 0, true, 8);
	live_vip(live, "10.9.1.2/32", 3, true, 3);
	live_vip(live, "10.9.1.3/32", 9, true, 9);
	live_vip(live, "10.9.1.4/32", 7, true, 15);
	live_vip(live, "10.9.1.5/32", 0, false, 3);
	live_vip(live, "10.9.1.6/32", 0, true, 16);
	diff_is(live, applied,
		"vip 10.9.1.3: {address: 10.9.1.3/32, metric: 9} -> {address: 10.9.1.3/32}\n");
	config_free(live);
	config_free(applied);
}

#define FOLDER_TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)

/* The sentence with which the files are refused, and the error. */
static const char *distrust(struct folder *f, int error)
{
	struct config *c = NULL;

	assert_int_equal(config_read(f->main, false, false, &c, f->sentence, sizeof(f->sentence)),
			 error);
	return f->sentence + strlen(f->root);
}

static void mode(const struct folder *f, const char *name, mode_t bits)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/%s", f->root, name);
	assert_int_equal(chmod(path, bits), 0);
}

static void what_others_may_write_is_not_read(void **state)
{
	struct folder *f = *state;
	struct config *c = NULL;

	put(f, "vipd.yaml", "vips: [10.9.1.1]\n");
	put(f, "conf.d/a.yaml", "vips: [10.9.1.2]\n");
	mode(f, "vipd.yaml", 0664);
	assert_string_equal(distrust(f, -EPERM),
			    "/vipd.yaml may be written by its group: chmod g-w");
	/* What we have written ourselves, under whatever mask, is ours. */
	assert_int_equal(config_read_one(f->main, &c, f->sentence, sizeof(f->sentence)), 0);
	config_free(c);
	mode(f, "vipd.yaml", 0640);
	mode(f, "conf.d/a.yaml", 0646);
	assert_string_equal(distrust(f, -EPERM),
			    "/conf.d/a.yaml may be written by everybody: chmod go-w");
	mode(f, "conf.d/a.yaml", 0600);
	mode(f, "conf.d", 0775);
	assert_non_null(strstr((distrust(f, -EPERM), f->sentence),
			       "/conf.d/a.yaml, may be written by its group: chmod g-w"));
	/* With the sticky bit nobody can take another's file away and put his own there. */
	mode(f, "conf.d", 01775);
	config_free(read_all(f));
	mode(f, "", 0777);
	assert_non_null(strstr((distrust(f, -EPERM), f->sentence), "may be written by everybody"));
	mode(f, "", 0755);
}

static void what_belongs_to_somebody_else_is_not_read(void **state)
{
	struct config *c = NULL;
	struct folder *f = *state;
	char path[160];

	if (geteuid() != 0)
		skip();
	put(f, "conf.d/a.yaml", "vips: [10.9.1.2]\n");
	put(f, "conf.d/b.yaml", "checks: {x: {exec: [/bin/true], user: root}}\n");
	mode(f, "conf.d", 01775);
	snprintf(path, sizeof(path), "%s/conf.d/b.yaml", f->root);
	assert_int_equal(chown(path, 4711, 0), 0);
	assert_string_equal(
		distrust(f, -EACCES),
		"/conf.d/b.yaml belongs neither to root nor to the user of vipd: chown root");
	/* Who only checks may be another user than the one who will read. */
	assert_int_equal(config_read(f->main, false, true, &c, f->sentence, sizeof(f->sentence)),
			 0);
	assert_non_null(strstr(config_warning(c, 0), "b.yaml belongs neither to root"));
	config_free(c);
}

static void a_link_to_dev_null_masks_a_file(void **state)
{
	struct folder *f = *state;
	struct config *c;
	char path[160], list[256];

	put(f, "conf.d/a.yaml", "vips: [10.9.1.2]\n");
	snprintf(path, sizeof(path), "%s/conf.d/b.yaml", f->root);
	assert_int_equal(symlink("/dev/null", path), 0);
	c = read_all(f);
	assert_int_equal(vips(c, list, sizeof(list)), 1);
	config_free(c);
	/* Another device is none that anybody can mean. */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/dev/zero", path), 0);
	assert_string_equal(distrust(f, -EMEDIUMTYPE),
			    "/conf.d/b.yaml: cannot be read: it is no file");
}

static void a_file_that_is_passed_over_for_its_name_is_told(void **state)
{
	struct folder *f = *state;
	struct config *c;

	put(f, "vipd.yml", "vips: [10.9.1.1]\n");
	put(f, "conf.d/f.yml", "vips: [10.9.1.2]\n");
	put(f, "conf.d/g.YAML", "vips: [10.9.1.3]\n");
	put(f, "conf.d/c.txt", "vips: [10.9.1.4]\n");
	c = read_all(f);
	assert_non_null(strstr(config_warning(c, 0), "/vipd.yml: it is not read"));
	assert_non_null(strstr(config_warning(c, 1), "/conf.d/f.yml: it is not read: its name"));
	assert_non_null(strstr(config_warning(c, 2), "/conf.d/g.YAML: it is not read: its name"));
	assert_null(config_warning(c, 3));
	config_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FOLDER_TEST(files_are_one_configuration_in_the_order_of_their_names),
		FOLDER_TEST(without_any_file_the_defaults_hold),
		FOLDER_TEST(what_is_given_twice_is_refused_with_both_places),
		FOLDER_TEST(a_mistake_names_the_file_that_it_is_in),
		FOLDER_TEST(what_is_no_file_is_refused),
		FOLDER_TEST(a_saved_vip_is_in_the_configuration_until_it_is_taken_out),
		FOLDER_TEST(what_others_have_written_is_not_changed),
		FOLDER_TEST(nothing_is_saved_into_a_configuration_that_is_wrong),
		FOLDER_TEST(what_is_added_to_the_saved_file_stays),
		FOLDER_TEST(the_saved_file_is_readable_for_whom_the_main_file_is),
		FOLDER_TEST(what_others_may_write_is_not_read),
		FOLDER_TEST(what_belongs_to_somebody_else_is_not_read),
		FOLDER_TEST(a_link_to_dev_null_masks_a_file),
		FOLDER_TEST(a_file_that_is_passed_over_for_its_name_is_told),
		cmocka_unit_test(each_difference_is_told_and_nothing_else),
		cmocka_unit_test(another_order_of_the_patterns_is_a_difference),
		cmocka_unit_test(what_a_node_does_differs_only_where_a_hand_has_changed_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
