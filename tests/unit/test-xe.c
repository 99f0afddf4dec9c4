// SPDX-License-Identifier: LGPL-2.1-or-later
/* Attributes of a virtual function of Intel's, which are below its physical function. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"
#include "../../lib/backend.h"

#define BUS   "sys/bus/pci/devices/"
#define PF    "0000:03:00.0"
#define VF    "0000:03:00.2" /* the second one: vf2, and virtfn1 */
#define ADMIN BUS PF "/sriov_admin/"

/* An open that fails where the kernel's read does. */
static int unclean_open(void *data, int dir, const char *path, int flags)
{
	int fd = openat(dir, path, flags);

	(void)data;
	if (fd >= 0 && strcmp(path, "exec_quantum_ms") == 0) {
		close(fd);
		return -EUCLEAN;
	}
	return fd < 0 ? -errno : fd;
}

static ssize_t kernel_write(void *data, int fd, const char *bytes, size_t length)
{
	return sysfs_kernel_ops.write(data, fd, bytes, length);
}

static const struct sysfs_ops unclean_ops = { .open = unclean_open, .write = kernel_write };

/* One that another program has given to a virtual machine. */
static struct mdev_device *find_device(struct fixture *f)
{
	struct mdev_device **devices, *device;

	make_link(f, "sys/bus/pci/drivers/xe/" PF, "../../devices/" PF);
	make_dir(f, "sys/bus/pci/drivers/vfio-pci");
	make_file(f, BUS PF "/sriov_totalvfs", "4\n");
	make_file(f, BUS PF "/sriov_numvfs", "2\n");
	for (size_t i = 1; i <= 4; i++) {
		char path[128], target[64];

		snprintf(path, sizeof(path), ADMIN "vf%zu/profile/exec_quantum_ms", i);
		make_file(f, path, "0\n");
		snprintf(path, sizeof(path), ADMIN "vf%zu/profile/sched_priority", i);
		make_file(f, path, i == 2 ? "low [normal]\n" : "[low] normal\n");
		if (i > 2)
			continue;
		snprintf(target, sizeof(target), "0000:03:00.%zu", i);
		snprintf(path, sizeof(path), BUS "%s/physfn", target);
		make_link(f, path, "../" PF);
		snprintf(path, sizeof(path), BUS "%s/vendor", target);
		make_file(f, path, "0x8086\n");
		snprintf(target, sizeof(target), "../0000:03:00.%zu", i);
		snprintf(path, sizeof(path), BUS PF "/virtfn%zu", i - 1);
		make_link(f, path, target);
		snprintf(target, sizeof(target), "../../../0000:03:00.%zu", i);
		snprintf(path, sizeof(path), ADMIN "vf%zu/device", i);
		make_link(f, path, target);
	}
	make_link(f, BUS VF "/driver", "../../drivers/vfio-pci");
	assert_int_equal(mdev_device_list(f->ctx, NULL, NULL, &devices), 0);
	assert_non_null(devices[0]);
	assert_null(devices[1]);
	assert_string_equal(mdev_device_get_parent(devices[0]), VF);
	device = mdev_device_ref(devices[0]);
	mdev_device_list_free(devices);
	return device;
}

static void a_choice_reads_as_the_word_that_is_set(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device = find_device(f);
	char *value;

	assert_int_equal(mdev_device_read_attr(device, "sched_priority", &value), 0);
	assert_string_equal(value, "normal");
	free(value);
	f->ctx->sysfs = &sysfs_kernel_ops;
	assert_int_equal(mdev_device_write_attr(device, "profile/sched_priority", "high"), 0);
	/* The rest of a file that is no file of a driver stays. */
	assert_file(f, ADMIN "vf2/profile/sched_priority", "high[normal]\n");
	assert_int_equal(mdev_device_write_attr(device, "stop", "1"), -ENOENT);
	mdev_device_unref(device);
}

static void parts_that_differ_are_told(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device = find_device(f);
	char *value;

	f->ctx->sysfs = &unclean_ops;
	assert_int_equal(mdev_device_read_attr(device, "exec_quantum_ms", &value), -EUCLEAN);
	assert_error_has(f, "; the parts of the GPU have different values: write one");
	mdev_device_unref(device);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		fixture_test(a_choice_reads_as_the_word_that_is_set),
		fixture_test(parts_that_differ_are_told),
	};

	return cmocka_run_group_tests_name("xe", tests, NULL, NULL);
}
