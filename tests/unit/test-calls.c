// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What the library does with each of its system calls failing in turn: it fails with an error
 * that it tells, or has done all that was asked for. A list may lack what could not be read,
 * with a warning. Nothing is done by halves, and, as a sanitizer sees, nothing is kept.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fail.h"
#include "fixture.h"

#define JSON   "{\"mdev_type\":\"mtty-1\",\"start\":\"auto\",\"attrs\":[{\"a\":\"1\"},{\"b\":\"2\"}]}"
#define SCRIPT "usr/lib/mdevctl/scripts.d/callouts/a"
#define MANY   2000

/* Does one thing, states what has become of it, and makes good for the next time. */
typedef int step_fn(struct fixture *f);

static struct sysfs_ops ops;
static const struct sysfs_ops *model;

static ssize_t write_uncounted(void *data, int fd, const char *bytes, size_t length)
{
	ssize_t n;

	fail_suspend();
	n = model->write(data, fd, bytes, length);
	fail_resume();
	return n;
}

static void fail_each_call(struct fixture *f, step_fn *step, int error)
{
	unsigned int nth;
	int r;

	model = f->ctx->sysfs;
	ops = *model;
	ops.write = write_uncounted;
	f->ctx->sysfs = &ops;
	for (nth = 1; nth < MANY; nth++) {
		f->warnings[0] = f->written[0] = '\0';
		fail_nth(nth, error);
		r = step(f);
		fail_none();
		if (!fail_which())
			break;
		if (r < 0 && mdev_ctx_last_error_number(f->ctx) != r)
			fail_msg("call %u, %s: %d but told: %s", nth, fail_which(), r,
				 mdev_ctx_last_error(f->ctx));
	}
	f->ctx->sysfs = model;
	assert_int_equal(r, 0);
	assert_true(nth > 1 && nth < MANY);
}

static void fail_each(struct fixture *f, step_fn *step)
{
	fail_each_call(f, step, EIO);
	fail_each_call(f, step, EMFILE);
}

#define state_that(condition)                                                             \
	do {                                                                              \
		if (!(condition))                                                         \
			fail_msg("%s failed: not %s; %s", fail_which(), #condition,       \
				 mdev_ctx_last_error(f->ctx));                            \
	} while (0)

static struct mdev_definition *the_definition;
static struct mdev_device *the_device;

static void make_machine(struct fixture *f)
{
	static const char *const attrs[] = { "a", "b", NULL };

	make_parent(f, "mtty");
	make_type(f, "mtty", "mtty-1", "4");
	make_device(f, "mtty", "mtty-1", U1);
	make_device(f, "mtty", "mtty-1", U2);
	f->attrs = attrs;
}

/* Lists and look-ups -------------------------------------------------------- */

static int list_devices(struct fixture *f)
{
	struct mdev_device **devices = NULL;
	int r = mdev_device_list(f->ctx, NULL, NULL, &devices);

	fail_none();
	state_that((r < 0) == !devices);
	state_that(r < 0 || (devices[0] && devices[1]) || *f->warnings);
	mdev_device_list_free(devices);
	return r;
}

static int look_up_device(struct fixture *f)
{
	struct mdev_device *device = NULL;
	int r = mdev_device_lookup(f->ctx, UUID(U1), &device);

	state_that((r < 0) == !device);
	mdev_device_unref(device);
	return r;
}

static int list_types(struct fixture *f)
{
	struct mdev_parent *parent = NULL;
	struct mdev_type **types = NULL;
	int r = mdev_parent_lookup(f->ctx, "mtty", &parent);

	if (r == 0)
		r = mdev_type_list(parent, &types);
	fail_none();
	state_that((r < 0) == !types);
	state_that(r < 0 || types[0] || *f->warnings);
	mdev_type_list_free(types);
	mdev_parent_unref(parent);
	return r;
}

static int list_definitions(struct fixture *f)
{
	struct mdev_definition **definitions = NULL;
	int r = mdev_definition_list(f->ctx, NULL, NULL, &definitions);

	fail_none();
	state_that((r < 0) == !definitions);
	state_that(r < 0 || (definitions[0] && definitions[1]) || *f->warnings);
	mdev_definition_list_free(definitions);
	return r;
}

static int look_up_definition(struct fixture *f)
{
	struct mdev_definition *definition = NULL;
	int r = mdev_definition_lookup(f->ctx, UUID(U1), "mtty", &definition);

	state_that((r < 0) == !definition);
	state_that(r < 0 || mdev_definition_count_attrs(definition) == 2);
	mdev_definition_unref(definition);
	return r;
}

