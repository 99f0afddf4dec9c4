// SPDX-License-Identifier: LGPL-2.1-or-later
/* Details of devices and parents: what VFIO needs, who uses a device, single attributes. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"

#define DEVICE MTTY "/" U1

static struct mdev_device *make_machine(struct fixture *f)
{
	struct mdev_device *device;

	make_parent(f, "mtty");
	make_type(f, "mtty", "mtty-1", "4");
	make_device(f, "mtty", "mtty-1", U1);
	assert_int_equal(mdev_device_lookup(f->ctx, UUID(U1), &device), 0);
	return device;
}

/* @text: below the fixture's root, NULL if there is to be none */
static void assert_path(struct fixture *f, const char *path, const char *text)
{
	char expected[256];

	if (!text) {
		assert_null(path);
		return;
	}
	snprintf(expected, sizeof(expected), "%s/%s", f->root, text);
	assert_string_equal(path ? path : "NULL", expected);
}

static void a_device_without_a_driver_has_a_path_and_no_more(void **state)
{
	struct mdev_device *device = make_machine(*state);
	struct mdev_device_info *info;

	assert_int_equal(mdev_device_get_info(device, &info), 0);
	assert_path(*state, mdev_device_info_get_path(info), DEVICE);
	assert_null(mdev_device_info_get_driver(info));
	assert_int_equal(mdev_device_info_get_iommu_group(info), -1);
	assert_null(mdev_device_info_get_group_node(info));
	assert_null(mdev_device_info_get_vfio_node(info));
	assert_int_equal(mdev_device_info_get_numa_node(info), -1);
	mdev_device_info_unref(mdev_device_info_ref(info));
	mdev_device_info_unref(info);
	mdev_device_unref(device);
}

static void a_bound_device_has_a_driver_and_nodes(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device = make_machine(f);
	struct mdev_device_info *info;

	bind_to_vfio(f, U1);
	make_file(f, DEVICE "/vfio-dev/vfio3/dev", "511:3\n");
	make_file(f, MTTY "/numa_node", "1\n");
	assert_int_equal(mdev_device_get_info(device, &info), 0);
	assert_string_equal(mdev_device_info_get_driver(info), "vfio_mtty");
	assert_int_equal(mdev_device_info_get_iommu_group(info), 12);
	assert_path(f, mdev_device_info_get_group_node(info), "dev/vfio/12");
	assert_path(f, mdev_device_info_get_vfio_node(info), "dev/vfio/devices/vfio3");
	assert_int_equal(mdev_device_info_get_numa_node(info), 1);
	mdev_device_info_unref(info);
	mdev_device_unref(device);
}

static void a_kernel_without_device_nodes_has_the_group_only(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device = make_machine(f);
	struct mdev_device_info *info;

	bind_to_vfio(f, U1);
	make_file(f, MTTY "/numa_node", "-1\n");
	assert_int_equal(mdev_device_get_info(device, &info), 0);
	assert_path(f, mdev_device_info_get_group_node(info), "dev/vfio/12");
	assert_null(mdev_device_info_get_vfio_node(info));
	assert_int_equal(mdev_device_info_get_numa_node(info), -1);
	mdev_device_info_unref(info);
	mdev_device_unref(device);
}

static void the_details_of_a_device_that_is_gone_are_not_those_of_another(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device = make_machine(f);
	struct mdev_device_info *info = NULL;
	char *value = NULL;

	remove_tree(f, DEVICE);
	remove_tree(f, "sys/bus/mdev/devices/" U1);
	remove_tree(f, MTTY "/mdev_supported_types/mtty-1/devices/" U1);
	assert_int_equal(mdev_device_get_info(device, &info), -ENODEV);
	assert_error(f, "Mediated device " U1 " is no longer active on mtty");
	make_type(f, "mtty", "mtty-2", "4");
	make_device(f, "mtty", "mtty-2", U1);
	make_file(f, DEVICE "/a", "1\n");
	assert_int_equal(mdev_device_get_info(device, &info), -ENODEV);
	assert_int_equal(mdev_device_read_attr(device, "a", &value), -ENODEV);
	assert_int_equal(mdev_device_write_attr(device, "a", "2"), -ENODEV);
	assert_null(info);
	assert_null(value);
	mdev_device_unref(device);
}

