// SPDX-License-Identifier: GPL-2.0-only
/*
 * mtty: a PCI serial card with one or two 16550A ports, as a mediated device. What is
 * sent to a port comes back, or goes to a terminal of the host.
 *
 * The reference for drivers that use the vfio_mdev toolkit: this file says what the
 * card looks like and connects its BARs and its interrupt with the ports.
 */
#include <linux/atomic.h>
#include <linux/device.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sysfs.h>

#include "mtty.h"
#include "mtty_tty.h"
#include "vfio_mdev.h"

#define MTTY_MAX_PORTS 2

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

/* How many of them devices have. */
static atomic_t ports_taken = ATOMIC_INIT(0);

static unsigned int ports_free(void)
{
	return ports - atomic_read(&ports_taken);
}

/**
 * struct mtty - one mediated serial card
 * @vdev: the toolkit's part
 * @mode_lock: lets one at a time change the mode
 * @irq_lock: protects @irqs, and keeps the level of INTA in step with it
 * @irqs: a bit for each port that asserts INTA, which they share
 * @port: the one at BAR n is port[n]
 */
struct mtty {
	struct vfio_mdev_device vdev;
	struct mutex mode_lock; /* mode */
	spinlock_t irq_lock; /* irqs */
	unsigned int irqs;
	struct mtty_port *port[MTTY_MAX_PORTS];
};

static struct mtty *to_mtty(struct vfio_mdev_device *vdev)
{
	return container_of(vdev, struct mtty, vdev);
}

/* Each port has a BAR. */
static unsigned int nr_ports(struct mtty *mtty)
{
	return mtty->vdev.type->desc->nr_regions;
}

static int mtty_take_ports(struct mtty *mtty)
{
	int taken = atomic_read(&ports_taken);

	do {
		if (nr_ports(mtty) > ports - taken)
			return -ENOSPC;
	} while (!atomic_try_cmpxchg(&ports_taken, &taken, taken + nr_ports(mtty)));
	return 0;
}

static void mtty_free_ports(struct mtty *mtty)
{
	unsigned int i;

	for (i = 0; i < nr_ports(mtty); i++)
		mtty_port_free(mtty->port[i]);
	atomic_sub(nr_ports(mtty), &ports_taken);
}

static int mtty_init_device(struct vfio_mdev_device *vdev)
{
	struct mtty *mtty = to_mtty(vdev);
	unsigned int i;
	int ret;

	mutex_init(&mtty->mode_lock);
	spin_lock_init(&mtty->irq_lock);
	/* Pairs with mtty_free_ports(). */
	ret = mtty_take_ports(mtty);
	if (ret)
		return ret;
	for (i = 0; i < nr_ports(mtty); i++) {
		mtty->port[i] = mtty_port_new(mtty, i);
		if (!mtty->port[i]) {
			mtty_free_ports(mtty);
			return -ENOMEM;
		}
	}
	return 0;
}

static void mtty_release_device(struct vfio_mdev_device *vdev)
{
	mtty_free_ports(to_mtty(vdev));
}

/* Nearly always nothing has changed. A port's bit changes under the lock of the port only. */
void mtty_set_irq(struct mtty *mtty, unsigned int port, bool level)
{
	unsigned int irqs = READ_ONCE(mtty->irqs);
	unsigned long flags;

	if (level == !!(irqs & BIT(port)))
		return;
	spin_lock_irqsave(&mtty->irq_lock, flags);
	irqs = (mtty->irqs & ~BIT(port)) | level << port;
	WRITE_ONCE(mtty->irqs, irqs);
	vfio_mdev_irq_set_level(&mtty->vdev, VFIO_PCI_INTX_IRQ_INDEX, irqs);
	spin_unlock_irqrestore(&mtty->irq_lock, flags);
}

/* The level of INTA as it was loaded is what the stream said, not what the ports do. */
static void mtty_correct_irq(struct mtty *mtty)
{
	unsigned long flags;

	spin_lock_irqsave(&mtty->irq_lock, flags);
	vfio_mdev_irq_set_level(&mtty->vdev, VFIO_PCI_INTX_IRQ_INDEX, mtty->irqs);
	spin_unlock_irqrestore(&mtty->irq_lock, flags);
}

