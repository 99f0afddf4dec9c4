// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"

#define AUTO "{\"mdev_type\":\"mtty-1\",\"start\":\"auto\"}"

/* What mdev_autostart() tells: "<parent>/<first digit of the UUID>=<result>;" each. */
static int note(void *data, const struct mdev_definition *definition, int result,
		 const char *error)
{
	char *text = data;
	size_t used = strlen(text);

	/* An absent parent, where all are meant, is no failure either. */
	assert_true((result == 0 || result == -EALREADY || result == -ENODEV) || *error);
	assert_true(!*error || (result != 0 && result != -EALREADY));
	snprintf(text + used, 512 - used, "%s/%.1s=%d;", mdev_definition_get_parent(definition),
		 mdev_definition_get_uuid(definition)->text, result);
	return 0;
}

static void assert_autostart(struct fixture *f, const char *parent, int expected,
			     const char *heard)
{
	char text[512] = "", want[512];

	snprintf(want, sizeof(want), "%s", heard);
	assert_int_equal(mdev_autostart(f->ctx, parent, 0, note, text), expected);
	assert_string_equal(text, want);
}

static void make_machine(struct fixture *f)
{
	make_dir(f, "run");
	make_parent(f, "mtty");
	make_type(f, "mtty", "mtty-1", "4");
	make_file(f, DEFS "/mtty/" U2, AUTO);
	make_file(f, DEFS "/mtty/" U1, AUTO);
	make_definition(f, "mtty", UA);
}

static void what_is_defined_to_is_started_in_order_once(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	assert_autostart(f, "mtty", 0, "mtty/1=0;mtty/2=0;");
	assert_string_equal(f->written, "create=" U1 ";create=" U2 ";");
	assert_autostart(f, "mtty", 0, "mtty/1=-114;mtty/2=-114;");
	assert_string_equal(f->written, "create=" U1 ";create=" U2 ";");
	assert_int_equal(mdev_autostart(f->ctx, NULL, 0, NULL, NULL), 0);
	assert_string_equal(f->warnings, "");
	assert_int_equal(f->sleeps, 0);
}

static void a_parent_without_definitions_is_nothing_to_do(void **state)
{
	struct fixture *f = *state;

	assert_autostart(f, "none", 0, "");
	assert_autostart(f, "../x", 0, "");
	assert_autostart(f, NULL, 0, "");
}

static void what_cannot_be_started_does_not_stop_the_others(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	mdev_ctx_set_timeout(f->ctx, 0);
	make_file(f, DEFS "/mtty/" U1, "{\"mdev_type\":\"none\",\"start\":\"auto\"}");
	make_file(f, DEFS "/empty/" U1, AUTO);
	make_parent(f, "empty");
	assert_autostart(f, NULL, -ECANCELED, "mtty/2=0;empty/1=-2;mtty/1=-2;");
	assert_error(f, "2 of the devices could not be started");
}

static void a_broken_file_is_named_and_counts_as_a_failure(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	make_file(f, DEFS "/mtty/" U1, "garbage");
	assert_autostart(f, "mtty", -ECANCELED, "mtty/2=0;");
	assert_non_null(strstr(f->warnings, DEFS "/mtty/" U1 ": "));
	assert_error(f, "1 of the devices of parent mtty could not be started");
}

static void a_device_that_is_active_elsewhere_is_a_failure(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	make_type(f, "mtty", "mtty-2", "4");
	make_device(f, "mtty", "mtty-2", U1);
	assert_autostart(f, "mtty", -ECANCELED, "mtty/1=-17;mtty/2=0;");
}

static void come_late(struct fixture *f)
{
	if (f->sleeps == 2)
		make_parent(f, "late");
	if (f->sleeps == 4)
		make_type(f, "late", "mtty-1", "0");
	if (f->sleeps == 6)
		make_type(f, "late", "mtty-1", "1");
}

