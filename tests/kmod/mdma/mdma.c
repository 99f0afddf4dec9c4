// SPDX-License-Identifier: GPL-2.0-only
/*
 * A DMA engine: copies the guest's memory from one IOVA to another, by pinned pages or through a
 * buffer of its own, and sends MSI 0 when it has done. BAR 0 has the registers of the enum, 8
 * bytes each. The last pages stay pinned until they are unmapped, a reset, or a migration. Two bits
 * of the control register make it misuse the toolkit, as a driver with a fault would.
 *
 * A transfer is stopped between two pieces, and goes on from there where the device is started
 * again, here or on the other side of a migration.
 */
#include <linux/delay.h>
#include <linux/highmem.h>
#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/sizes.h>
#include <linux/workqueue.h>

#include "vfio_mdev.h"

enum { SRC, DST, LEN, CONTROL, STATUS, DONE, PINNED, UNMAPS, PAUSE, REGISTERS };
#define CONTROL_START BIT(0)
#define CONTROL_BUFFER BIT(1)	/* no pinning */
#define CONTROL_FORGET BIT(2)	/* pages stay pinned, whoever asks for them */
#define CONTROL_HALF BIT(3)	/* two pages of the source are pinned, and only one unpinned */
#define STATUS_BUSY BIT(0)
#define STATUS_DONE BIT(1)	/* with the error in the upper half */
#define PAUSE_MAX 10000		/* microseconds between two pieces, for who wants to see one */

struct mdma {
	struct vfio_mdev_device vdev;
	struct mutex lock;	/* all below but @buffer, which is the worker's */
	u64 reg[REGISTERS];
	int error;
	struct pin { struct page *page; u64 iova; } pin[2];	/* SRC, DST */
	bool open;
	bool stopped;
	struct work_struct work;
	u8 buffer[SZ_4K];
};

struct mdma_state {
	__le64 reg[REGISTERS];
	__le64 error;	/* that a transfer under way will end with */
};

static struct mdma *to_mdma(struct vfio_mdev_device *vdev)
{
	return container_of(vdev, struct mdma, vdev);
}

static void drop_pin(struct mdma *dma, struct pin *pin)
{
	if (!pin->page)
		return;
	if (!(dma->reg[CONTROL] & CONTROL_FORGET))
		vfio_mdev_unpin_pages(&dma->vdev, pin->iova, 1);
	pin->page = NULL;
	dma->reg[PINNED]--;
}

/*
 * Drops the lock to pin, as .dma_unmap takes it. What is unmapped meanwhile makes the transfer
 * fail, so that the page is not kept.
 */
static int move_pin(struct mdma *dma, struct pin *pin, u64 iova, int prot)
{
	struct page *page;
	int ret;

	if (pin->page && pin->iova == iova)
		return 0;
	drop_pin(dma, pin);
	mutex_unlock(&dma->lock);
	ret = vfio_mdev_pin_pages(&dma->vdev, iova, 1, prot, &page);
	mutex_lock(&dma->lock);
	if (ret)
		return ret;
	*pin = (struct pin){ page, iova };
	dma->reg[PINNED]++;
	if (dma->error)
		drop_pin(dma, pin);
	return dma->error;
}

static int pin_two_unpin_one(struct mdma *dma, u64 iova)
{
	struct page *pages[2];
	int ret;

	mutex_unlock(&dma->lock);
	ret = vfio_mdev_pin_pages(&dma->vdev, iova, 2, IOMMU_READ, pages);
	if (!ret)
		vfio_mdev_unpin_pages(&dma->vdev, iova, 1);
	mutex_lock(&dma->lock);
	return ret;
}

static int copy_by_buffer(struct mdma *dma, u64 src, u64 dst, unsigned int size)
{
	int ret;

	mutex_unlock(&dma->lock);
	ret = vfio_mdev_dma_read(&dma->vdev, src, dma->buffer, size);
	ret = ret ?: vfio_mdev_dma_write(&dma->vdev, dst, dma->buffer, size);
	mutex_lock(&dma->lock);
	return ret;
}

static int copy(struct mdma *dma, u64 src, u64 dst, unsigned int size)
{
	int ret;

	if (dma->reg[CONTROL] & CONTROL_HALF)
		return pin_two_unpin_one(dma, src & PAGE_MASK);
	if (dma->reg[CONTROL] & CONTROL_BUFFER)
		return copy_by_buffer(dma, src, dst, size);
	ret = move_pin(dma, &dma->pin[SRC], src & PAGE_MASK, IOMMU_READ);
	ret = ret ?: move_pin(dma, &dma->pin[DST], dst & PAGE_MASK, IOMMU_WRITE);
	/* The second one may have cost the first. */
	if (!ret && dma->error)
		ret = dma->error;
	if (!ret)
		memcpy_page(dma->pin[DST].page, offset_in_page(dst), dma->pin[SRC].page,
			    offset_in_page(src), size);
	return ret;
}

