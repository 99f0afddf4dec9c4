// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks of VFIO_DEVICE_FEATURE_DMA_LOGGING_*, on mdma: the user is told of every page that the
 * device has written since it asked last, and of no other.
 */
#include <errno.h>
#include <string.h>

#include "dma.h"
#include "stream.h"

#define PAGES (SIZE / PAGE)
#define GET VFIO_DEVICE_FEATURE_GET
#define SET VFIO_DEVICE_FEATURE_SET
#define HEADER sizeof(struct vfio_device_feature)

static int start(struct vfio_client *client)
{
	struct vfio_device_feature_dma_logging_range range = { .iova = TO, .length = SIZE };
	struct vfio_device_feature_dma_logging_control control = {
		.page_size = PAGE,
		.num_ranges = 1,
		.ranges = (uintptr_t)&range,
	};

	return get_feature(client, SET | VFIO_DEVICE_FEATURE_DMA_LOGGING_START,
			   HEADER + sizeof(control), &control, sizeof(control));
}

static int stop(struct vfio_client *client)
{
	return get_feature(client, SET | VFIO_DEVICE_FEATURE_DMA_LOGGING_STOP, HEADER, NULL, 0);
}

static int report(struct vfio_client *client, uint64_t iova, uint64_t length, uint64_t page_size,
		  uint64_t *bitmap)
{
	struct vfio_device_feature_dma_logging_report request = {
		.iova = iova,
		.length = length,
		.page_size = page_size,
		.bitmap = (uintptr_t)bitmap,
	};

	return get_feature(client, GET | VFIO_DEVICE_FEATURE_DMA_LOGGING_REPORT,
			   HEADER + sizeof(request), &request, sizeof(request));
}

/* The pages at TO that have been written, a bit each. */
static uint64_t written(struct vfio_client *client)
{
	uint64_t bitmap = 0;

	equal(report(client, TO, SIZE, PAGE, &bitmap), 0);
	return bitmap;
}

static uint64_t pages(unsigned int first, unsigned int count)
{
	return ((count == PAGES ? 0 : 1ULL << count) - 1) << first;
}

/* Kernels that cannot report do not offer it. */
static bool is_offered(struct vfio_client *client)
{
	int ret = get_feature(client, SET | VFIO_DEVICE_FEATURE_PROBE |
			      VFIO_DEVICE_FEATURE_DMA_LOGGING_START, HEADER, NULL, 0);

	if (!ret)
		return true;
	equal(ret, -ENOTTY);
	equal(start(client), -ENOTTY);
	return false;
}

static void life(struct vfio_client *client)
{
	const char *uuid = client->uuid;
	struct engine engine;
	uint64_t bitmap = 0;

	if (!is_offered(client))
		return;
	engine_set_up(&engine, client);
	equal(stop(client), -EINVAL);
	equal(report(client, TO, SIZE, PAGE, &bitmap), -EINVAL);
	equal(start(client), 0);
	equal(start(client), -EINVAL);
	equal(written(client), 0);
	equal(stop(client), 0);
	equal(report(client, TO, SIZE, PAGE, &bitmap), -EINVAL);

	/* What was written before counts no more, and closing ends it. */
	equal(start(client), 0);
	equal(engine_copy(&engine, FROM, TO, PAGE, BUFFER), 0);
	equal(stop(client), 0);
	equal(start(client), 0);
	equal(written(client), 0);
	vfio_client_close(client);
	equal(vfio_client_open(client, uuid), 0);
	equal(report(client, TO, SIZE, PAGE, &bitmap), -EINVAL);
	equal(start(client), 0);
}

static void copied(struct vfio_client *client)
{
	struct engine engine;
	uint64_t bitmap = 0;

	if (!is_offered(client))
		return;
	engine_set_up(&engine, client);
	equal(start(client), 0);
	equal(engine_copy(&engine, FROM, TO, 3 * PAGE, BUFFER), 0);
	equal(written(client), pages(0, 3));
	equal(written(client), 0);
	/* A byte is a page, two bytes may be two. */
	equal(engine_copy(&engine, FROM, TO + 10 * PAGE - 1, 1, BUFFER), 0);
	equal(engine_copy(&engine, FROM, TO + 20 * PAGE - 1, 2, BUFFER), 0);
	/* By the part that is asked for; bits are set, and never cleared. */
	bitmap = 1;
	equal(report(client, TO, 16 * PAGE, PAGE, &bitmap), 0);
	equal(bitmap, 1 | pages(9, 1));
	equal(written(client), pages(19, 2));
	/* In larger pages. */
	equal(engine_copy(&engine, FROM, TO + 9 * PAGE, PAGE, BUFFER), 0);
	bitmap = 0;
	equal(report(client, TO, SIZE, 8 * PAGE, &bitmap), 0);
	equal(bitmap, 1 << 1);
	/* All of it. What is read is not written. */
	equal(engine_copy(&engine, FROM, TO, SIZE, BUFFER), 0);
	bitmap = 0;
	equal(report(client, FROM, SIZE, PAGE, &bitmap), 0);
	equal(bitmap, 0);
	equal(written(client), UINT64_MAX);
}

/* What is pinned for writing may be written any time. */
static void pinned(struct vfio_client *client)
{
	struct engine engine;
	uint64_t bitmap = 0;

	if (!is_offered(client))
		return;
	engine_set_up(&engine, client);
	/* From before logging was started, too. */
	equal(engine_copy(&engine, FROM, TO + PAGE, 1, 0), 0);
	equal(start(client), 0);
	equal(written(client), pages(1, 1));
	equal(written(client), pages(1, 1));
	equal(engine_copy(&engine, FROM, TO + 5 * PAGE, 3 * PAGE, 0), 0);
	equal(written(client), pages(1, 1) | pages(5, 3));
	equal(written(client), pages(7, 1));
	equal(report(client, FROM, SIZE, PAGE, &bitmap), 0);
	equal(bitmap, 0);
	/* Unpinned, it was written a last time. */
	equal(vfio_client_unmap(client, TO, SIZE), SIZE);
	equal(written(client), pages(7, 1));
	equal(written(client), 0);
}

/* The bitmap is somewhere else than it should be, and other requests that are wrong. */
static void bad_requests(struct vfio_client *client)
{
	struct engine engine;
	uint64_t bitmap = 0;

	if (!is_offered(client))
		return;
	engine_set_up(&engine, client);
	equal(start(client), 0);
	equal(engine_copy(&engine, FROM, TO, SIZE, BUFFER), 0);
	is_true(report(client, TO, SIZE, PAGE, (void *)-4096L) < 0);
	is_true(report(client, TO, SIZE, 3 * PAGE, &bitmap) < 0);
	is_true(report(client, UINT64_MAX - PAGE + 1, SIZE, PAGE, &bitmap) < 0);
	equal(bitmap, 0);
	/* An address space with nothing in it. */
	equal(report(client, 1ULL << 50, SIZE, PAGE, &bitmap), 0);
	equal(bitmap, 0);
	equal(stop(client), 0);
}

const struct check dma_log_checks[] = {
	{ .name = "dma-log-life", .run = life },
	{ .name = "dma-log-copied", .run = copied },
	{ .name = "dma-log-pinned", .run = pinned },
	{ .name = "dma-log-bad-requests", .run = bad_requests },
	{ 0 },
};