static int get_info(struct fixture *f)
{
	struct mdev_device_info *info = NULL;
	int r = mdev_device_get_info(the_device, &info);

	state_that((r < 0) == !info);
	state_that(r < 0 || mdev_device_info_get_iommu_group(info) == 12);
	state_that(r < 0 || mdev_device_info_get_vfio_node(info));
	state_that(r < 0 || mdev_device_info_get_numa_node(info) == 1);
	mdev_device_info_unref(info);
	return r;
}

static int list_users(struct fixture *f)
{
	struct mdev_user **users = NULL;
	int r = mdev_device_list_users(the_device, &users);

	state_that((r < 0) == !users);
	state_that(r < 0 || users[0]);
	mdev_user_list_free(users);
	return r;
}

static void lists_are_whole_or_say_what_they_lack(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	make_file(f, DEFS "/mtty/" U1, JSON);
	make_file(f, DEFS "/other/" U2, JSON);
	fail_each(f, list_devices);
	fail_each(f, look_up_device);
	fail_each(f, list_types);
	fail_each(f, list_definitions);
	fail_each(f, look_up_definition);
}

static void details_are_whole_or_an_error(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	bind_to_vfio(f, U1);
	make_file(f, MTTY "/" U1 "/vfio-dev/vfio3/dev", "511:3\n");
	make_file(f, MTTY "/numa_node", "1\n");
	make_process(f, "100", "qemu\n", "/dev/vfio/12");
	assert_int_equal(mdev_device_lookup(f->ctx, UUID(U1), &the_device), 0);
	fail_each(f, get_info);
	fail_each(f, list_users);
	mdev_device_unref(the_device);
}

/* Definitions ---------------------------------------------------------------- */

static int define(struct fixture *f)
{
	int r = mdev_define(the_definition, 0);

	fail_none();
	state_that(exists(f, DEFS "/mtty/" UA) == (r == 0));
	state_that(exists(f, DEFS "/mtty") == (r == 0));
	if (r == 0)
		assert_int_equal(mdev_undefine(the_definition, 0), 0);
	return r;
}

static unsigned int n_syncs;

static int define_and_count_syncs(struct fixture *f)
{
	int r = mdev_define(the_definition, 0);

	fail_none();
	state_that(exists(f, DEFS "/mtty/" UA) == (r == 0));
	if (fail_which())
		n_syncs += strcmp(fail_which(), "fsync") == 0;
	remove_tree(f, "etc");
	return r;
}

static int define_in_a_directory_and_count_syncs(struct fixture *f)
{
	int r = define_and_count_syncs(f);

	make_dir(f, DEFS "/mtty");
	return r;
}

/*
 * The file, and each directory that got an entry: mtty, mdevctl.d, etc and the root; etc once
 * more, as another process may have made mdevctl.d.
 */
static void what_is_defined_is_on_the_disk_with_all_directories_above(void **state)
{
	struct fixture *f = *state;

	the_definition = new_definition(f, UA, "mtty", "mtty-1", "a", "1", NULL);
	n_syncs = 0;
	fail_each_call(f, define_and_count_syncs, EIO);
	assert_int_equal(n_syncs, 6);
	mdev_definition_unref(the_definition);
}

/* A process that was killed has made the parent's directory, and has not synced it. */
static void a_directory_that_was_there_is_synced_too(void **state)
{
	struct fixture *f = *state;

	the_definition = new_definition(f, UA, "mtty", "mtty-1", "a", "1", NULL);
	make_dir(f, DEFS "/mtty");
	n_syncs = 0;
	fail_each_call(f, define_in_a_directory_and_count_syncs, EIO);
	assert_int_equal(n_syncs, 4);
	mdev_definition_unref(the_definition);
}

static int define_without_links(struct fixture *f)
{
	int r = mdev_define(the_definition, 0);
	bool no_link;

	fail_none();
	no_link = fail_which() && strcmp(fail_which(), "linkat") == 0;
	state_that(!no_link || r == 0);
	state_that(exists(f, DEFS "/mtty/" UA) == (r == 0));
	remove_tree(f, "etc");
	return r;
}

static void a_file_system_without_hard_links_will_do(void **state)
{
	struct fixture *f = *state;

	the_definition = new_definition(f, UA, "mtty", "mtty-1", "a", "1", NULL);
	fail_each_call(f, define_without_links, EPERM);
	fail_each_call(f, define_without_links, EOPNOTSUPP);
	mdev_definition_unref(the_definition);
}

