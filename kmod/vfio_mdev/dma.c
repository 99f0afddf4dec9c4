// SPDX-License-Identifier: GPL-2.0-only
/*
 * The user's memory by the addresses that it has mapped for the device. Addresses and sizes
 * come from the guest: whatever they are, the vfio core gets a range that ends after it begins.
 *
 * The toolkit knows what is pinned. What the vfio core warns of, or never returns from, does not
 * reach it: unpinning what was not pinned, or pages that a driver has forgotten.
 */
#include <linux/interval_tree_generic.h>
#include <linux/iommu.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "dma.h"

static u64 pin_start(const struct vfio_mdev_pin *pin)
{
	return pin->start;
}

static u64 pin_last(const struct vfio_mdev_pin *pin)
{
	return pin->last;
}

INTERVAL_TREE_DEFINE(struct vfio_mdev_pin, node, u64, subtree_last, pin_start, pin_last, static, pins)

struct vfio_mdev_pin *vfio_mdev_pin_first(struct vfio_mdev_dma *dma, u64 start, u64 last)
{
	lockdep_assert_held(&dma->lock);
	return pins_iter_first(&dma->pins, start, last);
}

struct vfio_mdev_pin *vfio_mdev_pin_next(struct vfio_mdev_pin *pin, u64 start, u64 last)
{
	return pins_iter_next(pin, start, last);
}

struct vfio_mdev_dma *vfio_mdev_dma_new(void)
{
	struct vfio_mdev_dma *dma = kzalloc(sizeof(*dma), GFP_KERNEL);

	if (!dma)
		return NULL;
	mutex_init(&dma->notify);
	mutex_init(&dma->lock);
	dma->pins = RB_ROOT_CACHED;
	vfio_mdev_log_init(&dma->log);
	return dma;
}

void vfio_mdev_dma_free(struct vfio_mdev_dma *dma)
{
	if (!dma)
		return;
	mutex_destroy(&dma->notify);
	mutex_destroy(&dma->lock);
	kfree(dma);
}

static unsigned int pages_of(const struct vfio_mdev_pin *pin)
{
	return (pin->last - pin->start + 1) >> PAGE_SHIFT;
}

/* Takes over @pin, which is in the tree no more. */
static void unpin(struct vfio_mdev_device *vdev, struct vfio_mdev_pin *pin)
{
	vfio_unpin_pages(&vdev->vfio, pin->start, pages_of(pin));
	kfree(pin);
}

/* What the device has written before it lets go, the user has to be told of. Under the lock. */
static void remove_pin(struct vfio_mdev_dma *dma, struct vfio_mdev_pin *pin)
{
	if (pin->write)
		vfio_mdev_log_mark(&dma->log, pin->start, pin->last);
	pins_remove(pin, &dma->pins);
}

static struct vfio_mdev_pin *take_pin(struct vfio_mdev_dma *dma, u64 start, u64 last, bool exact)
{
	struct vfio_mdev_pin *pin;

	mutex_lock(&dma->lock);
	pin = vfio_mdev_pin_first(dma, start, last);
	while (pin && exact && (pin->start != start || pin->last != last))
		pin = vfio_mdev_pin_next(pin, start, last);
	if (pin)
		remove_pin(dma, pin);
	mutex_unlock(&dma->lock);
	return pin;
}

/* The driver was to have unpinned all that has to do with the range. */
static void unpin_rest(struct vfio_mdev_device *vdev, u64 start, u64 last, const char *when)
{
	struct vfio_mdev_pin *pin;

	while ((pin = take_pin(vdev->dma, start, last, false))) {
		dev_err_ratelimited(vdev->vfio.dev,
				    "driver left %u pages at IOVA 0x%llx pinned in %s\n",
				    pages_of(pin), pin->start, when);
		unpin(vdev, pin);
	}
}

/*
 * The vfio core tells of ranges that are unmapped as long as the device has an address space,
 * which is from before it is opened until after it is closed.
 */
void vfio_mdev_dma_unmap(struct vfio_device *vfio, u64 iova, u64 length)
{
	struct vfio_mdev_device *vdev = to_vfio_mdev(vfio);
	struct vfio_mdev_dma *dma = vdev->dma;

	mutex_lock(&dma->notify);
	if (dma->open && vdev->ops->dma_unmap) {
		vdev->ops->dma_unmap(vdev, iova, length);
		unpin_rest(vdev, iova, iova + length - 1, ".dma_unmap");
	}
	mutex_unlock(&dma->notify);
}

