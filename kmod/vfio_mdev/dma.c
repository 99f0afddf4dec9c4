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

INTERVAL_TREE_DEFINE(struct vfio_mdev_pin, node, u64, subtree_last, pin_start, pin_last, static,
		     pins)

struct vfio_mdev_dma *vfio_mdev_dma_new(void)
{
	struct vfio_mdev_dma *dma = kzalloc(sizeof(*dma), GFP_KERNEL);

	if (!dma)
		return NULL;
	mutex_init(&dma->notify);
	mutex_init(&dma->lock);
	init_waitqueue_head(&dma->landed);
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

static unsigned int pin_pages(const struct vfio_mdev_pin *pin)
{
	return (pin->last - pin->start + 1) >> PAGE_SHIFT;
}

/* As far as it is in a range that it has to do with. */
static void pin_mark(struct vfio_mdev_dma *dma, const struct vfio_mdev_pin *pin, u64 start,
		     u64 last)
{
	lockdep_assert_held(&dma->lock);
	if (pin->write && !pin->dropped)
		vfio_mdev_log_mark(&dma->log, max(pin->start, start), min(pin->last, last));
}

void vfio_mdev_pins_mark(struct vfio_mdev_dma *dma, u64 start, u64 last)
{
	struct vfio_mdev_pin *pin;

	for (pin = pins_iter_first(&dma->pins, start, last); pin;
	     pin = pins_iter_next(pin, start, last))
		pin_mark(dma, pin, start, last);
}

/* One that was dropped before others: the driver may not be using it. */
static struct vfio_mdev_pin *pins_find_exact(struct vfio_mdev_dma *dma, u64 start, u64 last)
{
	struct vfio_mdev_pin *pin, *found = NULL;

	for (pin = pins_iter_first(&dma->pins, start, last); pin;
	     pin = pins_iter_next(pin, start, last)) {
		if (pin->start == start && pin->last == last && (!found || pin->dropped))
			found = pin;
	}
	return found;
}

static struct vfio_mdev_pin *pins_find_live(struct vfio_mdev_dma *dma, u64 start, u64 last)
{
	struct vfio_mdev_pin *pin = pins_iter_first(&dma->pins, start, last);

