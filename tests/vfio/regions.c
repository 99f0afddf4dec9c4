// SPDX-License-Identifier: GPL-2.0-only
/* The ioctls that ask, good, bad and unknown; and regions: reading and writing them. */
#include "mtty.h"

#define UNTOUCHED 0xa5
#define LOG VFIO_PCI_BAR2_REGION_INDEX

/* An ioctl whose structure begins with argsz, and the size it must have at least. */
struct request {
	const char *name;
	unsigned long number;
	uint32_t size;
	uint32_t indexes;
};

static const struct request requests[] = {
	{ "device info", VFIO_DEVICE_GET_INFO,
	  offsetof(struct vfio_device_info, num_irqs) + sizeof(uint32_t), 0 },
	{ "region info", VFIO_DEVICE_GET_REGION_INFO,
	  offsetof(struct vfio_region_info, offset) + sizeof(uint64_t), VFIO_PCI_NUM_REGIONS },
	{ "interrupt info", VFIO_DEVICE_GET_IRQ_INFO,
	  offsetof(struct vfio_irq_info, count) + sizeof(uint32_t), VFIO_PCI_NUM_IRQS },
};

/* The structures above begin alike; room for newer and larger ones. */
union argument {
	struct {
		uint32_t argsz;
		uint32_t flags;
		uint32_t index;
	};
	uint8_t bytes[256];
};

static long ask(struct device *dev, unsigned long number, void *argument)
{
	return result(ioctl(dev->fd, number, argument));
}

static void device_info(struct device *dev)
{
	struct vfio_device_info info;

	tap_is(vfio_info(dev, &info), 0, "device info");
	tap_is(info.flags, VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET, "flags of the device");
	tap_is(info.num_regions, VFIO_PCI_NUM_REGIONS, "number of regions");
	tap_is(info.num_irqs, VFIO_PCI_NUM_IRQS, "number of interrupts");
}

static void sizes(struct device *dev, const struct request *request)
{
	union argument argument;
	uint32_t argsz;

	for (argsz = 0; argsz < request->size; argsz++) {
		memset(&argument, 0, sizeof(argument));
		argument.argsz = argsz;
		if (ask(dev, request->number, &argument) != -EINVAL)
			break;
	}
	tap_is(argsz, request->size, "%s: EINVAL for every argsz below %u", request->name,
	       request->size);

	memset(&argument, UNTOUCHED, sizeof(argument));
	argument.argsz = sizeof(argument);
	argument.index = 0;
	tap_is(ask(dev, request->number, &argument), 0, "%s: a larger argsz is taken", request->name);
	tap_is(argument.bytes[sizeof(argument) - 1], UNTOUCHED, "%s: what is not known is left alone",
	       request->name);
	memset(&argument, 0, sizeof(argument));
	argument.argsz = UINT32_MAX;
	tap_is(ask(dev, request->number, &argument), 0, "%s: the largest argsz is taken", request->name);
}

static void memory(struct device *dev, const struct request *request)
{
	tap_is(ask(dev, request->number, NULL), -EFAULT, "%s: EFAULT for no memory", request->name);
	tap_is(ask(dev, request->number, (void *)-4096), -EFAULT,
	       "%s: EFAULT for the kernel's memory", request->name);
}

static void indexes(struct device *dev, const struct request *request)
{
	const uint32_t count = request->indexes;
	const uint32_t wrong[] = { count, count + 1, 0x7fffffff, 0x80000000, UINT32_MAX };
	unsigned int i;

	for (i = 0; count && i < ARRAY_SIZE(wrong); i++) {
		union argument argument = { { .argsz = sizeof(argument), .index = wrong[i] } };

		tap_is(ask(dev, request->number, &argument), -EINVAL, "%s: EINVAL for index %u",
		       request->name, wrong[i]);
	}
}

static void device_arguments(struct device *dev)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(requests); i++) {
		sizes(dev, &requests[i]);
		memory(dev, &requests[i]);
		indexes(dev, &requests[i]);
	}
}

static void device_unknown(struct device *dev)
{
	static const struct { const char *name; unsigned long number; } ioctls[] = {
		{ "of PCI hot reset", VFIO_DEVICE_GET_PCI_HOT_RESET_INFO },
		{ "of graphics", VFIO_DEVICE_QUERY_GFX_PLANE },
		{ "of ioeventfds", VFIO_DEVICE_IOEVENTFD },
		{ "of a container", VFIO_SET_IOMMU },
		{ "of a group", VFIO_GROUP_GET_STATUS },
		{ "of another type", _IO('!', 100) },
		{ "that does not exist", _IO(VFIO_TYPE, VFIO_BASE + 99) },
		{ "0", 0 },
		{ "of all ones", UINT32_MAX },
	};
	struct vfio_device_feature feature = {
		.argsz = sizeof(feature),
		.flags = VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_PROBE | 0xffff,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ioctls); i++) {
		union argument argument = { { .argsz = sizeof(argument) } };

		tap_is(ask(dev, ioctls[i].number, &argument), -ENOTTY, "ENOTTY for an ioctl %s",
		       ioctls[i].name);
	}
	tap_is(ask(dev, VFIO_DEVICE_FEATURE, &feature), -ENOTTY, "ENOTTY for an unknown feature");
	feature.argsz = sizeof(feature) - 1;
	tap_is(ask(dev, VFIO_DEVICE_FEATURE, &feature), -EINVAL, "EINVAL for half a feature");
	tap_is(ask(dev, VFIO_DEVICE_FEATURE, NULL), -EFAULT, "EFAULT for none");
}

