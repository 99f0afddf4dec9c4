// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a mediated device: from a UUID written to a type's "create" to a 1
 * written to the device's "remove", or to the unregistration of the parent.
 *
 * A UUID and an instance are taken for as long as the device is registered, that is
 * until device_del() has returned: then the vendor driver's remove has run and the
 * name is free in sysfs, so that a removed device can be created again at once. Who
 * still holds a reference keeps the memory only; release touches neither the type nor
 * the parent, which may be gone by then.
 */
#include <linux/device.h>
#include <linux/kstrtox.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/wait_bit.h>

#include "instance.h"
#include "trace.h"

/* Instances whose release is still to come. */
static atomic_t instances = ATOMIC_INIT(0);

static void instance_release(struct device *dev)
{
	kfree_rcu(to_mdev_instance(to_mdev_device(dev)), rcu);
	if (atomic_dec_and_test(&instances))
		wake_up_var(&instances);
}

/* Before the module goes, for instance_release() is part of it. */
void mdev_device_exit(void)
{
	wait_var_event(&instances, !atomic_read(&instances));
}

/*
 * Drivers with get_available count by themselves, in probe and remove. One that says it
 * has nothing left is not probed: the driver core would put the refusal, which the
 * writer of "create" is told, into the kernel's log as well.
 */
static int parent_take_instance(struct mdev_type *type)
{
	struct mdev_parent *parent = type->parent;

	if (parent->mdev_driver->get_available)
		return parent->mdev_driver->get_available(type) ? 0 : -ENOSPC;
	return atomic_add_unless(&parent->available_instances, -1, 0) ? 0 : -EUSERS;
}

static void parent_give_instance(struct mdev_parent *parent)
{
	if (!parent->mdev_driver->get_available)
		atomic_inc(&parent->available_instances);
}

static int instance_create_links(struct mdev_device *mdev)
{
	struct kobject *kobj = &mdev->dev.kobj;
	int ret;

	ret = sysfs_create_link(mdev->type->devices_kobj, kobj, dev_name(&mdev->dev));
	if (ret)
		return ret;

	ret = sysfs_create_link(kobj, &mdev->type->kobj, "mdev_type");
	if (ret)
		sysfs_remove_link(mdev->type->devices_kobj, dev_name(&mdev->dev));
	return ret;
}

static void instance_remove_links(struct mdev_device *mdev)
{
	sysfs_remove_link(&mdev->dev.kobj, "mdev_type");
	sysfs_remove_link(mdev->type->devices_kobj, dev_name(&mdev->dev));
}

static int instance_register(struct mdev_device *mdev)
{
	int ret;

	ret = dev_set_name(&mdev->dev, "%pUl", &mdev->uuid);
	if (ret)
		return ret;

	ret = device_add(&mdev->dev);
	if (ret)
		return ret;

	ret = device_driver_attach(&mdev->type->parent->mdev_driver->driver, &mdev->dev);
	if (ret)
		goto err_del;

	/* Last, so that a device with an mdev_type is one that works. */
	ret = instance_create_links(mdev);
	if (ret)
		goto err_del;
	return 0;

err_del:
	device_del(&mdev->dev);
	return ret;
}

/* Called by users of the parent, or by its unregistration when there are none. */
static void instance_destroy(struct mdev_device *mdev)
{
	instance_remove_links(mdev);
	device_del(&mdev->dev);
	parent_give_instance(mdev->type->parent);
	mdev_index_remove(to_mdev_instance(mdev));
	trace_mdev_remove(mdev->type, &mdev->uuid, 0);
	/* Pairs with device_initialize() in instance_create(). */
	put_device(&mdev->dev);
}

/*
 * Removes the device from inside its own attribute. Of several writers the first
 * gets true from device_remove_file_self(); the others wait in it until the first is
 * done, and have no device any more.
 */
