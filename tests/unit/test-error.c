// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a failed call was about, part by part, so that an application need not parse text. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fixture.h"

static void assert_part(const char *found, const char *expected)
{
	if (!expected)
		assert_null(found);
	else
		assert_string_equal(found ? found : "NULL", expected);
}

/* @file: below the fixture's root */
static void assert_parts(struct fixture *f, int number, const char *uuid, const char *parent,
			 const char *attr, const char *file)
{
	const struct mdev_uuid *found = mdev_ctx_last_error_uuid(f->ctx);
	char path[256] = "";

	if (file)
		snprintf(path, sizeof(path), "%s/%s", f->root, file);
	assert_int_equal(mdev_ctx_last_error_number(f->ctx), number);
	assert_part(found ? found->text : NULL, uuid);
	assert_part(mdev_ctx_last_error_parent(f->ctx), parent);
	assert_part(mdev_ctx_last_error_attr(f->ctx), attr);
	assert_part(mdev_ctx_last_error_file(f->ctx), file ? path : NULL);
}

static void make_machine(struct fixture *f)
{
	static const char *const attrs[] = { "a", "b", NULL };

	make_parent(f, "mtty");
	make_type(f, "mtty", "mtty-1", "4");
	f->attrs = attrs;
}

static void a_new_context_has_no_error(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(mdev_ctx_last_error(f->ctx), "");
	assert_parts(f, 0, NULL, NULL, NULL, NULL);
}

static void a_lookup_names_what_was_not_found(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *definition;
	struct mdev_device *device;
	struct mdev_parent *parent;
	struct mdev_type *type;

	make_machine(f);
	assert_int_equal(mdev_parent_lookup(f->ctx, "none", &parent), -ENODEV);
	assert_parts(f, -ENODEV, NULL, "none", NULL, NULL);
	assert_int_equal(mdev_device_lookup(f->ctx, UUID("{" U1 "}"), &device), -ENODEV);
	assert_parts(f, -ENODEV, U1, NULL, NULL, NULL);
	assert_int_equal(mdev_definition_lookup(f->ctx, UUID(U1), NULL, &definition), -ENOENT);
	assert_parts(f, -ENOENT, U1, NULL, NULL, NULL);
	assert_int_equal(mdev_definition_lookup(f->ctx, UUID(U1), "mtty", &definition), -ENOENT);
	assert_parts(f, -ENOENT, U1, "mtty", NULL, NULL);
	assert_int_equal(mdev_parent_lookup(f->ctx, "mtty", &parent), 0);
	assert_int_equal(mdev_type_lookup(parent, "none", &type), -ENOENT);
	assert_parts(f, -ENOENT, NULL, "mtty", NULL, NULL);
	mdev_parent_unref(parent);
}

static void parts_of_an_earlier_error_do_not_stay(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *definition;

	make_file(f, DEFS "/mtty/" U1, "{");
	assert_int_equal(mdev_definition_lookup(f->ctx, UUID(U1), "mtty", &definition), -EBADMSG);
	assert_int_equal(mdev_device_list(f->ctx, NULL, NULL, NULL), -EINVAL);
	assert_parts(f, -EINVAL, NULL, NULL, NULL, NULL);
}

static void a_success_and_a_warning_leave_the_error(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition **definitions;
	struct mdev_device *device;

	make_file(f, DEFS "/mtty/" U2, "{");
	assert_int_equal(mdev_device_lookup(f->ctx, UUID(U1), &device), -ENODEV);
	assert_int_equal(mdev_definition_list(f->ctx, NULL, NULL, &definitions), 0);
	mdev_definition_list_free(definitions);
	assert_parts(f, -ENODEV, U1, NULL, NULL, NULL);
}

static void a_malformed_definition_is_named_with_its_file(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *definition;

	make_file(f, DEFS "/mtty/" U1, "{");
	assert_int_equal(mdev_definition_lookup(f->ctx, UUID(U1), NULL, &definition), -EBADMSG);
	assert_parts(f, -EBADMSG, U1, "mtty", NULL, DEFS "/mtty/" U1);
}

