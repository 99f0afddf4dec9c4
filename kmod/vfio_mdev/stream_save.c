// SPDX-License-Identifier: GPL-2.0-only
/*
 * The stream out of a device. Its image is saved as a whole, and the user gets a record for each
 * chunk of it that has changed since the other side got it. A device that is stopped is saved once,
 * a running one each time the user asks for more, and once when it has stopped. The other side
 * starts with zeroes, so what it gets first is what differs from them.
 *
 * The image is kept once: of what the other side has there is a digest of each chunk. A chunk that
 * changes while it is read is sent again.
 */
#include <linux/bitmap.h>
#include <linux/fs.h>
#include <linux/poll.h>
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "stream.h"

#define CHUNK 512

/**
 * struct save_stream - a stream that the user reads
 * @stream: the common part, with the image as it was saved last
 * @key: of the digests. As nobody knows it, nobody makes a chunk with the digest of another one;
 *	that it happens by chance is less likely than that the memory is wrong.
 * @digests: of each chunk as the other side has it, or will have it when it has read all
 * @unsent: a bit for each chunk that the other side does not have
 * @nr_chunks: how many there are
 * @nr_unsent: how many bits are set
 * @next: there are none before this one
 * @head: the header of the stream or of a record, which goes before @chunk
 * @head_size: its size
 * @head_pos: how much of it has been read
 * @chunk: offset in the image of the data that is being read
 * @chunk_left: how much of that has not been read
 * @image_size: how much of the image has something in it
 * @first: only one image has been saved
 * @last: the device has stopped; no other image will be saved
 * @ended: the last record is in @head
 * @error: of the driver when it was to save: the image is spoilt, and the transfer with it
 */
struct save_stream {
	struct vfio_mdev_stream stream;
	siphash_key_t key;
	u64 *digests;
	unsigned long *unsent;
	size_t nr_chunks;
	size_t nr_unsent;
	size_t next;
	union {
		struct stream_header header;
		struct stream_record record;
		u8 bytes[sizeof(struct stream_header)];
	} head;
	size_t head_size;
	size_t head_pos;
	size_t chunk;
	size_t chunk_left;
	size_t image_size;
	bool first;
	bool last;
	bool ended;
	int error;
};

static struct save_stream *to_save(struct vfio_mdev_stream *stream)
{
	return container_of(stream, struct save_stream, stream);
}

size_t vfio_mdev_stream_max(struct vfio_mdev_device *vdev)
{
	size_t image_max = vfio_mdev_image_max(vdev);

	return sizeof(struct stream_header) + image_max +
	       (DIV_ROUND_UP(image_max, CHUNK) + 1) * sizeof(struct stream_record);
}

static size_t save_chunk_size(const struct save_stream *save, size_t chunk)
{
	return min_t(size_t, CHUNK, save->stream.image_max - chunk * CHUNK);
}

static u64 save_digest(const struct save_stream *save, size_t chunk)
{
	return siphash(save->stream.image + chunk * CHUNK, save_chunk_size(save, chunk),
		       &save->key);
}

/* Looks at the chunks in front of @end for what the other side does not have. */
static void save_find_unsent(struct save_stream *save, size_t end)
{
	size_t chunk;

	for (chunk = 0; chunk < DIV_ROUND_UP(end, CHUNK); chunk++) {
		u64 digest = save_digest(save, chunk);

		if (digest == save->digests[chunk])
			continue;
		save->digests[chunk] = digest;
		save->nr_unsent += !__test_and_set_bit(chunk, save->unsent);
		save->next = min(save->next, chunk);
	}
}

static int save_image(struct save_stream *save, bool last)
{
	struct vfio_mdev_stream *stream = &save->stream;
	ssize_t size;

	if (save->error)
		return save->error;
	size = vfio_mdev_image_save(stream->vdev, stream->image);
	if (size < 0) {
		save->error = size;
		return size;
	}
	save->image_size = size;
	save->last = last;
	save_find_unsent(save, stream->image_max);
	return 0;
}

/* Of a running device, what has changed since. What the driver has not changed is not looked at. */
static int save_again(struct save_stream *save)
{
	struct vfio_mdev_stream *stream = &save->stream;

	save->first = false;
	if (vfio_mdev_image_changed(stream->vdev))
		return save_image(save, false);
	save_find_unsent(save, vfio_mdev_image_refresh(stream->vdev, stream->image));
	return 0;
}

static void save_put_record(struct save_stream *save, size_t offset, size_t size)
{
	save->head.record.offset = cpu_to_le32(offset);
	save->head.record.size = cpu_to_le32(size);
	save->head_size = sizeof(save->head.record);
	save->head_pos = 0;
	save->chunk = offset;
	save->chunk_left = size;
}

