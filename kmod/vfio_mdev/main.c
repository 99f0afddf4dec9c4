// SPDX-License-Identifier: GPL-2.0-only
/*
 * Life of a device: from the mdev core's probe to its remove, and between them what the
 * vfio core asks.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>

#include "dma.h"

static struct vfio_mdev_driver *driver_of(struct mdev_device *mdev)
{
	return container_of(mdev->dev.driver, struct vfio_mdev_driver, mdev.driver);
}

/* An error frees all: the vfio core does not call .release then. */
static int vfio_mdev_init(struct vfio_device *vfio)
{
	struct vfio_mdev_device *vdev = to_vfio_mdev(vfio);
	int ret = -ENOMEM;

	vdev->mdev = to_mdev_device(vfio->dev);
	vdev->type = to_vfio_mdev_type(vdev->mdev->type);
	vdev->ops = driver_of(vdev->mdev)->ops;
	vdev->config = vfio_mdev_config_new(vdev->type->desc);
	vdev->irqs = vfio_mdev_irqs_new(vdev->type->desc);
	vdev->dma = vfio_mdev_dma_new();
	if (!vdev->config || !vdev->irqs || !vdev->dma)
		goto err_free;
	vfio->log_ops = COMPAT_LOG_OPS(&vfio_mdev_log_ops);
	ret = vfio_mdev_migration_init(vdev);
	if (ret)
		goto err_free;

	ret = vdev->ops->init ? vdev->ops->init(vdev) : 0;
	if (ret)
		goto err_free;
	return 0;

err_free:
	vfio_mdev_migration_free(vdev->migration);
	vfio_mdev_dma_free(vdev->dma);
	vfio_mdev_irqs_free(vdev->irqs);
	vfio_mdev_config_free(vdev->config);
	return ret;
}

static void vfio_mdev_release(struct vfio_device *vfio)
{
	struct vfio_mdev_device *vdev = to_vfio_mdev(vfio);
	struct completion *released = vdev->released;

	if (vdev->ops->release)
		vdev->ops->release(vdev);
	vfio_mdev_migration_free(vdev->migration);
	vfio_mdev_dma_free(vdev->dma);
	vfio_mdev_irqs_free(vdev->irqs);
	vfio_mdev_config_free(vdev->config);
	compat_vfio_device_free(vfio);
	complete(released);
}

/*
 * Drops the last reference, and waits until it has taken effect: afterwards the module of
 * the driver may go, and a kernel with DEBUG_KOBJECT_RELEASE calls .release seconds
 * later. It is the last one, as the vfio core has waited for every user.
 */
static void vfio_mdev_put(struct vfio_mdev_device *vdev)
{
	DECLARE_COMPLETION_ONSTACK(released);

	vdev->released = &released;
	vfio_put_device(&vdev->vfio);
	wait_for_completion(&released);
}

void vfio_mdev_power_on(struct vfio_mdev_device *vdev)
{
	vfio_mdev_irqs_reset(vdev->irqs);
	vfio_mdev_config_reset(vdev);
	vdev->ops->reset(vdev);
}

void vfio_mdev_reset(struct vfio_mdev_device *vdev)
{
	vfio_mdev_irqs_reset(vdev->irqs);
	vdev->ops->reset(vdev);
}

/* What one user left in the device is kept from the next. */
static int vfio_mdev_open(struct vfio_device *vfio)
{
	struct vfio_mdev_device *vdev = to_vfio_mdev(vfio);

	vfio_mdev_migration_end(vdev, vfio_mdev_power_on);
	return vfio_mdev_dma_open(vdev);
}

static void vfio_mdev_close(struct vfio_device *vfio)
{
	struct vfio_mdev_device *vdev = to_vfio_mdev(vfio);

	vfio_mdev_migration_close(vdev);
	vfio_mdev_dma_close(vdev);
	vfio_mdev_irqs_close(vdev->irqs);
}

