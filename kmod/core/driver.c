// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registration of vendor drivers.
 *
 * Exports symbols: see core.h before touching the includes.
 */
#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/mdev.h>

#include "core.h"

/**
 * mdev_register_driver - make a vendor driver known to the mdev bus
 * @drv: the driver, with @drv->device_api and @drv->driver.name set
 *
 * Has to come before mdev_register_parent() names the driver.
 *
 * Return: 0, -EINVAL without a device API, or the error of driver_register(). After an
 * error @drv is not registered and can be freed.
 */
int mdev_register_driver(struct mdev_driver *drv)
{
	if (!drv->device_api)
		return -EINVAL;

	drv->driver.bus = &mdev_bus_type;
	return driver_register(&drv->driver);
}
EXPORT_SYMBOL(mdev_register_driver);

/**
 * mdev_unregister_driver - undo mdev_register_driver()
 * @drv: the driver; none of its parents may be registered any more
 */
void mdev_unregister_driver(struct mdev_driver *drv)
{
	driver_unregister(&drv->driver);
}
EXPORT_SYMBOL(mdev_unregister_driver);