/* After its name has been removed it may be unknown whether the disk knows. */
static int undefine(struct fixture *f)
{
	int r = mdev_undefine(the_definition, 0);

	fail_none();
	state_that(r < 0 || !exists(f, DEFS "/mtty/" UA));
	make_definition(f, "mtty", UA);
	return r;
}

#define UA_CAPITALS "AAAAAAAA-AAAA-AAAA-AAAA-AAAAAAAAAAAA"

static void make_both_forms(struct fixture *f)
{
	make_definition(f, "mtty", UA_CAPITALS);
	make_definition(f, "mtty", UA);
}

/* What did not count before must not count after a failure. */
static int undefine_both_forms(struct fixture *f)
{
	int r = mdev_undefine(the_definition, 0);

	fail_none();
	state_that(!exists(f, DEFS "/mtty/" UA_CAPITALS) || exists(f, DEFS "/mtty/" UA));
	make_both_forms(f);
	return r;
}

/* Makes the file anew, which is read and changed. */
static void change_definition(struct fixture *f)
{
	make_definition(f, "mtty", UA);
	mdev_definition_unref(the_definition);
	assert_int_equal(mdev_definition_lookup(f->ctx, UUID(UA), "mtty", &the_definition), 0);
	assert_int_equal(mdev_definition_set_attr(the_definition, "a", "1"), 0);
	assert_int_equal(mdev_definition_set_attr(the_definition, "b", "2"), 0);
}

static int modify(struct fixture *f)
{
	char *text;
	int r = mdev_modify(the_definition, 0);

	fail_none();
	text = read_text(f, DEFS "/mtty/" UA);
	state_that(strstr(text, "\"b\"") || r < 0);
	state_that(strstr(text, "\"b\"") || strcmp(text, "{\"mdev_type\":\"mtty-1\","
							 "\"start\":\"manual\"}") == 0);
	free(text);
	change_definition(f);
	return r;
}

static void a_definition_is_stored_whole_or_not_at_all(void **state)
{
	struct fixture *f = *state;

	the_definition = new_definition(f, UA, "mtty", "mtty-1", "a", "1", "b", "2", NULL);
	fail_each(f, define);
	remove_tree(f, "etc");
	fail_each(f, define);
	change_definition(f);
	fail_each(f, modify);
	fail_each(f, undefine);
	make_both_forms(f);
	fail_each(f, undefine_both_forms);
	mdev_definition_unref(the_definition);
}

/* Devices -------------------------------------------------------------------- */

/* Nor is there a note of a start that has ended; an empty one says nothing. */
static bool nothing_is_noted(struct fixture *f)
{
	bool nothing = true;
	char *note;

	if (exists(f, "run/mdevctl/" UA ".start")) {
		note = read_text(f, "run/mdevctl/" UA ".start");
		nothing = *note == '\0';
		free(note);
	}
	return nothing;
}

static int start(struct fixture *f)
{
	int r = mdev_start(the_definition, MDEV_OP_NO_WAIT);

	fail_none();
	state_that(exists(f, MTTY "/" UA) == (r == 0));
	state_that(r < 0 || strcmp(f->written, "create=" UA ";a=1;b=2;") == 0);
	state_that(nothing_is_noted(f));
	remove_device(f, "mtty", UA);
	return r;
}

static int stop_device(struct fixture *f)
{
	int r = mdev_stop(the_device, 0);

	fail_none();
	state_that(exists(f, MTTY "/" U1) == (r < 0));
	if (r == 0)
		make_device(f, "mtty", "mtty-1", U1);
	return r;
}

static int modify_live(struct fixture *f)
{
	int r = mdev_modify_live(the_device, the_definition, 0);

	fail_none();
	state_that(r < 0 || strcmp(f->written, "a=1;b=2;") == 0);
	return r;
}

static int autostart(struct fixture *f)
{
	int r = mdev_autostart(f->ctx, "mtty", MDEV_OP_NO_WAIT, NULL, NULL);

	fail_none();
	state_that(exists(f, MTTY "/" UA) == (r == 0));
	remove_device(f, "mtty", UA);
	return r;
}

static void a_device_is_started_whole_or_not_at_all(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	make_dir(f, "run");
	the_definition = new_definition(f, UA, "mtty", "mtty-1", "a", "1", "b", "2", NULL);
	fail_each(f, start);
	mdev_definition_unref(the_definition);
}

