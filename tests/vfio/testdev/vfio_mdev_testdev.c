// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices with what mtty does not have, for the tests of the toolkit. The parent is
 * /sys/devices/virtual/testdev/testdev. testdev-full has memory BARs, of which one is 64 bits
 * wide, accesses of each width, a BAR that cannot be read and one that cannot be
 * written, a register that fails, MSI:
 *
 * BAR 0  4 GiB, 64 bits, prefetchable, accesses up to 8 bytes: MEMORY_SIZE bytes of memory,
 *	  repeated
 * BAR 2  4 KiB, up to 4 bytes: the log. Dword n describes the n-th access to the other
 *	  BARs since the reset as size << 16 | low half of the offset, or with size 0 that
 *	  the device was stopped (1) or started (2); dword 1023 is their number.
 * BAR 3  I/O, 16 bytes, up to 2 bytes, write only: +0 sets the level of INTx, +2
 *	  triggers an MSI vector, +4 fails with EIO, +6 triggers an MSI-X vector, +8 tells
 *	  of an error, +10 makes .save fail from now on
 * BAR 4  I/O, 4 bytes, up to 4 bytes, read only: 0x04030201
 *
 * testdev-express is a PCI Express device with MSI-X and memory that can be mapped:
 *
 * BAR 0  64 KiB, 64 bits: of the memory two areas can be mapped, at 0x2000 a page, and at
 *	  0x8000 four; the table of MSI-X is at 0x1000, its pending bits at 0x1800
 * BAR 2  16 KiB, all of which can be mapped, though the last page is not to be had
 * BAR 3  as above
 * BAR 4  4 KiB that can be mapped and read, but not written
 *
 * testdev-whole is the same for users that map a BAR as a whole or not at all: of BAR 0 nothing
 * can be mapped.
 *
 * The descriptions of the types testdev-bad-N are invalid in one way each, testdev-bad-none has none.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>

#include "vfio_mdev.h"

static unsigned int saves;
module_param(saves, uint, 0444);
MODULE_PARM_DESC(saves, "how often devices have been saved");

#define MEMORY_SIZE 64
#define LOG_SIZE 1023
#define EXPRESS_VECTORS 65

/* Where the memory of the BARs of testdev-express is in .mapped. */
#define BAR0_START 0
#define BAR0_SIZE SZ_64K
#define BAR2_START (BAR0_START + BAR0_SIZE)
#define BAR2_SIZE SZ_16K
#define BAR4_START (BAR2_START + BAR2_SIZE)
#define BAR4_SIZE SZ_4K
#define MAPPED_SIZE (BAR4_START + BAR4_SIZE)

struct testdev {
	struct vfio_mdev_device vdev;
	spinlock_t lock; /* all below */
	u8 memory[MEMORY_SIZE];
	u32 log[LOG_SIZE];
	u32 accesses;
	bool level;
	bool save_fails;
	bool changed;	/* since it was saved last */
	u8 *mapped;	/* of testdev-express, else NULL */
};

/* What is saved of testdev-full; of testdev-express it is all of .mapped. */
struct testdev_state {
	u8 memory[MEMORY_SIZE];
	__le32 level;
};

static struct testdev *to_testdev(struct vfio_mdev_device *vdev)
{
	return container_of(vdev, struct testdev, vdev);
}

static int testdev_init(struct vfio_mdev_device *vdev)
{
	struct testdev *dev = to_testdev(vdev);

	spin_lock_init(&dev->lock);
	if (!vdev->type->desc->pcie)
		return 0;
	dev->mapped = vmalloc_user(MAPPED_SIZE);
	return dev->mapped ? 0 : -ENOMEM;
}

static void testdev_release(struct vfio_mdev_device *vdev)
{
	vfree(to_testdev(vdev)->mapped);
}

static void testdev_reset(struct vfio_mdev_device *vdev)
{
	struct testdev *dev = to_testdev(vdev);

	spin_lock(&dev->lock);
	memset(dev->memory, 0, sizeof(dev->memory));
	memset(dev->log, 0, sizeof(dev->log));
	if (dev->mapped)
		memset(dev->mapped, 0, MAPPED_SIZE);
	dev->accesses = 0;
	dev->level = false;
	dev->save_fails = false;
	spin_unlock(&dev->lock);
}