int vfio_mdev_dma_open(struct vfio_mdev_device *vdev)
{
	struct vfio_mdev_dma *dma = vdev->dma;
	int ret;

	mutex_lock(&dma->notify);
	ret = vdev->ops->open ? vdev->ops->open(vdev) : 0;
	if (ret)
		unpin_rest(vdev, 0, U64_MAX, ".open");
	else
		dma->open = true;
	mutex_unlock(&dma->notify);
	return ret;
}

void vfio_mdev_dma_close(struct vfio_mdev_device *vdev)
{
	struct vfio_mdev_dma *dma = vdev->dma;

	mutex_lock(&dma->notify);
	if (vdev->ops->close)
		vdev->ops->close(vdev);
	unpin_rest(vdev, 0, U64_MAX, ".close");
	dma->open = false;
	mutex_unlock(&dma->notify);

	mutex_lock(&dma->lock);
	vfio_mdev_log_end(&dma->log);
	mutex_unlock(&dma->lock);
}

static int check_range(struct vfio_mdev_device *vdev, u64 iova, u64 size, u64 *last)
{
	if (check_add_overflow(iova, size - 1, last))
		return -EINVAL;
	return vfio_mdev_config_is_bus_master(vdev) ? 0 : -EPERM;
}

static int pin_all(struct vfio_mdev_device *vdev, u64 iova, unsigned int npage, int prot,
		   struct page **pages)
{
	int ret = vfio_pin_pages(&vdev->vfio, iova, npage, prot, pages);

	if (ret < 0 || ret == npage)
		return min(ret, 0);
	if (ret)
		vfio_unpin_pages(&vdev->vfio, iova, ret);
	return -EFAULT;
}

int vfio_mdev_pin_pages(struct vfio_mdev_device *vdev, u64 iova, unsigned int npage, int prot,
			struct page **pages)
{
	struct vfio_mdev_pin *pin;
	u64 last;
	int ret;

	/* The vfio core would wait for ever for pages that nobody knows how to unpin. */
	if (WARN_ON_ONCE(!vdev->ops->dma_unmap))
		return -EOPNOTSUPP;
	if (!npage || !PAGE_ALIGNED(iova))
		return -EINVAL;
	ret = check_range(vdev, iova, (u64)npage << PAGE_SHIFT, &last);
	if (ret)
		return ret;

	/* Pairs with the kfree() in unpin(). */
	pin = kmalloc(sizeof(*pin), GFP_KERNEL_ACCOUNT);
	if (!pin)
		return -ENOMEM;
	ret = pin_all(vdev, iova, npage, prot, pages);
	if (ret) {
		kfree(pin);
		return ret;
	}
	*pin = (struct vfio_mdev_pin){ .start = iova, .last = last, .write = prot & IOMMU_WRITE };
	mutex_lock(&vdev->dma->lock);
	pins_insert(pin, &vdev->dma->pins);
	mutex_unlock(&vdev->dma->lock);
	return 0;
}
EXPORT_SYMBOL_GPL(vfio_mdev_pin_pages);

void vfio_mdev_unpin_pages(struct vfio_mdev_device *vdev, u64 iova, unsigned int npage)
{
	u64 last = iova + ((u64)npage << PAGE_SHIFT) - 1;
	struct vfio_mdev_pin *pin = take_pin(vdev->dma, iova, last, true);

	if (pin)
		unpin(vdev, pin);
	else
		dev_err_ratelimited(vdev->vfio.dev,
				    "driver unpins %u pages at IOVA 0x%llx, which it did not pin so\n",
				    npage, iova);
}
EXPORT_SYMBOL_GPL(vfio_mdev_unpin_pages);

static int dma_copy(struct vfio_mdev_device *vdev, u64 iova, void *data, size_t size, bool write)
{
	u64 last;
	int ret;

	if (!size)
		return 0;
	ret = check_range(vdev, iova, size, &last);
	if (ret)
		return ret;
	ret = vfio_dma_rw(&vdev->vfio, iova, data, size, write);
	if (write) {
		/* After the fact, whether or not all of it: what is noted before could be forgotten. */
		mutex_lock(&vdev->dma->lock);
		vfio_mdev_log_mark(&vdev->dma->log, iova, last);
		mutex_unlock(&vdev->dma->lock);
	}
	return ret;
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