static void a_device_is_stopped_or_still_there(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	assert_int_equal(mdev_device_lookup(f->ctx, UUID(U1), &the_device), 0);
	fail_each(f, stop_device);
	mdev_device_unref(the_device);
}

static void a_live_change_is_whole_or_an_error(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	make_file(f, MTTY "/" U1 "/a", "0\n");
	make_file(f, MTTY "/" U1 "/b", "0\n");
	assert_int_equal(mdev_device_lookup(f->ctx, UUID(U1), &the_device), 0);
	the_definition = new_definition(f, U1, "mtty", "mtty-1", "a", "1", "b", "2", NULL);
	fail_each(f, modify_live);
	mdev_definition_unref(the_definition);
	mdev_device_unref(the_device);
}

static void autostart_starts_or_says_that_it_did_not(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	make_file(f, DEFS "/mtty/" UA, JSON);
	make_dir(f, "run");
	fail_each(f, autostart);
}

/* A script that refuses is not taken for one that agrees because it could not be run. */
static int start_against_script(struct fixture *f)
{
	int r = mdev_start(the_definition, MDEV_OP_NO_WAIT);

	fail_none();
	state_that(r < 0);
	state_that(!exists(f, MTTY "/" UA));
	remove_device(f, "mtty", UA);
	return r == -ECANCELED ? 0 : r;
}

static void a_script_that_cannot_be_run_does_not_agree(void **state)
{
	struct fixture *f = *state;
	char path[256];

	if (!scripts_can_run())
		return;
	make_machine(f);
	make_file(f, SCRIPT, "#!/bin/sh\necho why >&2\nexit 1\n");
	snprintf(path, sizeof(path), "%s/" SCRIPT, f->root);
	assert_int_equal(chmod(path, 0755), 0);
	the_definition = new_definition(f, UA, "mtty", "mtty-1", NULL);
	/* What the context remembers of scripts stays. */
	fail_each(f, start_against_script);
	mdev_definition_unref(the_definition);
}

/* The monitor ------------------------------------------------------------------ */

static int make_monitor(struct fixture *f)
{
	struct mdev_monitor *monitor = NULL;
	int r = mdev_monitor_new(f->ctx, &monitor);

	state_that((r < 0) == !monitor);
	mdev_monitor_unref(monitor);
	return r;
}

static struct mdev_monitor *the_monitor;

/* Whether what was stored since is told, or that something is lost, whatever fails. */
static int take_events(struct fixture *f)
{
	struct mdev_event *event;
	bool told = false;
	int r, failed = 0;

	fail_suspend();
	make_definition(f, "mtty", UA);
	fail_resume();
	for (int i = 0; i < 10; i++) {
		r = mdev_monitor_next(the_monitor, &event);
		if (r < 0 && r != -EAGAIN)
			failed = r;
		if (r < 0)
			continue;
		told = true;
		mdev_event_unref(event);
	}
	fail_none();
	state_that(told);
	remove_tree(f, DEFS);
	while (mdev_monitor_next(the_monitor, &event) == 0)
		mdev_event_unref(event);
	return failed;
}

static void a_monitor_tells_what_happened_or_that_it_does_not_know(void **state)
{
	struct fixture *f = *state;

	make_definition(f, "mtty", U1);
	fail_each(f, make_monitor);
	remove_tree(f, "etc");
	fail_each(f, make_monitor);
	assert_int_equal(mdev_monitor_new(f->ctx, &the_monitor), 0);
	fail_each(f, take_events);
	mdev_monitor_unref(the_monitor);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		fixture_test(lists_are_whole_or_say_what_they_lack),
		fixture_test(details_are_whole_or_an_error),
		fixture_test(a_definition_is_stored_whole_or_not_at_all),
		fixture_test(what_is_defined_is_on_the_disk_with_all_directories_above),
		fixture_test(a_directory_that_was_there_is_synced_too),
		fixture_test(a_file_system_without_hard_links_will_do),
		fixture_test(a_device_is_started_whole_or_not_at_all),
		fixture_test(a_device_is_stopped_or_still_there),
		fixture_test(a_live_change_is_whole_or_an_error),
		fixture_test(autostart_starts_or_says_that_it_did_not),
		fixture_test(a_script_that_cannot_be_run_does_not_agree),
		fixture_test(a_monitor_tells_what_happened_or_that_it_does_not_know),
	};

	return cmocka_run_group_tests_name("calls", tests, NULL, NULL);
}