static void log_access(struct testdev *dev, u64 offset, unsigned int size)
{
	if (dev->accesses < LOG_SIZE)
		dev->log[dev->accesses] = size << 16 | (offset & 0xffff);
	dev->accesses++;
}

static u64 read_log(struct testdev *dev, u64 offset, unsigned int size)
{
	unsigned int index = offset / 4;
	u32 value = index < LOG_SIZE ? dev->log[index] : dev->accesses;

	return value >> 8 * (offset % 4);
}

/* Both kinds of memory; an access never crosses the end of either. */
static u8 *memory_at(struct testdev *dev, unsigned int index, u64 offset)
{
	if (!dev->mapped)
		return dev->memory + offset % MEMORY_SIZE;
	switch (index) {
	case VFIO_PCI_BAR0_REGION_INDEX:
		return dev->mapped + BAR0_START + offset;
	case VFIO_PCI_BAR2_REGION_INDEX:
		return dev->mapped + BAR2_START + offset;
	default:
		return dev->mapped + BAR4_START + offset;
	}
}

static u64 read_memory(struct testdev *dev, unsigned int index, u64 offset, unsigned int size)
{
	u64 value = 0;
	unsigned int i;

	for (i = 0; i < size; i++)
		value |= (u64)memory_at(dev, index, offset)[i] << 8 * i;
	return value;
}

static void write_memory(struct testdev *dev, unsigned int index, u64 offset, unsigned int size,
			 u64 value)
{
	unsigned int i;

	for (i = 0; i < size; i++)
		memory_at(dev, index, offset)[i] = value >> 8 * i;
}

static int testdev_read(struct vfio_mdev_device *vdev, unsigned int index, u64 offset,
			unsigned int size, u64 *value)
{
	struct testdev *dev = to_testdev(vdev);

	spin_lock(&dev->lock);
	if (dev->mapped) {
		*value = read_memory(dev, index, offset, size);
	} else if (index == VFIO_PCI_BAR2_REGION_INDEX) {
		*value = read_log(dev, offset, size);
	} else {
		log_access(dev, offset, size);
		*value = index == VFIO_PCI_BAR0_REGION_INDEX ?
			 read_memory(dev, index, offset, size) : 0x04030201 >> 8 * offset;
	}
	spin_unlock(&dev->lock);
	return 0;
}

static int write_control(struct testdev *dev, u64 offset, u64 value)
{
	switch (offset) {
	case 0:
		dev->level = value;
		vfio_mdev_irq_set_level(&dev->vdev, VFIO_PCI_INTX_IRQ_INDEX, value);
		return 0;
	case 2:
		vfio_mdev_irq_trigger(&dev->vdev, VFIO_PCI_MSI_IRQ_INDEX, value);
		return 0;
	case 6:
		vfio_mdev_irq_trigger(&dev->vdev, VFIO_PCI_MSIX_IRQ_INDEX, value);
		return 0;
	case 8:
		vfio_mdev_irq_trigger(&dev->vdev, VFIO_PCI_ERR_IRQ_INDEX, 0);
		return 0;
	case 10:
		dev->save_fails = value;
		return 0;
	default:
		return offset == 4 ? -EIO : 0;
	}
}

static int testdev_write(struct vfio_mdev_device *vdev, unsigned int index, u64 offset,
			 unsigned int size, u64 value)
{
	struct testdev *dev = to_testdev(vdev);
	int ret = 0;

	spin_lock(&dev->lock);
	dev->changed = true;
	log_access(dev, offset, size);
	if (index == VFIO_PCI_BAR3_REGION_INDEX)
		ret = write_control(dev, offset, value);
	else
		write_memory(dev, index, offset, size, value);
	spin_unlock(&dev->lock);
	return ret;
}

static struct page *testdev_page(struct vfio_mdev_device *vdev, unsigned int index, u64 offset)
{
	if (index == VFIO_PCI_BAR2_REGION_INDEX && offset == BAR2_SIZE - PAGE_SIZE)
		return ERR_PTR(-EIO);
	return vmalloc_to_page(memory_at(to_testdev(vdev), index, offset));
}

