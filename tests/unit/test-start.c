// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"

#define CREATE_TEXT "create=" U1 ";"

static void make_machine(struct fixture *f)
{
	make_parent(f, "mtty");
	make_type(f, "mtty", "mtty-1", "4");
	make_type(f, "mtty", "mtty-2", "2");
}

static int start(struct mdev_definition *definition)
{
	int r = mdev_start(definition, 0);

	mdev_definition_unref(definition);
	return r;
}

static int start_plain(struct fixture *f, const char *parent, const char *type)
{
	return start(new_definition(f, U1, parent, type, NULL));
}

static bool is_active(struct fixture *f, const char *uuid)
{
	struct mdev_device *device;

	if (mdev_device_lookup(f->ctx, UUID(uuid), &device) < 0)
		return false;
	mdev_device_unref(device);
	return true;
}

static void the_uuid_is_written_without_a_newline(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	assert_int_equal(start_plain(f, "mtty", "mtty-2"), 0);
	assert_string_equal(f->written, CREATE_TEXT);
	assert_true(is_active(f, U1));
	assert_string_equal(f->warnings, "");
}

static void attributes_are_written_in_their_order(void **state)
{
	static const char *const attrs[] = { "a", "b", "mdev/aggregation", NULL };
	struct fixture *f = *state;

	make_machine(f);
	f->attrs = attrs;
	assert_int_equal(start(new_definition(f, U1, "mtty", "mtty-2", "b", "1\n", "a", "", "b",
						 "2", "mdev/aggregation", "3", NULL)), 0);
	assert_string_equal(f->written, CREATE_TEXT "b=1\n;a=\n;b=2;aggregation=3;");
	assert_int_equal(f->sleeps, 0);
}

static void a_definition_needs_parent_and_type(void **state)
{
	struct mdev_definition *definition;
	struct fixture *f = *state;

	assert_int_equal(mdev_definition_new(f->ctx, UUID(U1), &definition), 0);
	assert_int_equal(mdev_start(definition, 0), -EINVAL);
	assert_error(f, "No parent specified for device " U1);
	assert_int_equal(mdev_definition_set_parent(definition, "mtty"), 0);
	assert_int_equal(mdev_start(definition, 0), -EINVAL);
	assert_error(f, "No type specified for device " U1);
	assert_int_equal(mdev_start(definition, 1u << 31), -EINVAL);
	mdev_definition_unref(definition);
}

static void an_active_device_is_told_apart_by_where_it_is(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	make_device(f, "mtty", "mtty-1", U1);
	assert_int_equal(start_plain(f, "mtty", "mtty-1"), -EEXIST);
	assert_error(f, "Device already exists: " U1 " is active on mtty, type mtty-1");
	assert_int_equal(start_plain(f, "mtty", "mtty-2"), -EEXIST);
	assert_error(f, "Device exists with different type: " U1 " is active on mtty, type mtty-1");
	assert_int_equal(start_plain(f, "other", "mtty-1"), -EEXIST);
	assert_error(f, "Device exists under different parent: " U1
			" is active on mtty, type mtty-1");
	assert_string_equal(f->written, "");
}

static void what_is_missing_is_named(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	make_parent(f, "bare");
	remove_tree(f, "sys/devices/virtual/mtty/bare/mdev_supported_types");
	assert_int_equal(start_plain(f, "none", "mtty-1"), -ENODEV);
	assert_error(f, "Unable to find parent device 'none'");
	assert_int_equal(start_plain(f, "MTTY", "mtty-1"), -ENODEV);
	assert_error(f, "Unable to find parent device 'MTTY'. Did you mean 'mtty'?");
	assert_int_equal(start_plain(f, "bare", "mtty-1"), -ENODEV);
	assert_error(f, "Parent bare is not currently registered for mdev support");
	assert_int_equal(start_plain(f, "mtty", "mtty-3"), -ENOENT);
	assert_error(f, "Parent mtty does not support mdev type mtty-3; it has 'mtty-1', 'mtty-2'");
	assert_string_equal(f->written, "");
	assert_int_equal(f->sleeps, 0);
}

