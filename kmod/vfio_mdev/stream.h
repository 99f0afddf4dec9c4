/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The stream by which the image of a device goes from one host to another: what it consists of,
 * and what stream_save.c and stream_load.c have in common.
 *
 * A header says whose image follows, and is the same byte for byte in every stream that a device
 * takes. Then come records, each with a piece of the image; what no record brings is zero, and a
 * later one replaces what an earlier one brought, which happens when a part was copied in advance
 * and has changed since. A record without data ends the stream.
 */
#ifndef VFIO_MDEV_STREAM_H
#define VFIO_MDEV_STREAM_H

#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/wait.h>

#include "internal.h"

#define STREAM_MAGIC 0x7645444d /* "MDEv" */
#define STREAM_VERSION 1

struct stream_header {
	__le32 magic;
	__le32 version;
	__le16 vendor;
	__le16 device;
	__le16 subsystem_vendor;
	__le16 subsystem_device;
	__le32 state_version;
	__le32 config_size;
	__le32 irqs_size;
	__le32 image_max;
	char type[64];		/* as in mdev_supported_types, zero-padded */
};

struct stream_record {
	__le32 offset;		/* in the image; of the last record, the size of the image */
	__le32 size;		/* of the data behind; 0: it is the last record */
};

/**
 * struct vfio_mdev_stream - one transfer of an image
 * @ref: the user's file has one, and the device while it lasts
 * @lock: protects all of the stream
 * @wait: who polls the file
 * @vdev: the device; NULL when the transfer has ended, after which the file is good for nothing
 * @image: as it was saved last, or as far as it has been received
 * @image_max: its size
 * @fops: of the file
 * @free: frees it
 */
struct vfio_mdev_stream {
	struct kref ref;
	struct mutex lock; /* all below */
	wait_queue_head_t wait;
	struct vfio_mdev_device *vdev;
	u8 *image;
	size_t image_max;
	const struct file_operations *fops;
	void (*free)(struct vfio_mdev_stream *stream);
};

/* An error leaves nothing to undo. */
int stream_init(struct vfio_mdev_stream *stream, struct vfio_mdev_device *vdev,
		const struct file_operations *fops, void (*free)(struct vfio_mdev_stream *stream));
/* What stream_init() has made. */
void stream_destroy(struct vfio_mdev_stream *stream);
void stream_header(struct vfio_mdev_device *vdev, struct stream_header *header);
int stream_release(struct inode *inode, struct file *file);

#endif /* VFIO_MDEV_STREAM_H */
