// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device with what mtty does not have: memory BARs, of which one is 64 bits wide,
 * accesses of each width, a BAR that cannot be read and one that cannot be written, a
 * register that fails, MSI. For the tests of the toolkit. Its parent is a platform
 * device, /sys/devices/platform/vfio_mdev_testdev, with the types platform-full and
 * platform-bad, whose description is invalid.
 *
 * BAR 0  4 GiB, 64 bits, prefetchable, accesses up to 8 bytes: MEMORY_SIZE bytes of memory,
 *	  repeated
 * BAR 2  4 KiB, up to 4 bytes: the log. Dword n describes the n-th access to the other
 *	  BARs since the reset as size << 16 | low half of the offset; dword 1023 is
 *	  the number of accesses.
 * BAR 3  I/O, 16 bytes, up to 2 bytes, write only: +0 sets the level of INTx, +2
 *	  triggers an MSI vector, +4 fails with EIO
 * BAR 4  I/O, 4 bytes, up to 4 bytes, read only: 0x04030201
 */
#include <linux/completion.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "vfio_mdev.h"

#define MEMORY_SIZE 64
#define LOG_SIZE 1023

struct testdev {
	struct vfio_mdev_device vdev;
	spinlock_t lock; /* all below */
	u8 memory[MEMORY_SIZE];
	u32 log[LOG_SIZE];
	u32 accesses;
};

static struct testdev *to_testdev(struct vfio_mdev_device *vdev)
{
	return container_of(vdev, struct testdev, vdev);
}

static int testdev_init(struct vfio_mdev_device *vdev)
{
	spin_lock_init(&to_testdev(vdev)->lock);
	return 0;
}

