// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "fixture.h"

static struct mdev_device *get_device(struct fixture *f)
{
	struct mdev_device *device;

	make_parent(f, "mtty");
	make_type(f, "mtty", "mtty-1", "4");
	make_device(f, "mtty", "mtty-1", U1);
	assert_int_equal(mdev_device_lookup(f->ctx, UUID(U1), &device), 0);
	return device;
}

static void stopping_writes_one_to_remove(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device = get_device(f);

	assert_int_equal(mdev_stop(device, 0), 0);
	assert_string_equal(f->written, "remove=1;");
	assert_false(exists(f, MTTY "/" U1));
	mdev_device_unref(device);
}

static void a_device_that_is_gone_is_named(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device = get_device(f);

	assert_int_equal(mdev_stop(device, 0), 0);
	assert_int_equal(mdev_stop(device, 0), -ENODEV);
	assert_error(f, "Mediated device " U1 " is no longer active on mtty");
	mdev_device_unref(device);
}

static void another_device_of_the_uuid_is_left_alone(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device = get_device(f);

	assert_int_equal(mdev_stop(device, 0), 0);
	f->written[0] = '\0';
	make_parent(f, "other");
	make_type(f, "other", "mtty-1", "4");
	make_device(f, "other", "mtty-1", U1);
	assert_int_equal(mdev_stop(device, 0), -ENODEV);
	assert_string_equal(f->written, "");
	assert_true(exists(f, "sys/devices/virtual/mtty/other/" U1));
	mdev_device_unref(device);
}

static void a_device_in_use_tells_so(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device = get_device(f);

	f->fail_write = "/remove";
	f->fail_error = EBUSY;
	assert_int_equal(mdev_stop(device, 0), -EBUSY);
	assert_error(f, "Error removing device " U1 ": Device or resource busy (os error 16); "
			"it is in use and its driver does not release it");
	/* That nobody can be asked for its users is no error of its own. */
	assert_string_equal(f->warnings, "Error removing device " U1 ": Device or resource busy "
			    "(os error 16); it is in use and its driver does not release it\n");
	f->fail_error = EIO;
	assert_int_equal(mdev_stop(device, 0), -EIO);
	assert_error_has(f, "Error removing device " U1 ": Input/output error (os error 5); ");
	mdev_device_unref(device);
}

static void users_that_keep_a_device_are_named(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device = get_device(f);

	bind_to_vfio(f, U1);
	make_process(f, "100", "qemu-kvm\n", "/dev/vfio/12");
	make_process(f, "99", "two\nlines\n", "/dev/vfio/12");
	f->fail_write = "/remove";
	f->fail_error = EBUSY;
	assert_int_equal(mdev_stop(device, 0), -EBUSY);
	assert_error(f, "Error removing device " U1 ": Device or resource busy (os error 16); "
			"it is in use by two?lines (process 99), qemu-kvm (process 100) and its "
			"driver does not release it");
	mdev_device_unref(device);
}

static void let_go(struct fixture *f, const char *path)
{
	(void)path;
	remove_device(f, "mtty", U1);
}

static void users_of_a_device_that_goes_meanwhile_are_no_error(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device = get_device(f);

	f->fail_write = "/remove";
	f->fail_error = EBUSY;
	f->on_write = let_go;
	assert_int_equal(mdev_stop(device, 0), -EBUSY);
	assert_string_equal(f->warnings, "Error removing device " U1 ": Device or resource busy "
			    "(os error 16); it is in use and its driver does not release it\n");
	mdev_device_unref(device);
}

static void a_removal_that_races_is_no_device(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device = get_device(f);

	f->fail_write = "/remove";
	f->fail_error = ENODEV;
	assert_int_equal(mdev_stop(device, 0), -ENODEV);
	assert_error(f, "Mediated device " U1 " is no longer active on mtty");
	mdev_device_unref(device);
}

static void unknown_flags_are_refused(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device = get_device(f);

	assert_int_equal(mdev_stop(device, 1), -EINVAL);
	assert_string_equal(f->written, "");
	mdev_device_unref(device);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		fixture_test(stopping_writes_one_to_remove),
		fixture_test(a_device_that_is_gone_is_named),
		fixture_test(another_device_of_the_uuid_is_left_alone),
		fixture_test(a_device_in_use_tells_so),
		fixture_test(users_that_keep_a_device_are_named),
		fixture_test(users_of_a_device_that_goes_meanwhile_are_no_error),
		fixture_test(a_removal_that_races_is_no_device),
		fixture_test(unknown_flags_are_refused),
	};

	return cmocka_run_group_tests_name("stop", tests, NULL, NULL);
}