/* The group has one device, and one user. */
static void device_second_user(struct device *dev)
{
	char wrong[] = "00000000-0000-0000-0000-000000000000";
	struct device other = *dev;

	other.uuid = wrong;
	tap_ok(vfio_device_fd(&other) < 0, "the group has no device of another name");
	other.uuid = "";
	tap_ok(vfio_device_fd(&other) < 0, "nor one of no name");
	other.uuid = dev->uuid;
	tap_is(vfio_open(&other), -EBUSY, "a second user is turned away while a device is held");
	vfio_close(dev);
	tap_is(vfio_open(&other), 0, "and has it afterwards");
	vfio_close(&other);
}

/* Prints what there is. */
static void info(struct device *dev)
{
	struct vfio_region_info region;
	struct vfio_device_info info;
	struct vfio_irq_info irq;
	unsigned int i;

	equal(vfio_info(dev, &info), 0);
	tap_note("device flags=%#x regions=%u irqs=%u", info.flags, info.num_regions, info.num_irqs);
	for (i = 0; i < info.num_regions; i++)
		if (!vfio_region_info(dev, i, &region))
			tap_note("region %u size=%#llx flags=%#x offset=%#llx", i, region.size,
				 region.flags, region.offset);
	for (i = 0; i < info.num_irqs; i++)
		if (!vfio_irq_info(dev, i, &irq))
			tap_note("irq %u count=%u flags=%#x", i, irq.count, irq.flags);
}

static void region_info(struct device *dev)
{
	struct vfio_region_info info;
	unsigned int i;

	for (i = 0; i < VFIO_PCI_NUM_REGIONS; i++) {
		int ret = vfio_region_info(dev, i, &info);
		bool areas = dev->kind->region[i].flags & VFIO_REGION_INFO_FLAG_CAPS;

		tap_ok(!ret && info.size == dev->kind->region[i].size &&
		       info.flags == dev->kind->region[i].flags && (areas || !info.cap_offset) &&
		       info.offset == (uint64_t)i << REGION_SHIFT, "size, flags and offset of region %u", i);
	}
}

/* Reads and writes from @left bytes before the end, of any size: short, and nothing beyond it. */
static bool is_short(struct device *dev, uint32_t index, uint64_t end, size_t left)
{
	uint8_t buffer[256], untouched[256], before[16];
	size_t size, want;

	memset(untouched, UNTOUCHED, sizeof(untouched));
	equal(vfio_read(dev, index, end - left, before, left), left);
	for (size = 0; size <= sizeof(buffer); size++) {
		want = size < left ? size : left;
		memset(buffer, UNTOUCHED, sizeof(buffer));
		if (vfio_read(dev, index, end - left, buffer, size) != (ssize_t)want ||
		    memcmp(buffer + want, untouched, sizeof(buffer) - want) ||
		    vfio_write(dev, index, end - left, buffer, size) != (ssize_t)want)
			return false;
		/* Registers of a UART change when they are read. */
		if (index == CONFIG && memcmp(buffer, before, want))
			return false;
	}
	return true;
}

static void around_end(struct device *dev, uint32_t index, uint64_t end)
{
	const uint64_t behind[] = { end + 1, end + 4096, (1ULL << 40) - 1 };
	uint8_t buffer[512], untouched[512];
	unsigned int left, i, refused = 0;

	for (left = 1; left <= 16 && left <= end && is_short(dev, index, end, left); left++)
		;
	tap_ok(left > 16 || left > end, "a read across the end is short and touches nothing behind");
	memset(buffer, UNTOUCHED, sizeof(buffer));
	memset(untouched, UNTOUCHED, sizeof(untouched));
	tap_ok(vfio_read(dev, index, end, buffer, 1) == 0 &&
	       vfio_read(dev, index, end, buffer, sizeof(buffer)) == 0, "nothing is read at the end");
	for (i = 0; i < ARRAY_SIZE(behind); i++)
		refused += vfio_read(dev, index, behind[i], buffer, 4) == -EINVAL &&
			   vfio_write(dev, index, behind[i], buffer, 4) == -EINVAL;
	tap_is(refused, 3, "nothing is read or written past the end");
	tap_ok(!memcmp(buffer, untouched, sizeof(buffer)), "these reads leave the buffer as it is");
	tap_ok(vfio_write(dev, index, end, buffer, 0) == 0 &&
	       vfio_write(dev, index, end, buffer, 1) == -EINVAL, "nothing is written at the end");
	tap_is(vfio_read(dev, index, 0, buffer, 0), 0, "a read of no bytes gives 0");
}

