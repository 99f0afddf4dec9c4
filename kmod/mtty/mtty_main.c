// SPDX-License-Identifier: GPL-2.0-only
/*
 * mtty: a PCI serial card with one or two 16550A ports, as a mediated device. What is
 * sent to a port comes back.
 *
 * The reference for drivers that use the vfio_mdev toolkit: this file says what the
 * card looks like and connects its BARs and its interrupt with the model of the UART.
 */
#include <linux/device.h>
#include <linux/module.h>
#include <linux/spinlock.h>

#include "mtty.h"
#include "mtty_uart.h"

static unsigned int ports = 24;

static int ports_set(const char *text, const struct kernel_param *param)
{
	return param_set_uint_minmax(text, param, 1, 65536);
}

static const struct kernel_param_ops ports_ops = {
	.set = ports_set,
	.get = param_get_uint,
};
module_param_cb(ports, &ports_ops, &ports, 0444);
MODULE_PARM_DESC(ports, "serial ports that the devices share, 1 to 65536 (default 24)");

/**
 * struct mtty - one mediated serial card
 * @vdev: the toolkit's part
 * @lock: protects @port, and keeps the interrupt level in step with it
 * @port: the UARTs; the one at BAR n is port[n]
 */
struct mtty {
	struct vfio_mdev_device vdev;
	spinlock_t lock; /* port */
	struct uart_16550 port[MTTY_MAX_PORTS];
};

static struct mtty *to_mtty(struct vfio_mdev_device *vdev)
{
	return container_of(vdev, struct mtty, vdev);
}

static int mtty_init_device(struct vfio_mdev_device *vdev)
{
	spin_lock_init(&to_mtty(vdev)->lock);
	/* Pairs with mtty_release_device(). */
	return mtty_ports_take(&vdev->type->type);
}

static void mtty_release_device(struct vfio_mdev_device *vdev)
{
	mtty_ports_give_back(&vdev->type->type);
}

/* The ports share INTA. */
static void mtty_update_irq(struct mtty *mtty)
{
	bool level = false;
	unsigned int i;

	lockdep_assert_held(&mtty->lock);
	for (i = 0; i < MTTY_MAX_PORTS; i++)
		level |= uart_16550_irq(&mtty->port[i]);
	vfio_mdev_irq_set_level(&mtty->vdev, VFIO_PCI_INTX_IRQ_INDEX, level);
}

static void mtty_reset(struct vfio_mdev_device *vdev)
{
	struct mtty *mtty = to_mtty(vdev);
	unsigned int i;

	spin_lock(&mtty->lock);
	for (i = 0; i < MTTY_MAX_PORTS; i++)
		uart_16550_reset(&mtty->port[i]);
	mtty_update_irq(mtty);
	spin_unlock(&mtty->lock);
}

static int mtty_read(struct vfio_mdev_device *vdev, unsigned int bar, u64 reg, unsigned int size,
		     u64 *value)
{
	struct mtty *mtty = to_mtty(vdev);

	spin_lock(&mtty->lock);
	*value = uart_16550_read(&mtty->port[bar], reg);
	mtty_update_irq(mtty);
	spin_unlock(&mtty->lock);
	return 0;
}

static int mtty_write(struct vfio_mdev_device *vdev, unsigned int bar, u64 reg, unsigned int size,
		      u64 value)
{
	struct mtty *mtty = to_mtty(vdev);

	spin_lock(&mtty->lock);
	uart_16550_write(&mtty->port[bar], reg, value);
	mtty_update_irq(mtty);
	spin_unlock(&mtty->lock);
	return 0;
}

static const struct vfio_mdev_ops mtty_ops = {
	.init = mtty_init_device,
	.release = mtty_release_device,
	.reset = mtty_reset,
	.read = mtty_read,
	.write = mtty_write,
};

static const struct vfio_mdev_region mtty_regions[MTTY_MAX_PORTS] = {
	{
		.index = VFIO_PCI_BAR0_REGION_INDEX,
		.flags = VFIO_MDEV_IO_RW,
		.size = UART_16550_REGISTERS,
		.width = 1,
	}, {
		.index = VFIO_PCI_BAR1_REGION_INDEX,
		.flags = VFIO_MDEV_IO_RW,
		.size = UART_16550_REGISTERS,
		.width = 1,
	},
};

#define MTTY_ID {						\
	.vendor = 0x4348, .device = 0x3253,			\
	.subsystem_vendor = 0x4348, .subsystem_device = 0x3253,	\
	.class = 0x070002, .revision = 0x10, .pin = 1,		\
}

static const struct vfio_mdev_desc mtty_single = {
	.id = MTTY_ID,
	.regions = mtty_regions,
	.nr_regions = 1,
};

static const struct vfio_mdev_desc mtty_dual = {
	.id = MTTY_ID,
	.regions = mtty_regions,
	.nr_regions = 2,
};

static const struct vfio_mdev_type mtty_types[MTTY_TYPES] = {
	{
		.type = { .sysfs_name = "1", .pretty_name = "Single port serial" },
		.desc = &mtty_single,
	}, {
		.type = { .sysfs_name = "2", .pretty_name = "Dual port serial" },
		.desc = &mtty_dual,
	},
};

static ssize_t ports_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", mtty_ports_of(to_mdev_device(dev)->type));
}
static DEVICE_ATTR_RO(ports);

static struct attribute *mtty_device_attrs[] = {
	&dev_attr_ports.attr,
	NULL,
};

static const struct attribute_group mtty_device_group = {
	.name = "mtty",
	.attrs = mtty_device_attrs,
};

static const struct attribute_group *mtty_device_groups[] = {
	&mtty_device_group,
	NULL,
};

static struct vfio_mdev_driver mtty_driver = {
	.mdev = {
		.get_available = mtty_available,
		.driver = {
			.name = "mtty",
			.dev_groups = mtty_device_groups,
		},
	},
	.device_size = sizeof(struct mtty),
	.ops = &mtty_ops,
};

static struct mtty_parent *mtty_parent;

static int __init mtty_init(void)
{
	int ret;

	ret = vfio_mdev_register_driver(&mtty_driver);
	if (ret)
		return ret;

	mtty_parent = mtty_parent_new(&mtty_driver, mtty_types, ports);
	if (IS_ERR(mtty_parent)) {
		vfio_mdev_unregister_driver(&mtty_driver);
		return PTR_ERR(mtty_parent);
	}
	return 0;
}

static void __exit mtty_exit(void)
{
	mtty_parent_free(mtty_parent);
	vfio_mdev_unregister_driver(&mtty_driver);
}

module_init(mtty_init);
module_exit(mtty_exit);

MODULE_DESCRIPTION("Serial card with 16550A ports as a mediated device");
MODULE_AUTHOR("The libmdev authors");
MODULE_VERSION("0.1.0");
MODULE_LICENSE("GPL");
MODULE_ALIAS("mdev-parent:mtty");
