// SPDX-License-Identifier: GPL-2.0-only
/*
 * The "mdev" bus, on which vendor drivers meet their devices, and the compatibility
 * class by which user space finds the parents.
 */
#include <linux/device.h>

#include "compat.h"
#include "core.h"

static struct class_compat *mdev_bus_class;

static struct mdev_driver *to_mdev_driver(struct device *dev)
{
	return container_of(dev->driver, struct mdev_driver, driver);
}

static int mdev_bus_probe(struct device *dev)
{
	struct mdev_driver *drv = to_mdev_driver(dev);

	return drv->probe ? drv->probe(to_mdev_device(dev)) : 0;
}

static void mdev_bus_remove(struct device *dev)
{
	struct mdev_driver *drv = to_mdev_driver(dev);

	if (drv->remove)
		drv->remove(to_mdev_device(dev));
}

/*
 * Nothing binds by matching. Creation attaches the one driver that belongs to the
 * parent, and so gets the error of its probe, which matching would swallow.
 */
static int mdev_bus_match(struct device *dev, COMPAT_MATCH_CONST struct device_driver *drv)
{
	return 0;
}

struct bus_type mdev_bus_type = {
	.name = "mdev",
	.match = mdev_bus_match,
	.probe = mdev_bus_probe,
	.remove = mdev_bus_remove,
};

int mdev_bus_init(void)
{
	int ret;

	mdev_bus_class = class_compat_register("mdev_bus");
	if (!mdev_bus_class)
		return -ENOMEM;

	ret = bus_register(&mdev_bus_type);
	if (ret)
		class_compat_unregister(mdev_bus_class);
	return ret;
}

void mdev_bus_exit(void)
{
	bus_unregister(&mdev_bus_type);
	class_compat_unregister(mdev_bus_class);
}

int mdev_bus_link_create(struct device *parent)
{
	return compat_class_link_create(mdev_bus_class, parent);
}

void mdev_bus_link_remove(struct device *parent)
{
	compat_class_link_remove(mdev_bus_class, parent);
}
