// SPDX-License-Identifier: GPL-2.0-only
/*
 * The user's memory by the addresses that it has mapped for the device. Addresses and sizes
 * come from the guest: whatever they are, the vfio core gets a range that ends after it begins.
 */
#include <linux/overflow.h>

#include "internal.h"

static int check_range(struct vfio_mdev_device *vdev, u64 iova, u64 size)
{
	u64 last;

	if (check_add_overflow(iova, size - 1, &last))
		return -EINVAL;
	return vfio_mdev_config_is_bus_master(vdev) ? 0 : -EPERM;
}

int vfio_mdev_pin_pages(struct vfio_mdev_device *vdev, u64 iova, unsigned int npage, int prot,
			struct page **pages)
{
	int ret;

	/* The vfio core would wait for ever for pages that nobody knows how to unpin. */
	if (WARN_ON_ONCE(!vdev->ops->dma_unmap))
		return -EOPNOTSUPP;
	if (!npage || !PAGE_ALIGNED(iova))
		return -EINVAL;
	ret = check_range(vdev, iova, (u64)npage << PAGE_SHIFT);
	if (ret)
		return ret;

	ret = vfio_pin_pages(&vdev->vfio, iova, npage, prot, pages);
	if (ret < 0 || ret == npage)
		return min(ret, 0);
	if (ret)
		vfio_unpin_pages(&vdev->vfio, iova, ret);
	return -EFAULT;
}
EXPORT_SYMBOL_GPL(vfio_mdev_pin_pages);

void vfio_mdev_unpin_pages(struct vfio_mdev_device *vdev, u64 iova, unsigned int npage)
{
	vfio_unpin_pages(&vdev->vfio, iova, npage);
}
EXPORT_SYMBOL_GPL(vfio_mdev_unpin_pages);

static int dma_copy(struct vfio_mdev_device *vdev, u64 iova, void *data, size_t size, bool write)
{
	int ret;

	if (!size)
		return 0;
	ret = check_range(vdev, iova, size);
	return ret ?: vfio_dma_rw(&vdev->vfio, iova, data, size, write);
}

int vfio_mdev_dma_read(struct vfio_mdev_device *vdev, u64 iova, void *data, size_t size)
{
	return dma_copy(vdev, iova, data, size, false);
}
EXPORT_SYMBOL_GPL(vfio_mdev_dma_read);

int vfio_mdev_dma_write(struct vfio_mdev_device *vdev, u64 iova, const void *data, size_t size)
{
	return dma_copy(vdev, iova, (void *)data, size, true);
}
EXPORT_SYMBOL_GPL(vfio_mdev_dma_write);
