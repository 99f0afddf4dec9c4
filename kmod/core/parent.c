// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registration of parents, the devices that mediated devices are slices of.
 *
 * Creation and removal of its devices use a parent (usage.c), and fail where it is not, not
 * yet or no longer registered: they come from sysfs files that unregistration itself waits
 * for. parent->unreg_sem, which Linux's core has for this, cannot be: its last reader may
 * still be inside up_read() when the caller of unregistration frees it.
 *
 * Exports symbols: see core.h before touching the includes.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/mdev.h>

#include "core.h"

static void parent_uevent(struct mdev_parent *parent, char *state)
{
	char *env[2] = { state, NULL };

	kobject_uevent_env(&parent->dev->kobj, KOBJ_CHANGE, env);
}

static void parent_init(struct mdev_parent *parent, struct device *dev, struct mdev_driver *drv,
			struct mdev_type **types, unsigned int nr_types)
{
	memset(parent, 0, sizeof(*parent));
	parent->dev = dev;
	parent->mdev_driver = drv;
	parent->types = types;
	parent->nr_types = nr_types;
	atomic_set(&parent->available_instances, drv->max_instances);
}

/**
 * mdev_register_parent - let a device have mediated devices
 * @parent: storage for the core, owned by the caller until mdev_unregister_parent()
 * @dev: the parent device, registered with the driver core
 * @mdev_driver: driver of the devices to come; while it is not registered with
 *	mdev_register_driver(), creation fails with -EAGAIN
 * @types: the types offered, with sysfs_name and perhaps pretty_name set; array and
 *	types belong to the caller and have to stay until mdev_unregister_parent()
 * @nr_types: number of @types
 *
 * Adds mdev_supported_types and announces the parent to user space. Devices can be
 * created, that is @mdev_driver->probe called, before this returns.
 *
 * Context: Process context, may sleep.
 * Return: 0, -EEXIST for two types of one name, -ENOMEM also when @dev is a parent already.
 * After an error there is no trace of @parent, and all the arguments can be freed or used again.
 */
int mdev_register_parent(struct mdev_parent *parent, struct device *dev,
			 struct mdev_driver *mdev_driver, struct mdev_type **types,
			 unsigned int nr_types)
{
	int ret;

	parent_init(parent, dev, mdev_driver, types, nr_types);
	/* Pairs with the put in mdev_unregister_parent(). */
	get_device(dev);

	ret = mdev_types_add(parent);
	if (ret)
		goto err_put;

	/* Until all types are there, or gone again, nothing can be created from one. */
	ret = mdev_usage_register(parent);
	if (ret)
		goto err_types;
	mdev_trace_parent_register(parent, 0);

	/* Vendors name devices of several busses alike; not worth losing the parent. */
	if (mdev_bus_link_create(dev))
		dev_warn(dev, "cannot be linked from /sys/class/mdev_bus\n");

	parent_uevent(parent, "MDEV_STATE=registered");
	return 0;

err_types:
	mdev_types_remove(parent);
err_put:
	mdev_trace_parent_register(parent, ret);
	put_device(dev);
	return ret;
}
EXPORT_SYMBOL(mdev_register_parent);

/**
 * mdev_unregister_parent - remove a parent's devices and let go of it
 * @parent: registered with mdev_register_parent()
 *
 * Waits for creations and removals under way, and with the vendor driver's remove for
 * users of the devices. A creation that comes later fails with -ENODEV. On return
 * nothing of @parent, its types and its devices is in use any more.
 *
 * Context: Process context, sleeps. Not from within the driver's probe or remove.
 */
void mdev_unregister_parent(struct mdev_parent *parent)
{
	struct device *dev = parent->dev;

	mdev_usage_unregister(parent);
	mdev_bus_link_remove(dev);
	mdev_device_remove_all(parent);
	mdev_types_remove(parent);

	mdev_trace_parent_unregister(parent);
	parent_uevent(parent, "MDEV_STATE=unregistered");
	/* Pairs with the get in mdev_register_parent(). */
	put_device(dev);
}
EXPORT_SYMBOL(mdev_unregister_parent);