static void a_parent_has_a_driver_a_module_and_a_modalias(void **state)
{
	struct fixture *f = *state;
	struct mdev_parent_info *info;
	struct mdev_parent *parent;

	make_parent(f, "mtty");
	assert_int_equal(mdev_parent_lookup(f->ctx, "mtty", &parent), 0);
	assert_int_equal(mdev_parent_get_info(parent, &info), 0);
	assert_path(f, mdev_parent_info_get_path(info), MTTY);
	assert_null(mdev_parent_info_get_driver(info));
	assert_null(mdev_parent_info_get_module(info));
	assert_null(mdev_parent_info_get_modalias(info));
	assert_null(mdev_parent_info_get_physfn(info));
	assert_int_equal(mdev_parent_info_get_numa_node(info), -1);
	mdev_parent_info_unref(info);

	make_dir(f, "sys/module/mtty_module");
	make_link(f, "sys/bus/pci/drivers/mtty/module", "../../../../module/mtty_module");
	make_link(f, MTTY "/driver", "../../../../bus/pci/drivers/mtty");
	make_link(f, MTTY "/physfn", "../0000:41:00.0");
	make_file(f, MTTY "/modalias", "pci:v00004348d00003253\n");
	make_file(f, MTTY "/numa_node", "0\n");
	assert_int_equal(mdev_parent_get_info(parent, &info), 0);
	assert_string_equal(mdev_parent_info_get_driver(info), "mtty");
	assert_string_equal(mdev_parent_info_get_module(info), "mtty_module");
	assert_string_equal(mdev_parent_info_get_modalias(info), "pci:v00004348d00003253");
	assert_string_equal(mdev_parent_info_get_physfn(info), "0000:41:00.0");
	assert_int_equal(mdev_parent_info_get_numa_node(info), 0);
	mdev_parent_info_unref(mdev_parent_info_ref(info));
	mdev_parent_info_unref(info);

	remove_tree(f, "sys/class/mdev_bus/mtty");
	info = NULL;
	assert_int_equal(mdev_parent_get_info(parent, &info), -ENODEV);
	assert_null(info);
	assert_string_equal(mdev_ctx_last_error_parent(f->ctx), "mtty");
	mdev_parent_unref(parent);
}

/* Users -------------------------------------------------------------------- */

/* "<pid> <command>;" for each user */
static void assert_users(const struct mdev_device *device, int expected_return,
			 const char *expected)
{
	struct mdev_user **users;
	char found[256] = "";

	assert_int_equal(mdev_device_list_users(device, &users), expected_return);
	for (size_t i = 0; users[i]; i++)
		snprintf(found + strlen(found), sizeof(found) - strlen(found), "%d %s;",
			 mdev_user_get_pid(users[i]), mdev_user_get_command(users[i]));
	mdev_user_list_free(users);
	assert_string_equal(found, expected);
}

static void who_has_a_node_open_is_a_user(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device = make_machine(f);

	bind_to_vfio(f, U1);
	make_file(f, DEVICE "/vfio-dev/vfio3/dev", "511:3\n");
	make_process(f, "100", "qemu-kvm\n", "/dev/vfio/12");
	make_process(f, "99", "crosvm\n", "/dev/vfio/devices/vfio3");
	make_process(f, "7", "in a namespace\n", "/vfio/12");
	make_process(f, "8", "other group\n", "/dev/vfio/1");
	make_process(f, "9", "other group\n", "/dev/vfio/112");
	make_process(f, "10", "container\n", "/dev/vfio/vfio");
	make_process(f, "11", "other device\n", "/dev/vfio/devices/vfio33");
	make_link(f, "proc/100/fd/18", "/dev/vfio/12");
	make_dir(f, "proc/self/fd");
	make_dir(f, "proc/sys");
	assert_users(device, 0, "7 in a namespace;99 crosvm;100 qemu-kvm;");
	mdev_device_unref(device);
}