enum progress { MORE, PAUSED, FINISHED };

/* A piece that is in one page on both sides. */
static enum progress copy_piece(struct mdma *dma)
{
	enum progress progress = MORE;
	u64 src, dst, size;
	int ret;

	mutex_lock(&dma->lock);
	if (dma->stopped) {
		mutex_unlock(&dma->lock);
		return PAUSED;
	}
	src = dma->reg[SRC] + dma->reg[DONE];
	dst = dma->reg[DST] + dma->reg[DONE];
	size = min3(dma->reg[LEN] - dma->reg[DONE], (u64)PAGE_SIZE - offset_in_page(src),
		    (u64)PAGE_SIZE - offset_in_page(dst));
	if (size && !dma->error) {
		ret = copy(dma, src, dst, size);
		dma->error = dma->error ?: ret;
	}
	if (!dma->error)
		dma->reg[DONE] += size;
	if (dma->error || dma->reg[DONE] == dma->reg[LEN]) {
		dma->reg[STATUS] = STATUS_DONE | (u64)-dma->error << 16;
		progress = FINISHED;
	}
	mutex_unlock(&dma->lock);
	return progress;
}

static void mdma_work(struct work_struct *work)
{
	struct mdma *dma = container_of(work, struct mdma, work);

	enum progress progress;
	u64 pause;

	while ((progress = copy_piece(dma)) == MORE) {
		pause = READ_ONCE(dma->reg[PAUSE]);
		if (pause)
			usleep_range(pause, 2 * pause);
		cond_resched();
	}
	if (progress == FINISHED)
		vfio_mdev_irq_trigger(&dma->vdev, VFIO_PCI_MSI_IRQ_INDEX, 0);
}

/*
 * A transfer that has to do with the range fails: it must not pin there again. Pages are of
 * transfers before, or of this one.
 */
static void mdma_dma_unmap(struct vfio_mdev_device *vdev, u64 iova, u64 length)
{
	struct mdma *dma = to_mdma(vdev);
	int i;

	mutex_lock(&dma->lock);
	WARN_ON_ONCE(!dma->open);
	dma->reg[UNMAPS]++;
	for (i = SRC; i <= DST; i++) {
		u64 start = dma->reg[i];

		if (start < iova ? iova - start < dma->reg[LEN] : start - iova < length)
			dma->error = -EFAULT;
		if (dma->pin[i].iova - iova < length)
			drop_pin(dma, &dma->pin[i]);
	}
	mutex_unlock(&dma->lock);
}

static void set_open(struct vfio_mdev_device *vdev, bool open)
{
	struct mdma *dma = to_mdma(vdev);

	mutex_lock(&dma->lock);
	dma->open = open;
	mutex_unlock(&dma->lock);
}

static int mdma_open(struct vfio_mdev_device *vdev)
{
	set_open(vdev, true);
	return 0;
}

static void mdma_reset(struct vfio_mdev_device *vdev)
{
	struct mdma *dma = to_mdma(vdev);

	mutex_lock(&dma->lock);
	dma->error = -ECANCELED;
	mutex_unlock(&dma->lock);
	flush_work(&dma->work);
	mutex_lock(&dma->lock);
	drop_pin(dma, &dma->pin[SRC]);
	drop_pin(dma, &dma->pin[DST]);
	memset(dma->reg, 0, sizeof(dma->reg));
	mutex_unlock(&dma->lock);
}

static void mdma_close(struct vfio_mdev_device *vdev)
{
	mdma_reset(vdev);
	set_open(vdev, false);
}

static int mdma_read(struct vfio_mdev_device *vdev, unsigned int index, u64 offset,
		     unsigned int size, u64 *value)
{
	u64 *reg = to_mdma(vdev)->reg;

	*value = offset / 8 < REGISTERS ? READ_ONCE(reg[offset / 8]) >> 8 * (offset % 8) : 0;
	return 0;
}

/* Registers take 8 bytes at once, and none while the engine is busy. */
static int mdma_write(struct vfio_mdev_device *vdev, unsigned int index, u64 offset,
		      unsigned int size, u64 value)
{
	struct mdma *dma = to_mdma(vdev);

	mutex_lock(&dma->lock);
	if (size == 8 && !(dma->reg[STATUS] & STATUS_BUSY)) {
		if (offset / 8 <= CONTROL)
			dma->reg[offset / 8] = value;
		else if (offset / 8 == PAUSE)
			dma->reg[PAUSE] = min_t(u64, value, PAUSE_MAX);
	}
	if (dma->reg[CONTROL] & CONTROL_START) {
		dma->reg[CONTROL] &= ~CONTROL_START;
		dma->reg[STATUS] = STATUS_BUSY;
		dma->reg[DONE] = 0;
		dma->error = 0;
		if (!dma->stopped)
			schedule_work(&dma->work);
	}
	mutex_unlock(&dma->lock);
	return 0;
}

