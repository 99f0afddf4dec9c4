// SPDX-License-Identifier: GPL-2.0-only
/* The mdev core takes the parent and its types from the driver (Linux 6.1): needed. */
#include <linux/device.h>
#include <linux/mdev.h>

int probe(struct mdev_parent *parent, struct device *dev, struct mdev_driver *drv,
	  struct mdev_type **types);

int probe(struct mdev_parent *parent, struct device *dev, struct mdev_driver *drv,
	  struct mdev_type **types)
{
	return mdev_register_parent(parent, dev, drv, types, 1);
}
