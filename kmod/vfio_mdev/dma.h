/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a device has of its user's memory: for dma.c, which pins and copies, and dma_log.c, which
 * says what has been written.
 */
#ifndef VFIO_MDEV_DMA_H
#define VFIO_MDEV_DMA_H

#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/wait.h>
#include <linux/xarray.h>

#include "internal.h"

/**
 * struct vfio_mdev_log - pages that the device has written since the user last asked
 * @active: the user has started it
 * @chunks: bitmaps of LOG_CHUNK pages, by the number of their first page / LOG_CHUNK
 * @count: number of @chunks
 * @margin_first: first page of those that were written with no room to note which of them
 * @margin_last: last page of those; less than @margin_first if there are none
 *
 * Under vfio_mdev_dma.lock.
 */
struct vfio_mdev_log {
	bool active;
	struct xarray chunks;
	unsigned int count;
	u64 margin_first;
	u64 margin_last;
};

/**
 * struct vfio_mdev_dma - DMA of a device
 * @notify: held while .open, .close and .dma_unmap run, so that the last finds the device open
 * @open: between .open and .close; under @notify
 * @lock: protects all below
 * @epoch: its lowest bit says where in @in_flight a call is counted that begins
 * @in_flight: calls that pin or unpin pages, of this epoch and of the last
 * @landed: woken when there are no more in one of them
 * @unmaps: how often .dma_unmap has been called
 * @pins: what is pinned, a struct vfio_mdev_pin each
 * @log: what is written
 */
struct vfio_mdev_dma {
	struct mutex notify; /* open */
	bool open;
	struct mutex lock; /* all below */
	unsigned int epoch;
	unsigned int in_flight[2];
	wait_queue_head_t landed;
	unsigned int unmaps;
	struct rb_root_cached pins;
	struct vfio_mdev_log log;
};

/**
 * struct vfio_mdev_pin - pages that one call has pinned
 * @node: in vfio_mdev_dma.pins
 * @start: IOVA of the first byte
 * @last: IOVA of the last byte
 * @subtree_last: the tree's own
 * @unmaps: vfio_mdev_dma.unmaps when they were pinned
 * @write: the device may write them
 * @dropped: the toolkit has unpinned them; the driver does not know yet
 */
struct vfio_mdev_pin {
	struct rb_node node;
	u64 start;
	u64 last;
	u64 subtree_last;
	unsigned int unmaps;
	bool write;
	bool dropped;
};

/* All that is pinned for writing in a range is written. Under the lock. */
void vfio_mdev_pins_mark(struct vfio_mdev_dma *dma, u64 start, u64 last);

/* dma_log.c */
extern const struct vfio_log_ops vfio_mdev_log_ops;
void vfio_mdev_log_init(struct vfio_mdev_log *log);
/* The device has written there, or could have. Under the lock. */
void vfio_mdev_log_mark(struct vfio_mdev_log *log, u64 start, u64 last);
void vfio_mdev_log_end(struct vfio_mdev_log *log);

#endif /* VFIO_MDEV_DMA_H */