/* Makes the next record, if there is one. */
static void save_next_record(struct save_stream *save)
{
	size_t chunk = find_next_bit(save->unsent, save->nr_chunks, save->next);

	save->next = chunk;
	if (chunk < save->nr_chunks) {
		__clear_bit(chunk, save->unsent);
		save->nr_unsent--;
		save_put_record(save, chunk * CHUNK, save_chunk_size(save, chunk));
	} else if (save->last && !save->ended) {
		save->ended = true;
		save_put_record(save, save->image_size, 0);
	}
}

/* How much can be read before something has to be saved again. */
static size_t save_pending(const struct save_stream *save)
{
	size_t size = save->head_size - save->head_pos + save->chunk_left;

	size += save->nr_unsent * (sizeof(struct stream_record) + CHUNK);
	/* The last chunk may be a short one. */
	if (save->nr_unsent && test_bit(save->nr_chunks - 1, save->unsent))
		size -= CHUNK - save_chunk_size(save, save->nr_chunks - 1);
	return size;
}

/* The next piece that is in one place; its size, 0 if there is none. */
static size_t save_next_piece(struct save_stream *save, const u8 **data)
{
	if (save->head_pos == save->head_size && !save->chunk_left)
		save_next_record(save);
	if (save->head_pos < save->head_size) {
		*data = save->head.bytes + save->head_pos;
		return save->head_size - save->head_pos;
	}
	*data = save->stream.image + save->chunk;
	return save->chunk_left;
}

static void save_take_piece(struct save_stream *save, size_t size)
{
	if (save->head_pos < save->head_size) {
		save->head_pos += size;
		return;
	}
	save->chunk += size;
	save->chunk_left -= size;
}

/* Returns how much it was, or an error if it was nothing. */
static ssize_t save_read_pieces(struct save_stream *save, char __user *buf, size_t count)
{
	size_t done = 0, size;
	const u8 *data;

	while (done < count) {
		size = min(save_next_piece(save, &data), count - done);
		if (!size)
			break;
		if (copy_to_user(buf + done, data, size))
			return done ?: -EFAULT;
		save_take_piece(save, size);
		done += size;
	}
	return done;
}

static ssize_t save_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	struct vfio_mdev_stream *stream = file->private_data;
	struct save_stream *save = to_save(stream);
	ssize_t ret;

	mutex_lock(&stream->lock);
	if (!stream->vdev)
		ret = -ENODEV;
	else
		ret = save->error ?: save_read_pieces(save, buf, count);
	/* Nothing more for now, or for ever. */
	if (!ret && count && !save->last)
		ret = -ENOMSG;
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
	else if (save->last || save_pending(save))
		events = EPOLLIN | EPOLLRDNORM;
	mutex_unlock(&stream->lock);
	return events;
}

/* What has changed since is looked for when the user has read all that is known to have. */
static int save_precopy_info(struct save_stream *save, struct vfio_precopy_info *info)
{
	int ret;

	if (!save->stream.vdev)
		return -ENODEV;
	if (save->last)
		return -EINVAL;
	ret = save->error;
	if (!ret && !save_pending(save))
		ret = save_again(save);
	if (ret)
		return ret;
	info->flags = 0;
	info->initial_bytes = save->first ? save_pending(save) : 0;
	info->dirty_bytes = save->first ? 0 : save_pending(save);
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
	ret = save_precopy_info(to_save(stream), &info);
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
	kvfree(save->digests);
	bitmap_free(save->unsent);
	kfree(save);
}

/* What the other side has at first: zeroes, as the image has. */
static void save_prepare_digests(struct save_stream *save)
{
	size_t chunk;

	get_random_bytes(&save->key, sizeof(save->key));
	for (chunk = 0; chunk < save->nr_chunks; chunk++)
		save->digests[chunk] = save_digest(save, chunk);
}

static int save_prepare(struct save_stream *save, bool last)
{
	save->nr_chunks = DIV_ROUND_UP(save->stream.image_max, CHUNK);
	save->digests = kvcalloc(save->nr_chunks, sizeof(*save->digests), GFP_KERNEL_ACCOUNT);
	save->unsent = bitmap_zalloc(save->nr_chunks, GFP_KERNEL_ACCOUNT);
	if (!save->digests || !save->unsent)
		return -ENOMEM;
	save_prepare_digests(save);
	stream_header(save->stream.vdev, &save->head.header);
	save->head_size = sizeof(save->head.header);
	save->first = true;
	return save_image(save, last);
}

struct vfio_mdev_stream *vfio_mdev_stream_new_save(struct vfio_mdev_device *vdev, bool running)
{
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
	ret = save_prepare(save, !running);
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
	ret = save_image(to_save(stream), true);
	wake_up_all(&stream->wait);
	return ret;
}
