// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks of VFIO_DEVICE_FEATURE_DMA_LOGGING_*, on mdma: the user is told of every page that the
 * device has written since it asked last, and of no other.
 */
#include "dma.h"
#include "stream.h"

#define PAGES (SIZE / PAGE)
#define GET VFIO_DEVICE_FEATURE_GET
#define SET VFIO_DEVICE_FEATURE_SET
#define HEADER sizeof(struct vfio_device_feature)

static int start(struct device *dev)
{
	struct vfio_device_feature_dma_logging_range range = { .iova = TO, .length = SIZE };
	struct vfio_device_feature_dma_logging_control control = {
		.page_size = PAGE,
		.num_ranges = 1,
		.ranges = (uintptr_t)&range,
	};

	return get_feature(dev, SET | VFIO_DEVICE_FEATURE_DMA_LOGGING_START,
			   HEADER + sizeof(control), &control, sizeof(control));
}

static int stop(struct device *dev)
{
	return get_feature(dev, SET | VFIO_DEVICE_FEATURE_DMA_LOGGING_STOP, HEADER, NULL, 0);
}

static int report(struct device *dev, uint64_t iova, uint64_t length, uint64_t page_size,
		  uint64_t *bitmap)
{
	struct vfio_device_feature_dma_logging_report request = {
		.iova = iova,
		.length = length,
		.page_size = page_size,
		.bitmap = (uintptr_t)bitmap,
	};

	return get_feature(dev, GET | VFIO_DEVICE_FEATURE_DMA_LOGGING_REPORT,
			   HEADER + sizeof(request), &request, sizeof(request));
}

/* The pages at TO that have been written, a bit each. */
static uint64_t written(struct device *dev)
{
	uint64_t bitmap = 0;

	equal(report(dev, TO, SIZE, PAGE, &bitmap), 0);
	return bitmap;
}

static uint64_t pages(unsigned int first, unsigned int count)
{
	return ((count == PAGES ? 0 : 1ULL << count) - 1) << first;
}

/* Kernels that cannot report do not offer it. */
static void set_up(struct engine *engine, struct device *dev)
{
	int ret = get_feature(dev, SET | VFIO_DEVICE_FEATURE_PROBE |
			      VFIO_DEVICE_FEATURE_DMA_LOGGING_START, HEADER, NULL, 0);

	if (ret) {
		equal(ret, -ENOTTY);
		equal(start(dev), -ENOTTY);
		skip_check("the kernel does not log DMA");
	}
	engine_set_up(engine, dev);
}

static void dma_log_life(struct device *dev)
{
	struct engine engine;
	uint64_t bitmap = 0;

	set_up(&engine, dev);
	equal(stop(dev), -EINVAL);
	equal(report(dev, TO, SIZE, PAGE, &bitmap), -EINVAL);
	equal(start(dev), 0);
	equal(start(dev), -EINVAL);
	equal(written(dev), 0);
	equal(stop(dev), 0);
	equal(report(dev, TO, SIZE, PAGE, &bitmap), -EINVAL);

	/* What was written before counts no more, and closing ends it. */
	equal(start(dev), 0);
	equal(engine_copy(&engine, FROM, TO, PAGE, BUFFER), 0);
	equal(stop(dev), 0);
	equal(start(dev), 0);
	equal(written(dev), 0);
	equal(vfio_reopen(dev), 0);
	equal(report(dev, TO, SIZE, PAGE, &bitmap), -EINVAL);
	equal(start(dev), 0);
}

static void dma_log_copied(struct device *dev)
{
	struct engine engine;
	uint64_t bitmap = 0;

	set_up(&engine, dev);
	equal(start(dev), 0);
	equal(engine_copy(&engine, FROM, TO, 3 * PAGE, BUFFER), 0);
	equal(written(dev), pages(0, 3));
	equal(written(dev), 0);
	/* A byte is a page, two bytes may be two. */
	equal(engine_copy(&engine, FROM, TO + 10 * PAGE - 1, 1, BUFFER), 0);
	equal(engine_copy(&engine, FROM, TO + 20 * PAGE - 1, 2, BUFFER), 0);
	/* By the part that is asked for; bits are set, and never cleared. */
	bitmap = 1;
	equal(report(dev, TO, 16 * PAGE, PAGE, &bitmap), 0);
	equal(bitmap, 1 | pages(9, 1));
	equal(written(dev), pages(19, 2));
	/* In larger pages. */
	equal(engine_copy(&engine, FROM, TO + 9 * PAGE, PAGE, BUFFER), 0);
	bitmap = 0;
	equal(report(dev, TO, SIZE, 8 * PAGE, &bitmap), 0);
	equal(bitmap, 1 << 1);
	/* All of it. What is read is not written. */
	equal(engine_copy(&engine, FROM, TO, SIZE, BUFFER), 0);
	bitmap = 0;
	equal(report(dev, FROM, SIZE, PAGE, &bitmap), 0);
	equal(bitmap, 0);
	equal(written(dev), UINT64_MAX);
}

/* What is pinned for writing may be written any time. */
static void dma_log_pinned(struct device *dev)
{
	struct engine engine;
	uint64_t bitmap = 0;

	set_up(&engine, dev);
	/* From before logging was started, too. */
	equal(engine_copy(&engine, FROM, TO + PAGE, 1, 0), 0);
	equal(start(dev), 0);
	equal(written(dev), pages(1, 1));
	equal(written(dev), pages(1, 1));
	equal(engine_copy(&engine, FROM, TO + 5 * PAGE, 3 * PAGE, 0), 0);
	equal(written(dev), pages(1, 1) | pages(5, 3));
	equal(written(dev), pages(7, 1));
	equal(report(dev, FROM, SIZE, PAGE, &bitmap), 0);
	equal(bitmap, 0);
	/* Unpinned, it was written a last time. */
	equal(vfio_unmap(dev, TO, SIZE), SIZE);
	equal(written(dev), pages(7, 1));
	equal(written(dev), 0);
}

/* The bitmap is somewhere else than it should be, and other requests that are wrong. */
static void dma_log_bad_requests(struct device *dev)
{
	struct engine engine;
	uint64_t bitmap = 0;

	set_up(&engine, dev);
	equal(start(dev), 0);
	equal(engine_copy(&engine, FROM, TO, SIZE, BUFFER), 0);
	is_true(report(dev, TO, SIZE, PAGE, (void *)-4096L) < 0);
	is_true(report(dev, TO, SIZE, 3 * PAGE, &bitmap) < 0);
	is_true(report(dev, UINT64_MAX - PAGE + 1, SIZE, PAGE, &bitmap) < 0);
	equal(bitmap, 0);
	/* Nothing at all, within a page that was written: no bit behind it is set. */
	is_true(report(dev, TO + PAGE / 2, 0, PAGE, &bitmap) < 0);
	equal(bitmap, 0);
	/* An address space with nothing in it. */
	equal(report(dev, 1ULL << 50, SIZE, PAGE, &bitmap), 0);
	equal(bitmap, 0);
	equal(stop(dev), 0);
}

const struct check dma_log_checks[] = {
	CHECK(dma_log_life, MDMA, "logging is started and stopped, and ends with its user"),
	CHECK(dma_log_copied, MDMA, "the user is told which pages the device has written"),
	CHECK(dma_log_pinned, MDMA, "a pinned page counts as written"),
	CHECK(dma_log_bad_requests, MDMA, "wrong requests are refused"),
	{ 0 },
};