/* "<first digit of the UUID>:<pid> <command>;" for each */
static void assert_users_of_all(struct fixture *f, int expected_return, const char *expected)
{
	struct mdev_device **devices;
	struct mdev_user **users;
	char found[256] = "";

	assert_int_equal(mdev_device_list(f->ctx, NULL, NULL, &devices), 0);
	/* One that is listed twice has its users twice. */
	assert_int_equal(mdev_user_list(f->ctx,
					(struct mdev_device *[]){ devices[0], devices[0], NULL },
					&users),
			 0);
	assert_true(users[0] && users[1] && users[2] && users[3] && !users[4]);
	mdev_user_list_free(users);
	remove_device(f, "mtty", UA);
	assert_int_equal(mdev_user_list(f->ctx, devices, &users), expected_return);
	for (size_t i = 0; users[i]; i++)
		snprintf(found + strlen(found), sizeof(found) - strlen(found), "%c:%d %s;",
			 *mdev_user_get_uuid(users[i])->text, mdev_user_get_pid(users[i]),
			 mdev_user_get_command(users[i]));
	mdev_user_unref(mdev_user_ref(users[0]));
	mdev_user_list_free(users);
	mdev_device_list_free(devices);
	assert_string_equal(found, expected);
}

static void the_users_of_many_devices_are_found_at_once(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device = make_machine(f);

	bind_to_vfio(f, U1);
	make_device(f, "mtty", "mtty-1", U2);
	make_dir(f, "sys/kernel/iommu_groups/2");
	make_link(f, MTTY "/" U2 "/iommu_group", "../../../../../kernel/iommu_groups/2");
	make_device(f, "mtty", "mtty-1", UA);
	make_process(f, "100", "qemu-kvm\n", "/dev/vfio/12");
	make_link(f, "proc/100/fd/18", "/dev/vfio/2");
	make_link(f, "proc/100/fd/19", "/dev/vfio/2");
	make_process(f, "99", "crosvm\n", "/dev/vfio/2");
	make_process(f, "98", "other group\n", "/dev/vfio/3");
	make_process(f, "97", "below vfio\n", "/run/vfio/dev/vfio/12");
	make_process(f, "96", "no node\n", "/vfio/socket/12");
	assert_users_of_all(f, 0, "1:97 below vfio;1:100 qemu-kvm;2:99 crosvm;2:100 qemu-kvm;");
	mdev_device_unref(device);
}

static void a_device_that_is_not_bound_has_no_users(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device = make_machine(f);

	make_process(f, "100", "qemu\n", "/dev/vfio/12");
	assert_users(device, 0, "");
	mdev_device_unref(device);
}

static void without_proc_nobody_knows_the_users(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device = make_machine(f);
	struct mdev_user **users = NULL;

	assert_int_equal(mdev_device_list_users(device, &users), -ENOENT);
	assert_null(users);
	assert_error_has(f, "Failed to look for users of device " U1);
	assert_int_equal(mdev_user_list(f->ctx, (struct mdev_device *[]){ device, NULL }, &users),
			 -ENOENT);
	assert_null(users);
	assert_error_has(f, "Failed to look for users of devices: No such file or directory");
	mdev_device_unref(device);
}

static int deny(void *data, int dir, const char *path, int flags)
{
	(void)data, (void)dir, (void)path, (void)flags;
	return -EACCES;
}

static void what_cannot_be_looked_into_is_said(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device = make_machine(f);
	char path[256];

	bind_to_vfio(f, U1);
	make_process(f, "100", "qemu\n", "/dev/vfio/12");
	make_process(f, "101", "hidden\n", "/dev/vfio/12");
	snprintf(path, sizeof(path), "%s/proc/101/fd", f->root);
	assert_int_equal(chmod(path, 0), 0);
	/* Root can look everywhere. */
	assert_int_equal(chmod(f->root, 0755), 0);
	if (getuid() == 0)
		assert_int_equal(seteuid(65534), 0);
	assert_users(device, 1, "100 qemu;");
	assert_int_equal(seteuid(getuid()), 0);
	assert_int_equal(chmod(path, 0700), 0);
	mdev_device_unref(device);
}

static void a_process_that_ends_meanwhile_is_left_out(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device = make_machine(f);

	bind_to_vfio(f, U1);
	make_link(f, "proc/100/fd/3", "/dev/vfio/12");
	make_dir(f, "proc/101");
	assert_users(device, 0, "");
	mdev_device_unref(device);
}

/* Attributes ---------------------------------------------------------------- */

