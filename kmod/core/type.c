// SPDX-License-Identifier: GPL-2.0-only
/*
 * Types: the directories <driver>-<type> in a parent's mdev_supported_types.
 *
 * The kobjects are part of the vendor driver's struct mdev_type, whose memory the
 * driver may free as soon as the parent is unregistered. So their removal waits for
 * their release, which the driver core may put off (CONFIG_DEBUG_KOBJECT_RELEASE).
 */
#include <linux/device.h>
#include <linux/kobject.h>
#include <linux/sysfs.h>
#include <linux/uuid.h>
#include <linux/wait_bit.h>

#include "core.h"

static struct mdev_type *to_mdev_type(struct kobject *kobj)
{
	return container_of(kobj, struct mdev_type, kobj);
}

static ssize_t create_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
			    size_t count)
{
	size_t length = count;
	guid_t uuid;
	int ret;

	if (length && buf[length - 1] == '\n')
		length--;
	/* guid_parse() looks at as many characters as it needs and no further. */
	if (length != UUID_STRING_LEN || guid_parse(buf, &uuid))
		return -EINVAL;

	ret = mdev_device_create(to_mdev_type(kobj), &uuid);
	return ret ? ret : count;
}

static ssize_t name_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	struct mdev_type *type = to_mdev_type(kobj);

	return sysfs_emit(buf, "%s\n", type->pretty_name ? type->pretty_name : type->sysfs_name);
}

static ssize_t device_api_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", to_mdev_type(kobj)->parent->mdev_driver->device_api);
}

static ssize_t available_instances_show(struct kobject *kobj, struct kobj_attribute *attr,
					char *buf)
{
	struct mdev_type *type = to_mdev_type(kobj);
	struct mdev_parent *parent = type->parent;
	unsigned int available;

	if (parent->mdev_driver->get_available)
		available = parent->mdev_driver->get_available(type);
	else
		available = atomic_read(&parent->available_instances);
	return sysfs_emit(buf, "%u\n", available);
}

static ssize_t description_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	struct mdev_type *type = to_mdev_type(kobj);

	return type->parent->mdev_driver->show_description(type, buf);
}

static struct kobj_attribute create_attr = __ATTR_WO(create);
static struct kobj_attribute name_attr = __ATTR_RO(name);
static struct kobj_attribute device_api_attr = __ATTR_RO(device_api);
static struct kobj_attribute available_instances_attr = __ATTR_RO(available_instances);
static struct kobj_attribute description_attr = __ATTR_RO(description);

static struct attribute *type_attrs[] = {
	&create_attr.attr,
	&name_attr.attr,
	&device_api_attr.attr,
	&available_instances_attr.attr,
	&description_attr.attr,
	NULL
};

static umode_t type_attr_is_visible(struct kobject *kobj, struct attribute *attr, int index)
{
	if (attr == &description_attr.attr &&
	    !to_mdev_type(kobj)->parent->mdev_driver->show_description)
		return 0;
	return attr->mode;
}

static const struct attribute_group type_group = {
	.attrs = type_attrs,
	.is_visible = type_attr_is_visible,
};
__ATTRIBUTE_GROUPS(type);

/*
 * Clearing type->parent hands the memory back: nothing may touch the type after it.
 * wake_up_var() takes the address for a key only, and needs the full barrier of xchg().
 */
static void type_release(struct kobject *kobj)
{
	struct mdev_type *type = to_mdev_type(kobj);

	xchg(&type->parent, NULL);
	wake_up_var(&type->parent);
}

static void type_wait_released(struct mdev_type *type)
{
	/* Pairs with the xchg() in type_release(). */
	wait_var_event(&type->parent, !smp_load_acquire(&type->parent));
}

static struct kobj_type type_ktype = {
	.sysfs_ops = &kobj_sysfs_ops,
	.default_groups = type_groups,
	.release = type_release,
};

static void type_remove(struct mdev_type *type)
{
	kobject_del(type->devices_kobj);
	kobject_put(type->devices_kobj);
	kobject_del(&type->kobj);
	/* Pairs with kobject_init_and_add() in type_add(). */
	kobject_put(&type->kobj);
}

static int type_add(struct mdev_parent *parent, struct mdev_type *type)
{
	int ret;

	/* A type may have been registered, and released, before. */
	memset(&type->kobj, 0, sizeof(type->kobj));
	type->parent = parent;
	type->kobj.kset = parent->mdev_types_kset;
	ret = kobject_init_and_add(&type->kobj, &type_ktype, NULL, "%s-%s",
				   dev_driver_string(parent->dev), type->sysfs_name);
	if (ret)
		goto err_put;

	type->devices_kobj = kobject_create_and_add("devices", &type->kobj);
	if (!type->devices_kobj) {
		ret = -ENOMEM;
		goto err_del;
	}
	return 0;

err_del:
	kobject_del(&type->kobj);
err_put:
	kobject_put(&type->kobj);
	type_wait_released(type);
	return ret;
}

/* Two passes: the releases may come late, but they come at the same time. */
static void types_remove(struct mdev_parent *parent, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		type_remove(parent->types[i]);
	for (i = 0; i < count; i++)
		type_wait_released(parent->types[i]);
	kset_unregister(parent->mdev_types_kset);
}

int mdev_types_add(struct mdev_parent *parent)
{
	unsigned int i;
	int ret;

	/* NULL for any failure; that the name is taken is the one to expect. */
	parent->mdev_types_kset = kset_create_and_add("mdev_supported_types", NULL,
						      &parent->dev->kobj);
	if (!parent->mdev_types_kset)
		return -ENOMEM;

	for (i = 0; i < parent->nr_types; i++) {
		ret = type_add(parent, parent->types[i]);
		if (ret) {
			types_remove(parent, i);
			return ret;
		}
	}
	return 0;
}

void mdev_types_remove(struct mdev_parent *parent)
{
	types_remove(parent, parent->nr_types);
}
