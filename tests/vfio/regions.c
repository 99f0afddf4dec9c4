// SPDX-License-Identifier: GPL-2.0-only
/* Checks of regions: what is told of them, reading and writing them. */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"

#define RW (VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE)
#define LOG VFIO_PCI_BAR2_REGION_INDEX

static void device_info(struct vfio_client *client)
{
	struct vfio_device_info info;

	equal(vfio_client_info(client, &info), 0);
	equal(info.flags, VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET);
	equal(info.num_regions, 9);
	equal(info.num_irqs, 5);

	info.argsz = offsetof(struct vfio_device_info, num_irqs);
	equal(ioctl(client->device, VFIO_DEVICE_GET_INFO, &info), -1);
	equal(errno, EINVAL);
	equal(ioctl(client->device, VFIO_DEVICE_GET_INFO, NULL), -1);
	equal(errno, EFAULT);
	equal(ioctl(client->device, VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, &info), -1);
	equal(errno, ENOTTY);
	equal(ioctl(client->device, _IO('x', 1), &info), -1);
	equal(errno, ENOTTY);
}

static void expect_region(struct vfio_client *client, uint32_t index, uint64_t size, uint32_t flags)
{
	struct vfio_region_info info;

	equal(vfio_client_region_info(client, index, &info), 0);
	equal(info.size, size);
	equal(info.flags, flags);
	equal(info.offset, (uint64_t)index << VFIO_CLIENT_REGION_SHIFT);
	equal(info.cap_offset, 0);
}

static void dual_info(struct vfio_client *client)
{
	struct vfio_region_info info;
	uint32_t index;

	expect_region(client, VFIO_PCI_BAR0_REGION_INDEX, 8, RW);
	expect_region(client, VFIO_PCI_BAR1_REGION_INDEX, 8, RW);
	for (index = VFIO_PCI_BAR2_REGION_INDEX; index <= VFIO_PCI_ROM_REGION_INDEX; index++)
		expect_region(client, index, 0, 0);
	expect_region(client, CONFIG, 256, RW);
	expect_region(client, VFIO_PCI_VGA_REGION_INDEX, 0, 0);

	equal(vfio_client_region_info(client, VFIO_PCI_NUM_REGIONS, &info), -EINVAL);
	equal(vfio_client_region_info(client, UINT32_MAX, &info), -EINVAL);
	info = (struct vfio_region_info){ .argsz = offsetof(struct vfio_region_info, offset) };
	equal(ioctl(client->device, VFIO_DEVICE_GET_REGION_INFO, &info), -1);
	equal(errno, EINVAL);
	equal(ioctl(client->device, VFIO_DEVICE_GET_REGION_INFO, NULL), -1);
	equal(errno, EFAULT);
}

static void single_info(struct vfio_client *client)
{
	expect_region(client, VFIO_PCI_BAR0_REGION_INDEX, 8, RW);
	expect_region(client, VFIO_PCI_BAR1_REGION_INDEX, 0, 0);
}

static void testdev_info(struct vfio_client *client)
{
	expect_region(client, 0, 1ULL << 32, RW);
	expect_region(client, 1, 0, 0);
	expect_region(client, 2, 4096, VFIO_REGION_INFO_FLAG_READ);
	expect_region(client, 3, 16, VFIO_REGION_INFO_FLAG_WRITE);
	expect_region(client, 4, 4, VFIO_REGION_INFO_FLAG_READ);
}

/* @size bytes from @left bytes before the end of a region: short, never beyond it. */
static void around_end(struct vfio_client *client, uint32_t index, uint64_t end)
{
	uint8_t buffer[64];
	unsigned int left, size;

	for (left = 1; left <= 8 && left <= end; left++) {
		for (size = 0; size <= sizeof(buffer); size++) {
			ssize_t want = size < left ? size : left;

			memset(buffer, 0xa5, sizeof(buffer));
			equal(vfio_client_read(client, index, end - left, buffer, size), want);
			if (size > left)
				equal(buffer[left], 0xa5);
			equal(vfio_client_write(client, index, end - left, buffer, size), want);
		}
	}
	equal(vfio_client_read(client, index, end, buffer, 1), 0);
	equal(vfio_client_read(client, index, end, buffer, sizeof(buffer)), 0);
	equal(vfio_client_write(client, index, end, buffer, 0), 0);
	equal(vfio_client_write(client, index, end, buffer, 1), -EINVAL);
	equal(vfio_client_read(client, index, end + 1, buffer, 1), -EINVAL);
	equal(vfio_client_write(client, index, end + 1, buffer, 1), -EINVAL);
	equal(vfio_client_read(client, index, (1ULL << 40) - 1, buffer, 1), -EINVAL);
	equal(vfio_client_write(client, index, (1ULL << 40) - 1, buffer, 1), -EINVAL);
}

