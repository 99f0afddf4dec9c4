// SPDX-License-Identifier: GPL-2.0-only
/*
 * A doorbell, the smallest driver of mediated devices: one region, one interrupt. Writing the
 * register at 0 keeps the value and raises INTx; reading it gives the value and lowers INTx.
 */
#include <linux/module.h>
#include <linux/spinlock.h>

#include "vfio_mdev.h"

struct doorbell {
	struct vfio_mdev_device vdev;	/* must be first */
	spinlock_t lock;		/* value, and the level with it */
	u32 value;
};

static struct doorbell *to_doorbell(struct vfio_mdev_device *vdev)
{
	return container_of(vdev, struct doorbell, vdev);
}

static int doorbell_init(struct vfio_mdev_device *vdev)
{
	spin_lock_init(&to_doorbell(vdev)->lock);
	return 0;
}

static void doorbell_reset(struct vfio_mdev_device *vdev)
{
	struct doorbell *bell = to_doorbell(vdev);

	spin_lock(&bell->lock);
	bell->value = 0;
	vfio_mdev_irq_set_level(vdev, VFIO_PCI_INTX_IRQ_INDEX, false);
	spin_unlock(&bell->lock);
}

static int doorbell_read(struct vfio_mdev_device *vdev, unsigned int index, u64 offset,
			 unsigned int size, u64 *value)
{
	struct doorbell *bell = to_doorbell(vdev);

	spin_lock(&bell->lock);
	*value = offset < 4 ? bell->value >> 8 * offset : 0;
	vfio_mdev_irq_set_level(vdev, VFIO_PCI_INTX_IRQ_INDEX, false);
	spin_unlock(&bell->lock);
	return 0;
}

static int doorbell_write(struct vfio_mdev_device *vdev, unsigned int index, u64 offset,
			  unsigned int size, u64 value)
{
	struct doorbell *bell = to_doorbell(vdev);

	if (offset)
		return 0;
	spin_lock(&bell->lock);
	bell->value = value;
	vfio_mdev_irq_set_level(vdev, VFIO_PCI_INTX_IRQ_INDEX, true);
	spin_unlock(&bell->lock);
	return 0;
}

static const struct vfio_mdev_ops doorbell_ops = {
	.init = doorbell_init,
	.reset = doorbell_reset,
	.read = doorbell_read,
	.write = doorbell_write,
};

static const struct vfio_mdev_region doorbell_bar0 = {
	.index = VFIO_PCI_BAR0_REGION_INDEX, .flags = VFIO_MDEV_MEM_RW, .size = 4096, .width = 4,
};

static const struct vfio_mdev_desc doorbell_desc = {
	.id = { .vendor = 0x1b36, .device = 0x00fd, .class = 0xff0000, .pin = 1 },
	.regions = &doorbell_bar0,
	.nr_regions = 1,
};

static const struct vfio_mdev_type doorbell_types[] = {
	{ .type.sysfs_name = "1", .desc = &doorbell_desc },
};

static struct vfio_mdev_driver doorbell_driver = {
	.mdev = { .max_instances = 16, .driver.name = "doorbell" },
	.device_size = VFIO_MDEV_DEVICE_SIZE(struct doorbell, vdev),
	.ops = &doorbell_ops,
};

module_vfio_mdev_driver(doorbell_driver, doorbell_types);

MODULE_DESCRIPTION("Example of a driver of mediated devices");
MODULE_LICENSE("GPL");
