// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks of migration with DMA, on mdma, whose transfers make a pause between two pieces: what is
 * under way when the device stops goes on where its state is loaded.
 */
#include "dma.h"
#include "stream.h"

/* Larger than the stack likes. */
static struct image image, changed;
static uint8_t stream[STREAM_MAX];

/* The driver's part of an image is at its end: the registers, and the error of the transfer. */
#define STATE_REGISTERS 9
#define STATE_SIZE (8 * (STATE_REGISTERS + 1))

static void set_field(struct image *of, unsigned int offset, uint64_t value)
{
	memcpy(of->data + of->size - STATE_SIZE + offset, &value, sizeof(value));
}

static int go_to(struct device *dev, uint32_t state)
{
	int fd;

	equal(set_state(dev, state, &fd), 0);
	return fd;
}

/* Starts a transfer of all, and stops the device in the middle of it; how far it has got. */
static uint64_t stop_in_the_middle(struct engine *engine, uint64_t way)
{
	struct device *dev = engine->dev;
	uint64_t done;

	poke(dev, 0, PAUSE, 8, 2000);
	engine_start(engine, FROM, TO, SIZE, way);
	while (!peek(dev, 0, DONE, 8))
		usleep(1000);
	equal(go_to(dev, VFIO_DEVICE_STATE_STOP), -1);
	done = peek(dev, 0, DONE, 8);
	is_true(done < SIZE);
	equal(peek(dev, 0, STATUS, 8), BUSY);
	equal(peek(dev, 0, PINNED, 8), 0);
	equal(signals(engine->done), 0);
	return done;
}

static void is_zero(const uint8_t *memory, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		equal(memory[i], 0);
}

static void transfer_moves(struct engine *engine, uint64_t way)
{
	struct device *dev = engine->dev;
	uint64_t done;
	int fd;

	memset(engine->to, 0, SIZE);
	done = stop_in_the_middle(engine, way);
	equal(memcmp(engine->from, engine->to, done), 0);
	fd = go_to(dev, VFIO_DEVICE_STATE_STOP_COPY);
	apply_records(&image, stream, read_stream(fd, stream, STREAM_MAX), true);
	equal(close(fd), 0);
	/* The reset cancels it; nothing has been written since it stopped. */
	equal(vfio_reset(dev), 0);
	is_zero(engine->to + done, SIZE - done);
	equal(peek(dev, 0, STATUS, 8), 0);

	equal(load_image(dev, &image), 0);
	equal(engine_wait(engine), 0);
	equal(peek(dev, 0, DONE, 8), SIZE);
	equal(memcmp(engine->from, engine->to, SIZE), 0);
}

static void dma_migration_goes_on(struct device *dev)
{
	struct engine engine;
	unsigned int i;

	engine_set_up(&engine, dev);
	for (i = 0; i < WAYS; i++)
		transfer_moves(&engine, ways[i]);
}

/* Not on the other side, but here: whoever migrates has thought better of it. */
static void dma_migration_given_up(struct device *dev)
{
	struct engine engine;
	unsigned int i;

	engine_set_up(&engine, dev);
	for (i = 0; i < WAYS; i++) {
		memset(engine.to, 0, SIZE);
		stop_in_the_middle(&engine, ways[i]);
		equal(go_to(dev, VFIO_DEVICE_STATE_RUNNING), -1);
		equal(engine_wait(&engine), 0);
		equal(memcmp(engine.from, engine.to, SIZE), 0);
	}
	/* What is started while the device is stopped waits. */
	memset(engine.to, 0, SIZE);
	equal(go_to(dev, VFIO_DEVICE_STATE_RUNNING_P2P), -1);
	engine_start(&engine, FROM, TO, SIZE, BUFFER);
	equal(peek(dev, 0, STATUS, 8), BUSY);
	equal(peek(dev, 0, DONE, 8), 0);
	equal(go_to(dev, VFIO_DEVICE_STATE_RUNNING), -1);
	equal(engine_wait(&engine), 0);
	equal(memcmp(engine.from, engine.to, SIZE), 0);
	/* A reset ends a transfer that is stopped. */
	stop_in_the_middle(&engine, 0);
	equal(vfio_reset(dev), 0);
	equal(peek(dev, 0, STATUS, 8), 0);
	equal(engine_copy(&engine, FROM, TO, PAGE, 0), 0);
}

/* What its .save cannot have written. */
static void dma_migration_refused(struct device *dev)
{
	static const struct {
		unsigned int offset;
		uint64_t value;
	} bad[] = {
		{ STATUS, 4 }, { STATUS, 3 }, { STATUS, BUSY | 1 << 16 }, { STATUS, 1ULL << 63 },
		{ CONTROL, START }, { DONE, SIZE + 1 }, { DONE, UINT64_MAX }, { PINNED, 1 },
		{ PAUSE, PAUSE_MAX + 1 }, { PAUSE, UINT64_MAX }, { 8 * STATE_REGISTERS, 4096 },
		{ 8 * STATE_REGISTERS, UINT64_MAX },
	};
	struct engine engine;
	unsigned int i;

	engine_set_up(&engine, dev);
	poke(dev, 0, PAUSE, 8, 2000);
	engine_start(&engine, FROM, TO, SIZE, BUFFER);
	save_image(dev, &image);
	equal(engine_wait(&engine), 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		changed = image;
		set_field(&changed, bad[i].offset, bad[i].value);
		equal(load_image(dev, &changed), -EINVAL);
		equal(vfio_reset(dev), 0);
	}
	equal(load_image(dev, &image), 0);
	equal(engine_wait(&engine), 0);
}

const struct check dma_migration_checks[] = {
	CHECK(dma_migration_goes_on, MDMA, "a transfer under way goes on where its state is loaded"),
	CHECK(dma_migration_given_up, MDMA, "a transfer under way goes on where it was stopped"),
	CHECK(dma_migration_refused, MDMA, "a state that cannot be is refused"),
	{ 0 },
};
