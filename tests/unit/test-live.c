// SPDX-License-Identifier: LGPL-2.1-or-later
/* Changing active devices. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "fixture.h"

static struct mdev_device *make_live(struct fixture *f)
{
	static const char *const attrs[] = { "a", "b", "c" };
	struct mdev_device *device;
	char path[256];

	make_parent(f, "mtty");
	make_type(f, "mtty", "mtty-1", "4");
	make_device(f, "mtty", "mtty-1", U1);
	for (size_t i = 0; i < ARRAY_SIZE(attrs); i++) {
		snprintf(path, sizeof(path), MTTY "/" U1 "/%s", attrs[i]);
		make_file(f, path, "1\n");
	}
	assert_int_equal(mdev_device_lookup(f->ctx, UUID(U1), &device), 0);
	return device;
}

static int modify_live(struct mdev_device *device, struct mdev_definition *definition)
{
	int r = mdev_modify_live(device, definition, 0);

	mdev_definition_unref(definition);
	mdev_device_unref(device);
	return r;
}

static void only_what_differs_is_written_to_an_active_device(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device = make_live(f);

	assert_int_equal(modify_live(device, new_definition(f, U1, "mtty", "mtty-1", "c", "3", "a", "1",
							    "b", "2", NULL)), 0);
	assert_string_equal(f->written, "c=3;b=2;");
}

static void a_failure_restores_the_former_values_in_reverse(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device = make_live(f);

	f->fail_write = "/c";
	f->fail_error = EBUSY;
	assert_int_equal(modify_live(device, new_definition(f, U1, "mtty", "mtty-1", "a", "2", "b", "3",
							    "c", "4", NULL)), -EBUSY);
	assert_string_equal(f->written, "a=2;b=3;c=4;b=1;a=1;");
	assert_error(f, "Failed to write 4 to attribute c of device " U1
			": Device or resource busy (os error 16)");
}

static void an_empty_former_value_is_restored_as_a_line(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device = make_live(f);

	make_file(f, MTTY "/" U1 "/a", "\n");
	f->fail_write = "/c";
	f->fail_error = EBUSY;
	assert_int_equal(modify_live(device, new_definition(f, U1, "mtty", "mtty-1", "a", "2",
							    "c", "4", NULL)), -EBUSY);
	assert_string_equal(f->written, "a=2;c=4;a=\n;");
}

static void fail_all_writes_to_a(struct fixture *f, const char *path)
{
	(void)path;
	if (strstr(f->written, "c=4;"))
		f->fail_write = strstr(f->written, "b=1;") ? "/a" : "/c";
}

static void a_value_that_cannot_be_restored_is_named(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device = make_live(f);

	f->fail_error = EIO;
	f->on_write = fail_all_writes_to_a;
	assert_int_equal(modify_live(device, new_definition(f, U1, "mtty", "mtty-1", "a", "2", "b", "3",
							    "c", "4", NULL)), -EIO);
	assert_error_has(f, "Failed to write 4 to attribute c of device " U1 ": ");
	assert_error_has(f, "; then: Failed to restore attribute a: Input/output error (os error 5)");
}

static void an_attribute_that_is_missing_is_named(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device = make_live(f);

	assert_int_equal(modify_live(device, new_definition(f, U1, "mtty", "mtty-1", "a", "2", "none",
							    "1", NULL)), -ENOENT);
	assert_error(f, "Invalid attribute 'none' of device " U1);
	assert_string_equal(f->written, "a=2;a=1;");
}

static void type_and_parent_of_an_active_device_stay(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device = make_live(f);

	mdev_device_ref(device);
	assert_int_equal(modify_live(device, new_definition(f, U1, "mtty", "mtty-2", NULL)), -EINVAL);
	assert_error(f, "'type' cannot be changed on active mdev");
	assert_int_equal(modify_live(device, new_definition(f, U1, "other", "mtty-1", NULL)), -EINVAL);
	assert_error(f, "'parent' cannot be changed on active mdev");
}

static void a_device_that_has_gone_is_no_success(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device = make_live(f);

	remove_tree(f, "sys/bus/mdev/devices/" U1);
	assert_int_equal(modify_live(device, new_definition(f, U1, "mtty", "mtty-1", NULL)), -ENODEV);
	assert_error(f, "Mediated device mtty/" U1 " is not active");
}

static void make_callout(struct fixture *f, const char *name, const char *text)
{
	char path[256], full[512];

	snprintf(path, sizeof(path), "usr/lib/mdevctl/scripts.d/callouts/%s", name);
	make_file(f, path, text);
	snprintf(full, sizeof(full), "%s/%s", f->root, path);
	assert_int_equal(chmod(full, 0755), 0);
}

/* @answer: what it ends with when it is called with "live" */
static void make_live_script(struct fixture *f, const char *events, int answer)
{
	char text[1024];

	snprintf(text, sizeof(text), "#!/bin/sh\nroot=${0%%%%/usr/*}\n"
		 "if [ $4 = get ]; then echo '{\"supports\":{\"version\":2,\"actions\":[\"modify\"],"
		 "\"events\":[%s]}}'; exit; fi\necho \"$*\" > $root/args; cat > $root/input; exit %d\n",
		 events, answer);
	make_callout(f, "live", text);
}