static void a_definition_that_cannot_be_stored_is_named_with_its_place(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *definition = new_definition(f, U1, "mtty", "mtty-1", NULL);

	make_definition(f, "mtty", U1);
	assert_int_equal(mdev_define(definition, 0), -EEXIST);
	assert_parts(f, -EEXIST, U1, "mtty", NULL, NULL);
	remove_tree(f, DEFS);
	make_file(f, DEFS, "");
	assert_int_equal(mdev_define(definition, 0), -ENOTDIR);
	assert_parts(f, -ENOTDIR, U1, "mtty", NULL, DEFS);
	assert_int_equal(mdev_modify(definition, 0), -ENOTDIR);
	assert_parts(f, -ENOTDIR, U1, "mtty", NULL, DEFS);
	mdev_definition_unref(definition);
}

static void a_malformed_attribute_is_named(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *definition = new_definition(f, U1, "mtty", "mtty-1", NULL);

	assert_int_equal(mdev_definition_set_attr(definition, "../x", "1"), -EINVAL);
	assert_parts(f, -EINVAL, U1, "mtty", "../x", NULL);
	assert_int_equal(mdev_definition_unset_attr(definition, "x"), -ENOENT);
	assert_parts(f, -ENOENT, U1, "mtty", "x", NULL);
	assert_int_equal(mdev_definition_remove_attr(definition, 0), -ENOENT);
	assert_parts(f, -ENOENT, U1, "mtty", NULL, NULL);
	assert_int_equal(mdev_definition_set_json(definition, "{", 1), -EBADMSG);
	assert_parts(f, -EBADMSG, U1, "mtty", NULL, NULL);
	mdev_definition_unref(definition);
}

static void an_attribute_that_a_start_fails_on_is_named_also_after_the_roll_back(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *definition =
		new_definition(f, U1, "mtty", "mtty-1", "a", "1", "b", "2", NULL);

	make_machine(f);
	f->fail_write = "/b";
	f->fail_error = EIO;
	assert_int_equal(mdev_start(definition, 0), -EIO);
	assert_parts(f, -EIO, U1, "mtty", "b", NULL);
	mdev_definition_unref(definition);
}

static void fail_removing(struct fixture *f, const char *path)
{
	if (strstr(path, "/remove"))
		f->fail_write = "/remove";
}

static void a_failed_roll_back_does_not_hide_the_first_error(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *definition =
		new_definition(f, U1, "mtty", "mtty-1", "a", "1", NULL);

	make_machine(f);
	f->fail_write = "/a";
	f->fail_error = EIO;
	f->on_write = fail_removing;
	assert_int_equal(mdev_start(definition, 0), -EIO);
	assert_parts(f, -EIO, U1, "mtty", "a", NULL);
	assert_error_has(f, "Failed to write 1 to attribute a");
	assert_error_has(f, "; then: Error removing device " U1);
	mdev_definition_unref(definition);
}

static void a_live_change_names_the_attribute(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *definition =
		new_definition(f, U1, "mtty", "mtty-1", "a", "1", NULL);
	struct mdev_device *device;

	make_machine(f);
	make_device(f, "mtty", "mtty-1", U1);
	assert_int_equal(mdev_device_lookup(f->ctx, UUID(U1), &device), 0);
	assert_int_equal(mdev_modify_live(device, definition, 0), -ENOENT);
	assert_parts(f, -ENOENT, U1, "mtty", "a", NULL);
	mdev_device_unref(device);
	mdev_definition_unref(definition);
}

static void a_device_in_use_is_told_from_one_that_is_gone(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device;

	make_machine(f);
	make_device(f, "mtty", "mtty-1", U1);
	assert_int_equal(mdev_device_lookup(f->ctx, UUID(U1), &device), 0);
	f->fail_write = "/remove";
	f->fail_error = EBUSY;
	assert_int_equal(mdev_stop(device, 0), -EBUSY);
	assert_parts(f, -EBUSY, U1, "mtty", NULL, NULL);
	assert_part(mdev_ctx_last_error_reason(f->ctx), "it is in use and its driver does not release it");
	f->fail_write = NULL;
	assert_int_equal(mdev_stop(device, 0), 0);
	assert_int_equal(mdev_stop(device, 0), -ENODEV);
	assert_parts(f, -ENODEV, U1, "mtty", NULL, NULL);
	assert_part(mdev_ctx_last_error_reason(f->ctx), NULL);
	mdev_device_unref(device);
}

