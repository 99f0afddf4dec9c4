// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks that a stream which no device has written is refused, and that the device which was
 * given it works after a reset. On testdev-full; what is where in the image is in the toolkit.
 */
#include "stream.h"

#define IMAGE_CONFIG 8
#define IMAGE_IRQS (IMAGE_CONFIG + 256)
#define IMAGE_DRIVER 272		/* INTx and four of MSI, rounded up */
#define DRIVER_LEVEL (IMAGE_DRIVER + 64)

#define MUTATIONS 3000

static struct image good, bad;
static uint8_t stream[2 * STREAM_MAX];

static void still_works(struct device *dev)
{
	equal(vfio_reset(dev), 0);
	equal(state_of(dev), VFIO_DEVICE_STATE_RUNNING);
	equal(peek(dev, 0, 0, 8), 0);
	equal(peek(dev, CONFIG, PCI_COMMAND, 2), 0);
	equal(load_image(dev, &good), 0);
	equal(peek(dev, 0, 0, 8), 0x1122334455667788);
	equal(vfio_reset(dev), 0);
}

static void save_good(struct device *dev)
{
	poke(dev, 0, 0, 8, 0x1122334455667788);
	save_image(dev, &good);
	equal(good.size, DRIVER_LEVEL + 4);
	equal(vfio_reset(dev), 0);
}

/* The header is refused when it is complete, before anything else is read. */
static void hostile_header(struct device *dev)
{
	unsigned int i;
	int fd;

	save_good(dev);
	for (i = 0; i < STREAM_HEADER; i++) {
		make_stream(&good, stream);
		stream[i] ^= 1 << i % 8;
		equal(set_state(dev, VFIO_DEVICE_STATE_RESUMING, &fd), 0);
		equal(write(fd, stream, STREAM_HEADER - 1), STREAM_HEADER - 1);
		equal(result(write(fd, stream + STREAM_HEADER - 1, 1)), -EINVAL);
		equal(result(write(fd, stream, 1)), -EINVAL);
		equal(close(fd), 0);
		equal(set_state(dev, VFIO_DEVICE_STATE_STOP, &fd), -EINVAL);
		equal(state_of(dev), VFIO_DEVICE_STATE_ERROR);
		equal(vfio_reset(dev), 0);
	}
	still_works(dev);
}

static size_t with_record(uint32_t offset, uint32_t size)
{
	struct stream_record record = { offset, size };

	memcpy(stream, good.header, STREAM_HEADER);
	memcpy(stream + STREAM_HEADER, &record, sizeof(record));
	memset(stream + STREAM_HEADER + sizeof(record), 0xa5, STREAM_MAX);
	return STREAM_HEADER + sizeof(record);
}

/* Records that lie outside of the image, or that overflow when one adds them up. */
static void hostile_records(struct device *dev)
{
	uint32_t max, i;
	struct stream_record records[8];

	save_good(dev);
	max = good.size;
	memcpy(records, (struct stream_record[]) {
		{ max + 1, 0 }, { max, 1 }, { 0, max + 1 }, { 1, max }, { UINT32_MAX, 1 },
		{ UINT32_MAX, UINT32_MAX }, { 16, UINT32_MAX - 15 }, { 0, UINT32_MAX },
	}, sizeof(records));
	for (i = 0; i < 8; i++) {
		size_t size = with_record(records[i].offset, records[i].size);

		equal(load_stream(dev, stream, size + 4096), -EINVAL);
		equal(vfio_reset(dev), 0);
	}
	/* An image that is too short, and none. */
	for (i = 0; i < IMAGE_DRIVER + 8; i++) {
		equal(load_stream(dev, stream, with_record(i, 0)), -EINVAL);
		equal(vfio_reset(dev), 0);
	}
	still_works(dev);
}

/* Ended too early, and going on behind the end. */
static void hostile_lengths(struct device *dev)
{
	size_t size, i;

	save_good(dev);
	size = make_stream(&good, stream);
	for (i = 0; i < size; i++) {
		equal(load_stream(dev, stream, i), -EINVAL);
		equal(vfio_reset(dev), 0);
	}
	equal(load_stream(dev, stream, size + 1), -EINVAL);
	still_works(dev);
}

static void refuses(struct device *dev, size_t offset, uint8_t value)
{
	memcpy(&bad, &good, sizeof(bad));
	is_true(bad.data[offset] != value);
	bad.data[offset] = value;
	equal(load_image(dev, &bad), -EINVAL);
	equal(state_of(dev), VFIO_DEVICE_STATE_ERROR);
	/* Nothing of it is left, nor of what was right in it. */
	equal(peek(dev, 0, 0, 8), 0);
	equal(vfio_reset(dev), 0);
}

static void hostile_contents(struct device *dev)
{
	unsigned int i;

	save_good(dev);
	for (i = 0; i < 8; i++)
		refuses(dev, i, good.data[i] + 1);
	refuses(dev, IMAGE_CONFIG + PCI_VENDOR_ID, 0);
	refuses(dev, IMAGE_CONFIG + PCI_BASE_ADDRESS_0, 0x1c);
	refuses(dev, IMAGE_CONFIG + PCI_CAPABILITY_LIST, 0x41);
	refuses(dev, IMAGE_CONFIG + PCI_STATUS, good.data[IMAGE_CONFIG + PCI_STATUS] ^ 8);
	refuses(dev, IMAGE_CONFIG + 255, 1);
	refuses(dev, IMAGE_IRQS, 4);
	refuses(dev, IMAGE_IRQS, 0x80);
	/* MSI has no level. */
	refuses(dev, IMAGE_IRQS + 1, 1);
	refuses(dev, IMAGE_IRQS + 4, 3);
	/* What only the driver can check. */
	refuses(dev, DRIVER_LEVEL, 2);
	refuses(dev, DRIVER_LEVEL + 3, 0x80);
	still_works(dev);
}

/* A stream of another type, whose header is right otherwise. */
static void hostile_other_type(struct device *dev)
{
	save_good(dev);
	memcpy(&bad, &good, sizeof(bad));
	memset(bad.header + 32, 0, 64);
	strcpy((char *)bad.header + 32, "testdev-express");
	equal(load_image(dev, &bad), -EINVAL);
	still_works(dev);
}

/* Any bytes anywhere behind the header. Whatever comes of it, a reset makes it good. */
static void hostile_mutations(struct device *dev)
{
	unsigned int seed = 7, i, j;
	size_t size;

	save_good(dev);
	for (i = 0; i < MUTATIONS; i++) {
		size = make_stream(&good, stream);
		for (j = 0; j <= i % 8; j++)
			stream[STREAM_HEADER + rand_r(&seed) % (size - STREAM_HEADER)] =
				rand_r(&seed) >> 8;
		if (i % 5 == 0)
			size = STREAM_HEADER + rand_r(&seed) % (size - STREAM_HEADER);
		load_stream(dev, stream, size);
		equal(vfio_reset(dev), 0);
	}
	still_works(dev);
}

const struct check hostile_checks[] = {
	CHECK(hostile_header, TESTDEV, "a stream with another header is refused at once"),
	CHECK(hostile_records, TESTDEV, "one with records outside of the image is refused"),
	CHECK(hostile_lengths, TESTDEV, "one that is too short or too long is refused"),
	CHECK(hostile_contents, TESTDEV, "an image that is impossible is refused without trace"),
	CHECK(hostile_other_type, TESTDEV, "and so is that of another type"),
	CHECK(hostile_mutations, TESTDEV, "3,000 damaged streams do no harm"),
	{ 0 },
};
