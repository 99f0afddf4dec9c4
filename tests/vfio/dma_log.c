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

#define CHUNKS	    "/sys/module/vfio_mdev/parameters/dma_log_chunks"
/* Pages that share one, and what they are. */
#define CHUNK_PAGES 1024
#define CHUNK	    ((uint64_t)CHUNK_PAGES * PAGE)
#define FAR	    5

static char chunks_before[16];

static void set_chunks(const char *text)
{
	int fd = open(CHUNKS, O_WRONLY | O_CLOEXEC);

	is_true(fd >= 0);
	equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void restore_chunks(void)
{
	set_chunks(chunks_before);
}

/* The toolkit's own number comes back, however the check ends. */
static void limit_chunks(const char *text)
{
	int fd = open(CHUNKS, O_RDONLY | O_CLOEXEC);

	is_true(fd >= 0);
	is_true(read(fd, chunks_before, sizeof(chunks_before) - 1) > 0);
	close(fd);
	equal(atexit(restore_chunks), 0);
	set_chunks(text);
}

/* The first 64 pages at TO + @number * CHUNK that are told to be written. */
static uint64_t written_far(struct device *dev, unsigned int number)
{
	uint64_t bitmap = 0;

	equal(report(dev, TO + number * CHUNK, SIZE, PAGE, &bitmap), 0);
	return bitmap;
}

static void write_far(struct engine *engine, unsigned int number, unsigned int page)
{
	equal(engine_copy(engine, FROM, TO + number * CHUNK + page * PAGE, 1, BUFFER), 0);
}

/* The same memory at several addresses. */
static void map_far(struct engine *engine)
{
	unsigned int i;

	for (i = 1; i < FAR; i++)
		equal(vfio_map(engine->dev, TO + i * CHUNK, engine->to, SIZE, RW), 0);
}

/*
 * More than it has room for: pages that no bitmap has are between the first and the last of those,
 * until the user has asked for all that are.
 */
static void dma_log_full(struct device *dev)
{
	struct engine engine;

	set_up(&engine, dev);
	map_far(&engine);
	limit_chunks("2");
	equal(start(dev), 0);
	write_far(&engine, 0, 3);
	write_far(&engine, 1, 5);
	write_far(&engine, 2, 7);
	write_far(&engine, 4, 9);

	equal(written_far(dev, 0), pages(3, 1));
	equal(written_far(dev, 3), UINT64_MAX);
	equal(written_far(dev, 3), UINT64_MAX);
	equal(written_far(dev, 2), pages(7, PAGES - 7));
	equal(written_far(dev, 2), 0);
	equal(written_far(dev, 4), pages(0, 10));
	equal(written_far(dev, 4), 0);
	equal(written_far(dev, 1), pages(5, 1));

	/* What was told has made room. */
	write_far(&engine, 2, 1);
	write_far(&engine, 4, 2);
	equal(written_far(dev, 2), pages(1, 1));
	equal(written_far(dev, 4), pages(2, 1));
	equal(written_far(dev, 3), UINT64_MAX);
	equal(stop(dev), 0);
	equal(start(dev), 0);
	equal(written_far(dev, 3), 0);
}

/* All at once, as a user asks for the memory of a guest. */
static void dma_log_full_at_once(struct device *dev)
{
	uint64_t bitmap[FAR * CHUNK_PAGES / 64];
	struct engine engine;
	unsigned int i, round;

	set_up(&engine, dev);
	map_far(&engine);
	limit_chunks("0");
	equal(start(dev), 0);
	for (round = 0; round < 2; round++) {
		write_far(&engine, 1, 60);
		write_far(&engine, 1, 63);
		memset(bitmap, 0, sizeof(bitmap));
		equal(report(dev, TO, FAR * CHUNK, PAGE, bitmap), 0);
		for (i = 0; i < sizeof(bitmap) / sizeof(bitmap[0]); i++)
			equal(bitmap[i], i == CHUNK_PAGES / 64 ? pages(60, 4) : 0);
		equal(report(dev, TO, FAR * CHUNK, PAGE, bitmap), 0);
		equal(written_far(dev, 1), 0);
	}
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
	CHECK(dma_log_full, MDMA, "if there is no room it is told of more pages, never of less"),
	CHECK(dma_log_full_at_once, MDMA, "until it has been told of them"),
	CHECK(dma_log_bad_requests, MDMA, "wrong requests are refused"),
	{ 0 },
};
