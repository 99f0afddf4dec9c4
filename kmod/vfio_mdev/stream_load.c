// SPDX-License-Identifier: GPL-2.0-only
/*
 * The stream into a device. The user writes it in pieces of any size, and can write anything:
 * a piece of the image lands inside it or the stream is refused, and nobody looks at the
 * image before the stream has come to its end.
 */
#include <linux/fs.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "stream.h"

/**
 * struct load_stream - a stream that the user writes
 * @stream: the common part
 * @header: the header, as far as it has come
 * @record: the current record
 * @part: where the part of the stream goes that is due: one of the two above, or the image.
 *	NULL: there is none, because the stream has ended or has been refused
 * @size: of the part
 * @got: how much of it has come
 * @image_size: when the stream has ended, the size of the image; else 0
 */
struct load_stream {
	struct vfio_mdev_stream stream;
	struct stream_header header;
	struct stream_record record;
	void *part;
	size_t size;
	size_t got;
	size_t image_size;
};

static struct load_stream *to_load(struct vfio_mdev_stream *stream)
{
	return container_of(stream, struct load_stream, stream);
}

static void load_expect(struct load_stream *load, void *part, size_t size)
{
	load->part = part;
	load->size = size;
	load->got = 0;
}

static int load_take_header(struct load_stream *load)
{
	struct stream_header own;

	stream_header(load->stream.vdev, &own);
	if (memcmp(&load->header, &own, sizeof(own)))
		return -EINVAL;
	load_expect(load, &load->record, sizeof(load->record));
	return 0;
}

static int load_take_record(struct load_stream *load)
{
	u32 offset = le32_to_cpu(load->record.offset);
	u32 size = le32_to_cpu(load->record.size);
	size_t max = load->stream.image_max;

	if (offset > max || size > max - offset)
		return -EINVAL;
	if (size) {
		load_expect(load, load->stream.image + offset, size);
		return 0;
	}
	if (!offset)
		return -EINVAL;
	load->image_size = offset;
	load_expect(load, NULL, 0);
	return 0;
}

/* The part that was due has come: what is due now? */
static int load_take_part(struct load_stream *load)
{
	if (load->part == &load->header)
		return load_take_header(load);
	if (load->part == &load->record)
		return load_take_record(load);
	load_expect(load, &load->record, sizeof(load->record));
	return 0;
}

/* Takes what there is of the part that is due. */
static ssize_t load_take(struct load_stream *load, const char __user *buf, size_t count)
{
	int ret = 0;

	if (!load->part)
		return -EINVAL;
	count = min(count, load->size - load->got);
	if (copy_from_user(load->part + load->got, buf, count))
		return -EFAULT;
	load->got += count;
	if (load->got == load->size)
		ret = load_take_part(load);
	if (!ret)
		return count;

	/* Refused for good. */
	load_expect(load, NULL, 0);
	load->image_size = 0;
	return ret;
}

static ssize_t load_write(struct file *file, const char __user *buf, size_t count, loff_t *pos)
{
	struct vfio_mdev_stream *stream = file->private_data;
	size_t done = 0;
	ssize_t ret = 0;

	mutex_lock(&stream->lock);
	while (done < count) {
		ret = stream->vdev ? load_take(to_load(stream), buf + done, count - done) : -ENODEV;
		if (ret < 0)
			break;
		done += ret;
		ret = fatal_signal_pending(current) ? -EINTR : 0;
		if (ret)
			break;
		cond_resched();
	}
	mutex_unlock(&stream->lock);
	/* Not a short count: that would hide that the stream is refused. */
	return ret ?: done;
}

static const struct file_operations load_fops = {
	.owner = THIS_MODULE,
	.write = load_write,
	.release = stream_release,
};

static void load_free(struct vfio_mdev_stream *stream)
{
	stream_destroy(stream);
	kfree(to_load(stream));
}

struct vfio_mdev_stream *vfio_mdev_stream_new_load(struct vfio_mdev_device *vdev)
{
	struct load_stream *load;
	int ret;

	load = kzalloc(sizeof(*load), GFP_KERNEL_ACCOUNT);
	if (!load)
		return ERR_PTR(-ENOMEM);
	ret = stream_init(&load->stream, vdev, &load_fops, load_free);
	if (ret) {
		kfree(load);
		return ERR_PTR(ret);
	}
	load_expect(load, &load->header, sizeof(load->header));
	return &load->stream;
}

/*
 * What has come, if it has come to its end, else NULL. Nothing is taken afterwards, so that the
 * image does not change under who reads it.
 */
const u8 *vfio_mdev_stream_close(struct vfio_mdev_stream *stream, size_t *size)
{
	struct load_stream *load = to_load(stream);

	mutex_lock(&stream->lock);
	load_expect(load, NULL, 0);
	*size = load->image_size;
	mutex_unlock(&stream->lock);
	return *size ? stream->image : NULL;
}