static void a_script_for_the_type_changes_the_device(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device;

	if (!scripts_can_run())
		return;
	device = make_live(f);
	make_live_script(f, "\"live\"", 0);
	assert_int_equal(modify_live(device, new_definition(f, U1, "mtty", "mtty-1", "a", "2", NULL)),
			 0);
	assert_string_equal(f->written, "");
	assert_file(f, "args", "-t mtty-1 -e live -a modify -s none -u " U1 " -p mtty\n");
	assert_file(f, "input",
		    "{\"mdev_type\":\"mtty-1\",\"start\":\"manual\",\"attrs\":[{\"a\":\"2\"}]}");
}

static void a_script_that_fails_or_cannot_is_the_end(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device;

	if (!scripts_can_run())
		return;
	device = make_live(f);
	mdev_device_ref(device);
	make_live_script(f, "\"live\"", 1);
	assert_int_equal(modify_live(device, new_definition(f, U1, "mtty", "mtty-1", "a", "2", NULL)),
			 -ECANCELED);
	assert_error_has(f, "callouts/live' failed with status '1'");
	make_live_script(f, "\"pre\"", 0);
	assert_int_equal(mdev_ctx_set_root(f->ctx, f->root), 0);
	assert_int_equal(modify_live(device, new_definition(f, U1, "mtty", "mtty-1", "a", "2", NULL)),
			 -EOPNOTSUPP);
	assert_error_has(f, "callouts/live' does not support event 'Live'");
	assert_string_equal(f->written, "");
}

/* Cancels while scripts are asked for their capabilities. */
static void a_script_that_could_not_be_asked_is_not_passed_over(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device;

	if (!scripts_can_run())
		return;
	device = make_live(f);
	mdev_device_ref(device);
	make_live_script(f, "\"live\"", 1);
	mdev_ctx_cancel(f->ctx);
	assert_int_equal(modify_live(device, new_definition(f, U1, "mtty", "mtty-1", "a", "2", NULL)),
			 -EINTR);
	assert_int_equal(modify_live(device, new_definition(f, U1, "mtty", "mtty-1", "a", "2", NULL)),
			 -ECANCELED);
	assert_string_equal(f->written, "");
}

static void a_script_that_dies_when_it_is_asked_is_not_passed_over(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device;

	if (!scripts_can_run())
		return;
	device = make_live(f);
	make_callout(f, "dies", "#!/bin/sh\nkill -9 $$\n");
	assert_int_equal(modify_live(device, new_definition(f, U1, "mtty", "mtty-1", "a", "2", NULL)),
			 -EOPNOTSUPP);
	assert_string_equal(f->written, "");
}

static void assert_written_here(struct fixture *f, const char *path)
{
	(void)f;
	assert_string_equal(path, MTTY "/" U1 "/a");
}

/* A script that is asked whether it is responsible has the UUID change hands meanwhile. */
static void what_was_checked_is_what_is_written(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device;

	if (!scripts_can_run())
		return;
	device = make_live(f);
	make_file(f, "sys/devices/virtual/mtty/other/" U1 "/a", "1\n");
	make_callout(f, "swap", "#!/bin/sh\nln -sfn ../../../devices/virtual/mtty/other/" U1
		     " ${0%%/usr/*}/sys/bus/mdev/devices/" U1 "\nexit 2\n");
	f->on_write = assert_written_here;
	assert_int_equal(modify_live(device, new_definition(f, U1, "mtty", "mtty-1", "a", "2", NULL)),
			 0);
	assert_string_equal(f->written, "a=2;");
}

static void a_device_of_another_context_is_refused(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *definition;
	struct mdev_device *device;
	struct mdev_ctx *other;

	make_device(f, "mtty", "mtty-1", U1);
	assert_int_equal(mdev_device_lookup(f->ctx, UUID(U1), &device), 0);
	assert_int_equal(mdev_ctx_new(&other), 0);
	assert_int_equal(mdev_definition_new(other, UUID(U1), &definition), 0);
	assert_int_equal(mdev_definition_set_parent(definition, "mtty"), 0);
	assert_int_equal(mdev_definition_set_type(definition, "mtty-1"), 0);
	assert_int_equal(mdev_modify_live(device, definition, 0), -EINVAL);
	assert_error(f, "The definition of device " U1 " is of another context");
	assert_string_equal(mdev_ctx_last_error(other), "");
	mdev_definition_unref(definition);
	mdev_device_unref(device);
	mdev_ctx_unref(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(only_what_differs_is_written_to_an_active_device),
		fixture_test(a_failure_restores_the_former_values_in_reverse),
		fixture_test(an_empty_former_value_is_restored_as_a_line),
		fixture_test(a_value_that_cannot_be_restored_is_named),
		fixture_test(an_attribute_that_is_missing_is_named),
		fixture_test(type_and_parent_of_an_active_device_stay),
		fixture_test(a_device_that_has_gone_is_no_success),
		fixture_test(a_script_for_the_type_changes_the_device),
		fixture_test(a_script_that_fails_or_cannot_is_the_end),
		fixture_test(a_script_that_could_not_be_asked_is_not_passed_over),
		fixture_test(a_script_that_dies_when_it_is_asked_is_not_passed_over),
		fixture_test(what_was_checked_is_what_is_written),
		fixture_test(a_device_of_another_context_is_refused),
	};

	return cmocka_run_group_tests_name("live", tests, NULL, NULL);
}
