// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vendor driver in the shape of s390's vfio_ap, whose hardware no test has. Its only parent is on
 * a bus of the module's own, below a root device, /sys/devices/mdevap/matrix, and has a link in a
 * class of the module's own besides the core's. The driver counts its devices itself, says how many
 * are left, and gives each attributes.
 *
 * Loading registers the driver before the parent, and unloading unregisters it after.
 */
#include <linux/device.h>
#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "compat.h"

#define MATRIX_DEVICES 4

struct matrix {
	struct device dev;
	struct mdev_parent parent;
	struct mdev_type type;
	struct mdev_type *types[1];
	atomic_t left;
};

struct matrix_mdev {
	unsigned int adapters;
};

static struct class_compat *matrix_class;
static struct device *matrix_root;
static struct matrix *matrix;

static void matrix_release(struct device *dev)
{
	kfree(container_of(dev, struct matrix, dev));
}

static struct bus_type matrix_bus = { .name = "mdevap" };

static struct device_driver matrix_driver = {
	.name = "mdevap",
	.bus = &matrix_bus,
	.suppress_bind_attrs = true,
};

static ssize_t adapters_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct matrix_mdev *own = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%u\n", own->adapters);
}

static ssize_t adapters_store(struct device *dev, struct device_attribute *attr, const char *buf,
			      size_t count)
{
	struct matrix_mdev *own = dev_get_drvdata(dev);
	int ret = kstrtouint(buf, 0, &own->adapters);

	return ret ? ret : count;
}
static DEVICE_ATTR_RW(adapters);

static struct attribute *matrix_mdev_attrs[] = { &dev_attr_adapters.attr, NULL };
ATTRIBUTE_GROUPS(matrix_mdev);

static int matrix_mdev_probe(struct mdev_device *mdev)
{
	struct matrix_mdev *own;

	if (!atomic_add_unless(&matrix->left, -1, 0))
		return -EPERM;
	own = kzalloc(sizeof(*own), GFP_KERNEL);
	if (!own) {
		atomic_inc(&matrix->left);
		return -ENOMEM;
	}
	dev_set_drvdata(mdev_dev(mdev), own);
	return 0;
}

static void matrix_mdev_remove(struct mdev_device *mdev)
{
	kfree(dev_get_drvdata(mdev_dev(mdev)));
	atomic_inc(&matrix->left);
}

static unsigned int matrix_mdev_available(struct mdev_type *type)
{
	return atomic_read(&matrix->left);
}

static struct mdev_driver matrix_mdev_driver = {
	.device_api = "vfio-ap",
	.max_instances = MATRIX_DEVICES,
	.driver = {
		.name = "mdevap_mdev",
		.owner = THIS_MODULE,
		.mod_name = KBUILD_MODNAME,
		.dev_groups = matrix_mdev_groups,
	},
	.probe = matrix_mdev_probe,
	.remove = matrix_mdev_remove,
	.get_available = matrix_mdev_available,
};

static int matrix_add_device(void)
{
	int ret;

	matrix = kzalloc(sizeof(*matrix), GFP_KERNEL);
	if (!matrix)
		return -ENOMEM;

	atomic_set(&matrix->left, MATRIX_DEVICES);
	matrix->type.sysfs_name = "passthrough";
	matrix->type.pretty_name = "Passthrough test device";
	matrix->types[0] = &matrix->type;
	matrix->dev.parent = matrix_root;
	matrix->dev.bus = &matrix_bus;
	matrix->dev.release = matrix_release;
	device_initialize(&matrix->dev);
	ret = dev_set_name(&matrix->dev, "matrix");
	if (!ret)
		ret = device_add(&matrix->dev);
	if (ret)
		put_device(&matrix->dev);
	return ret;
}

static int matrix_create(void)
{
	int ret;

	matrix_root = root_device_register("mdevap");
	if (IS_ERR(matrix_root))
		return PTR_ERR(matrix_root);
	ret = bus_register(&matrix_bus);
	if (ret)
		goto err_root;
	ret = matrix_add_device();
	if (ret)
		goto err_bus;
	ret = driver_register(&matrix_driver);
	if (ret)
		goto err_device;
	return 0;

err_device:
	device_unregister(&matrix->dev);
err_bus:
	bus_unregister(&matrix_bus);
err_root:
	root_device_unregister(matrix_root);
	return ret;
}

static void matrix_destroy(void)
{
	device_unregister(&matrix->dev);
	driver_unregister(&matrix_driver);
	bus_unregister(&matrix_bus);
	root_device_unregister(matrix_root);
}

static int matrix_register(void)
{
	int ret;

	ret = compat_class_link_create(matrix_class, &matrix->dev);
	if (ret)
		return ret;
	ret = mdev_register_driver(&matrix_mdev_driver);
	if (ret)
		goto err_link;
	ret = mdev_register_parent(&matrix->parent, &matrix->dev, &matrix_mdev_driver,
				   matrix->types, ARRAY_SIZE(matrix->types));
	if (ret)
		goto err_driver;
	return 0;

err_driver:
	mdev_unregister_driver(&matrix_mdev_driver);
err_link:
	compat_class_link_remove(matrix_class, &matrix->dev);
	return ret;
}

static int __init matrix_init(void)
{
	int ret;

	matrix_class = class_compat_register("mdevap");
	if (!matrix_class)
		return -ENOMEM;
	ret = matrix_create();
	if (ret)
		goto err_class;
	ret = matrix_register();
	if (ret)
		goto err_matrix;
	return 0;

err_matrix:
	matrix_destroy();
err_class:
	class_compat_unregister(matrix_class);
	return ret;
}

static void __exit matrix_exit(void)
{
	mdev_unregister_parent(&matrix->parent);
	mdev_unregister_driver(&matrix_mdev_driver);
	compat_class_link_remove(matrix_class, &matrix->dev);
	matrix_destroy();
	class_compat_unregister(matrix_class);
}

module_init(matrix_init) module_exit(matrix_exit)

	MODULE_DESCRIPTION("Test driver in the shape of vfio_ap for the mediated device core");
MODULE_LICENSE("GPL");
