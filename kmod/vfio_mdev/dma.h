/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a device has of its user's memory: for dma.c, which pins and copies, and dma_log.c, which
 * says what has been written.
 */
#ifndef VFIO_MDEV_DMA_H
#define VFIO_MDEV_DMA_H

#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/srcu.h>
#include <linux/xarray.h>

#include "internal.h"

/**
 * struct vfio_mdev_log - pages that the device has written since the user last asked
 * @active: the user has started it
 * @all: there was no memory to note a page: each that is asked for is called written
 * @chunks: bitmaps of LOG_CHUNK pages, by the number of their first page / LOG_CHUNK
 *
 * Under vfio_mdev_dma.lock.
 */
struct vfio_mdev_log {
	bool active;
	bool all;
	struct xarray chunks;
};

/**
 * struct vfio_mdev_dma - DMA of a device
 * @notify: held while .open, .close and .dma_unmap run, so that the last finds the device open
 * @open: between .open and .close; under @notify
 * @in_flight: held for reading while pages are pinned or unpinned and @pins follows. Waiting for
 *	that keeps nobody else from beginning, so it waits for none of their locks.
 * @lock: protects all below
 * @unmaps: how often .dma_unmap has been called
 * @pins: what is pinned, a struct vfio_mdev_pin each
 * @log: what is written
 */
struct vfio_mdev_dma {
	struct mutex notify; /* open */
	bool open;
	struct srcu_struct in_flight;
	struct mutex lock; /* all below */
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

/* All that is pinned for writing and has to do with a range is written. Under the lock. */
void vfio_mdev_pins_mark(struct vfio_mdev_dma *dma, u64 start, u64 last);

/* dma_log.c */
extern const struct vfio_log_ops vfio_mdev_log_ops;
void vfio_mdev_log_init(struct vfio_mdev_log *log);
/* The device has written there, or could have. Under the lock. */
void vfio_mdev_log_mark(struct vfio_mdev_log *log, u64 start, u64 last);
void vfio_mdev_log_end(struct vfio_mdev_log *log);

#endif /* VFIO_MDEV_DMA_H */
