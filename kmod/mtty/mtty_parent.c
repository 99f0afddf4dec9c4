// SPDX-License-Identifier: GPL-2.0-only
/*
 * The parent of mediated serial cards, and its pool of ports.
 */
#include <linux/completion.h>
#include <linux/device.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "compat.h"
#include "mtty.h"

/**
 * struct mtty_parent - the card that is shared out
 * @dev: /sys/devices/virtual/mtty/mtty
 * @class: its class
 * @parent: its registration with the mdev core
 * @types: the types it offers
 * @type_list: the same as the core wants them
 * @ports: how many it has
 * @lock: protects @free
 * @free: ports that no device has
 * @released: completed when the last reference has gone
 *
 * @types are kobjects of the core, which refer to @dev until they are released.
 */
struct mtty_parent {
	struct device dev;
	struct class *class;
	struct mdev_parent parent;
	struct vfio_mdev_type types[MTTY_TYPES];
	struct mdev_type *type_list[MTTY_TYPES];
	unsigned int ports;
	spinlock_t lock; /* free */
	unsigned int free;
	struct completion *released;
};

static struct mtty_parent *parent_of(const struct mdev_type *type)
{
	return container_of(type->parent, struct mtty_parent, parent);
}

/* Each port has a BAR. */
unsigned int mtty_ports_of(const struct mdev_type *type)
{
	return container_of(type, struct vfio_mdev_type, type)->desc->nr_regions;
}

unsigned int mtty_available(struct mdev_type *type)
{
	return READ_ONCE(parent_of(type)->free) / mtty_ports_of(type);
}

int mtty_ports_take(const struct mdev_type *type)
{
	struct mtty_parent *parent = parent_of(type);
	int ret = -ENOSPC;

	spin_lock(&parent->lock);
	if (parent->free >= mtty_ports_of(type)) {
		WRITE_ONCE(parent->free, parent->free - mtty_ports_of(type));
		ret = 0;
	}
	spin_unlock(&parent->lock);
	return ret;
}

void mtty_ports_give_back(const struct mdev_type *type)
{
	struct mtty_parent *parent = parent_of(type);

	spin_lock(&parent->lock);
	WRITE_ONCE(parent->free, parent->free + mtty_ports_of(type));
	spin_unlock(&parent->lock);
}

static ssize_t sample_mtty_dev_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct mtty_parent *parent = container_of(dev, struct mtty_parent, dev);

	return sysfs_emit(buf, "%u of %u ports free\n", READ_ONCE(parent->free), parent->ports);
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

static void mtty_parent_release(struct device *dev)
{
	struct mtty_parent *parent = container_of(dev, struct mtty_parent, dev);
	struct completion *released = parent->released;

	kfree(parent);
	complete(released);
}

/* Drops the last reference of ours, and waits until all others have gone: the caller unloads. */
static void mtty_parent_put(struct mtty_parent *parent)
{
	struct class *class = parent->class;
	DECLARE_COMPLETION_ONSTACK(released);

	parent->released = &released;
	put_device(&parent->dev);
	wait_for_completion(&released);
	class_destroy(class);
}

static int mtty_parent_add(struct mtty_parent *parent, struct vfio_mdev_driver *driver)
{
	int ret;

	ret = dev_set_name(&parent->dev, "mtty");
	if (ret)
		return ret;
	ret = device_add(&parent->dev);
	if (ret)
		return ret;
	ret = mdev_register_parent(&parent->parent, &parent->dev, &driver->mdev,
				   parent->type_list, MTTY_TYPES);
	if (ret)
		device_del(&parent->dev);
	return ret;
}

struct mtty_parent *mtty_parent_new(struct vfio_mdev_driver *driver,
				    const struct vfio_mdev_type types[MTTY_TYPES],
				    unsigned int ports)
{
	struct mtty_parent *parent;
	struct class *class;
	unsigned int i;
	int ret;

	class = compat_class_create("mtty");
	if (IS_ERR(class))
		return ERR_CAST(class);
	parent = kzalloc(sizeof(*parent), GFP_KERNEL);
	if (!parent) {
		class_destroy(class);
		return ERR_PTR(-ENOMEM);
	}

	spin_lock_init(&parent->lock);
	parent->ports = ports;
	parent->free = ports;
	for (i = 0; i < MTTY_TYPES; i++) {
		parent->types[i] = types[i];
		parent->type_list[i] = &parent->types[i].type;
	}

	parent->class = class;
	device_initialize(&parent->dev);
	parent->dev.class = class;
	parent->dev.groups = mtty_parent_groups;
	parent->dev.release = mtty_parent_release;
	ret = mtty_parent_add(parent, driver);
	if (ret) {
		mtty_parent_put(parent);
		return ERR_PTR(ret);
	}
	return parent;
}

void mtty_parent_free(struct mtty_parent *parent)
{
	mdev_unregister_parent(&parent->parent);
	device_del(&parent->dev);
	mtty_parent_put(parent);
}