static int instance_remove(struct mdev_device *mdev, struct device_attribute *attr)
{
	struct mdev_type *type = mdev->type;
	struct mdev_usage *parent;
	guid_t uuid = mdev->uuid;
	int ret = 0;

	/* Fails only for an unregistration, which removes the device itself. */
	parent = mdev_usage_get(type->parent);
	if (!parent) {
		trace_mdev_remove(type, &uuid, -ENODEV);
		return -ENODEV;
	}
	/* Pairs with the release in instance_create(). */
	if (!smp_load_acquire(&mdev->active))
		ret = -EAGAIN;
	else if (device_remove_file_self(&mdev->dev, attr))
		instance_destroy(mdev);
	else
		ret = -ENODEV;
	if (ret)
		trace_mdev_remove(type, &uuid, ret);
	mdev_usage_put(parent);
	return ret;
}

static ssize_t remove_store(struct device *dev, struct device_attribute *attr, const char *buf,
			    size_t count)
{
	unsigned long value;
	int ret;

	ret = kstrtoul(buf, 0, &value);
	if (ret)
		return ret;
	if (!value)
		return count;

	ret = instance_remove(to_mdev_device(dev), attr);
	return ret ? ret : count;
}
static DEVICE_ATTR_WO(remove);

static struct attribute *mdev_device_attrs[] = {
	&dev_attr_remove.attr,
	NULL
};
ATTRIBUTE_GROUPS(mdev_device);

static int instance_create(struct mdev_type *type, const guid_t *uuid)
{
	struct mdev_instance *instance;
	struct mdev_device *mdev;
	int ret;

	instance = kzalloc(sizeof(*instance), GFP_KERNEL);
	if (!instance)
		return -ENOMEM;

	mdev = &instance->mdev;
	mdev->type = type;
	INIT_LIST_HEAD(&mdev->next);
	guid_copy(&mdev->uuid, uuid);

	atomic_inc(&instances);
	device_initialize(&mdev->dev);
	mdev->dev.parent = type->parent->dev;
	mdev->dev.bus = &mdev_bus_type;
	mdev->dev.groups = mdev_device_groups;
	mdev->dev.release = instance_release;

	ret = mdev_index_insert(instance);
	if (ret)
		goto err_put;

	ret = parent_take_instance(type);
	if (ret)
		goto err_index;

	ret = instance_register(mdev);
	if (ret)
		goto err_instance;

	/* Pairs with the acquire in remove_store(); the device is removable from here on. */
	smp_store_release(&mdev->active, true);
	return 0;

err_instance:
	parent_give_instance(type->parent);
err_index:
	mdev_index_remove(instance);
err_put:
	put_device(&mdev->dev);
	return ret;
}

/* The driver may be registered after its parents, and unregistered before them. */
static int instance_create_driven(struct mdev_type *type, const guid_t *uuid)
{
	struct mdev_usage *driver;
	int ret;

	driver = mdev_usage_get(type->parent->mdev_driver);
	if (!driver)
		return -EAGAIN;

	ret = instance_create(type, uuid);
	mdev_usage_put(driver);
	return ret;
}

/*
 * Fails with -ENODEV when the parent is on its way in or out, -EAGAIN while its driver is not
 * registered, -EEXIST for a UUID in use, -EUSERS (-ENOSPC where the vendor driver counts)
 * without an instance left, and with whatever the vendor driver's probe says.
 */
int mdev_device_create(struct mdev_type *type, const guid_t *uuid)
{
	struct mdev_usage *parent;
	int ret;

	parent = mdev_usage_get(type->parent);
	ret = parent ? instance_create_driven(type, uuid) : -ENODEV;
	trace_mdev_create(type, uuid, ret);
	if (parent)
		mdev_usage_put(parent);
	return ret;
}

static int destroy_child(struct device *dev, void *data)
{
	if (dev->bus == &mdev_bus_type)
		instance_destroy(to_mdev_device(dev));
	return 0;
}

/* Called when the parent has no users, so no device is half created. */
void mdev_device_remove_all(struct mdev_parent *parent)
{
	device_for_each_child(parent->dev, NULL, destroy_child);
}