static void mdma_stop(struct vfio_mdev_device *vdev)
{
	struct mdma *dma = to_mdma(vdev);

	mutex_lock(&dma->lock);
	dma->stopped = true;
	mutex_unlock(&dma->lock);
	flush_work(&dma->work);
	/* What is not pinned is not written any more: the user need not be told of it again. */
	mutex_lock(&dma->lock);
	drop_pin(dma, &dma->pin[SRC]);
	drop_pin(dma, &dma->pin[DST]);
	mutex_unlock(&dma->lock);
}

static void mdma_start(struct vfio_mdev_device *vdev)
{
	struct mdma *dma = to_mdma(vdev);

	mutex_lock(&dma->lock);
	dma->stopped = false;
	if (dma->reg[STATUS] & STATUS_BUSY)
		schedule_work(&dma->work);
	mutex_unlock(&dma->lock);
}

/* Of a device that runs, for what is copied in advance, the pages that are pinned are left out. */
static ssize_t mdma_save(struct vfio_mdev_device *vdev, void *buffer)
{
	struct mdma *dma = to_mdma(vdev);
	struct mdma_state *state = buffer;
	int i;

	mutex_lock(&dma->lock);
	for (i = 0; i < REGISTERS; i++)
		state->reg[i] = cpu_to_le64(i == PINNED ? 0 : dma->reg[i]);
	state->error = cpu_to_le64(-dma->error);
	mutex_unlock(&dma->lock);
	return sizeof(*state);
}

static bool state_is_valid(const u64 *reg, u64 error)
{
	if (reg[STATUS] & STATUS_DONE ? (reg[STATUS] & 0xffff) != STATUS_DONE :
					reg[STATUS] & ~STATUS_BUSY)
		return false;
	if (reg[STATUS] & STATUS_BUSY && reg[DONE] > reg[LEN])
		return false;
	return !(reg[CONTROL] & CONTROL_START) && !reg[PINNED] && reg[PAUSE] <= PAUSE_MAX &&
	       error <= MAX_ERRNO;
}

static int mdma_load(struct vfio_mdev_device *vdev, const void *buffer, size_t size)
{
	const struct mdma_state *state = buffer;
	struct mdma *dma = to_mdma(vdev);
	u64 reg[REGISTERS];
	int i;

	if (size != sizeof(*state))
		return -EINVAL;
	for (i = 0; i < REGISTERS; i++)
		reg[i] = le64_to_cpu(state->reg[i]);
	if (!state_is_valid(reg, le64_to_cpu(state->error)))
		return -EINVAL;
	mutex_lock(&dma->lock);
	memcpy(dma->reg, reg, sizeof(reg));
	dma->error = -(int)le64_to_cpu(state->error);
	mutex_unlock(&dma->lock);
	return 0;
}

static int mdma_init(struct vfio_mdev_device *vdev)
{
	mutex_init(&to_mdma(vdev)->lock);
	INIT_WORK(&to_mdma(vdev)->work, mdma_work);
	return 0;
}

static const struct vfio_mdev_ops mdma_ops = {
	.init = mdma_init, .open = mdma_open, .close = mdma_close, .reset = mdma_reset,
	.read = mdma_read, .write = mdma_write, .dma_unmap = mdma_dma_unmap,
	.stop = mdma_stop, .start = mdma_start, .save = mdma_save, .load = mdma_load,
};

static const struct vfio_mdev_region bar = { .flags = VFIO_MDEV_MEM_RW, .size = SZ_4K, .width = 8 };

static const struct vfio_mdev_desc mdma_desc = {
	.id = { .vendor = 0x1b36, .device = 0x00fe, .class = 0x080100 },
	.regions = &bar, .nr_regions = 1, .nr_msi = 1,
	.state_size = sizeof(struct mdma_state),
};

static const struct vfio_mdev_type types[] = { { .type.sysfs_name = "1", .desc = &mdma_desc } };

static struct vfio_mdev_driver mdma_driver = {
	.mdev = { .max_instances = 8, .driver.name = "mdma" },
	.device_size = VFIO_MDEV_DEVICE_SIZE(struct mdma, vdev), .ops = &mdma_ops,
};

module_vfio_mdev_driver(mdma_driver, types);

MODULE_DESCRIPTION("DMA engine on vfio_mdev");
MODULE_LICENSE("GPL");
