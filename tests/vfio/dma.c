// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks of DMA, on mdma: by pinned pages and through its buffer, of what is mapped, what is
 * not, and what is unmapped meanwhile.
 */
#include "dma.h"

static void dma_copies(struct device *dev)
{
	static const struct { unsigned int src, dst, len; } cases[] = {
		{ 0, 0, SIZE }, { 1, 0, 1 }, { 0, 0, 0 }, { PAGE - 1, 0, 2 }, { 0, PAGE - 1, 2 },
		{ 7, 4001, 5 * PAGE + 13 }, { PAGE, 2 * PAGE, PAGE }, { SIZE - 1, SIZE - 1, 1 },
	};
	struct engine engine;
	unsigned int way, i, j;

	engine_set_up(&engine, dev);
	for (way = 0; way < 2; way++) {
		for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			memset(engine.to, 0xa5, SIZE);
			equal(engine_copy(&engine, FROM + cases[i].src, TO + cases[i].dst, cases[i].len,
					  ways[way]), 0);
			equal(peek(dev, 0, DONE, 8), cases[i].len);
			equal(memcmp(engine.to + cases[i].dst, engine.from + cases[i].src,
				     cases[i].len), 0);
			for (j = 0; j < SIZE; j++)
				if (j < cases[i].dst || j >= cases[i].dst + cases[i].len)
					equal(engine.to[j], 0xa5);
		}
	}
}

/* Not mapped at all, or not for that; what was copied before counts, and no other byte changes. */
static void dma_bad_addresses(struct device *dev)
{
	struct engine engine;
	unsigned int way;

	engine_set_up(&engine, dev);
	for (way = 0; way < 2; way++) {
		uint64_t how = ways[way];

		is_true(engine_copy(&engine, 0, TO, 1, how));
		is_true(engine_copy(&engine, FROM, 0, 1, how));
		is_true(engine_copy(&engine, UINT64_MAX, TO, 1, how));
		is_true(engine_copy(&engine, UINT64_MAX - 1, TO, 16, how));
		is_true(engine_copy(&engine, FROM, UINT64_MAX, 1, how));
		is_true(engine_copy(&engine, 1ULL << 63, TO, PAGE, how));
		/* The source is for reading only. */
		is_true(engine_copy(&engine, TO, FROM, 8, how));
		equal(engine.from[0], (uint8_t)(1 * 2654435761U >> 16));
		equal(peek(dev, 0, DONE, 8), 0);

		memset(engine.to, 0, SIZE);
		is_true(engine_copy(&engine, FROM + SIZE - PAGE, TO, 2 * PAGE, how));
		equal(peek(dev, 0, DONE, 8), PAGE);
		equal(memcmp(engine.to, engine.from + SIZE - PAGE, PAGE), 0);
		equal(engine.to[PAGE], 0);
		/* As long as an address space, and the longest there is. */
		is_true(engine_copy(&engine, FROM, TO, 1ULL << 48, how));
		equal(peek(dev, 0, DONE, 8), SIZE);
		is_true(engine_copy(&engine, FROM, TO, UINT64_MAX, how));
		equal(engine_copy(&engine, FROM, TO, PAGE, how), 0);
	}
}

static void dma_bus_master(struct device *dev)
{
	struct engine engine;
	unsigned int way;

	engine_set_up(&engine, dev);
	for (way = 0; way < 2; way++) {
		engine_set_master(dev, false);
		equal(engine_copy(&engine, FROM, TO, 1, ways[way]), EPERM);
		engine_set_master(dev, true);
		equal(engine_copy(&engine, FROM, TO, 1, ways[way]), 0);
	}
}

/* DPDK makes the device bus master, and resets it then. */
static void dma_reset_keeps_bus_master(struct device *dev)
{
	struct engine engine;
	unsigned int way;

	engine_set_up(&engine, dev);
	for (way = 0; way < 2; way++) {
		equal(vfio_reset(dev), 0);
		equal(engine_copy(&engine, FROM, TO, PAGE, ways[way]), 0);
	}
}

/* The pages of the last transfer are pinned: the driver lets go of them when told to. */
static void dma_unmapping(struct device *dev)
{
	struct engine engine;

	engine_set_up(&engine, dev);
	equal(engine_copy(&engine, FROM, TO, 3 * PAGE, 0), 0);
	equal(peek(dev, 0, PINNED, 8), 2);
	equal(vfio_unmap(dev, FROM, SIZE), SIZE);
	equal(peek(dev, 0, PINNED, 8), 1);
	is_true(peek(dev, 0, UNMAPS, 8) >= 1);
	is_true(engine_copy(&engine, FROM, TO, 1, 0));
	equal(vfio_map(dev, FROM, engine.from, SIZE, RW), 0);
	equal(engine_copy(&engine, FROM, TO, PAGE, 0), 0);
	equal(vfio_unmap(dev, TO, SIZE), SIZE);
	equal(vfio_unmap(dev, FROM, SIZE), SIZE);
	equal(peek(dev, 0, PINNED, 8), 0);
	is_true(engine_copy(&engine, FROM, TO, 1, BUFFER));
}