static void parents_types_and_instances_are_waited_for(void **state)
{
	struct fixture *f = *state;

	make_dir(f, "run");
	make_file(f, DEFS "/late/" U1, AUTO);
	f->on_sleep = come_late;
	assert_autostart(f, "late", 0, "late/1=0;");
	assert_int_equal(f->sleeps, 6);
	assert_string_equal(f->warnings, "");
}

static void one_with_a_missing_attribute_keeps_no_other_waiting(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	make_file(f, DEFS "/mtty/" U1, "{\"mdev_type\":\"mtty-1\",\"start\":\"auto\","
		  "\"attrs\":[{\"nope\":\"1\"}]}");
	assert_autostart(f, "mtty", -ECANCELED, "mtty/2=0;mtty/1=-2;");
	assert_string_equal(f->written, "create=" U1 ";create=" U2 ";remove=1;");
}

static void add_late_attribute(struct fixture *f)
{
	if (f->sleeps == 20)
		make_file(f, MTTY "/" U1 "/late", "");
}

static void late_attributes_are_waited_for_side_by_side(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	make_file(f, DEFS "/mtty/" U1, "{\"mdev_type\":\"mtty-1\",\"start\":\"auto\","
		  "\"attrs\":[{\"late\":\"1\"}]}");
	f->on_sleep = add_late_attribute;
	assert_autostart(f, "mtty", 0, "mtty/2=0;mtty/1=0;");
	assert_int_equal(f->sleeps, 20);
}

/* The parent unregisters, with its devices, and registers again. */
static void reload(struct fixture *f)
{
	char types[512], former[512];

	if (f->sleeps == 3) {
		remove_device(f, "mtty", U1);
		remove_device(f, "mtty", U2);
		/* Kept, so that the new directory is another one. */
		snprintf(types, sizeof(types), "%s/" MTTY "/mdev_supported_types", f->root);
		snprintf(former, sizeof(former), "%s/former", f->root);
		assert_int_equal(rename(types, former), 0);
		make_type(f, "mtty", "mtty-1", "4");
	}
	if (f->sleeps > 3 && exists(f, MTTY "/" U2))
		make_file(f, MTTY "/" U2 "/late", "");
}

static void what_has_gone_with_its_parent_is_started_again(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	make_file(f, DEFS "/mtty/" U2, "{\"mdev_type\":\"mtty-1\",\"start\":\"auto\","
		  "\"attrs\":[{\"late\":\"1\"}]}");
	f->on_sleep = reload;
	assert_autostart(f, "mtty", 0, "mtty/1=0;mtty/1=0;mtty/2=0;");
}

static void stop_first(struct fixture *f)
{
	if (f->sleeps == 3)
		remove_device(f, "mtty", U1);
	if (f->sleeps == 6)
		make_file(f, MTTY "/" U2 "/late", "");
}

static void what_somebody_has_stopped_is_left_alone(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	make_file(f, DEFS "/mtty/" U2, "{\"mdev_type\":\"mtty-1\",\"start\":\"auto\","
		  "\"attrs\":[{\"late\":\"1\"}]}");
	f->on_sleep = stop_first;
	assert_autostart(f, "mtty", -ECANCELED, "mtty/1=0;mtty/2=0;mtty/1=-19;");
}

/* What a notifier, a driver or another tool might do. */
static int stop_again(void *data, const struct mdev_definition *definition, int result,
		      const char *error)
{
	struct fixture *f = data;

	(void)error;
	if (result == 0)
		remove_device(f, "mtty", mdev_definition_get_uuid(definition)->text);
	return 0;
}

static void what_is_stopped_again_and_again_ends_the_run(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	assert_int_equal(mdev_autostart(f->ctx, "mtty", 0, stop_again, f), -ECANCELED);
	assert_string_equal(f->written, "create=" U1 ";create=" U2 ";");
	mdev_ctx_set_timeout(f->ctx, 0);
	assert_int_equal(mdev_autostart(f->ctx, "mtty", 0, stop_again, f), -ECANCELED);
}