static void an_attribute_is_read_and_written(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device = make_machine(f);
	char *value;

	make_file(f, DEVICE "/mdev/aggregation", "2\n");
	assert_int_equal(mdev_device_read_attr(device, "mdev/aggregation", &value), 0);
	assert_string_equal(value, "2");
	free(value);
	assert_int_equal(mdev_device_write_attr(device, "mdev/aggregation", "3"), 0);
	assert_string_equal(f->written, "aggregation=3;");
	mdev_device_unref(device);
}

static void an_attribute_outside_the_device_is_refused(void **state)
{
	static const char *const names[] = { "", "../x", "a/../../x", "/etc/passwd", "a//b", "\xff" };
	struct fixture *f = *state;
	struct mdev_device *device = make_machine(f);
	char *value = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		assert_int_equal(mdev_device_read_attr(device, names[i], &value), -EINVAL);
		assert_int_equal(mdev_device_write_attr(device, names[i], "1"), -EINVAL);
		assert_string_equal(mdev_ctx_last_error_attr(f->ctx), names[i]);
	}
	assert_int_equal(mdev_device_write_attr(device, "remove", "1"), -EINVAL);
	assert_string_equal(f->written, "");
	assert_null(value);
	mdev_device_unref(device);
}

static void nothing_is_read_or_written_through_a_link(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device = make_machine(f);
	char *value = NULL;

	assert_int_equal(mdev_device_read_attr(device, "mdev_type/device_api", &value), -ENOTDIR);
	make_link(f, DEVICE "/link", "../mdev_supported_types/mtty-1/device_api");
	assert_int_equal(mdev_device_read_attr(device, "link", &value), -ELOOP);
	assert_int_equal(mdev_device_write_attr(device, "link", "1"), -ELOOP);
	assert_string_equal(f->written, "");
	assert_null(value);
	mdev_device_unref(device);
}

static void an_attribute_that_is_not_there_is_told_from_one_that_fails(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device = make_machine(f);
	char *value = NULL;

	assert_int_equal(mdev_device_read_attr(device, "a", &value), -ENOENT);
	assert_error(f, "Invalid attribute 'a' of device " U1);
	assert_int_equal(mdev_device_write_attr(device, "a", "1"), -ENOENT);
	make_file(f, DEVICE "/a", "");
	f->fail_write = "/a";
	f->fail_error = EBUSY;
	assert_int_equal(mdev_device_write_attr(device, "a", "1"), -EBUSY);
	assert_error_has(f, "Failed to write 1 to attribute a of device " U1 ": Device or resource busy");
	assert_string_equal(mdev_ctx_last_error_uuid(f->ctx)->text, U1);
	assert_string_equal(mdev_ctx_last_error_parent(f->ctx), "mtty");
	mdev_device_unref(device);
}

static void rights_are_told(void **state)
{
	static struct sysfs_ops ops;
	struct fixture *f = *state;
	struct mdev_device *device = make_machine(f);
	struct mdev_device_info *info = NULL;

	ops = *f->ctx->sysfs;
	ops.open = deny;
	f->ctx->sysfs = &ops;
	assert_int_equal(mdev_device_get_info(device, &info), -EACCES);
	assert_error_has(f, "Permission denied");
	assert_null(info);
	mdev_device_unref(device);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		fixture_test(a_device_without_a_driver_has_a_path_and_no_more),
		fixture_test(a_bound_device_has_a_driver_and_nodes),
		fixture_test(a_kernel_without_device_nodes_has_the_group_only),
		fixture_test(the_details_of_a_device_that_is_gone_are_not_those_of_another),
		fixture_test(a_parent_has_a_driver_a_module_and_a_modalias),
		fixture_test(who_has_a_node_open_is_a_user),
		fixture_test(the_users_of_many_devices_are_found_at_once),
		fixture_test(a_device_that_is_not_bound_has_no_users),
		fixture_test(without_proc_nobody_knows_the_users),
		fixture_test(what_cannot_be_looked_into_is_said),
		fixture_test(a_process_that_ends_meanwhile_is_left_out),
		fixture_test(an_attribute_is_read_and_written),
		fixture_test(an_attribute_outside_the_device_is_refused),
		fixture_test(nothing_is_read_or_written_through_a_link),
		fixture_test(an_attribute_that_is_not_there_is_told_from_one_that_fails),
		fixture_test(rights_are_told),
	};

	return cmocka_run_group_tests_name("device-info", tests, NULL, NULL);
}
