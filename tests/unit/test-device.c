// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "fixture.h"
#include "../../lib/device.h"

#define TYPES MTTY "/mdev_supported_types"

/* "<parent>/<type>/<first digit of the UUID> " for each device found. */
static void assert_list(struct fixture *f, const char *uuid, const char *parent,
			const char *expected)
{
	struct mdev_device **devices;
	char found[1024] = "", digit[2] = "";

	assert_int_equal(mdev_device_list(f->ctx, UUID(uuid), parent, &devices), 0);
	for (size_t i = 0; devices[i]; i++) {
		strcat(found, mdev_device_get_parent(devices[i]));
		strcat(found, "/");
		strcat(found, mdev_device_get_type(devices[i]));
		strcat(found, "/");
		*digit = mdev_device_get_uuid(devices[i])->text[0];
		strcat(found, digit);
		strcat(found, " ");
	}
	mdev_device_list_free(devices);
	assert_string_equal(found, expected);
}

static void make_machine(struct fixture *f)
{
	make_parent(f, "mtty");
	make_type(f, "mtty", "mtty-1", "1");
	make_type(f, "mtty", "mtty-2", "1");
	make_parent(f, "0000:00:02.0");
	make_type(f, "0000:00:02.0", "i915-GVTg_V5_4", "1");
	make_device(f, "mtty", "mtty-2", U1);
	make_device(f, "mtty", "mtty-1", UA);
	make_device(f, "0000:00:02.0", "i915-GVTg_V5_4", U2);
}

static void no_mdev_bus_means_no_devices(void **state)
{
	assert_list(*state, NULL, NULL, "");
	assert_list(*state, U1, NULL, "");
	assert_list(*state, NULL, "mtty", "");
	mdev_device_list_free(NULL);
	mdev_device_unref(NULL);
}

static void the_list_is_sorted_and_filtered(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	assert_list(f, NULL, NULL, "0000:00:02.0/i915-GVTg_V5_4/2 mtty/mtty-2/1 mtty/mtty-1/a ");
	assert_list(f, NULL, "mtty", "mtty/mtty-2/1 mtty/mtty-1/a ");
	assert_list(f, "{" U2 "}", NULL, "0000:00:02.0/i915-GVTg_V5_4/2 ");
	assert_list(f, U2, "mtty", "");
	assert_list(f, NULL, "../mdev_bus/mtty", "");
	assert_list(f, NULL, "other", "");
	assert_list(f, NULL, "..", "");
	assert_list(f, NULL, "../mdev_bus/mtty", "");
	assert_string_equal(f->warnings, "");
}

static void a_list_does_not_read_the_links_of_each_device(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	remove_tree(f, MTTY "/" U1 "/mdev_type");
	assert_list(f, NULL, NULL, "0000:00:02.0/i915-GVTg_V5_4/2 mtty/mtty-2/1 mtty/mtty-1/a ");
}

static void without_directories_by_type_the_links_are_read(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	remove_tree(f, TYPES "/mtty-1/devices");
	assert_list(f, NULL, NULL, "0000:00:02.0/i915-GVTg_V5_4/2 mtty/mtty-2/1 mtty/mtty-1/a ");
	assert_list(f, NULL, "mtty", "mtty/mtty-2/1 mtty/mtty-1/a ");
	remove_tree(f, "sys/class");
	assert_list(f, NULL, NULL, "0000:00:02.0/i915-GVTg_V5_4/2 mtty/mtty-2/1 mtty/mtty-1/a ");
	assert_list(f, NULL, "mtty", "mtty/mtty-2/1 mtty/mtty-1/a ");
}

static void a_device_that_its_type_does_not_show_is_found(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	remove_tree(f, TYPES "/mtty-2/devices/" U1);
	assert_list(f, NULL, NULL, "0000:00:02.0/i915-GVTg_V5_4/2 mtty/mtty-2/1 mtty/mtty-1/a ");
}

static void a_device_that_vanishes_is_left_out(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	remove_tree(f, TYPES "/mtty-2/devices/" U1);
	remove_tree(f, MTTY "/" U1);
	assert_list(f, NULL, NULL, "0000:00:02.0/i915-GVTg_V5_4/2 mtty/mtty-1/a ");
	assert_string_equal(f->warnings, "");
}

static void a_device_without_its_type_is_not_active(void **state)
{
	struct mdev_device *device;
	struct fixture *f = *state;

	make_machine(f);
	remove_tree(f, TYPES "/mtty-2");
	assert_list(f, NULL, NULL, "0000:00:02.0/i915-GVTg_V5_4/2 mtty/mtty-1/a ");
	assert_list(f, U1, NULL, "");
	assert_string_equal(f->warnings, "");
	assert_int_equal(mdev_device_lookup(f->ctx, UUID(U1), &device), -ENODEV);
	assert_error(f, "Mediated device " U1 " is not active");
}

static void names_that_are_no_uuids_are_named_and_skipped(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	make_link(f, "sys/bus/mdev/devices/foreign", "nowhere");
	assert_list(f, NULL, NULL, "0000:00:02.0/i915-GVTg_V5_4/2 mtty/mtty-2/1 mtty/mtty-1/a ");
	assert_string_equal(f->warnings, "Can't determine uuid for file 'foreign'\n");
}