/* The callback's own failures do not touch what the call was given. */
static int look_for_nothing(void *data, const struct mdev_definition *definition, int result,
			    const char *error)
{
	struct mdev_parent *parent;
	struct fixture *f = data;

	(void)definition, (void)result, (void)error;
	assert_int_equal(mdev_parent_lookup(f->ctx, "nosuch", &parent), -ENODEV);
	return 0;
}

static void the_parent_may_be_a_part_of_the_error_before(void **state)
{
	struct fixture *f = *state;
	struct mdev_parent *parent;
	struct mdev_type *type;

	make_machine(f);
	mdev_ctx_set_timeout(f->ctx, 0);
	make_file(f, DEFS "/mtty/" U2, "{\"mdev_type\":\"none\",\"start\":\"auto\"}");
	assert_int_equal(mdev_parent_lookup(f->ctx, "mtty", &parent), 0);
	assert_int_equal(mdev_type_lookup(parent, "none", &type), -ENOENT);
	assert_int_equal(mdev_autostart(f->ctx, mdev_ctx_last_error_parent(f->ctx), 0,
					look_for_nothing, f), -ECANCELED);
	assert_error(f, "1 of the devices of parent mtty could not be started");
	mdev_parent_unref(parent);
}

static int stop_at_first(void *data, const struct mdev_definition *definition, int result,
			 const char *error)
{
	(void)definition, (void)result, (void)error;
	++*(int *)data;
	return 1;
}

static void the_callback_can_end_the_run(void **state)
{
	struct fixture *f = *state;
	int calls = 0;

	make_machine(f);
	assert_int_equal(mdev_autostart(f->ctx, "mtty", 0, stop_at_first, &calls), -EINTR);
	assert_int_equal(calls, 1);
	assert_string_equal(f->written, "create=" U1 ";");
}

static void all_devices_share_one_wait(void **state)
{
	struct fixture *f = *state;
	unsigned int alone;

	make_dir(f, "run");
	make_file(f, DEFS "/p/" U1, AUTO);
	assert_autostart(f, "p", -ECANCELED, "p/1=-19;");
	assert_error(f, "1 of the devices of parent p could not be started");
	alone = f->sleeps;
	assert_true(alone > 0);
	make_file(f, DEFS "/p/" U2, AUTO);
	assert_autostart(f, "p", -ECANCELED, "p/1=-19;p/2=-19;");
	assert_int_equal(f->sleeps, 2 * alone);
}

static void absent_ones_of_all_parents_are_left_to_their_event(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	make_file(f, DEFS "/absent/" U1, AUTO);
	assert_autostart(f, NULL, 0, "absent/1=-19;mtty/1=0;mtty/2=0;");
	assert_int_equal(f->sleeps, 0);
}

static void free_an_instance(struct fixture *f)
{
	assert_true(strstr(f->written, "create=" U2));
	if (f->sleeps == 3)
		make_type(f, "mtty", "scarce", "1");
}

static void what_has_to_wait_keeps_none_of_the_others_waiting(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	make_type(f, "mtty", "scarce", "0");
	make_file(f, DEFS "/mtty/" U1, "{\"mdev_type\":\"scarce\",\"start\":\"auto\"}");
	f->on_sleep = free_an_instance;
	assert_autostart(f, "mtty", 0, "mtty/2=0;mtty/1=0;");
}

static void become_ready(struct fixture *f)
{
	if (f->sleeps == 40)
		f->fail_write = NULL;
}

static void a_failure_that_may_pass_is_tried_again(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	f->fail_write = "create";
	f->fail_error = EBUSY;
	f->on_sleep = become_ready;
	assert_autostart(f, "mtty", 0, "mtty/1=0;mtty/2=0;");
}

static unsigned int tried;

static void count_attempts(struct fixture *f, const char *path)
{
	(void)f, (void)path;
	tried++;
}