	while (pin && pin->dropped)
		pin = pins_iter_next(pin, start, last);
	return pin;
}

/*
 * Unpins for the driver what has to do with the range and was left pinned. What was pinned before
 * @unmaps the driver has forgotten; what came later it has had no time to note.
 */
static void pins_drop(struct vfio_mdev_device *vdev, u64 start, u64 last, unsigned int unmaps,
		      const char *when)
{
	struct vfio_mdev_dma *dma = vdev->dma;
	struct vfio_mdev_pin *pin, copy;

	for (;;) {
		mutex_lock(&dma->lock);
		pin = pins_find_live(dma, start, last);
		if (pin) {
			pin_mark(dma, pin, pin->start, pin->last);
			copy = *pin;
			pin->dropped = true;
		}
		mutex_unlock(&dma->lock);
		if (!pin)
			return;
		if (copy.unmaps != unmaps)
			dev_err_ratelimited(vdev->vfio.dev,
					    "driver left %u pages at IOVA 0x%llx pinned in %s\n",
					    pin_pages(&copy), copy.start, when);
		vfio_unpin_pages(&vdev->vfio, copy.start, pin_pages(&copy));
	}
}

/* Of a device that is closed. */
static void pins_forget(struct vfio_mdev_device *vdev, const char *when)
{
	struct vfio_mdev_dma *dma = vdev->dma;
	struct vfio_mdev_pin *pin;

	pins_drop(vdev, 0, U64_MAX, dma->unmaps + 1, when);
	mutex_lock(&dma->lock);
	while ((pin = pins_iter_first(&dma->pins, 0, U64_MAX))) {
		pins_remove(pin, &dma->pins);
		kfree(pin);
	}
	mutex_unlock(&dma->lock);
}

/* Returns what dma_land() is to be given. */
static unsigned int dma_take_off(struct vfio_mdev_dma *dma)
{
	unsigned int epoch;

	mutex_lock(&dma->lock);
	epoch = dma->epoch & 1;
	dma->in_flight[epoch]++;
	mutex_unlock(&dma->lock);
	return epoch;
}

static void dma_land(struct vfio_mdev_dma *dma, unsigned int epoch)
{
	mutex_lock(&dma->lock);
	WRITE_ONCE(dma->in_flight[epoch], dma->in_flight[epoch] - 1);
	if (!dma->in_flight[epoch])
		wake_up_all(&dma->landed);
	mutex_unlock(&dma->lock);
}

#define LANDING_TIME (HZ / 10)

/*
 * Waits for the calls that have begun, and not for later ones: those are counted elsewhere. Not
 * for ever either: such a call may itself wait for a lock of type1's, which is not released before
 * the caller returns, and has not pinned anything then.
 */
static void dma_wait_for_flights(struct vfio_mdev_dma *dma)
{
	unsigned int epoch;

	mutex_lock(&dma->lock);
	epoch = dma->epoch & 1;
	if (!dma->in_flight[!epoch])
		dma->epoch++;
	mutex_unlock(&dma->lock);
	wait_event_timeout(dma->landed, !READ_ONCE(dma->in_flight[epoch]), LANDING_TIME);
}

/* Returns its number. What is pinned from now on has a right to be. */
static unsigned int dma_count_unmap(struct vfio_mdev_dma *dma)
{
	unsigned int unmaps;

	mutex_lock(&dma->lock);
	unmaps = ++dma->unmaps;
	mutex_unlock(&dma->lock);
	return unmaps;
}

/*
 * The vfio core tells of ranges that are unmapped as long as the device has an address space,
 * which is from before it is opened until after it is closed. It asks again as long as pages are
 * pinned there, and type1 gives up with BUG() soon: so what is in flight is waited for.
 */
void vfio_mdev_dma_unmap(struct vfio_device *vfio, u64 iova, u64 length)
{
	struct vfio_mdev_device *vdev = to_vfio_mdev(vfio);
	struct vfio_mdev_dma *dma = vdev->dma;
	unsigned int unmaps;

	mutex_lock(&dma->notify);
	if (dma->open && vdev->ops->dma_unmap) {
		unmaps = dma_count_unmap(dma);
		vdev->ops->dma_unmap(vdev, iova, length);
		dma_wait_for_flights(dma);
		pins_drop(vdev, iova, iova + length - 1, unmaps, ".dma_unmap");
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
		pins_forget(vdev, ".open");
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
	pins_forget(vdev, ".close");
	dma->open = false;
	mutex_unlock(&dma->notify);

	mutex_lock(&dma->lock);
	vfio_mdev_log_end(&dma->log);
	mutex_unlock(&dma->lock);
}

static int dma_check_range(struct vfio_mdev_device *vdev, u64 iova, u64 size, u64 *last)
{
	if (check_add_overflow(iova, size - 1, last))
		return -EINVAL;
	return vfio_mdev_config_is_bus_master(vdev) ? 0 : -EPERM;
}

static int pin_range(struct vfio_mdev_device *vdev, u64 iova, unsigned int npage, int prot,
		     struct page **pages)
{
	int ret = vfio_pin_pages(&vdev->vfio, iova, npage, prot, pages);

	if (ret < 0 || ret == npage)
		return min(ret, 0);
	if (ret)
		vfio_unpin_pages(&vdev->vfio, iova, ret);
	return -EFAULT;
}

static void pins_add(struct vfio_mdev_dma *dma, struct vfio_mdev_pin *pin)
{
	mutex_lock(&dma->lock);
	pin->unmaps = dma->unmaps;
	pins_insert(pin, &dma->pins);
	mutex_unlock(&dma->lock);
}

int vfio_mdev_pin_pages(struct vfio_mdev_device *vdev, u64 iova, unsigned int npage, int prot,
			struct page **pages)
{
	struct vfio_mdev_dma *dma = vdev->dma;
	struct vfio_mdev_pin *pin;
	unsigned int epoch;
	u64 last;
	int ret;

	/* The vfio core would wait for ever for pages that nobody knows how to unpin. */
	if (WARN_ON_ONCE(!vdev->ops->dma_unmap))
		return -EOPNOTSUPP;
	if (!npage || !PAGE_ALIGNED(iova))
		return -EINVAL;
	ret = dma_check_range(vdev, iova, (u64)npage << PAGE_SHIFT, &last);
	if (ret)
		return ret;

	/* Pairs with the kfree() in vfio_mdev_unpin_pages(), or in pins_forget(). */
	pin = kzalloc(sizeof(*pin), GFP_KERNEL_ACCOUNT);
	if (!pin)
		return -ENOMEM;
	pin->start = iova;
	pin->last = last;
	pin->write = prot & IOMMU_WRITE;
	epoch = dma_take_off(dma);
	ret = pin_range(vdev, iova, npage, prot, pages);
	if (ret)
		kfree(pin);
	else
		pins_add(dma, pin);
	dma_land(dma, epoch);
	return ret;
}
EXPORT_SYMBOL_GPL(vfio_mdev_pin_pages);

/* Returns whether it was there. */
static bool unpin_exact(struct vfio_mdev_device *vdev, u64 iova, unsigned int npage)
{
	u64 last = iova + ((u64)npage << PAGE_SHIFT) - 1;
	struct vfio_mdev_dma *dma = vdev->dma;
	struct vfio_mdev_pin *pin;

	mutex_lock(&dma->lock);
	pin = pins_find_exact(dma, iova, last);
	if (pin) {
		/* What the device has written until now its user has to be told of. */
		pin_mark(dma, pin, pin->start, pin->last);
		pins_remove(pin, &dma->pins);
	}
	mutex_unlock(&dma->lock);
	if (!pin)
		return false;
	if (!pin->dropped)
		vfio_unpin_pages(&vdev->vfio, iova, npage);
	kfree(pin);
	return true;
}

void vfio_mdev_unpin_pages(struct vfio_mdev_device *vdev, u64 iova, unsigned int npage)
{
	unsigned int epoch = dma_take_off(vdev->dma);

	if (!unpin_exact(vdev, iova, npage))
		dev_err_ratelimited(vdev->vfio.dev,
				    "driver unpins %u pages at IOVA 0x%llx, which it did not pin so\n",
				    npage, iova);
	dma_land(vdev->dma, epoch);
}
EXPORT_SYMBOL_GPL(vfio_mdev_unpin_pages);

static int dma_copy(struct vfio_mdev_device *vdev, u64 iova, void *data, size_t size, bool write)
{
	u64 last;
	int ret;

	if (!size)
		return 0;
	ret = dma_check_range(vdev, iova, size, &last);
	if (ret)
		return ret;
	ret = vfio_dma_rw(&vdev->vfio, iova, data, size, write);
	if (write) {
		/* After the fact, whether or not all of it: else a report could come between. */
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