static void a_type_needs_only_its_count(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	remove_tree(f, MTTY "/mdev_supported_types/mtty-2/device_api");
	assert_int_equal(start_plain(f, "mtty", "mtty-2"), 0);
	make_file(f, MTTY "/mdev_supported_types/mtty-1/available_instances", "-1\n");
	assert_int_equal(start(new_definition(f, U2, "mtty", "mtty-1", NULL)), -EBADMSG);
	assert_error_has(f, "available_instances of type mtty-1 of mtty: '-1' is not a count");
}

static void no_instance_left_tells_who_has_them(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	make_device(f, "mtty", "mtty-1", U2);
	make_device(f, "mtty", "mtty-1", UA);
	make_device(f, "mtty", "mtty-2", "33333333-3333-3333-3333-333333333333");
	make_file(f, MTTY "/mdev_supported_types/mtty-2/available_instances", "0\n");
	assert_int_equal(start_plain(f, "mtty", "mtty-2"), -EUSERS);
	assert_error(f, "No available instances of mtty-2 on mtty; "
			"active on it: 2 of type mtty-1, 1 of type mtty-2");
	assert_string_equal(f->written, "");
}

static void refuse(struct fixture *f, int error, const char *expected)
{
	char text[512];

	f->fail_write = "/create";
	f->fail_error = error;
	assert_int_equal(start_plain(f, "mtty", "mtty-2"), -error);
	snprintf(text, sizeof(text), "Failed to create mdev " U1 ", type mtty-2 on mtty: "
		 "%s (os error %d)%s", strerror(error), error, expected);
	assert_error(f, text);
	assert_false(is_active(f, U1));
}

static void the_kernels_refusal_is_explained(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	make_device(f, "mtty", "mtty-1", U2);
	refuse(f, EINVAL, "; instances of mtty-2 left: 2; active on it: 1 of type mtty-1");
	refuse(f, EBUSY, "; instances of mtty-2 left: 2; active on it: 1 of type mtty-1");
	refuse(f, ENOSPC, "; instances of mtty-2 left: 2; active on it: 1 of type mtty-1");
	refuse(f, EUSERS, "; instances of mtty-2 left: 2; active on it: 1 of type mtty-1");
	refuse(f, EIO, "; the vendor driver failed, the kernel's log may say why");
	refuse(f, EROFS, "; sysfs is mounted read-only, as it is in containers");
	refuse(f, EPERM, geteuid() == 0 ? "" : "; this needs root");
	refuse(f, EPROTO, "");
}

