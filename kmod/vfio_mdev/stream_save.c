// SPDX-License-Identifier: GPL-2.0-only
/*
 * The stream out of a device. Its image is saved as a whole, each time in a generation of
 * records with the chunks that have changed since the last one. A device that is stopped
 * has one generation, a running one as many as the user asks for, and one when it has
 * stopped. The other side starts with zeroes, so the first generation is what differs from them.
 */
#include <linux/fs.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "stream.h"

#define CHUNK 512

/**
 * struct save_stream - a stream that the user reads
 * @stream: the common part
 * @fresh: room for the next image
 * @queue: what the user has not read yet, from @head to @tail; room for the header and two
 *	generations
 * @head: beginning of what has not been read
 * @tail: end of what has not been read
 * @initial: how much of it is of the first generation
 * @last: the device has stopped; there will be no other generation
 */
struct save_stream {
	struct vfio_mdev_stream stream;
	u8 *fresh;
	u8 *queue;
	size_t head;
	size_t tail;
	size_t initial;
	bool last;
};

static struct save_stream *to_save(struct vfio_mdev_stream *stream)
{
	return container_of(stream, struct save_stream, stream);
}

/* Of a generation, when everything has changed. */
static size_t generation_max(size_t image_max)
{
	return image_max + (DIV_ROUND_UP(image_max, CHUNK) + 1) * sizeof(struct stream_record);
}

size_t vfio_mdev_stream_max(struct vfio_mdev_device *vdev)
{
	return sizeof(struct stream_header) + generation_max(vfio_mdev_image_max(vdev));
}

static void enqueue(struct save_stream *save, const void *data, size_t size)
{
	memcpy(save->queue + save->tail, data, size);
	save->tail += size;
}

static void enqueue_record(struct save_stream *save, size_t offset, const void *data, size_t size)
{
	struct stream_record record = {
		.offset = cpu_to_le32(offset),
		.size = cpu_to_le32(size),
	};

	enqueue(save, &record, sizeof(record));
	enqueue(save, data, size);
}

/* At most one generation is in the queue, and makes room at the front as far as it was read. */
static int enqueue_generation(struct save_stream *save, bool last)
{
	struct vfio_mdev_stream *stream = &save->stream;
	size_t offset, chunk;
	ssize_t size;

	size = vfio_mdev_image_save(stream->vdev, save->fresh);
	if (size < 0)
		return size;

	memmove(save->queue, save->queue + save->head, save->tail - save->head);
	save->tail -= save->head;
	save->head = 0;
	for (offset = 0; offset < stream->image_max; offset += chunk) {
		chunk = min_t(size_t, CHUNK, stream->image_max - offset);
		if (memcmp(save->fresh + offset, stream->image + offset, chunk))
			enqueue_record(save, offset, save->fresh + offset, chunk);
	}
	if (last)
		enqueue_record(save, size, NULL, 0);
	swap(stream->image, save->fresh);
	save->last = last;
	return 0;
}

/* Why nothing can be read now; 0 at the end. */
static int empty_reason(const struct save_stream *save)
{
	return save->last ? 0 : -ENOMSG;
}

static ssize_t save_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	struct vfio_mdev_stream *stream = file->private_data;
	struct save_stream *save = to_save(stream);
	ssize_t ret;

	mutex_lock(&stream->lock);
	count = min(count, save->tail - save->head);
	if (!stream->vdev)
		ret = -ENODEV;
	else if (save->head == save->tail)
		ret = empty_reason(save);
	else if (copy_to_user(buf, save->queue + save->head, count))
		ret = -EFAULT;
	else
		ret = count;
	if (ret > 0) {
		save->head += ret;
		save->initial -= min_t(size_t, ret, save->initial);
	}
	mutex_unlock(&stream->lock);
	return ret;
}

static __poll_t save_poll(struct file *file, poll_table *table)
{
	struct vfio_mdev_stream *stream = file->private_data;
	struct save_stream *save = to_save(stream);
	__poll_t events = 0;

	poll_wait(file, &stream->wait, table);
	mutex_lock(&stream->lock);
	if (!stream->vdev)
		events = EPOLLIN | EPOLLRDNORM | EPOLLERR | EPOLLRDHUP;
	else if (save->last || save->head != save->tail)
		events = EPOLLIN | EPOLLRDNORM;
	mutex_unlock(&stream->lock);
	return events;
}

/* What has changed since is looked for when the user has read all that is known to have. */
static int precopy_info(struct save_stream *save, struct vfio_precopy_info *info)
{
	int ret = 0;

	if (!save->stream.vdev)
		return -ENODEV;
	if (save->last)
		return -EINVAL;
	if (save->head == save->tail)
		ret = enqueue_generation(save, false);
	if (ret)
		return ret;
	info->flags = 0;
	info->initial_bytes = save->initial;
	info->dirty_bytes = save->tail - save->head - save->initial;
	return 0;
}

static long save_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	size_t minsz = offsetofend(struct vfio_precopy_info, dirty_bytes);
	struct vfio_mdev_stream *stream = file->private_data;
	void __user *user = (void __user *)arg;
	struct vfio_precopy_info info;
	int ret;

	if (cmd != VFIO_MIG_GET_PRECOPY_INFO)
		return -ENOTTY;
	if (copy_from_user(&info, user, minsz))
		return -EFAULT;
	if (info.argsz < minsz)
		return -EINVAL;

	mutex_lock(&stream->lock);
	ret = precopy_info(to_save(stream), &info);
	mutex_unlock(&stream->lock);
	if (ret)
		return ret;
	return copy_to_user(user, &info, minsz) ? -EFAULT : 0;
}

static const struct file_operations save_fops = {
	.owner = THIS_MODULE,
	.read = save_read,
	.poll = save_poll,
	.unlocked_ioctl = save_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.release = stream_release,
};

static void save_free(struct vfio_mdev_stream *stream)
{
	struct save_stream *save = to_save(stream);

	stream_destroy(stream);
	kvfree(save->queue);
	kvfree(save->fresh);
	kfree(save);
}

static int enqueue_first(struct save_stream *save, bool last)
{
	struct stream_header header;
	int ret;

	stream_header(save->stream.vdev, &header);
	enqueue(save, &header, sizeof(header));
	ret = enqueue_generation(save, last);
	save->initial = save->tail;
	return ret;
}

struct vfio_mdev_stream *vfio_mdev_stream_new_save(struct vfio_mdev_device *vdev, bool running)
{
	size_t image_max = vfio_mdev_image_max(vdev);
	size_t queue_max = vfio_mdev_stream_max(vdev) + generation_max(image_max);
	struct save_stream *save;
	int ret;

	save = kzalloc(sizeof(*save), GFP_KERNEL_ACCOUNT);
	if (!save)
		return ERR_PTR(-ENOMEM);
	ret = stream_init(&save->stream, vdev, &save_fops, save_free);
	if (ret) {
		kfree(save);
		return ERR_PTR(ret);
	}

	save->fresh = kvzalloc(image_max, GFP_KERNEL_ACCOUNT);
	save->queue = kvzalloc(queue_max, GFP_KERNEL_ACCOUNT);
	ret = save->fresh && save->queue ? enqueue_first(save, !running) : -ENOMEM;
	if (ret) {
		save_free(&save->stream);
		return ERR_PTR(ret);
	}
	return &save->stream;
}

/* The device has stopped. Under the lock of the stream. */
int vfio_mdev_stream_finish(struct vfio_mdev_stream *stream)
{
	int ret;

	lockdep_assert_held(&stream->lock);
	ret = enqueue_generation(to_save(stream), true);
	wake_up_all(&stream->wait);
	return ret;
}
