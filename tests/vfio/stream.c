// SPDX-License-Identifier: GPL-2.0-only
/* Moving a device through the states of migration, and the stream. */
#include "stream.h"

int get_feature(struct device *dev, uint32_t flags, uint32_t argsz, void *data, size_t size)
{
	struct vfio_device_feature *feature = calloc(1, sizeof(*feature) + size);
	int ret;

	is_true(feature);
	feature->argsz = argsz;
	feature->flags = flags;
	if (size)
		memcpy(feature->data, data, size);
	ret = ioctl(dev->fd, VFIO_DEVICE_FEATURE, feature) < 0 ? -errno : 0;
	if (size)
		memcpy(data, feature->data, size);
	free(feature);
	return ret;
}

int set_state(struct device *dev, uint32_t state, int *fd)
{
	struct vfio_device_feature_mig_state request = { .device_state = state, .data_fd = -1 };
	int ret;

	ret = get_feature(dev, VFIO_DEVICE_FEATURE_SET | VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE,
			  sizeof(struct vfio_device_feature) + sizeof(request), &request,
			  sizeof(request));
	*fd = ret ? -1 : request.data_fd;
	return ret;
}

uint32_t state_of(struct device *dev)
{
	struct vfio_device_feature_mig_state request = { .data_fd = -1 };

	equal(get_feature(dev, VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE,
			  sizeof(struct vfio_device_feature) + sizeof(request), &request,
			  sizeof(request)), 0);
	return request.device_state;
}

bool has_precopy(struct device *dev)
{
	struct vfio_device_feature_migration migration = { 0 };

	equal(get_feature(dev, VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_MIGRATION,
			  sizeof(struct vfio_device_feature) + sizeof(migration), &migration,
			  sizeof(migration)), 0);
	is_true(migration.flags & VFIO_MIGRATION_STOP_COPY);
	return migration.flags & MIG_PRE_COPY;
}

size_t read_stream(int fd, uint8_t *stream, size_t max)
{
	size_t size = 0;
	ssize_t count;

	while ((count = read(fd, stream + size, max - size)) > 0)
		size += count;
	equal(count, 0);
	return size;
}

void apply_records(struct image *image, const uint8_t *stream, size_t size, bool with_header)
{
	size_t at = with_header ? STREAM_HEADER : 0;
	struct stream_record record;

	if (with_header) {
		is_true(size >= STREAM_HEADER);
		memset(image, 0, sizeof(*image));
		memcpy(image->header, stream, STREAM_HEADER);
	}
	while (at < size) {
		is_true(size - at >= sizeof(record));
		memcpy(&record, stream + at, sizeof(record));
		at += sizeof(record);
		is_true(record.offset <= STREAM_MAX && record.size <= STREAM_MAX - record.offset);
		is_true(record.size <= size - at);
		memcpy(image->data + record.offset, stream + at, record.size);
		at += record.size;
		if (!record.size) {
			image->size = record.offset;
			equal(at, size);
		}
	}
}

static size_t put_record(uint8_t *stream, size_t at, size_t offset, const uint8_t *data, size_t size)
{
	struct stream_record record = { (uint32_t)offset, (uint32_t)size };

	memcpy(stream + at, &record, sizeof(record));
	memcpy(stream + at + sizeof(record), data, size);
	return at + sizeof(record) + size;
}

size_t make_stream(const struct image *image, uint8_t *stream)
{
	size_t size = STREAM_HEADER, offset;

	memcpy(stream, image->header, STREAM_HEADER);
	for (offset = 0; offset < image->size; offset += PIECE) {
		size_t left = image->size - offset;

		size = put_record(stream, size, offset, image->data + offset,
				  left < PIECE ? left : PIECE);
	}
	return put_record(stream, size, image->size, image->data, 0);
}

void save_image(struct device *dev, struct image *image)
{
	uint8_t *stream = malloc(STREAM_MAX);
	int fd, none;

	is_true(stream);
	equal(set_state(dev, VFIO_DEVICE_STATE_STOP_COPY, &fd), 0);
	is_true(fd >= 0);
	apply_records(image, stream, read_stream(fd, stream, STREAM_MAX), true);
	is_true(image->size);
	equal(close(fd), 0);
	equal(set_state(dev, VFIO_DEVICE_STATE_RUNNING, &none), 0);
	free(stream);
}

int load_stream(struct device *dev, const uint8_t *stream, size_t size)
{
	ssize_t count;
	int fd, none, ret;

	equal(set_state(dev, VFIO_DEVICE_STATE_RESUMING, &fd), 0);
	is_true(fd >= 0);
	count = write(fd, stream, size);
	ret = count < 0 ? -errno : 0;
	is_true(ret || count == (ssize_t)size);
	if (!ret)
		ret = set_state(dev, VFIO_DEVICE_STATE_RUNNING, &none);
	equal(close(fd), 0);
	return ret;
}

int load_image(struct device *dev, const struct image *image)
{
	uint8_t *stream = malloc(2 * STREAM_MAX);
	int ret;

	is_true(stream);
	ret = load_stream(dev, stream, make_stream(image, stream));
	free(stream);
	return ret;
}