static int device_get_info(void __user *arg)
{
	size_t minsz = offsetofend(struct vfio_device_info, num_irqs);
	struct vfio_device_info info;

	if (copy_from_user(&info, arg, minsz))
		return -EFAULT;
	if (info.argsz < minsz)
		return -EINVAL;

	info.flags = VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET;
	info.num_regions = VFIO_PCI_NUM_REGIONS;
	info.num_irqs = VFIO_PCI_NUM_IRQS;
	return copy_to_user(arg, &info, minsz) ? -EFAULT : 0;
}

/*
 * The rest of the answer, as far as the user has room for it; else argsz says how much it
 * needs.
 */
static int region_put_caps(void __user *arg, struct vfio_region_info *info,
			   struct vfio_info_cap *caps)
{
	size_t needed = sizeof(*info) + caps->size;

	if (!caps->size)
		return 0;
	info->flags |= VFIO_REGION_INFO_FLAG_CAPS;
	if (info->argsz < needed) {
		info->argsz = needed;
		return 0;
	}
	vfio_info_cap_shift(caps, sizeof(*info));
	info->cap_offset = sizeof(*info);
	return copy_to_user(arg + sizeof(*info), caps->buf, caps->size) ? -EFAULT : 0;
}

/* Only where the vfio core does not do this and call the operation itself. */
static int device_get_region_info(struct vfio_mdev_device *vdev, void __user *arg)
{
	size_t minsz = offsetofend(struct vfio_region_info, offset);
	struct vfio_info_cap caps = {};
	struct vfio_region_info info;
	int ret;

	if (copy_from_user(&info, arg, minsz))
		return -EFAULT;
	if (info.argsz < minsz)
		return -EINVAL;

	ret = vfio_mdev_region_info(&vdev->vfio, &info, &caps);
	if (!ret)
		ret = region_put_caps(arg, &info, &caps);
	kfree(caps.buf);
	if (ret)
		return ret;
	return copy_to_user(arg, &info, minsz) ? -EFAULT : 0;
}

static int device_get_irq_info(struct vfio_mdev_device *vdev, void __user *arg)
{
	size_t minsz = offsetofend(struct vfio_irq_info, count);
	struct vfio_irq_info info;
	int ret;

	if (copy_from_user(&info, arg, minsz))
		return -EFAULT;
	if (info.argsz < minsz)
		return -EINVAL;

	ret = vfio_mdev_irqs_info(vdev->irqs, &info);
	if (ret)
		return ret;
	return copy_to_user(arg, &info, minsz) ? -EFAULT : 0;
}

static long vfio_mdev_ioctl(struct vfio_device *vfio, unsigned int cmd, unsigned long arg)
{
	struct vfio_mdev_device *vdev = to_vfio_mdev(vfio);
	void __user *user = (void __user *)arg;

	switch (cmd) {
	case VFIO_DEVICE_GET_INFO:
		return device_get_info(user);
	case VFIO_DEVICE_GET_REGION_INFO:
		return device_get_region_info(vdev, user);
	case VFIO_DEVICE_GET_IRQ_INFO:
		return device_get_irq_info(vdev, user);
	case VFIO_DEVICE_SET_IRQS:
		return vfio_mdev_irqs_set(vdev->irqs, user);
	case VFIO_DEVICE_RESET:
		vfio_mdev_migration_end(vdev, vfio_mdev_reset);
		return 0;
	default:
		return -ENOTTY;
	}
}

/* Somebody removes the device while it is open: ask the user to let go of it. */
static void vfio_mdev_request(struct vfio_device *vfio, unsigned int count)
{
	vfio_mdev_irq_trigger(to_vfio_mdev(vfio), VFIO_PCI_REQ_IRQ_INDEX, 0);
}

/*
 * How much a migration has to move while the device is stopped. Where nothing answers, QEMU assumes
 * so much that it goes on copying memory, and never stops the machine.
 */
