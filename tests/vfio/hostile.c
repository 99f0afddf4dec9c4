// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks that a stream which no device has written is refused, and that the device which was
 * given it works after a reset. On testdev-full; what is where in the image is in the toolkit.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "stream.h"

#define IMAGE_CONFIG 8
#define IMAGE_IRQS (IMAGE_CONFIG + 256)
#define IMAGE_DRIVER 272		/* INTx and four of MSI, rounded up */
#define DRIVER_LEVEL (IMAGE_DRIVER + 64)

#define MUTATIONS 3000

static struct image good, bad;
static uint8_t stream[2 * STREAM_MAX];

static void still_works(struct vfio_client *client)
{
	equal(vfio_client_reset(client), 0);
	equal(state_of(client), VFIO_DEVICE_STATE_RUNNING);
	equal(read_register(client, 0, 0, 8), 0);
	equal(read_register(client, CONFIG, PCI_COMMAND, 2), 0);
	equal(load_image(client, &good), 0);
	equal(read_register(client, 0, 0, 8), 0x1122334455667788);
	equal(vfio_client_reset(client), 0);
}

static void save_good(struct vfio_client *client)
{
	write_register(client, 0, 0, 8, 0x1122334455667788);
	save_image(client, &good);
	equal(good.size, DRIVER_LEVEL + 4);
	equal(vfio_client_reset(client), 0);
}

/* The header is refused when it is complete, before anything else is read. */
static void header(struct vfio_client *client)
{
	unsigned int i;
	int fd;

	save_good(client);
	for (i = 0; i < STREAM_HEADER; i++) {
		make_stream(&good, stream);
		stream[i] ^= 1 << i % 8;
		equal(set_state(client, VFIO_DEVICE_STATE_RESUMING, &fd), 0);
		equal(write(fd, stream, STREAM_HEADER - 1), STREAM_HEADER - 1);
		equal(write(fd, stream + STREAM_HEADER - 1, 1), -1);
		equal(errno, EINVAL);
		equal(write(fd, stream, 1), -1);
		equal(errno, EINVAL);
		equal(close(fd), 0);
		equal(set_state(client, VFIO_DEVICE_STATE_STOP, &fd), -EINVAL);
		equal(state_of(client), VFIO_DEVICE_STATE_ERROR);
		equal(vfio_client_reset(client), 0);
	}
	still_works(client);
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
static void records(struct vfio_client *client)
{
	uint32_t max, i;
	struct stream_record records[8];

	save_good(client);
	max = good.size;
	memcpy(records, (struct stream_record[]) {
		{ max + 1, 0 }, { max, 1 }, { 0, max + 1 }, { 1, max }, { UINT32_MAX, 1 },
		{ UINT32_MAX, UINT32_MAX }, { 16, UINT32_MAX - 15 }, { 0, UINT32_MAX },
	}, sizeof(records));
	for (i = 0; i < 8; i++) {
		size_t size = with_record(records[i].offset, records[i].size);

		equal(load_stream(client, stream, size + 4096), -EINVAL);
		equal(vfio_client_reset(client), 0);
	}
	/* An image that is too short, and none. */
	for (i = 0; i < IMAGE_DRIVER + 8; i++) {
		equal(load_stream(client, stream, with_record(i, 0)), -EINVAL);
		equal(vfio_client_reset(client), 0);
	}
	still_works(client);
}

/* Ended too early, and going on behind the end. */
static void lengths(struct vfio_client *client)
{
	size_t size, i;

	save_good(client);
	size = make_stream(&good, stream);
	for (i = 0; i < size; i++) {
		equal(load_stream(client, stream, i), -EINVAL);
		equal(vfio_client_reset(client), 0);
	}
	equal(load_stream(client, stream, size + 1), -EINVAL);
	still_works(client);
}

static void refuses(struct vfio_client *client, size_t offset, uint8_t value)
{
	memcpy(&bad, &good, sizeof(bad));
	is_true(bad.data[offset] != value);
	bad.data[offset] = value;
	equal(load_image(client, &bad), -EINVAL);
	equal(state_of(client), VFIO_DEVICE_STATE_ERROR);
	/* Nothing of it is left, nor of what was right in it. */
	equal(read_register(client, 0, 0, 8), 0);
	equal(vfio_client_reset(client), 0);
}

static void contents(struct vfio_client *client)
{
	unsigned int i;

	save_good(client);
	for (i = 0; i < 8; i++)
		refuses(client, i, good.data[i] + 1);
	refuses(client, IMAGE_CONFIG + PCI_VENDOR_ID, 0);
	refuses(client, IMAGE_CONFIG + PCI_BASE_ADDRESS_0, 0x1c);
	refuses(client, IMAGE_CONFIG + PCI_CAPABILITY_LIST, 0x41);
	refuses(client, IMAGE_CONFIG + PCI_STATUS, good.data[IMAGE_CONFIG + PCI_STATUS] ^ 8);
	refuses(client, IMAGE_CONFIG + 255, 1);
	refuses(client, IMAGE_IRQS, 4);
	refuses(client, IMAGE_IRQS, 0x80);
	/* MSI has no level. */
	refuses(client, IMAGE_IRQS + 1, 1);
	refuses(client, IMAGE_IRQS + 4, 3);
	/* What only the driver can check. */
	refuses(client, DRIVER_LEVEL, 2);
	refuses(client, DRIVER_LEVEL + 3, 0x80);
	still_works(client);
}

/* A stream of another type, whose header is right otherwise. */
static void other_type(struct vfio_client *client)
{
	save_good(client);
	memcpy(&bad, &good, sizeof(bad));
	memset(bad.header + 32, 0, 64);
	strcpy((char *)bad.header + 32, "testdev-express");
	equal(load_image(client, &bad), -EINVAL);
	still_works(client);
}

/* Any bytes anywhere behind the header. Whatever comes of it, a reset makes it good. */
static void mutations(struct vfio_client *client)
{
	unsigned int seed = 7, i, j;
	size_t size;

	save_good(client);
	for (i = 0; i < MUTATIONS; i++) {
		size = make_stream(&good, stream);
		for (j = 0; j <= i % 8; j++)
			stream[STREAM_HEADER + rand_r(&seed) % (size - STREAM_HEADER)] =
				rand_r(&seed) >> 8;
		if (i % 5 == 0)
			size = STREAM_HEADER + rand_r(&seed) % (size - STREAM_HEADER);
		load_stream(client, stream, size);
		equal(vfio_client_reset(client), 0);
	}
	still_works(client);
}

const struct check hostile_checks[] = {
	{ .name = "hostile-header", .run = header },
	{ .name = "hostile-records", .run = records },
	{ .name = "hostile-lengths", .run = lengths },
	{ .name = "hostile-contents", .run = contents },
	{ .name = "hostile-other-type", .run = other_type },
	{ .name = "hostile-mutations", .run = mutations },
	{ 0 },
};