static void mtty_reset(struct vfio_mdev_device *vdev)
{
	struct mtty *mtty = to_mtty(vdev);
	unsigned long flags;
	unsigned int i;

	for (i = 0; i < nr_ports(mtty); i++) {
		flags = mtty_port_lock(mtty->port[i]);
		uart_16550_reset(&mtty->port[i]->uart);
		mtty_port_unlock(mtty->port[i], flags);
	}
}

static void mtty_set_guest(struct vfio_mdev_device *vdev, bool guest, bool running)
{
	struct mtty *mtty = to_mtty(vdev);
	unsigned int i;

	for (i = 0; i < nr_ports(mtty); i++)
		mtty_port_set_guest(mtty->port[i], guest, running);
}

static void mtty_start(struct vfio_mdev_device *vdev)
{
	mtty_set_guest(vdev, true, true);
}

static void mtty_stop(struct vfio_mdev_device *vdev)
{
	mtty_set_guest(vdev, true, false);
}

static int mtty_open(struct vfio_mdev_device *vdev)
{
	mtty_start(vdev);
	return 0;
}

/* A guest that has gone drops its modem lines. */
static void mtty_close(struct vfio_mdev_device *vdev)
{
	mtty_reset(vdev);
	mtty_set_guest(vdev, false, false);
}

static int mtty_read(struct vfio_mdev_device *vdev, unsigned int bar, u64 reg, unsigned int size,
		     u64 *value)
{
	struct mtty_port *port = to_mtty(vdev)->port[bar];
	unsigned long flags = mtty_port_lock(port);

	*value = uart_16550_read(&port->uart, reg);
	mtty_port_unlock(port, flags);
	return 0;
}

static int mtty_write(struct vfio_mdev_device *vdev, unsigned int bar, u64 reg, unsigned int size,
		      u64 value)
{
	struct mtty_port *port = to_mtty(vdev)->port[bar];
	unsigned long flags = mtty_port_lock(port);

	uart_16550_write(&port->uart, reg, value);
	mtty_port_unlock(port, flags);
	return 0;
}

static ssize_t mtty_save(struct vfio_mdev_device *vdev, void *data)
{
	struct mtty *mtty = to_mtty(vdev);
	struct uart_16550_state *state = data;
	unsigned long flags;
	unsigned int i;

	for (i = 0; i < nr_ports(mtty); i++) {
		flags = mtty_port_lock(mtty->port[i]);
		uart_16550_save(&mtty->port[i]->uart, &state[i]);
		mtty_port_unlock(mtty->port[i], flags);
	}
	return nr_ports(mtty) * sizeof(*state);
}

static int mtty_load(struct vfio_mdev_device *vdev, const void *data, size_t size)
{
	struct mtty *mtty = to_mtty(vdev);
	const struct uart_16550_state *state = data;
	unsigned long flags;
	unsigned int i;
	bool valid = size == nr_ports(mtty) * sizeof(*state);

	for (i = 0; valid && i < nr_ports(mtty); i++) {
		flags = mtty_port_lock(mtty->port[i]);
		valid = uart_16550_load(&mtty->port[i]->uart, &state[i]);
		mtty_port_unlock(mtty->port[i], flags);
	}
	mtty_correct_irq(mtty);
	return valid ? 0 : -EINVAL;
}

static const struct vfio_mdev_ops mtty_ops = {
	.init = mtty_init_device,
	.release = mtty_release_device,
	.open = mtty_open,
	.close = mtty_close,
	.reset = mtty_reset,
	.read = mtty_read,
	.write = mtty_write,
	.stop = mtty_stop,
	.start = mtty_start,
	.save = mtty_save,
	.load = mtty_load,
};

#define MTTY_REGION(bar) {				\
	.index = VFIO_PCI_BAR##bar##_REGION_INDEX,	\
	.flags = VFIO_MDEV_IO_RW,			\
	.size = UART_16550_REGISTERS,			\
	.width = 1,					\
}