static int __maybe_unused vfio_mdev_device_feature(struct vfio_device *vfio, u32 flags,
						   void __user *arg, size_t argsz)
{
	struct vfio_device_feature_mig_data_size size = {};
	struct vfio_mdev_device *vdev = to_vfio_mdev(vfio);
	int ret;

	if ((flags & VFIO_DEVICE_FEATURE_MASK) != VFIO_DEVICE_FEATURE_MIG_DATA_SIZE ||
	    !vdev->migration)
		return -ENOTTY;
	ret = vfio_check_feature(flags, argsz, VFIO_DEVICE_FEATURE_GET, sizeof(size));
	if (ret != 1)
		return ret;
	size.stop_copy_length = vfio_mdev_stream_max(vdev);
	return copy_to_user(arg, &size, sizeof(size)) ? -EFAULT : 0;
}

static const struct vfio_device_ops vfio_mdev_vfio_ops = {
	.name = "vfio-mdev",
	.init = vfio_mdev_init,
	.release = vfio_mdev_release,
	.open_device = vfio_mdev_open,
	.close_device = vfio_mdev_close,
	.read = vfio_mdev_region_read,
	.write = vfio_mdev_region_write,
	.mmap = vfio_mdev_region_mmap,
	.ioctl = vfio_mdev_ioctl,
	.request = vfio_mdev_request,
	.dma_unmap = vfio_mdev_dma_unmap,
	COMPAT_VFIO_DEVICE_FEATURE_OP(vfio_mdev_device_feature)
	COMPAT_VFIO_REGION_INFO_OP(vfio_mdev_region_info)
	COMPAT_VFIO_IOMMUFD_OPS
};

static int vfio_mdev_probe(struct mdev_device *mdev)
{
	const struct vfio_mdev_type *type = to_vfio_mdev_type(mdev->type);
	struct vfio_mdev_device *vdev;
	struct vfio_device *vfio;
	int ret;

	ret = vfio_mdev_desc_check(&mdev->dev, type->desc, driver_of(mdev)->ops);
	if (ret)
		return ret;

	/* Pairs with vfio_mdev_put() in vfio_mdev_remove(). */
	vfio = _vfio_alloc_device(driver_of(mdev)->device_size, &mdev->dev, &vfio_mdev_vfio_ops);
	if (IS_ERR(vfio))
		return PTR_ERR(vfio);

	vdev = to_vfio_mdev(vfio);
	dev_set_drvdata(&mdev->dev, vdev);
	ret = vfio_register_emulated_iommu_dev(vfio);
	if (ret)
		vfio_mdev_put(vdev);
	return ret;
}

static void vfio_mdev_remove(struct mdev_device *mdev)
{
	struct vfio_mdev_device *vdev = dev_get_drvdata(&mdev->dev);

	vfio_unregister_group_dev(&vdev->vfio);
	vfio_mdev_put(vdev);
}

int __vfio_mdev_register_driver(struct vfio_mdev_driver *drv, struct module *owner,
				const char *mod_name)
{
	if (!drv->ops || !drv->ops->reset || !drv->ops->read || !drv->ops->write ||
	    drv->device_size < sizeof(struct vfio_mdev_device)) {
		pr_err("driver %s lacks ops, .reset, .read, .write or a device_size\n",
		       drv->mdev.driver.name);
		return -EINVAL;
	}

	drv->mdev.device_api = VFIO_DEVICE_API_PCI_STRING;
	drv->mdev.probe = vfio_mdev_probe;
	drv->mdev.remove = vfio_mdev_remove;
	drv->mdev.driver.owner = owner;
	drv->mdev.driver.mod_name = mod_name;
	return mdev_register_driver(&drv->mdev);
}
EXPORT_SYMBOL_GPL(__vfio_mdev_register_driver);

void vfio_mdev_unregister_driver(struct vfio_mdev_driver *drv)
{
	mdev_unregister_driver(&drv->mdev);
}
EXPORT_SYMBOL_GPL(vfio_mdev_unregister_driver);

MODULE_DESCRIPTION("VFIO toolkit for drivers of mediated devices");
MODULE_AUTHOR("The libmdev authors");
MODULE_VERSION("0.1.0");
MODULE_LICENSE("GPL");