static void attempts_are_bounded_and_become_rare(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	mdev_ctx_set_timeout(f->ctx, 60000);
	f->fail_write = "create";
	f->fail_error = EBUSY;
	f->on_write = count_attempts;
	tried = 0;
	assert_autostart(f, "mtty", -ECANCELED, "mtty/1=-16;mtty/2=-16;");
	/* After 0, 1, 3, 7, 15, 31 and, for the last time, 60 seconds. */
	assert_int_equal(tried, 2 * 7);
}

static void a_failure_that_stays_is_not_tried_again(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	f->fail_write = "create";
	f->fail_error = EINVAL;
	assert_autostart(f, "mtty", -ECANCELED, "mtty/1=-22;mtty/2=-22;");
	assert_int_equal(f->sleeps, 0);
}

static void try_lock(struct fixture *f, const char *path)
{
	char lock[256];
	int fd;

	(void)path;
	snprintf(lock, sizeof(lock), "%s/run/mdevctl/mtty.lock", f->root);
	fd = open(lock, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), -1);
	assert_int_equal(errno, EWOULDBLOCK);
	close(fd);
}

static void runs_for_a_parent_exclude_each_other(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	f->on_write = try_lock;
	assert_autostart(f, NULL, 0, "mtty/1=0;mtty/2=0;");
	assert_autostart(f, NULL, 0, "mtty/1=-114;mtty/2=-114;");
}

static void one_script_that_refuses_does_not_stop_the_others(void **state)
{
	static const char path[] = "usr/lib/mdevctl/scripts.d/callouts/a";
	struct fixture *f = *state;
	char full[256];

	if (!scripts_can_run())
		return;
	make_machine(f);
	make_file(f, path, "#!/bin/sh\n[ $4 = get ] && exit 2\necho \"$4\" >> ${0%/usr/*}/calls\n"
			   "case ${10} in 1*) exit 1;; esac\n");
	snprintf(full, sizeof(full), "%s/%s", f->root, path);
	assert_int_equal(chmod(full, 0755), 0);
	assert_autostart(f, "mtty", -ECANCELED, "mtty/1=-125;mtty/2=0;");
	assert_file(f, "calls", "pre\npre\npost\n");
	/* What is active already bothers no script. */
	assert_autostart(f, "mtty", -ECANCELED, "mtty/1=-125;mtty/2=-114;");
	assert_file(f, "calls", "pre\npre\npost\npre\n");
}

static void unknown_flags_are_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(mdev_autostart(f->ctx, NULL, MDEV_OP_FORCE, NULL, NULL), -EINVAL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		fixture_test(what_is_defined_to_is_started_in_order_once),
		fixture_test(a_parent_without_definitions_is_nothing_to_do),
		fixture_test(what_cannot_be_started_does_not_stop_the_others),
		fixture_test(a_broken_file_is_named_and_counts_as_a_failure),
		fixture_test(a_device_that_is_active_elsewhere_is_a_failure),
		fixture_test(parents_types_and_instances_are_waited_for),
		fixture_test(one_with_a_missing_attribute_keeps_no_other_waiting),
		fixture_test(late_attributes_are_waited_for_side_by_side),
		fixture_test(what_has_gone_with_its_parent_is_started_again),
		fixture_test(what_somebody_has_stopped_is_left_alone),
		fixture_test(what_is_stopped_again_and_again_ends_the_run),
		fixture_test(the_parent_may_be_a_part_of_the_error_before),
		fixture_test(the_callback_can_end_the_run),
		fixture_test(all_devices_share_one_wait),
		fixture_test(absent_ones_of_all_parents_are_left_to_their_event),
		fixture_test(what_has_to_wait_keeps_none_of_the_others_waiting),
		fixture_test(a_failure_that_may_pass_is_tried_again),
		fixture_test(attempts_are_bounded_and_become_rare),
		fixture_test(a_failure_that_stays_is_not_tried_again),
		fixture_test(runs_for_a_parent_exclude_each_other),
		fixture_test(one_script_that_refuses_does_not_stop_the_others),
		fixture_test(unknown_flags_are_refused),
	};

	return cmocka_run_group_tests_name("autostart", tests, NULL, NULL);
}
