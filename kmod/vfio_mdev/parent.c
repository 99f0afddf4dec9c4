// SPDX-License-Identifier: GPL-2.0-only
/*
 * A parent for devices that no hardware is behind: /sys/devices/virtual/NAME/NAME. Its
 * types hold it, and the mdev core lets go of them when it likes, so both are one allocation.
 */
#include <linux/completion.h>
#include <linux/device.h>
#include <linux/slab.h>

#include "internal.h"

/**
 * struct vfio_mdev_parent - a parent without hardware
 * @dev: the device
 * @class: its class, which gives the types the first half of their names
 * @mdev: what the mdev core knows of it
 * @released: completed when the last type has let go of @dev
 * @list: what the mdev core is given of @types
 * @nr_types: how many
 * @types: the types
 */
struct vfio_mdev_parent {
	struct device dev;
	struct class *class;
	struct mdev_parent mdev;
	struct completion *released;
	struct mdev_type **list;
	unsigned int nr_types;
	struct vfio_mdev_type types[];
};

static void parent_release(struct device *dev)
{
	struct vfio_mdev_parent *parent = container_of(dev, struct vfio_mdev_parent, dev);
	struct completion *released = parent->released;

	kfree(parent->list);
	kfree(parent);
	complete(released);
}

/* Waits until all has gone: the module of the caller may be next. */
static void parent_put(struct vfio_mdev_parent *parent)
{
	DECLARE_COMPLETION_ONSTACK(released);
	struct class *class = parent->class;

	parent->released = &released;
	put_device(&parent->dev);
	wait_for_completion(&released);
	class_destroy(class);
}

static struct vfio_mdev_parent *parent_new(struct class *class, const struct vfio_mdev_driver *drv,
					   const struct vfio_mdev_type *types,
					   unsigned int nr_types)
{
	struct vfio_mdev_parent *parent;
	unsigned int i;

	parent = kzalloc(struct_size(parent, types, nr_types), GFP_KERNEL);
	if (!parent)
		return NULL;
	parent->list = kcalloc(nr_types, sizeof(*parent->list), GFP_KERNEL);
	if (!parent->list) {
		kfree(parent);
		return NULL;
	}

	parent->nr_types = nr_types;
	for (i = 0; i < nr_types; i++) {
		parent->types[i] = types[i];
		parent->list[i] = &parent->types[i].type;
	}
	parent->class = class;
	device_initialize(&parent->dev);
	parent->dev.class = class;
	parent->dev.groups = drv->parent_groups;
	parent->dev.release = parent_release;
	return parent;
}

static int parent_add(struct vfio_mdev_parent *parent, const char *name,
		      struct vfio_mdev_driver *drv)
{
	int ret;

	ret = dev_set_name(&parent->dev, "%s", name);
	if (!ret)
		ret = device_add(&parent->dev);
	if (ret)
		return ret;
	ret = mdev_register_parent(&parent->mdev, &parent->dev, &drv->mdev, parent->list,
				   parent->nr_types);
	if (ret)
		device_del(&parent->dev);
	return ret;
}

struct vfio_mdev_parent *vfio_mdev_register_parent(const char *name, struct vfio_mdev_driver *drv,
						   const struct vfio_mdev_type *types,
						   unsigned int nr_types)
{
	struct vfio_mdev_parent *parent;
	struct class *class;
	int ret;

	class = compat_class_create(name);
	if (IS_ERR(class))
		return ERR_CAST(class);
	/* Pairs with parent_put() in vfio_mdev_unregister_parent(). */
	parent = parent_new(class, drv, types, nr_types);
	if (!parent) {
		class_destroy(class);
		return ERR_PTR(-ENOMEM);
	}
	ret = parent_add(parent, name, drv);
	if (ret) {
		parent_put(parent);
		return ERR_PTR(ret);
	}
	return parent;
}
EXPORT_SYMBOL_GPL(vfio_mdev_register_parent);

void vfio_mdev_unregister_parent(struct vfio_mdev_parent *parent)
{
	mdev_unregister_parent(&parent->mdev);
	device_del(&parent->dev);
	parent_put(parent);
}
EXPORT_SYMBOL_GPL(vfio_mdev_unregister_parent);
