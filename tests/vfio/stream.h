/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Migration from the user's side: moving a device through the states, and the stream taken apart
 * and put together again. Functions return 0 (or a count) or -errno.
 */
#ifndef VFIO_STREAM_H
#define VFIO_STREAM_H

#include "check.h"
#include "uapi.h"

#define STREAM_HEADER 96
#define STREAM_MAX (1 << 20)
#define PIECE 512

/* The image of a device, with the header of its stream. */
struct image {
	uint8_t header[STREAM_HEADER];
	uint8_t data[STREAM_MAX];
	size_t size;
};

/* A record in front of its data. */
struct stream_record {
	uint32_t offset;
	uint32_t size;
};

int get_feature(struct device *dev, uint32_t flags, uint32_t argsz, void *data, size_t size);

/* The descriptor of the stream goes to @fd, -1 if there is none. */
int set_state(struct device *dev, uint32_t state, int *fd);
uint32_t state_of(struct device *dev);
/* Where the kernel has the state. */
bool has_precopy(struct device *dev);

/* Reads up to the end. */
size_t read_stream(int fd, uint8_t *stream, size_t max);
/* Does the records of @stream, of @size bytes, whose header is skipped if it has one. */
void apply_records(struct image *image, const uint8_t *stream, size_t size, bool with_header);
/* A stream that brings the image; its size. */
size_t make_stream(const struct image *image, uint8_t *stream);

/* Saves a device that runs; afterwards it runs again. */
void save_image(struct device *dev, struct image *image);
/* 0, or the error of what refused it. The device is not reset, before or after. */
int load_stream(struct device *dev, const uint8_t *stream, size_t size);
int load_image(struct device *dev, const struct image *image);

#endif