static void region_ends(struct device *dev)
{
	const uint32_t rw = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
	uint32_t index;
	uint8_t byte = 0;

	for (index = 0; index < 20; index++) {
		uint64_t size = index < VFIO_PCI_NUM_REGIONS ? dev->kind->region[index].size : 0;

		if (size && dev->kind->region[index].flags == rw)
			around_end(dev, index, size);
		if (size)
			continue;
		equal(vfio_read(dev, index, 0, &byte, 1), -EINVAL);
		equal(vfio_write(dev, index, 0, &byte, 1), -EINVAL);
	}
	equal(vfio_read(dev, (1U << 23) - 1, 0, &byte, 1), -EINVAL);
	equal(pread(dev->fd, &byte, 1, INT64_MAX), -1);
}

static void expect_log(struct device *dev, unsigned int entry, uint64_t offset, unsigned int size)
{
	equal(peek(dev, LOG, 4 * entry, 4), size << 16 | (offset & 0xffff));
}

/* Unaligned and odd sizes reach the driver as natural accesses, lowest address first. */
static void region_split(struct device *dev)
{
	uint8_t data[17], back[17];
	unsigned int i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = i + 1;
	equal(vfio_write(dev, 0, 1, data, sizeof(data)), sizeof(data));
	expect_log(dev, 0, 1, 1);
	expect_log(dev, 1, 2, 2);
	expect_log(dev, 2, 4, 4);
	expect_log(dev, 3, 8, 8);
	expect_log(dev, 4, 16, 2);
	equal(peek(dev, LOG, 4092, 4), 5);
	equal(vfio_read(dev, 0, 1, back, sizeof(back)), sizeof(back));
	equal(memcmp(data, back, sizeof(data)), 0);
	equal(peek(dev, 0, 8, 8), 0x0f0e0d0c0b0a0908);

	/* The log itself is 4 bytes wide: two accesses, which are one to its reader. */
	equal(peek(dev, LOG, 0, 8), (2ULL << 16 | 2) << 32 | 1 << 16 | 1);
	equal(peek(dev, 4, 1, 2), 0x0302);
	equal(peek(dev, 4, 0, 4), 0x04030201);
}

static void region_errors(struct device *dev)
{
	uint8_t data[8] = { 0 };

	equal(vfio_write(dev, TESTDEV_CONTROL, TESTDEV_FAIL, data, 2), -EIO);
	/* What has been done before counts. */
	equal(vfio_write(dev, TESTDEV_CONTROL, 0, data, 8), 4);
	equal(vfio_read(dev, TESTDEV_CONTROL, 0, data, 2), -EINVAL);
	equal(vfio_write(dev, 4, 0, data, 2), -EINVAL);
}

/* A buffer that ends in unmapped memory. */
static void region_bad_memory(struct device *dev)
{
	uint8_t *end = end_of_memory(4096), before[256], after[256];

	get_config(dev, before);
	tap_is(vfio_read(dev, CONFIG, 0, NULL, 4), -EFAULT, "a read to no memory says EFAULT");
	tap_is(vfio_write(dev, CONFIG, 4, NULL, 4), -EFAULT, "a write from no memory says EFAULT");
	get_config(dev, after);
	tap_ok(!memcmp(before, after, sizeof(before)), "which changes nothing");
	equal(vfio_read(dev, CONFIG, 0, end, 4), -EFAULT);
	equal(vfio_write(dev, CONFIG, 0, end, 4), -EFAULT);
	equal(vfio_read(dev, CONFIG, 0, end - 8, 64), 8);
	equal(end[-8], 0x48);
	equal(vfio_write(dev, CONFIG, 0x38, end - 4, 8), 4);
}

static void region_no_mmap(struct device *dev)
{
	unsigned int i;

	for (i = 0; i < VFIO_PCI_NUM_REGIONS; i++) {
		errno = 0;
		if (mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, dev->fd,
			 (off_t)i << REGION_SHIFT) != MAP_FAILED || errno != EINVAL)
			break;
	}
	tap_is(i, VFIO_PCI_NUM_REGIONS, "no region can be mapped, as their flags say");
}

const struct check device_checks[] = {
	CHECK(device_info, LINES | EXPRESS, "the device's information is right"),
	CHECK(device_arguments, LINES | EXPRESS, "short, wrong or absent arguments are refused"),
	CHECK(device_unknown, MTTY, "unknown ioctls are refused"),
	CHECK(device_second_user, MTTY, "a device has one user"),
	{ "device_works", MTTY, mtty_works_still, "after all this the device works" },
	CHECK(info, ANY | ALONE, "prints what there is"),
	{ 0 },
};

const struct check region_checks[] = {
	CHECK(region_info, LINES | EXPRESS, "nine are described, absent ones with size 0"),
	CHECK(region_ends, LINES, "accesses at its end are short, and none goes beyond it"),
	CHECK(region_split, TESTDEV, "odd sizes and offsets become natural accesses"),
	CHECK(region_errors, TESTDEV, "an error reaches the user, after what was done before it"),
	CHECK(region_bad_memory, MTTY, "memory that is not there gives EFAULT or a short count"),
	CHECK(region_no_mmap, LINES, "a region that cannot be mapped is not mapped"),
	{ 0 },
};
