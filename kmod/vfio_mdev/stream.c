// SPDX-License-Identifier: GPL-2.0-only
/*
 * Life of a stream. Its file may be open for longer than the transfer lasts, and longer than
 * there is a device.
 */
#include <linux/anon_inodes.h>
#include <linux/fs.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "stream.h"

int stream_init(struct vfio_mdev_stream *stream, struct vfio_mdev_device *vdev,
		const struct file_operations *fops, void (*free)(struct vfio_mdev_stream *stream))
{
	stream->image_max = vfio_mdev_image_max(vdev);
	stream->image = kvzalloc(stream->image_max, GFP_KERNEL_ACCOUNT);
	if (!stream->image)
		return -ENOMEM;

	kref_init(&stream->ref);
	mutex_init(&stream->lock);
	init_waitqueue_head(&stream->wait);
	stream->vdev = vdev;
	stream->fops = fops;
	stream->free = free;
	return 0;
}

void stream_destroy(struct vfio_mdev_stream *stream)
{
	mutex_destroy(&stream->lock);
	kvfree(stream->image);
}

void stream_header(struct vfio_mdev_device *vdev, struct stream_header *header)
{
	const struct vfio_mdev_desc *desc = vdev->type->desc;

	memset(header, 0, sizeof(*header));
	header->magic = cpu_to_le32(STREAM_MAGIC);
	header->version = cpu_to_le32(STREAM_VERSION);
	header->vendor = cpu_to_le16(desc->id.vendor);
	header->device = cpu_to_le16(desc->id.device);
	header->subsystem_vendor = cpu_to_le16(desc->id.subsystem_vendor);
	header->subsystem_device = cpu_to_le16(desc->id.subsystem_device);
	header->state_version = cpu_to_le32(desc->state_version);
	header->config_size = cpu_to_le32(vfio_mdev_config_state_size(vdev->config));
	header->irqs_size = cpu_to_le32(vfio_mdev_irqs_state_size(vdev->irqs));
	header->image_max = cpu_to_le32(vfio_mdev_image_max(vdev));
	strscpy(header->type, kobject_name(&vdev->mdev->type->kobj), sizeof(header->type));
}

static void stream_free(struct kref *ref)
{
	struct vfio_mdev_stream *stream = container_of(ref, struct vfio_mdev_stream, ref);

	stream->free(stream);
}

/* The user's file. */
struct file *vfio_mdev_stream_open(struct vfio_mdev_stream *stream)
{
	struct file *file;

	/* Pairs with the put in stream_release(). */
	kref_get(&stream->ref);
	file = anon_inode_getfile("vfio_mdev_migration", stream->fops, stream,
				  stream->fops->read ? O_RDONLY : O_WRONLY);
	if (IS_ERR(file))
		kref_put(&stream->ref, stream_free);
	else
		stream_open(file_inode(file), file);
	return file;
}

int stream_release(struct inode *inode, struct file *file)
{
	struct vfio_mdev_stream *stream = file->private_data;

	kref_put(&stream->ref, stream_free);
	return 0;
}

/* The device takes leave of it. From now on reading and writing the file are errors. */
void vfio_mdev_stream_end(struct vfio_mdev_stream *stream)
{
	mutex_lock(&stream->lock);
	stream->vdev = NULL;
	wake_up_all(&stream->wait);
	mutex_unlock(&stream->lock);
	kref_put(&stream->ref, stream_free);
}

void vfio_mdev_stream_lock(struct vfio_mdev_stream *stream)
{
	mutex_lock(&stream->lock);
}

void vfio_mdev_stream_unlock(struct vfio_mdev_stream *stream)
{
	mutex_unlock(&stream->lock);
}