static void testdev_stop(struct vfio_mdev_device *vdev)
{
	struct testdev *dev = to_testdev(vdev);

	spin_lock(&dev->lock);
	log_access(dev, 1, 0);
	spin_unlock(&dev->lock);
}

static void testdev_start(struct vfio_mdev_device *vdev)
{
	struct testdev *dev = to_testdev(vdev);

	spin_lock(&dev->lock);
	log_access(dev, 2, 0);
	spin_unlock(&dev->lock);
}

static ssize_t testdev_save(struct vfio_mdev_device *vdev, void *state)
{
	struct testdev *dev = to_testdev(vdev);
	struct testdev_state *full = state;
	ssize_t ret;

	spin_lock(&dev->lock);
	saves++;
	dev->changed = false;
	if (dev->save_fails) {
		ret = -EIO;
	} else if (dev->mapped) {
		memcpy(state, dev->mapped, MAPPED_SIZE);
		ret = MAPPED_SIZE;
	} else {
		memcpy(full->memory, dev->memory, MEMORY_SIZE);
		full->level = cpu_to_le32(dev->level);
		ret = sizeof(*full);
	}
	spin_unlock(&dev->lock);
	return ret;
}

/* What the user has mapped changes without the driver. */
static bool testdev_changed(struct vfio_mdev_device *vdev)
{
	struct testdev *dev = to_testdev(vdev);
	bool changed;

	spin_lock(&dev->lock);
	changed = dev->mapped || dev->changed;
	spin_unlock(&dev->lock);
	return changed;
}

static int testdev_load(struct vfio_mdev_device *vdev, const void *state, size_t size)
{
	struct testdev *dev = to_testdev(vdev);
	const struct testdev_state *full = state;

	if (dev->mapped) {
		if (size != MAPPED_SIZE)
			return -EINVAL;
		spin_lock(&dev->lock);
		memcpy(dev->mapped, state, size);
		spin_unlock(&dev->lock);
		return 0;
	}
	if (size != sizeof(*full) || le32_to_cpu(full->level) > 1)
		return -EINVAL;
	spin_lock(&dev->lock);
	memcpy(dev->memory, full->memory, MEMORY_SIZE);
	dev->level = le32_to_cpu(full->level);
	vfio_mdev_irq_set_level(vdev, VFIO_PCI_INTX_IRQ_INDEX, dev->level);
	spin_unlock(&dev->lock);
	return 0;
}

static const struct vfio_mdev_ops testdev_ops = {
	.init = testdev_init,
	.release = testdev_release,
	.reset = testdev_reset,
	.read = testdev_read,
	.write = testdev_write,
	.page = testdev_page,
	.stop = testdev_stop,
	.start = testdev_start,
	.save = testdev_save,
	.changed = testdev_changed,
	.load = testdev_load,
};

static const struct vfio_mdev_region full_regions[] = {
	{
		.index = VFIO_PCI_BAR0_REGION_INDEX,
		.flags = VFIO_MDEV_MEM_RW | VFIO_MDEV_64BIT | VFIO_MDEV_PREFETCH,
		.size = SZ_4G,
		.width = 8,
	}, {
		.index = VFIO_PCI_BAR2_REGION_INDEX,
		.flags = VFIO_MDEV_READ,
		.size = SZ_4K,
		.width = 4,
	}, {
		.index = VFIO_PCI_BAR3_REGION_INDEX,
		.flags = VFIO_MDEV_IO | VFIO_MDEV_WRITE,
		.size = 16,
		.width = 2,
	}, {
		.index = VFIO_PCI_BAR4_REGION_INDEX,
		.flags = VFIO_MDEV_IO | VFIO_MDEV_READ,
		.size = 4,
		.width = 4,
	},
};

#define TESTDEV_ID {							\
	.vendor = 0x1b36, .device = 0x00ff, .subsystem_vendor = 0x1af4,	\
	.subsystem_device = 0x1100, .class = 0xff0000, .revision = 3, .pin = 2, \
}