static const struct vfio_mdev_region mtty_regions[MTTY_MAX_PORTS] = {
	MTTY_REGION(0),
	MTTY_REGION(1),
};

#define MTTY_DESC(ports) {							\
	.id = {									\
		.vendor = 0x4348, .device = 0x3253,				\
		.subsystem_vendor = 0x4348, .subsystem_device = 0x3253,		\
		.class = 0x070002, .revision = 0x10, .pin = 1,			\
	},									\
	.regions = mtty_regions,						\
	.nr_regions = ports,							\
	.state_size = ports * sizeof(struct uart_16550_state),			\
	.state_version = 1,							\
}

static const struct vfio_mdev_desc mtty_single = MTTY_DESC(1);
static const struct vfio_mdev_desc mtty_dual = MTTY_DESC(2);

static const struct vfio_mdev_type mtty_types[] = {
	{
		.type = { .sysfs_name = "1", .pretty_name = "Single port serial" },
		.desc = &mtty_single,
	}, {
		.type = { .sysfs_name = "2", .pretty_name = "Dual port serial" },
		.desc = &mtty_dual,
	},
};

unsigned int mtty_nr_ports(struct device *dev)
{
	return nr_ports(to_mtty(dev_get_drvdata(dev)));
}

struct mtty_port *mtty_port_of(struct device *dev, unsigned int number)
{
	return to_mtty(dev_get_drvdata(dev))->port[number];
}

/* All ports or none. */
int mtty_set_mode(struct device *dev, bool host)
{
	struct mtty *mtty = to_mtty(dev_get_drvdata(dev));
	unsigned int i;
	int ret = 0;

	mutex_lock(&mtty->mode_lock);
	for (i = 0; host && !ret && i < nr_ports(mtty); i++)
		ret = mtty_port_to_host(mtty->port[i], dev);
	for (i = 0; (!host || ret) && i < nr_ports(mtty); i++)
		mtty_port_to_loopback(mtty->port[i]);
	mutex_unlock(&mtty->mode_lock);
	return ret;
}

static unsigned int mtty_available(struct mdev_type *type)
{
	return ports_free() / to_vfio_mdev_type(type)->desc->nr_regions;
}

static ssize_t sample_mtty_dev_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u of %u ports free\n", ports_free(), ports);
}
static DEVICE_ATTR_RO(sample_mtty_dev);

static struct attribute *mtty_parent_attrs[] = {
	&dev_attr_sample_mtty_dev.attr,
	NULL,
};

static const struct attribute_group mtty_parent_group = {
	.name = "mtty_dev",
	.attrs = mtty_parent_attrs,
};

static const struct attribute_group *mtty_parent_groups[] = {
	&mtty_parent_group,
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
	.device_size = VFIO_MDEV_DEVICE_SIZE(struct mtty, vdev),
	.ops = &mtty_ops,
	.parent_groups = mtty_parent_groups,
};

static struct vfio_mdev_parent *mtty_parent;

static int __init mtty_init(void)
{
	int ret;

	ret = mtty_tty_init(ports);
	if (ret)
		return ret;
	ret = vfio_mdev_register_driver(&mtty_driver);
	if (ret)
		goto err_tty;

	mtty_parent = vfio_mdev_register_parent("mtty", &mtty_driver, mtty_types,
						ARRAY_SIZE(mtty_types));
	if (!IS_ERR(mtty_parent))
		return 0;
	ret = PTR_ERR(mtty_parent);
	vfio_mdev_unregister_driver(&mtty_driver);
err_tty:
	mtty_tty_exit();
	return ret;
}

static void __exit mtty_exit(void)
{
	vfio_mdev_unregister_parent(mtty_parent);
	vfio_mdev_unregister_driver(&mtty_driver);
	mtty_tty_exit();
}

module_init(mtty_init);
module_exit(mtty_exit);

MODULE_DESCRIPTION("Serial card with 16550A ports as a mediated device");
MODULE_AUTHOR("The libmdev authors");
MODULE_VERSION("0.1.0");
MODULE_LICENSE("GPL");
MODULE_ALIAS("mdev-parent:mtty");