static void the_reason_is_had_without_what_failed(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *definition =
		new_definition(f, U1, "mtty", "mtty-1", "assign_adapter", "5", NULL);
	static const char *const attrs[] = { "assign_adapter", NULL };

	assert_int_equal(mdev_start(definition, 0), -ENODEV);
	assert_part(mdev_ctx_last_error_reason(f->ctx), "the mdev core is not loaded");
	make_machine(f);
	f->attrs = attrs;
	f->fail_write = "/assign_adapter";
	f->fail_error = EADDRINUSE;
	assert_int_equal(mdev_start(definition, 0), -EADDRINUSE);
	assert_part(mdev_ctx_last_error_reason(f->ctx), "another mediated device uses one of its queues");
	f->fail_write = "/create";
	f->fail_error = EIO;
	assert_int_equal(mdev_start(definition, 0), -EIO);
	assert_part(mdev_ctx_last_error_reason(f->ctx),
		    "the vendor driver failed, the kernel's log may say why");
	make_type(f, "mtty", "mtty-1", "0");
	make_device(f, "mtty", "mtty-1", U2);
	assert_int_equal(mdev_start(definition, 0), -EUSERS);
	assert_part(mdev_ctx_last_error_reason(f->ctx), "active on it: 1 of type mtty-1");
	mdev_definition_unref(definition);
}

static void a_script_that_refuses_is_named(void **state)
{
	static const char script[] = "usr/lib/mdevctl/scripts.d/callouts/a";
	struct fixture *f = *state;
	struct mdev_definition *definition;
	char path[256];

	if (!scripts_can_run())
		return;
	definition = new_definition(f, U1, "mtty", "mtty-1", NULL);
	make_machine(f);
	make_file(f, script, "#!/bin/sh\nexit 1\n");
	snprintf(path, sizeof(path), "%s/%s", f->root, script);
	assert_int_equal(chmod(path, 0755), 0);
	assert_int_equal(mdev_start(definition, 0), -ECANCELED);
	assert_parts(f, -ECANCELED, U1, "mtty", NULL, script);
	mdev_definition_unref(definition);
}

static void autostart_names_the_parent(void **state)
{
	struct fixture *f = *state;

	mdev_ctx_set_timeout(f->ctx, 0);
	make_file(f, DEFS "/mtty/" U1, "{\"mdev_type\":\"mtty-1\",\"start\":\"auto\"}");
	assert_int_equal(mdev_autostart(f->ctx, "mtty", MDEV_OP_NO_MODULE, NULL, NULL),
			 -ECANCELED);
	assert_parts(f, -ECANCELED, NULL, "mtty", NULL, NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		fixture_test(a_new_context_has_no_error),
		fixture_test(a_lookup_names_what_was_not_found),
		fixture_test(parts_of_an_earlier_error_do_not_stay),
		fixture_test(a_success_and_a_warning_leave_the_error),
		fixture_test(a_malformed_definition_is_named_with_its_file),
		fixture_test(a_definition_that_cannot_be_stored_is_named_with_its_place),
		fixture_test(a_malformed_attribute_is_named),
		fixture_test(an_attribute_that_a_start_fails_on_is_named_also_after_the_roll_back),
		fixture_test(a_failed_roll_back_does_not_hide_the_first_error),
		fixture_test(a_live_change_names_the_attribute),
		fixture_test(a_device_in_use_is_told_from_one_that_is_gone),
		fixture_test(the_reason_is_had_without_what_failed),
		fixture_test(a_script_that_refuses_is_named),
		fixture_test(autostart_names_the_parent),
	};

	return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
