// SPDX-License-Identifier: GPL-2.0-only
/*
 * VFIO_DEVICE_FEATURE_DMA_LOGGING_*: which pages the device has written, so that the user can
 * migrate its memory while the device runs. The toolkit sees every write by vfio_mdev_dma_write(),
 * and every page that is pinned for writing: such a one counts as written each time the user asks,
 * and once more when it is unpinned.
 *
 * Noted is whatever is written, inside of the ranges that the user has started logging for or not:
 * it asks for no other.
 */
#include <linux/bitmap.h>
#include <linux/iova_bitmap.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "dma.h"

/* Pages in one bitmap; 4 MiB of memory with pages of 4 KiB. */
#define LOG_CHUNK 1024

struct log_chunk {
	DECLARE_BITMAP(written, LOG_CHUNK);
};

void vfio_mdev_log_init(struct vfio_mdev_log *log)
{
	xa_init(&log->chunks);
}

static struct log_chunk *log_chunk_at(struct vfio_mdev_log *log, unsigned long index)
{
	struct log_chunk *chunk = xa_load(&log->chunks, index);

	if (chunk)
		return chunk;
	/* Pairs with the kfree() in vfio_mdev_log_end(). */
	chunk = kzalloc(sizeof(*chunk), GFP_KERNEL_ACCOUNT);
	if (chunk && xa_is_err(xa_store(&log->chunks, index, chunk, GFP_KERNEL_ACCOUNT))) {
		kfree(chunk);
		return NULL;
	}
	return chunk;
}

void vfio_mdev_log_mark(struct vfio_mdev_log *log, u64 start, u64 last)
{
	u64 page = start >> PAGE_SHIFT, end = (last >> PAGE_SHIFT) + 1;

	while (log->active && !log->all && page < end) {
		struct log_chunk *chunk = log_chunk_at(log, page / LOG_CHUNK);
		unsigned int bit = page % LOG_CHUNK;
		unsigned int count = min_t(u64, LOG_CHUNK - bit, end - page);

		if (chunk)
			bitmap_set(chunk->written, bit, count);
		else
			log->all = true;
		page += count;
	}
}

void vfio_mdev_log_end(struct vfio_mdev_log *log)
{
	struct log_chunk *chunk;
	unsigned long index;

	xa_for_each(&log->chunks, index, chunk)
		kfree(chunk);
	xa_destroy(&log->chunks);
	log->active = false;
	log->all = false;
}

/* Moves what is noted of the pages [@first, @last] of a chunk to @written. */
static void chunk_take(struct log_chunk *chunk, unsigned int first, unsigned int last,
		       struct log_chunk *written)
{
	bitmap_zero(written->written, LOG_CHUNK);
	bitmap_set(written->written, first, last - first + 1);
	bitmap_and(written->written, written->written, chunk->written, LOG_CHUNK);
	bitmap_andnot(chunk->written, chunk->written, written->written, LOG_CHUNK);
}

/*
 * Takes the first chunk at or behind @index that has to do with the pages [@first, @last]; false
 * if there is none.
 */
static bool log_take_chunk(struct vfio_mdev_dma *dma, unsigned long *index, u64 first, u64 last,
			   struct log_chunk *written)
{
	struct log_chunk *chunk;
	u64 base;

	mutex_lock(&dma->lock);
	chunk = xa_find(&dma->log.chunks, index, last / LOG_CHUNK, XA_PRESENT);
	if (chunk) {
		base = (u64)*index * LOG_CHUNK;
		chunk_take(chunk, max(first, base) - base, min(last, base + LOG_CHUNK - 1) - base,
			   written);
	}
	mutex_unlock(&dma->lock);
	return chunk;
}

/* Notes what is pinned now. Returns 1 if all counts as written, which is so until logging stops. */
static int log_refresh(struct vfio_mdev_dma *dma, u64 start, u64 last)
{
	int ret = -EINVAL;

	mutex_lock(&dma->lock);
	if (dma->log.active) {
		vfio_mdev_pins_mark(dma, start, last);
		ret = dma->log.all;
	}
	mutex_unlock(&dma->lock);
	return ret;
}

/*
 * Called by the vfio core for one part after the other of what the user asks for. The bitmap is
 * the user's memory, so that no lock is held where it is written: a driver may take its own both in
 * .page, under the user's mmap lock, and around vfio_mdev_unpin_pages().
 */
static int log_read_and_clear(struct vfio_device *vfio, unsigned long iova, unsigned long length,
			      struct iova_bitmap *dirty)
{
	struct vfio_mdev_dma *dma = to_vfio_mdev(vfio)->dma;
	u64 first = iova >> PAGE_SHIFT, last = (iova + length - 1) >> PAGE_SHIFT;
	unsigned long index = first / LOG_CHUNK;
	struct log_chunk written;
	unsigned int from, to;
	int ret;

	/* The vfio core lets the user ask for that. What ends before it starts has no last page. */
	if (!length)
		return -EINVAL;
	ret = log_refresh(dma, iova, iova + length - 1);
	if (ret < 0)
		return ret;
	if (ret) {
		iova_bitmap_set(dirty, iova, length);
		return 0;
	}
	for (; log_take_chunk(dma, &index, first, last, &written); index++) {
		for_each_set_bitrange(from, to, written.written, LOG_CHUNK) {
			u64 start = ((u64)index * LOG_CHUNK + from) << PAGE_SHIFT;
			u64 end = ((u64)index * LOG_CHUNK + to) << PAGE_SHIFT;

			start = max_t(u64, start, iova);
			iova_bitmap_set(dirty, start, min_t(u64, end, iova + length) - start);
		}
	}
	return 0;
}

/* The page size is that of pins; reports are in whatever size the user likes. */
static int log_start(struct vfio_device *vfio, struct rb_root_cached *ranges, u32 count,
		     u64 *page_size)
{
	struct vfio_mdev_dma *dma = to_vfio_mdev(vfio)->dma;
	int ret = 0;

	mutex_lock(&dma->lock);
	if (dma->log.active)
		ret = -EINVAL;
	else
		dma->log.active = true;
	mutex_unlock(&dma->lock);
	*page_size = PAGE_SIZE;
	return ret;
}

static int log_stop(struct vfio_device *vfio)
{
	struct vfio_mdev_dma *dma = to_vfio_mdev(vfio)->dma;
	bool active;

	mutex_lock(&dma->lock);
	active = dma->log.active;
	vfio_mdev_log_end(&dma->log);
	mutex_unlock(&dma->lock);
	return active ? 0 : -EINVAL;
}

const struct vfio_log_ops vfio_mdev_log_ops = {
	.log_start = log_start,
	.log_stop = log_stop,
	.log_read_and_clear = log_read_and_clear,
};

COMPAT_IMPORT_NS_IOMMUFD;
