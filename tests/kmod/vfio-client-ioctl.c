// SPDX-License-Identifier: GPL-2.0-only
/* The ioctls that ask, with arguments good and bad, and those that do not exist. */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "vfio-client-tap.h"
#include "vfio-client-tests.h"

#define UNTOUCHED 0xa5

/* An ioctl whose structure begins with argsz, and the size it must have at least. */
struct request {
	const char *name;
	unsigned long number;
	uint32_t size;
};

static const struct request requests[] = {
	{ "device info", VFIO_DEVICE_GET_INFO,
	  offsetof(struct vfio_device_info, num_irqs) + sizeof(uint32_t) },
	{ "region info", VFIO_DEVICE_GET_REGION_INFO,
	  offsetof(struct vfio_region_info, offset) + sizeof(uint64_t) },
	{ "interrupt info", VFIO_DEVICE_GET_IRQ_INFO,
	  offsetof(struct vfio_irq_info, count) + sizeof(uint32_t) },
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

static int ask(const struct mtty *mtty, unsigned long number, void *argument)
{
	return ioctl(mtty->client.device, number, argument) < 0 ? -errno : 0;
}

static void test_device_info(const struct mtty *mtty)
{
	struct vfio_device_info info;

	tap_is(vfio_client_info(&mtty->client, &info), 0, "device info");
	tap_is(info.flags, mtty->expected->device_flags, "flags of the device");
	tap_is(info.num_regions, mtty->expected->num_regions, "number of regions");
	tap_is(info.num_irqs, mtty->expected->num_irqs, "number of interrupts");
}

static void test_region_info(const struct mtty *mtty)
{
	struct vfio_region_info info;
	unsigned int i;

	for (i = 0; i < mtty->expected->num_regions; i++) {
		int ret = vfio_client_region_info(&mtty->client, i, &info);

		/* The VGA region is for devices that have one; the others always exist. */
		if (i == VFIO_PCI_VGA_REGION_INDEX && ret == -EINVAL) {
			tap_skip("the device has none", "the VGA region");
			continue;
		}
		tap_ok(!ret && info.size == mtty->expected->region[i].size &&
		       info.flags == mtty->expected->region[i].flags &&
		       info.offset == (uint64_t)i << VFIO_CLIENT_REGION_SHIFT,
		       "size, flags and offset of region %u", i);
	}
}

static void test_sizes(const struct mtty *mtty, const struct request *request)
{
	union argument argument;
	uint32_t argsz;

	for (argsz = 0; argsz < request->size; argsz++) {
		memset(&argument, 0, sizeof(argument));
		argument.argsz = argsz;
		if (ask(mtty, request->number, &argument) != -EINVAL)
			break;
	}
	tap_is(argsz, request->size, "%s: EINVAL for every argsz below %u", request->name,
	       request->size);

	memset(&argument, UNTOUCHED, sizeof(argument));
	argument.argsz = sizeof(argument);
	argument.index = 0;
	tap_is(ask(mtty, request->number, &argument), 0, "%s: a larger argsz is taken",
	       request->name);
	tap_is(argument.bytes[sizeof(argument) - 1], UNTOUCHED, "%s: what is not known is left alone",
	       request->name);
	memset(&argument, 0, sizeof(argument));
	argument.argsz = UINT32_MAX;
	tap_is(ask(mtty, request->number, &argument), 0, "%s: the largest argsz is taken",
	       request->name);
}

static void test_memory(const struct mtty *mtty, const struct request *request)
{
	tap_is(ask(mtty, request->number, NULL), -EFAULT, "%s: EFAULT for no memory", request->name);
	tap_is(ask(mtty, request->number, (void *)-4096), -EFAULT,
	       "%s: EFAULT for the kernel's memory", request->name);
}

static void test_indexes(const struct mtty *mtty, const struct request *request, uint32_t count)
{
	const uint32_t indexes[] = { count, count + 1, 0x7fffffff, 0x80000000, UINT32_MAX };
	union argument argument;
	unsigned int i;

	for (i = 0; i < sizeof(indexes) / sizeof(indexes[0]); i++) {
		memset(&argument, 0, sizeof(argument));
		argument.argsz = sizeof(argument);
		argument.index = indexes[i];
		tap_is(ask(mtty, request->number, &argument), -EINVAL, "%s: EINVAL for index %u",
		       request->name, indexes[i]);
	}
}

static void test_unknown(const struct mtty *mtty)
{
	const struct request unknown[] = {
		{ "of PCI hot reset", VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, 0 },
		{ "of graphics", VFIO_DEVICE_QUERY_GFX_PLANE, 0 },
		{ "of ioeventfds", VFIO_DEVICE_IOEVENTFD, 0 },
		{ "of a container", VFIO_SET_IOMMU, 0 },
		{ "of a group", VFIO_GROUP_GET_STATUS, 0 },
		{ "of another type", _IO('!', 100), 0 },
		{ "that does not exist", _IO(VFIO_TYPE, VFIO_BASE + 99), 0 },
		{ "0", 0, 0 },
		{ "of all ones", UINT32_MAX, 0 },
	};
	union argument argument;
	unsigned int i;

	for (i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		memset(&argument, 0, sizeof(argument));
		argument.argsz = sizeof(argument);
		tap_is(ask(mtty, unknown[i].number, &argument), -ENOTTY, "ENOTTY for an ioctl %s",
		       unknown[i].name);
	}
}

static void test_feature(const struct mtty *mtty)
{
	struct vfio_device_feature feature = {
		.argsz = sizeof(feature),
		.flags = VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_PROBE | 0xffff,
	};

	tap_is(ask(mtty, VFIO_DEVICE_FEATURE, &feature), -ENOTTY, "ENOTTY for an unknown feature");
	feature.argsz = sizeof(feature) - 1;
	tap_is(ask(mtty, VFIO_DEVICE_FEATURE, &feature), -EINVAL, "EINVAL for half a feature");
	tap_is(ask(mtty, VFIO_DEVICE_FEATURE, NULL), -EFAULT, "EFAULT for none");
}

static void test_mmap(const struct mtty *mtty)
{
	unsigned int i;
	void *memory;

	for (i = 0; i < VFIO_PCI_NUM_REGIONS; i++) {
		memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, mtty->client.device,
			      (off_t)i << VFIO_CLIENT_REGION_SHIFT);
		if (memory != MAP_FAILED)
			break;
	}
	tap_is(i, VFIO_PCI_NUM_REGIONS, "no region can be mapped, as their flags say");
}

static void test_opening_again(const struct mtty *mtty)
{
	char wrong[] = "00000000-0000-0000-0000-000000000000";
	struct vfio_client other = mtty->client;

	other.uuid = wrong;
	tap_ok(vfio_client_device_fd(&other) < 0, "the group has no device of another name");
	other.uuid = "";
	tap_ok(vfio_client_device_fd(&other) < 0, "nor one of no name");
}

void test_ioctl(struct mtty *mtty)
{
	unsigned int i;

	test_device_info(mtty);
	test_region_info(mtty);
	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		test_sizes(mtty, &requests[i]);
		test_memory(mtty, &requests[i]);
	}
	test_indexes(mtty, &requests[1], VFIO_PCI_NUM_REGIONS);
	test_indexes(mtty, &requests[2], VFIO_PCI_NUM_IRQS);
	test_unknown(mtty);
	test_feature(mtty);
	test_mmap(mtty);
	test_opening_again(mtty);
	tap_ok(mtty_is_sane(mtty), "after all this the device works");
}