static void a_device_with_odd_links_is_named_and_skipped(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	make_dir(f, "sys/bus/mdev/devices/33333333-3333-3333-3333-333333333333");
	assert_list(f, NULL, NULL, "0000:00:02.0/i915-GVTg_V5_4/2 mtty/mtty-2/1 mtty/mtty-1/a ");
	assert_non_null(strstr(f->warnings, "Ignoring device 33333333-"));
}

static void a_lookup_tells_parent_and_type(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device;

	make_machine(f);
	assert_int_equal(mdev_device_lookup(f->ctx, UUID("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), &device), 0);
	assert_string_equal(mdev_device_get_uuid(device)->text, UA);
	assert_string_equal(mdev_device_get_parent(device), "mtty");
	assert_string_equal(mdev_device_get_type(device), "mtty-1");
	mdev_device_unref(mdev_device_ref(device));
	mdev_device_unref(device);
}

static void what_is_not_active_is_named(void **state)
{
	struct mdev_device *device = NULL;
	struct fixture *f = *state;

	assert_int_equal(mdev_device_lookup(f->ctx, UUID(U1), &device), -ENODEV);
	assert_error(f, "Mediated device " U1 " is not active");
	make_machine(f);
	remove_tree(f, MTTY "/" U1 "/mdev_type");
	assert_int_equal(mdev_device_lookup(f->ctx, UUID(U1), &device), -ENODEV);
	assert_null(device);
}

static void an_unreadable_bus_is_an_error(void **state)
{
	struct mdev_device *device = NULL, **devices = NULL;
	struct fixture *f = *state;

	make_file(f, "sys/bus/mdev/devices", "");
	assert_int_equal(mdev_device_list(f->ctx, NULL, NULL, &devices), -ENOTDIR);
	assert_error_has(f, "bus/mdev/devices: Not a directory (os error 20)");
	assert_int_equal(mdev_device_lookup(f->ctx, UUID(U1), &device), -ENOTDIR);
	assert_null(devices);
	assert_null(device);
}

/* Another device takes the link on the bus for the moment in which one is opened by it. */
static int open_meanwhile(void *data, int dir, const char *path, int flags)
{
	static const char link[] = "sys/bus/mdev/devices/" U1;
	struct fixture *f = data;
	int fd;

	remove_tree(f, link);
	make_link(f, link, "../../../devices/virtual/mtty/other/" U1);
	fd = openat(dir, path, flags);
	fd = fd < 0 ? -errno : fd;
	remove_tree(f, link);
	make_link(f, link, "../../../devices/virtual/mtty/mtty/" U1);
	return fd;
}

static void what_was_checked_is_what_is_held(void **state)
{
	struct handle handle = HANDLE_NONE;
	struct mdev_device *device;
	struct fixture *f = *state;
	struct sysfs_ops ops;

	make_machine(f);
	make_file(f, "sys/devices/virtual/mtty/other/" U1 "/is_other", "");
	make_link(f, "sys/devices/virtual/mtty/other/" U1 "/mdev_type",
		  "../mdev_supported_types/mtty-2");
	assert_int_equal(mdev_device_lookup(f->ctx, UUID(U1), &device), 0);
	ops = *f->ctx->sysfs;
	ops.open = open_meanwhile;
	f->ctx->sysfs = &ops;
	assert_int_equal(device_reopen(device, &handle), 0);
	assert_false(sysfs_exists(handle.dir, "is_other"));
	handle_close(&handle);
	mdev_device_unref(device);
}

static void another_device_of_the_uuid_is_not_the_one(void **state)
{
	struct handle handle = HANDLE_NONE;
	struct mdev_device *device;
	struct fixture *f = *state;

	make_machine(f);
	assert_int_equal(mdev_device_lookup(f->ctx, UUID(U1), &device), 0);
	remove_device(f, "mtty", U1);
	assert_int_equal(device_reopen(device, &handle), -ENODEV);
	make_device(f, "mtty", "mtty-1", U1);
	assert_int_equal(device_reopen(device, &handle), -ENODEV);
	remove_device(f, "mtty", U1);
	make_device(f, "0000:00:02.0", "mtty-2", U1);
	assert_int_equal(device_reopen(device, &handle), -ENODEV);
	assert_int_equal(handle.dir, -1);
	mdev_device_unref(device);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		fixture_test(no_mdev_bus_means_no_devices),
		fixture_test(the_list_is_sorted_and_filtered),
		fixture_test(a_list_does_not_read_the_links_of_each_device),
		fixture_test(without_directories_by_type_the_links_are_read),
		fixture_test(a_device_that_its_type_does_not_show_is_found),
		fixture_test(a_device_that_vanishes_is_left_out),
		fixture_test(a_device_without_its_type_is_not_active),
		fixture_test(names_that_are_no_uuids_are_named_and_skipped),
		fixture_test(a_device_with_odd_links_is_named_and_skipped),
		fixture_test(a_lookup_tells_parent_and_type),
		fixture_test(what_is_not_active_is_named),
		fixture_test(an_unreadable_bus_is_an_error),
		fixture_test(what_was_checked_is_what_is_held),
		fixture_test(another_device_of_the_uuid_is_not_the_one),
	};

	return cmocka_run_group_tests_name("device", tests, NULL, NULL);
}
