// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registration of parents, the devices that mediated devices are slices of.
 *
 * parent->unreg_sem keeps a parent's registration and unregistration, which write,
 * apart from the creation and removal of its devices, which read and never wait for
 * it: both come from sysfs files that unregistration itself waits for.
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
	init_rwsem(&parent->unreg_sem);
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
 * @mdev_driver: driver of the devices to come, registered with mdev_register_driver()
 * @types: the types offered, with sysfs_name and perhaps pretty_name set; array and
 *	types belong to the caller and have to stay until mdev_unregister_parent()
 * @nr_types: number of @types
 *
 * Adds mdev_supported_types and announces the parent to user space. Devices can be
 * created, that is @mdev_driver->probe called, before this returns.
 *
 * Return: 0, -EINVAL for a driver that is not registered, -EEXIST for two types of one
 * name, -ENOMEM also when @dev is a parent already. After an error there is no trace of
 * @parent, and all the arguments can be freed or used again.
 */
int mdev_register_parent(struct mdev_parent *parent, struct device *dev,
			 struct mdev_driver *mdev_driver, struct mdev_type **types,
			 unsigned int nr_types)
{
	int ret;

	if (mdev_driver->driver.bus != &mdev_bus_type)
		return -EINVAL;

	parent_init(parent, dev, mdev_driver, types, nr_types);
	/* Pairs with the put in mdev_unregister_parent(). */
	get_device(dev);

	/* Until all types are there, or gone again, nothing can be created from one. */
	down_write(&parent->unreg_sem);
	ret = mdev_types_add(parent);
	up_write(&parent->unreg_sem);
	mdev_trace_parent_register(parent, ret);
	if (ret) {
		put_device(dev);
		return ret;
	}

	/* Vendors name devices of several busses alike; not worth losing the parent. */
	if (mdev_bus_link_create(dev))
		dev_warn(dev, "cannot be linked from /sys/class/mdev_bus\n");

	parent_uevent(parent, "MDEV_STATE=registered");
	return 0;
}
EXPORT_SYMBOL(mdev_register_parent);

/**
 * mdev_unregister_parent - remove a parent's devices and let go of it
 * @parent: registered with mdev_register_parent()
 *
 * Waits for creations and removals under way, and with the vendor driver's remove for
 * users of the devices. A creation that comes later fails with -ENODEV. On return
 * nothing of @parent, its types and its devices is in use any more.
 */
void mdev_unregister_parent(struct mdev_parent *parent)
{
	struct device *dev = parent->dev;

	down_write(&parent->unreg_sem);
	mdev_bus_link_remove(dev);
	mdev_device_remove_all(parent);
	mdev_types_remove(parent);
	up_write(&parent->unreg_sem);

	mdev_trace_parent_unregister(parent);
	parent_uevent(parent, "MDEV_STATE=unregistered");
	/* Pairs with the get in mdev_register_parent(). */
	put_device(dev);
	/* A remove that was last to unlock may still be inside up_read(): see device.c. */
	synchronize_rcu();
}
EXPORT_SYMBOL(mdev_unregister_parent);