static const struct vfio_mdev_desc full = {
	.id = TESTDEV_ID,
	.regions = full_regions,
	.nr_regions = ARRAY_SIZE(full_regions),
	.nr_msi = 4,
	.state_size = sizeof(struct testdev_state),
	.state_version = 1,
};

static const struct vfio_region_sparse_mmap_area bar0_areas[] = {
	{ .offset = 0x2000, .size = 0x1000 },
	{ .offset = 0x8000, .size = 0x4000 },
};

static const struct vfio_mdev_region express_regions[] = {
	{
		.index = VFIO_PCI_BAR0_REGION_INDEX,
		.flags = VFIO_MDEV_MEM_RW | VFIO_MDEV_64BIT | VFIO_MDEV_MMAP,
		.size = BAR0_SIZE,
		.width = 8,
		.areas = bar0_areas,
		.nr_areas = ARRAY_SIZE(bar0_areas),
	}, {
		.index = VFIO_PCI_BAR2_REGION_INDEX,
		.flags = VFIO_MDEV_MEM_RW | VFIO_MDEV_MMAP,
		.size = BAR2_SIZE,
		.width = 8,
	}, {
		.index = VFIO_PCI_BAR3_REGION_INDEX,
		.flags = VFIO_MDEV_IO | VFIO_MDEV_WRITE,
		.size = 16,
		.width = 2,
	}, {
		.index = VFIO_PCI_BAR4_REGION_INDEX,
		.flags = VFIO_MDEV_READ | VFIO_MDEV_MMAP,
		.size = BAR4_SIZE,
		.width = 8,
	},
};

static const struct vfio_mdev_desc express = {
	.id = TESTDEV_ID,
	.regions = express_regions,
	.nr_regions = ARRAY_SIZE(express_regions),
	.nr_msi = 1,
	.msix = {
		.vectors = EXPRESS_VECTORS,
		.bar = VFIO_PCI_BAR0_REGION_INDEX,
		.table = 0x1000,
		.pba = 0x1800,
	},
	.pcie = true,
	.state_size = MAPPED_SIZE,
	.state_version = 1,
};

static const struct vfio_mdev_region whole_regions[] = {
	{
		.index = VFIO_PCI_BAR0_REGION_INDEX,
		.flags = VFIO_MDEV_MEM_RW | VFIO_MDEV_64BIT,
		.size = BAR0_SIZE,
		.width = 8,
	}, {
		.index = VFIO_PCI_BAR2_REGION_INDEX,
		.flags = VFIO_MDEV_MEM_RW | VFIO_MDEV_MMAP,
		.size = BAR2_SIZE,
		.width = 8,
	}, {
		.index = VFIO_PCI_BAR4_REGION_INDEX,
		.flags = VFIO_MDEV_READ | VFIO_MDEV_MMAP,
		.size = BAR4_SIZE,
		.width = 8,
	},
};

static const struct vfio_mdev_desc whole = {
	.id = TESTDEV_ID,
	.regions = whole_regions,
	.nr_regions = ARRAY_SIZE(whole_regions),
	.nr_msi = 1,
	.msix = {
		.vectors = EXPRESS_VECTORS,
		.bar = VFIO_PCI_BAR0_REGION_INDEX,
		.table = 0x1000,
		.pba = 0x1800,
	},
	.pcie = true,
	.state_size = MAPPED_SIZE,
	.state_version = 1,
};

#define BAD_REGION(bar, what, bytes, access, ...) {			\
	.regions = (const struct vfio_mdev_region []) {			\
		{ .index = (bar), .flags = (what), .size = (bytes), .width = (access), __VA_ARGS__ } \
	},								\
	.nr_regions = 1,						\
}

#define BAD_AREA(start, length)						\
	BAD_REGION(0, VFIO_MDEV_MEM_RW | VFIO_MDEV_MMAP, SZ_8K, 4, .nr_areas = 1,	\
		   .areas = (const struct vfio_region_sparse_mmap_area []) {	\
			{ .offset = (start), .size = (length) }		\
		   })

#define BAD_MSIX(table_offset, pba_offset, count) {			\
	.regions = express_regions,					\
	.nr_regions = 1,						\
	.msix = { .vectors = (count), .table = (table_offset), .pba = (pba_offset) },	\
}