static void lockdown_explains_a_refused_root(void **state)
{
	struct fixture *f = *state;

	if (geteuid() != 0)
		skip();
	make_machine(f);
	make_file(f, "sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	refuse(f, EPERM, "; the kernel is locked down");
	make_file(f, "sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
	refuse(f, EPERM, "");
}

static void take_uuid(struct fixture *f, const char *path)
{
	(void)path;
	make_device(f, "mtty", "mtty-1", U1);
}

static void a_uuid_taken_meanwhile_tells_by_whom(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	f->on_write = take_uuid;
	f->fail_write = "/create";
	f->fail_error = EEXIST;
	assert_int_equal(start_plain(f, "mtty", "mtty-2"), -EEXIST);
	assert_error(f, "Failed to create mdev " U1 ", type mtty-2 on mtty: File exists (os error 17)"
			"; it is active on mtty, type mtty-1");
}

static void unregister(struct fixture *f, const char *path)
{
	(void)path;
	remove_tree(f, "sys/class/mdev_bus/mtty");
	remove_tree(f, MTTY "/mdev_supported_types");
}

static void a_parent_that_unregisters_during_create_is_one_error(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	f->on_write = unregister;
	f->fail_write = "/create";
	f->fail_error = ENODEV;
	assert_int_equal(start_plain(f, "mtty", "mtty-2"), -ENODEV);
	assert_error(f, "Failed to create mdev " U1 ", type mtty-2 on mtty: No such device "
			"(os error 19); parent mtty is no longer registered");
}

static void appear_after_three_sleeps(struct fixture *f)
{
	char path[600];

	if (f->sleeps != 3)
		return;
	snprintf(path, sizeof(path), "%s/late/attr", f->created);
	make_file(f, path, "");
}

static void a_late_attribute_is_waited_for(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	f->on_sleep = appear_after_three_sleeps;
	assert_int_equal(start(new_definition(f, U1, "mtty", "mtty-2", "late/attr", "1", NULL)), 0);
	assert_int_equal(f->sleeps, 3);
	assert_string_equal(f->written, CREATE_TEXT "attr=1;");
}

static void an_attribute_that_never_appears_takes_the_device_back(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	mdev_ctx_set_timeout(f->ctx, 100);
	assert_int_equal(start(new_definition(f, U1, "mtty", "mtty-2", "nope", "1", NULL)),
			 -ENOENT);
	assert_error(f, "Invalid attribute 'nope' of device " U1);
	assert_true(f->sleeps > 0);
	assert_string_equal(f->written, CREATE_TEXT "remove=1;");
	assert_false(is_active(f, U1));
}

static void a_refused_attribute_takes_the_device_back(void **state)
{
	static const char *const attrs[] = { "a", "b", NULL };
	struct fixture *f = *state;

	make_machine(f);
	f->attrs = attrs;
	f->fail_write = "/b";
	f->fail_error = EIO;
	assert_int_equal(start(new_definition(f, U1, "mtty", "mtty-2", "a", "1", "b", "2", "a", "3",
						 NULL)), -EIO);
	assert_error(f, "Failed to write 2 to attribute b of device " U1
			": Input/output error (os error 5); the vendor driver failed, the kernel's log "
			"may say why");
	assert_string_equal(f->written, CREATE_TEXT "a=1;b=2;remove=1;");
	assert_false(is_active(f, U1));
	assert_int_equal(f->sleeps, 0);
}

static void fail_removal_too(struct fixture *f, const char *path)
{
	(void)path;
	if (strstr(f->written, "remove"))
		f->fail_write = "/remove";
}

static void both_errors_are_told_if_the_device_stays(void **state)
{
	static const char *const attrs[] = { "a", NULL };
	struct fixture *f = *state;

	make_machine(f);
	f->attrs = attrs;
	f->fail_write = "/a";
	f->fail_error = EBUSY;
	f->on_write = fail_removal_too;
	assert_int_equal(start(new_definition(f, U1, "mtty", "mtty-2", "a", "1", NULL)), -EBUSY);
	assert_error(f, "Failed to write 1 to attribute a of device " U1
			": Device or resource busy (os error 16); then: Error removing device " U1
			": Device or resource busy (os error 16); it is in use and its driver does not "
			"release it");
	assert_true(is_active(f, U1));
}

static void vanish(struct fixture *f, const char *path)
{
	if (strstr(path, "/a"))
		remove_tree(f, f->created);
}

static void a_device_that_vanishes_while_it_is_set_up_is_one_error(void **state)
{
	static const char *const attrs[] = { "a", NULL };
	struct fixture *f = *state;

	make_machine(f);
	f->attrs = attrs;
	f->on_write = vanish;
	f->fail_write = "/a";
	f->fail_error = ENODEV;
	assert_int_equal(start(new_definition(f, U1, "mtty", "mtty-2", "a", "1", NULL)), -ENODEV);
	assert_error(f, "Mediated device " U1 " is no longer active on mtty");
	assert_int_equal(f->sleeps, 0);
}

/* Somebody stops the device and starts another one of its UUID while an attribute is awaited. */
static void make_another(struct fixture *f)
{
	if (f->sleeps != 2)
		return;
	remove_device(f, "mtty", U1);
	make_device(f, "mtty", "mtty-2", U1);
}

static void somebody_elses_device_is_not_taken_back(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	f->on_sleep = make_another;
	assert_int_equal(start(new_definition(f, U1, "mtty", "mtty-2", "nope", "1", NULL)),
			 -ENODEV);
	assert_string_equal(f->written, CREATE_TEXT);
	assert_true(is_active(f, U1));
}

static void two_late_attributes_share_the_time(void **state)
{
	struct fixture *f = *state;
	unsigned int alone;

	make_machine(f);
	mdev_ctx_set_timeout(f->ctx, 1000);
	assert_int_equal(start(new_definition(f, U1, "mtty", "mtty-2", "nope", "1", NULL)),
			 -ENOENT);
	alone = f->sleeps;
	f->sleeps = 0;
	f->on_sleep = appear_after_three_sleeps;
	assert_int_equal(start(new_definition(f, U1, "mtty", "mtty-2", "late/attr", "1", "nope",
					      "1", NULL)), -ENOENT);
	assert_true(f->sleeps >= 1 && f->sleeps <= alone + 7);
}

static void an_attribute_of_the_kernels_own_is_refused_before_there_is_a_device(void **state)
{
	struct mdev_definition *definition;
	struct fixture *f = *state;

	make_machine(f);
	make_file(f, DEFS "/mtty/" U1, "{\"mdev_type\":\"mtty-2\",\"start\":\"manual\","
		  "\"attrs\":[{\"remove\":\"1\"}]}");
	if (mdev_definition_lookup(f->ctx, UUID(U1), NULL, &definition) == 0)
		assert_int_equal(start(definition), -EINVAL);
	assert_error_has(f, "'remove'");
	assert_string_equal(f->written, "");
}

/* Of plain files, as the tests of clients have them: writing "create" makes nothing. */
static void a_device_that_is_not_seen_is_no_failure_if_nothing_is_written_to_it(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	make_file(f, MTTY "/mdev_supported_types/mtty-2/create", "");
	f->ctx->sysfs = &sysfs_kernel_ops;
	assert_int_equal(start(new_definition(f, U1, "mtty", "mtty-2", NULL)), 0);
	assert_file(f, MTTY "/mdev_supported_types/mtty-2/create", U1);
	assert_int_equal(start(new_definition(f, U1, "mtty", "mtty-2", "a", "1", NULL)), -ENODEV);
	assert_error(f, "Mediated device " U1 " is no longer active on mtty");
}

static void cancel(struct fixture *f)
{
	if (f->sleeps == 2)
		mdev_ctx_cancel(f->ctx);
}

static void a_cancelled_start_is_taken_back(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	f->on_sleep = cancel;
	assert_int_equal(start(new_definition(f, U1, "mtty", "mtty-2", "nope", "1", NULL)),
			 -EINTR);
	assert_int_equal(f->sleeps, 2);
	assert_false(is_active(f, U1));
	/* The next one is not. */
	f->on_sleep = NULL;
	assert_int_equal(start(new_definition(f, U1, "mtty", "mtty-2", NULL)), 0);
}

static void an_attribute_that_is_a_link_is_refused(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	assert_int_equal(start(new_definition(f, U1, "mtty", "mtty-2", "mdev_type/create", "x",
						 NULL)), -ENOTDIR);
	assert_error_has(f, "Failed to write x to attribute mdev_type/create of device " U1);
	assert_string_equal(f->written, CREATE_TEXT "remove=1;");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		fixture_test(the_uuid_is_written_without_a_newline),
		fixture_test(attributes_are_written_in_their_order),
		fixture_test(a_definition_needs_parent_and_type),
		fixture_test(an_active_device_is_told_apart_by_where_it_is),
		fixture_test(what_is_missing_is_named),
		fixture_test(a_type_needs_only_its_count),
		fixture_test(no_instance_left_tells_who_has_them),
		fixture_test(the_kernels_refusal_is_explained),
		fixture_test(lockdown_explains_a_refused_root),
		fixture_test(a_uuid_taken_meanwhile_tells_by_whom),
		fixture_test(a_parent_that_unregisters_during_create_is_one_error),
		fixture_test(a_late_attribute_is_waited_for),
		fixture_test(somebody_elses_device_is_not_taken_back),
		fixture_test(two_late_attributes_share_the_time),
		fixture_test(an_attribute_of_the_kernels_own_is_refused_before_there_is_a_device),
		fixture_test(a_device_that_is_not_seen_is_no_failure_if_nothing_is_written_to_it),
		fixture_test(a_cancelled_start_is_taken_back),
		fixture_test(an_attribute_that_never_appears_takes_the_device_back),
		fixture_test(a_refused_attribute_takes_the_device_back),
		fixture_test(both_errors_are_told_if_the_device_stays),
		fixture_test(a_device_that_vanishes_while_it_is_set_up_is_one_error),
		fixture_test(an_attribute_that_is_a_link_is_refused),
	};

	return cmocka_run_group_tests_name("start", tests, NULL, NULL);
}