static void testdev_reset(struct vfio_mdev_device *vdev)
{
	struct testdev *dev = to_testdev(vdev);

	spin_lock(&dev->lock);
	memset(dev->memory, 0, sizeof(dev->memory));
	memset(dev->log, 0, sizeof(dev->log));
	dev->accesses = 0;
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

static u64 read_memory(struct testdev *dev, u64 offset, unsigned int size)
{
	u64 value = 0;
	unsigned int i;

	for (i = 0; i < size; i++)
		value |= (u64)dev->memory[(offset + i) % MEMORY_SIZE] << 8 * i;
	return value;
}

static void write_memory(struct testdev *dev, u64 offset, unsigned int size, u64 value)
{
	unsigned int i;

	for (i = 0; i < size; i++)
		dev->memory[(offset + i) % MEMORY_SIZE] = value >> 8 * i;
}

static int testdev_read(struct vfio_mdev_device *vdev, unsigned int index, u64 offset,
			unsigned int size, u64 *value)
{
	struct testdev *dev = to_testdev(vdev);

	spin_lock(&dev->lock);
	if (index == VFIO_PCI_BAR2_REGION_INDEX) {
		*value = read_log(dev, offset, size);
	} else {
		log_access(dev, offset, size);
		*value = index == VFIO_PCI_BAR0_REGION_INDEX ? read_memory(dev, offset, size) :
							       0x04030201 >> 8 * offset;
	}
	spin_unlock(&dev->lock);
	return 0;
}

static int testdev_write(struct vfio_mdev_device *vdev, unsigned int index, u64 offset,
			 unsigned int size, u64 value)
{
	struct testdev *dev = to_testdev(vdev);
	int ret = 0;

	spin_lock(&dev->lock);
	log_access(dev, offset, size);
	if (index == VFIO_PCI_BAR0_REGION_INDEX)
		write_memory(dev, offset, size, value);
	else if (offset == 0)
		vfio_mdev_irq_set_level(vdev, VFIO_PCI_INTX_IRQ_INDEX, value);
	else if (offset == 2)
		vfio_mdev_irq_trigger(vdev, VFIO_PCI_MSI_IRQ_INDEX, value);
	else if (offset == 4)
		ret = -EIO;
	spin_unlock(&dev->lock);
	return ret;
}

static const struct vfio_mdev_ops testdev_ops = {
	.init = testdev_init,
	.reset = testdev_reset,
	.read = testdev_read,
	.write = testdev_write,
};

static const struct vfio_mdev_region regions[] = {
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

static const struct vfio_mdev_desc full = {
	.id = {
		.vendor = 0x1b36, .device = 0x00ff, .subsystem_vendor = 0x1af4,
		.subsystem_device = 0x1100, .class = 0xff0000, .revision = 3, .pin = 2,
	},
	.regions = regions,
	.nr_regions = ARRAY_SIZE(regions),
	.nr_msi = 4,
};

static const struct vfio_mdev_region twice[] = {
	{ .index = VFIO_PCI_BAR0_REGION_INDEX, .size = 16, .width = 4, .flags = VFIO_MDEV_64BIT },
	{ .index = VFIO_PCI_BAR1_REGION_INDEX, .size = 16, .width = 4 },
};

static const struct vfio_mdev_desc bad = {
	.regions = twice,
	.nr_regions = ARRAY_SIZE(twice),
};

static struct vfio_mdev_driver testdev_driver = {
	.mdev = {
		.max_instances = 4,
		.driver = { .name = "vfio_mdev_testdev" },
	},
	.device_size = sizeof(struct testdev),
	.ops = &testdev_ops,
};

struct testdev_parent {
	struct platform_device platform;
	struct mdev_parent parent;
	struct vfio_mdev_type types[2];
	struct mdev_type *type_list[2];
};

static struct testdev_parent *parent;
static DECLARE_COMPLETION(parent_released);

static void testdev_parent_release(struct device *dev)
{
	kfree(container_of(dev, struct testdev_parent, platform.dev));
	complete(&parent_released);
}

/* The types refer to the parent, and the core releases them when it likes. */
static void testdev_parent_put(void)
{
	platform_device_put(&parent->platform);
	wait_for_completion(&parent_released);
}

static int testdev_parent_new(void)
{
	parent = kzalloc(sizeof(*parent), GFP_KERNEL);
	if (!parent)
		return -ENOMEM;

	parent->types[0].type.sysfs_name = "full";
	parent->types[0].desc = &full;
	parent->types[1].type.sysfs_name = "bad";
	parent->types[1].desc = &bad;
	parent->type_list[0] = &parent->types[0].type;
	parent->type_list[1] = &parent->types[1].type;

	device_initialize(&parent->platform.dev);
	parent->platform.name = "vfio_mdev_testdev";
	parent->platform.id = PLATFORM_DEVID_NONE;
	parent->platform.dev.release = testdev_parent_release;
	return 0;
}

static int testdev_parent_add(void)
{
	int ret;

	ret = platform_device_add(&parent->platform);
	if (ret)
		return ret;
	ret = mdev_register_parent(&parent->parent, &parent->platform.dev, &testdev_driver.mdev,
				   parent->type_list, ARRAY_SIZE(parent->type_list));
	if (ret)
		platform_device_del(&parent->platform);
	return ret;
}

static int __init testdev_module_init(void)
{
	int ret;

	ret = vfio_mdev_register_driver(&testdev_driver);
	if (ret)
		return ret;

	ret = testdev_parent_new();
	if (ret)
		goto err_driver;
	ret = testdev_parent_add();
	if (ret)
		goto err_parent;
	return 0;

err_parent:
	testdev_parent_put();
err_driver:
	vfio_mdev_unregister_driver(&testdev_driver);
	return ret;
}

static void __exit testdev_module_exit(void)
{
	mdev_unregister_parent(&parent->parent);
	platform_device_del(&parent->platform);
	testdev_parent_put();
	vfio_mdev_unregister_driver(&testdev_driver);
}

module_init(testdev_module_init);
module_exit(testdev_module_exit);

MODULE_DESCRIPTION("Device for the tests of vfio_mdev");
MODULE_LICENSE("GPL");
