// SPDX-License-Identifier: GPL-2.0-only
/*
 * VFIO_DEVICE_FEATURE_DMA_LOGGING_*: which pages the device has written, so that the user can
 * migrate its memory while the device runs. The toolkit sees every write by vfio_mdev_dma_write(),
 * and every page that is pinned for writing: such a one counts as written each time the user asks,
 * and once more when it is unpinned.
 *
 * Noted is whatever is written, inside of the ranges that the user has started logging for or not:
 * it asks for no other. What there is no room to note is within one range, the margin: all of that
 * counts as written when it is asked for, so that nothing is lost.
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

/*
 * By default 256 GiB of memory with pages of 4 KiB, all of it written between two reports. The
 * bitmaps take 8 MiB; if no two are near each other in the array, that takes another 100 MiB.
 */
static unsigned int log_chunks_max = 65536;
module_param_named(dma_log_chunks, log_chunks_max, uint, 0644);
MODULE_PARM_DESC(dma_log_chunks,
		 "pieces of 1,024 pages in which a device's writes are logged page by page");

static struct log_chunk *log_chunk_at(struct vfio_mdev_log *log, unsigned long index)
{
	struct log_chunk *chunk = xa_load(&log->chunks, index);

	if (chunk)
		return chunk;
	if (log->count >= READ_ONCE(log_chunks_max))
		return NULL;
	/* Pairs with the kfree() in log_drop_chunk(). */
	chunk = kzalloc(sizeof(*chunk), GFP_KERNEL_ACCOUNT);
	if (chunk && xa_is_err(xa_store(&log->chunks, index, chunk, GFP_KERNEL_ACCOUNT))) {
		kfree(chunk);
		return NULL;
	}
	if (chunk)
		log->count++;
	return chunk;
}

static void log_drop_chunk(struct vfio_mdev_log *log, unsigned long index, struct log_chunk *chunk)
{
	xa_erase(&log->chunks, index);
	kfree(chunk);
	log->count--;
}

static void margin_clear(struct vfio_mdev_log *log)
{
	log->margin_first = U64_MAX;
	log->margin_last = 0;
}

static void margin_add(struct vfio_mdev_log *log, u64 first, u64 last)
{
	log->margin_first = min(log->margin_first, first);
	log->margin_last = max(log->margin_last, last);
}

/*
 * Returns whether any of the pages [@first, @last] are in the margin, and which. It loses them
 * unless it has others on both sides, which it would have to be two for.
 */
static bool margin_take(struct vfio_mdev_log *log, u64 *first, u64 *last)
{
	u64 from = max(*first, log->margin_first), to = min(*last, log->margin_last);

	if (from > to)
		return false;
	*first = from;
	*last = to;
	if (from == log->margin_first && to == log->margin_last)
		margin_clear(log);
	else if (from == log->margin_first)
		log->margin_first = to + 1;
	else if (to == log->margin_last)
		log->margin_last = from - 1;
	return true;
}

void vfio_mdev_log_init(struct vfio_mdev_log *log)
{
	xa_init(&log->chunks);
	margin_clear(log);
}

void vfio_mdev_log_mark(struct vfio_mdev_log *log, u64 start, u64 last)
{
	u64 page = start >> PAGE_SHIFT, end = (last >> PAGE_SHIFT) + 1;

	while (log->active && page < end) {
		struct log_chunk *chunk = log_chunk_at(log, page / LOG_CHUNK);
		unsigned int bit = page % LOG_CHUNK;
		unsigned int count = min_t(u64, LOG_CHUNK - bit, end - page);

		if (chunk)
			bitmap_set(chunk->written, bit, count);
		else
			margin_add(log, page, page + count - 1);
		page += count;
	}
}

void vfio_mdev_log_end(struct vfio_mdev_log *log)
{
	struct log_chunk *chunk;
	unsigned long index;

	xa_for_each(&log->chunks, index, chunk)
		log_drop_chunk(log, index, chunk);
	xa_destroy(&log->chunks);
	log->active = false;
	margin_clear(log);
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
 * if there is none. One that has nothing left makes room for others.
 */
static bool log_take_chunk(struct vfio_mdev_dma *dma, unsigned long *index, u64 first, u64 last,
			   struct log_chunk *written)
{
	struct log_chunk *chunk;
	bool found;
	u64 base;

	mutex_lock(&dma->lock);
	chunk = xa_find(&dma->log.chunks, index, last / LOG_CHUNK, XA_PRESENT);
	found = chunk;
	if (chunk) {
		base = (u64)*index * LOG_CHUNK;
		chunk_take(chunk, max(first, base) - base, min(last, base + LOG_CHUNK - 1) - base,
			   written);
		if (bitmap_empty(chunk->written, LOG_CHUNK))
			log_drop_chunk(&dma->log, *index, chunk);
	}
	mutex_unlock(&dma->lock);
	return found;
}

/* Notes what is pinned now. Returns 1 if the pages [@first, @last], then, are of the margin. */
static int log_refresh(struct vfio_mdev_dma *dma, u64 start, u64 end, u64 *first, u64 *last)
{
	int ret = -EINVAL;

	mutex_lock(&dma->lock);
	if (dma->log.active) {
		vfio_mdev_pins_mark(dma, start, end);
		ret = margin_take(&dma->log, first, last);
	}
	mutex_unlock(&dma->lock);
	return ret;
}

/* Says that the pages [@first, @last] were written, as far as the user asks for them. */
static void log_report(struct iova_bitmap *dirty, u64 first, u64 last, u64 iova, u64 length)
{
	u64 start = max(first << PAGE_SHIFT, iova);
	u64 end = min((last << PAGE_SHIFT) + PAGE_SIZE - 1, iova + length - 1);

	iova_bitmap_set(dirty, start, end - start + 1);
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
	u64 margin_first = first, margin_last = last;
	unsigned long index = first / LOG_CHUNK;
	struct log_chunk written;
	unsigned int from, to;
	int ret;

	/* The vfio core lets the user ask for that. What ends before it starts has no last page. */
	if (!length)
		return -EINVAL;
	ret = log_refresh(dma, iova, iova + length - 1, &margin_first, &margin_last);
	if (ret < 0)
		return ret;
	if (ret)
		log_report(dirty, margin_first, margin_last, iova, length);
	for (; log_take_chunk(dma, &index, first, last, &written); index++) {
		u64 base = (u64)index * LOG_CHUNK;

		for_each_set_bitrange(from, to, written.written, LOG_CHUNK)
			log_report(dirty, base + from, base + to - 1, iova, length);
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