static void dual_ends(struct vfio_client *client)
{
	uint32_t index;
	uint8_t byte = 0;

	around_end(client, VFIO_PCI_BAR0_REGION_INDEX, 8);
	around_end(client, VFIO_PCI_BAR1_REGION_INDEX, 8);
	around_end(client, CONFIG, 256);

	for (index = 0; index < 20; index++) {
		if (index <= VFIO_PCI_BAR1_REGION_INDEX || index == CONFIG)
			continue;
		equal(vfio_client_read(client, index, 0, &byte, 1), -EINVAL);
		equal(vfio_client_write(client, index, 0, &byte, 1), -EINVAL);
	}
	equal(vfio_client_read(client, (1U << 23) - 1, 0, &byte, 1), -EINVAL);
	equal(pread(client->device, &byte, 1, INT64_MAX), -1);
}

static void testdev_ends(struct vfio_client *client)
{
	around_end(client, VFIO_PCI_BAR0_REGION_INDEX, 1ULL << 32);
}

static void expect_log(struct vfio_client *client, unsigned int entry, uint64_t offset,
		       unsigned int size)
{
	equal(read_register(client, LOG, 4 * entry, 4), size << 16 | (offset & 0xffff));
}

/* Unaligned and odd sizes reach the driver as natural accesses, lowest address first. */
static void testdev_split(struct vfio_client *client)
{
	uint8_t data[17], back[17];
	unsigned int i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = i + 1;
	equal(vfio_client_write(client, 0, 1, data, sizeof(data)), sizeof(data));
	expect_log(client, 0, 1, 1);
	expect_log(client, 1, 2, 2);
	expect_log(client, 2, 4, 4);
	expect_log(client, 3, 8, 8);
	expect_log(client, 4, 16, 2);
	equal(read_register(client, LOG, 4092, 4), 5);
	equal(vfio_client_read(client, 0, 1, back, sizeof(back)), sizeof(back));
	equal(memcmp(data, back, sizeof(data)), 0);
	equal(read_register(client, 0, 8, 8), 0x0f0e0d0c0b0a0908);

	/* The log itself is 4 bytes wide: two accesses, which are one to its reader. */
	equal(read_register(client, LOG, 0, 8), (2ULL << 16 | 2) << 32 | 1 << 16 | 1);
	equal(read_register(client, 4, 1, 2), 0x0302);
	equal(read_register(client, 4, 0, 4), 0x04030201);
}

static void testdev_errors(struct vfio_client *client)
{
	uint8_t data[8] = { 0 };

	equal(vfio_client_write(client, TESTDEV_CONTROL, TESTDEV_FAIL, data, 2), -EIO);
	/* What has been done before counts. */
	equal(vfio_client_write(client, TESTDEV_CONTROL, 0, data, 8), 4);
	equal(vfio_client_read(client, TESTDEV_CONTROL, 0, data, 2), -EINVAL);
	equal(vfio_client_write(client, 4, 0, data, 2), -EINVAL);
}

/* A buffer that ends in unmapped memory. */
static void bad_memory(struct vfio_client *client)
{
	long page = sysconf(_SC_PAGESIZE);
	uint8_t *memory = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			       -1, 0);

	is_true(memory != MAP_FAILED);
	equal(munmap(memory + page, page), 0);
	equal(vfio_client_read(client, CONFIG, 0, memory + page, 4), -EFAULT);
	equal(vfio_client_write(client, CONFIG, 0, memory + page, 4), -EFAULT);
	equal(vfio_client_read(client, CONFIG, 0, memory + page - 8, 64), 8);
	equal(memory[page - 8], 0x48);
	equal(vfio_client_write(client, CONFIG, 0x38, memory + page - 4, 8), 4);
}

static void no_mmap(struct vfio_client *client)
{
	is_true(mmap(NULL, 4096, PROT_READ, MAP_SHARED, client->device, 0) == MAP_FAILED);
	equal(errno, EINVAL);
}

const struct check region_checks[] = {
	{ .name = "device-info", .run = device_info },
	{ .name = "region-dual-info", .run = dual_info },
	{ .name = "region-single-info", .run = single_info },
	{ .name = "region-testdev-info", .run = testdev_info },
	{ .name = "region-dual-ends", .run = dual_ends },
	{ .name = "region-testdev-ends", .run = testdev_ends },
	{ .name = "region-testdev-split", .run = testdev_split },
	{ .name = "region-testdev-errors", .run = testdev_errors },
	{ .name = "region-bad-memory", .run = bad_memory },
	{ .name = "region-no-mmap", .run = no_mmap },
	{ 0 },
};