static const struct vfio_mdev_region overlapping[] = {
	{ .index = VFIO_PCI_BAR0_REGION_INDEX, .size = 16, .width = 4, .flags = VFIO_MDEV_64BIT },
	{ .index = VFIO_PCI_BAR1_REGION_INDEX, .size = 16, .width = 4 },
};

static const struct vfio_mdev_desc bad[] = {
	{ .regions = overlapping, .nr_regions = ARRAY_SIZE(overlapping) },
	BAD_REGION(VFIO_PCI_ROM_REGION_INDEX, VFIO_MDEV_MEM_RW, SZ_8K, 4),
	BAD_REGION(0, VFIO_MDEV_MEM_RW, SZ_8K - 1, 4),
	BAD_REGION(0, VFIO_MDEV_MEM_RW, SZ_4G, 4),
	BAD_REGION(0, VFIO_MDEV_MEM_RW, 8, 4),
	BAD_REGION(0, VFIO_MDEV_MEM_RW, SZ_8K, 3),
	BAD_REGION(0, VFIO_MDEV_MEM_RW, SZ_8K, 16),
	BAD_REGION(0, BIT(31), SZ_8K, 4),
	BAD_REGION(0, VFIO_MDEV_IO | VFIO_MDEV_PREFETCH, SZ_256, 4),
	BAD_REGION(VFIO_PCI_BAR5_REGION_INDEX, VFIO_MDEV_64BIT, SZ_8K, 4),
	BAD_REGION(0, VFIO_MDEV_READ | VFIO_MDEV_MMAP, SZ_2K, 4),
	BAD_REGION(0, VFIO_MDEV_WRITE | VFIO_MDEV_MMAP, SZ_8K, 4),
	BAD_REGION(0, VFIO_MDEV_MEM_RW, SZ_8K, 4, .nr_areas = 1, .areas = bar0_areas),
	BAD_AREA(0, SZ_16K),
	BAD_AREA(SZ_1K, SZ_4K),
	BAD_AREA(SZ_4K, 0),
	BAD_AREA(SZ_4K, -SZ_4K),
	BAD_AREA(-SZ_4K, SZ_8K),
	BAD_MSIX(0x1000, 0x1800, 2049),
	BAD_MSIX(0x1004, 0x1800, 2),
	BAD_MSIX(0x1000, 0x1010, 2),
	BAD_MSIX(0x1000, 0x2000, 2),
	BAD_MSIX(0x1000, 0x10000, 2),
	{ .msix = { .vectors = 1, .pba = 16 } },
	{ .id.pin = 5 },
	{ .nr_msi = 3 },
	{ .nr_msi = 64 },
	{ .state_size = SZ_1G },
	BAD_REGION(0, VFIO_MDEV_IO_RW, SZ_512, 1),
};

#define BAD(n) { .type.sysfs_name = "bad-" #n, .desc = &bad[n] }

static const struct vfio_mdev_type testdev_types[] = {
	{ .type.sysfs_name = "full", .desc = &full },
	{ .type.sysfs_name = "express", .desc = &express },
	{ .type.sysfs_name = "whole", .desc = &whole },
	BAD(0), BAD(1), BAD(2), BAD(3), BAD(4), BAD(5), BAD(6), BAD(7), BAD(8), BAD(9), BAD(10),
	BAD(11), BAD(12), BAD(13), BAD(14), BAD(15), BAD(16), BAD(17), BAD(18), BAD(19), BAD(20),
	BAD(21), BAD(22), BAD(23), BAD(24), BAD(25), BAD(26), BAD(27), BAD(28),
	{ .type.sysfs_name = "bad-none" },
};

static struct vfio_mdev_driver testdev_driver = {
	.mdev = {
		.max_instances = 8,
		.driver = { .name = "testdev" },
	},
	.device_size = VFIO_MDEV_DEVICE_SIZE(struct testdev, vdev),
	.ops = &testdev_ops,
};

module_vfio_mdev_driver(testdev_driver, testdev_types);

MODULE_DESCRIPTION("Device for the tests of vfio_mdev");
MODULE_LICENSE("GPL");
