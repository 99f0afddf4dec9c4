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
 * Parents that name the driver may be registered before: they get devices from here on.
 *
 * Context: Process context, may sleep.
 * Return: 0, -EINVAL without a device API, -ENOMEM, or the error of driver_register(). After
 * an error @drv is not registered and, unless a parent names it, can be freed.
 */
int mdev_register_driver(struct mdev_driver *drv)
{
	int ret;

	if (!drv->device_api)
		return -EINVAL;

	drv->driver.bus = &mdev_bus_type;
	ret = driver_register(&drv->driver);
	if (ret)
		return ret;

	/* Last: who creates a device attaches it to a driver that is whole. */
	ret = mdev_usage_register(drv);
	if (ret)
		driver_unregister(&drv->driver);
	return ret;
}
EXPORT_SYMBOL(mdev_register_driver);

/**
 * mdev_unregister_driver - undo mdev_register_driver()
 * @drv: the driver; its parents may still be registered
 *
 * Waits for creations under way; one that comes later fails with -EAGAIN. Then the driver's
 * remove is called for all its devices. Those of parents that are still registered stay, with
 * no driver, until they or the parent are removed. Those parents use @drv, but for probe and
 * remove, until they are unregistered.
 *
 * Context: Process context, sleeps. Not from within the driver's probe or remove.
 */
void mdev_unregister_driver(struct mdev_driver *drv)
{
	mdev_usage_unregister(drv);
	driver_unregister(&drv->driver);
}
EXPORT_SYMBOL(mdev_unregister_driver);