/* While it copies: the transfer ends, well or badly, and nobody waits for anybody. */
static void dma_unmapping_in_use(struct device *dev)
{
	struct engine engine;
	unsigned int way, i;

	engine_set_up(&engine, dev);
	for (way = 0; way < 2; way++) {
		for (i = 0; i < 50; i++) {
			engine_start(&engine, FROM, TO, SIZE, ways[way]);
			equal(vfio_unmap(dev, i % 2 ? TO : FROM, SIZE), SIZE);
			engine_wait(&engine);
			/* Nothing arrives in memory that has been unmapped. */
			if (i % 2) {
				memset(engine.to, 0, SIZE);
				is_true(engine_copy(&engine, FROM, TO, SIZE, ways[way]));
				equal(engine.to[0] | engine.to[SIZE - 1], 0);
			}
			equal(vfio_map(dev, i % 2 ? TO : FROM, i % 2 ? engine.to : engine.from,
				       SIZE, i % 2 ? RW : VFIO_DMA_MAP_FLAG_READ), 0);
		}
		equal(engine_copy(&engine, FROM, TO, SIZE, ways[way]), 0);
		equal(memcmp(engine.from, engine.to, SIZE), 0);
	}
}

static void *unmap_and_map(void *data)
{
	struct engine *engine = data;
	unsigned int i;

	for (i = 0; i < 300; i++) {
		equal(vfio_unmap(engine->dev, TO, SIZE), SIZE);
		equal(vfio_map(engine->dev, TO, engine->to, SIZE, RW), 0);
	}
	return NULL;
}

/* Transfers, resets and unmapping at once. */
static void dma_at_once(struct device *dev)
{
	struct engine engine;
	pthread_t thread;
	unsigned int i;

	engine_set_up(&engine, dev);
	equal(pthread_create(&thread, NULL, unmap_and_map, &engine), 0);
	for (i = 0; i < 300; i++) {
		engine_start(&engine, FROM, TO, SIZE, ways[i % 2]);
		if (i % 10 == 0)
			equal(vfio_reset(dev), 0);
		else
			engine_wait(&engine);
		signals(engine.done);
		engine_set_master(dev, true);
	}
	equal(pthread_join(thread, NULL), 0);
	equal(vfio_reset(dev), 0);
	engine_set_master(dev, true);
	signals(engine.done);
	equal(engine_copy(&engine, FROM, TO, SIZE, 0), 0);
	equal(memcmp(engine.from, engine.to, SIZE), 0);
}

/* Closed while it copies, with pages pinned. */
static void dma_close_in_use(struct device *dev)
{
	struct engine engine;
	unsigned int i;

	for (i = 0; i < 20; i++) {
		engine_set_up(&engine, dev);
		engine_start(&engine, FROM, TO, SIZE, ways[i % 2]);
		engine_reopen(&engine);
		equal(peek(dev, 0, STATUS, 8), 0);
	}
}

/*
 * A driver that unpins a part of what it has pinned, or nothing: the toolkit unpins for it, so that
 * the memory can be unmapped and mapped again, and the device closed.
 */
static void dma_forgotten_pins(struct device *dev)
{
	struct engine engine;

	engine_set_up(&engine, dev);
	equal(engine_copy(&engine, FROM, TO, PAGE, HALF), 0);
	equal(vfio_unmap(dev, FROM, SIZE), SIZE);
	equal(vfio_map(dev, FROM, engine.from, SIZE, VFIO_DMA_MAP_FLAG_READ), 0);

	equal(engine_copy(&engine, FROM, TO, 2 * PAGE, FORGET), 0);
	equal(vfio_unmap(dev, FROM, SIZE), SIZE);
	equal(vfio_map(dev, FROM, engine.from, SIZE, VFIO_DMA_MAP_FLAG_READ), 0);

	equal(engine_copy(&engine, FROM, TO, 2 * PAGE, FORGET), 0);
	engine_reopen(&engine);
	engine_set_up(&engine, dev);
	equal(engine_copy(&engine, FROM, TO, SIZE, 0), 0);
	equal(memcmp(engine.from, engine.to, SIZE), 0);
}

const struct check dma_checks[] = {
	CHECK(dma_copies, MDMA, "memory is copied by pinned pages and through a buffer"),
	CHECK(dma_bad_addresses, MDMA, "it does not reach what is not mapped, or for reading only"),
	CHECK(dma_bus_master, MDMA, "a device that is not bus master does no DMA"),
	CHECK(dma_reset_keeps_bus_master, MDMA, "one that was made bus master before a reset is"),
	CHECK(dma_unmapping, MDMA, "unmapping takes pinned pages away from the device"),
	CHECK(dma_unmapping_in_use, MDMA, "and does so in the middle of a transfer"),
	CHECK(dma_forgotten_pins, MDMA, "what a driver forgets to unpin does not hold up its user"),
	CHECK(dma_at_once, MDMA, "transfers, resets and unmapping go on at once"),
	CHECK(dma_close_in_use, MDMA, "a device is closed in the middle of a transfer"),
	{ 0 },
};
