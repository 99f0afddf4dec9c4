// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks of DMA, on mdma: by pinned pages and through its buffer, of what is mapped, what is
 * not, and what is unmapped meanwhile.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <linux/pci_regs.h>

#include "check.h"

#define SRC 0
#define DST 8
#define LEN 16
#define CONTROL 24
#define STATUS 32
#define DONE 40
#define PINNED 48
#define UNMAPS 56

#define START 1
#define BUFFER 2
#define BUSY 1

#define PAGE 4096
#define SIZE (64 * PAGE)
#define FROM 0x100000000ULL
#define TO 0x200000000ULL
#define RW (VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE)

/* How to copy. */
static const uint64_t ways[] = { 0, BUFFER };

struct engine {
	struct vfio_client *client;
	int done;
	uint8_t *from;
	uint8_t *to;
};

static uint8_t *new_memory(void)
{
	uint8_t *memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	is_true(memory != MAP_FAILED);
	return memory;
}

static void fill(uint8_t *memory, unsigned int seed)
{
	unsigned int i;

	for (i = 0; i < SIZE; i++)
		memory[i] = (uint8_t)((i + seed) * 2654435761U >> 16);
}

static void set_master(struct vfio_client *client, bool master)
{
	write_register(client, VFIO_PCI_CONFIG_REGION_INDEX, PCI_COMMAND, 2,
		       PCI_COMMAND_MEMORY | (master ? PCI_COMMAND_MASTER : 0));
}

static void set_up(struct engine *engine, struct vfio_client *client)
{
	engine->client = client;
	engine->done = new_eventfd();
	engine->from = new_memory();
	engine->to = new_memory();
	fill(engine->from, 1);
	equal(vfio_client_map(client, FROM, engine->from, SIZE, VFIO_DMA_MAP_FLAG_READ), 0);
	equal(vfio_client_map(client, TO, engine->to, SIZE, RW), 0);
	equal(vfio_client_irq_eventfd(client, TRIGGER, MSI, engine->done), 0);
	set_master(client, true);
}

static void start(struct engine *engine, uint64_t src, uint64_t dst, uint64_t len, uint64_t way)
{
	write_register(engine->client, 0, SRC, 8, src);
	write_register(engine->client, 0, DST, 8, dst);
	write_register(engine->client, 0, LEN, 8, len);
	write_register(engine->client, 0, CONTROL, 8, START | way);
}

/* The error it ended with. */
static int wait_end(struct engine *engine)
{
	uint64_t status;

	equal(vfio_client_wait(engine->done), 1);
	status = read_register(engine->client, 0, STATUS, 8);
	equal(status & 3, 2);
	return (int)(status >> 16);
}

static int copy(struct engine *engine, uint64_t src, uint64_t dst, uint64_t len, uint64_t way)
{
	start(engine, src, dst, len, way);
	return wait_end(engine);
}

static void copies(struct vfio_client *client)
{
	static const struct { unsigned int src, dst, len; } cases[] = {
		{ 0, 0, SIZE }, { 1, 0, 1 }, { 0, 0, 0 }, { PAGE - 1, 0, 2 }, { 0, PAGE - 1, 2 },
		{ 7, 4001, 5 * PAGE + 13 }, { PAGE, 2 * PAGE, PAGE }, { SIZE - 1, SIZE - 1, 1 },
	};
	struct engine engine;
	unsigned int way, i, j;

	set_up(&engine, client);
	for (way = 0; way < 2; way++) {
		for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			memset(engine.to, 0xa5, SIZE);
			equal(copy(&engine, FROM + cases[i].src, TO + cases[i].dst, cases[i].len,
				   ways[way]), 0);
			equal(read_register(client, 0, DONE, 8), cases[i].len);
			equal(memcmp(engine.to + cases[i].dst, engine.from + cases[i].src,
				     cases[i].len), 0);
			for (j = 0; j < SIZE; j++)
				if (j < cases[i].dst || j >= cases[i].dst + cases[i].len)
					equal(engine.to[j], 0xa5);
		}
	}
}

/* Not mapped at all, or not for that; what was copied before counts, and no other byte changes. */
static void bad_addresses(struct vfio_client *client)
{
	struct engine engine;
	unsigned int way;

	set_up(&engine, client);
	for (way = 0; way < 2; way++) {
		uint64_t how = ways[way];

		is_true(copy(&engine, 0, TO, 1, how));
		is_true(copy(&engine, FROM, 0, 1, how));
		is_true(copy(&engine, UINT64_MAX, TO, 1, how));
		is_true(copy(&engine, UINT64_MAX - 1, TO, 16, how));
		is_true(copy(&engine, FROM, UINT64_MAX, 1, how));
		is_true(copy(&engine, 1ULL << 63, TO, PAGE, how));
		/* The source is for reading only. */
		is_true(copy(&engine, TO, FROM, 8, how));
		equal(engine.from[0], (uint8_t)(1 * 2654435761U >> 16));
		equal(read_register(client, 0, DONE, 8), 0);

		memset(engine.to, 0, SIZE);
		is_true(copy(&engine, FROM + SIZE - PAGE, TO, 2 * PAGE, how));
		equal(read_register(client, 0, DONE, 8), PAGE);
		equal(memcmp(engine.to, engine.from + SIZE - PAGE, PAGE), 0);
		equal(engine.to[PAGE], 0);
		/* As long as an address space, and the longest there is. */
		is_true(copy(&engine, FROM, TO, 1ULL << 48, how));
		equal(read_register(client, 0, DONE, 8), SIZE);
		is_true(copy(&engine, FROM, TO, UINT64_MAX, how));
		equal(copy(&engine, FROM, TO, PAGE, how), 0);
	}
}

static void bus_master(struct vfio_client *client)
{
	struct engine engine;
	unsigned int way;

	set_up(&engine, client);
	for (way = 0; way < 2; way++) {
		set_master(client, false);
		equal(copy(&engine, FROM, TO, 1, ways[way]), EPERM);
		set_master(client, true);
		equal(copy(&engine, FROM, TO, 1, ways[way]), 0);
	}
}

/* The pages of the last transfer are pinned: the driver lets go of them when told to. */
static void unmapping(struct vfio_client *client)
{
	struct engine engine;

	set_up(&engine, client);
	equal(copy(&engine, FROM, TO, 3 * PAGE, 0), 0);
	equal(read_register(client, 0, PINNED, 8), 2);
	equal(vfio_client_unmap(client, FROM, SIZE), SIZE);
	equal(read_register(client, 0, PINNED, 8), 1);
	is_true(read_register(client, 0, UNMAPS, 8) >= 1);
	is_true(copy(&engine, FROM, TO, 1, 0));
	equal(vfio_client_map(client, FROM, engine.from, SIZE, RW), 0);
	equal(copy(&engine, FROM, TO, PAGE, 0), 0);
	equal(vfio_client_unmap(client, TO, SIZE), SIZE);
	equal(vfio_client_unmap(client, FROM, SIZE), SIZE);
	equal(read_register(client, 0, PINNED, 8), 0);
	is_true(copy(&engine, FROM, TO, 1, BUFFER));
}

/* While it copies: the transfer ends, well or badly, and nobody waits for anybody. */
static void unmapping_in_use(struct vfio_client *client)
{
	struct engine engine;
	unsigned int way, i;

	set_up(&engine, client);
	for (way = 0; way < 2; way++) {
		for (i = 0; i < 50; i++) {
			start(&engine, FROM, TO, SIZE, ways[way]);
			equal(vfio_client_unmap(client, i % 2 ? TO : FROM, SIZE), SIZE);
			wait_end(&engine);
			/* Nothing arrives in memory that has been unmapped. */
			if (i % 2) {
				memset(engine.to, 0, SIZE);
				is_true(copy(&engine, FROM, TO, SIZE, ways[way]));
				equal(engine.to[0] | engine.to[SIZE - 1], 0);
			}
			equal(vfio_client_map(client, i % 2 ? TO : FROM, i % 2 ? engine.to : engine.from,
					      SIZE, i % 2 ? RW : VFIO_DMA_MAP_FLAG_READ), 0);
		}
		equal(copy(&engine, FROM, TO, SIZE, ways[way]), 0);
		equal(memcmp(engine.from, engine.to, SIZE), 0);
	}
}

static void *unmap_and_map(void *data)
{
	struct engine *engine = data;
	unsigned int i;

	for (i = 0; i < 300; i++) {
		equal(vfio_client_unmap(engine->client, TO, SIZE), SIZE);
		equal(vfio_client_map(engine->client, TO, engine->to, SIZE, RW), 0);
	}
	return NULL;
}

/* Transfers, resets and unmapping at once. */
static void at_once(struct vfio_client *client)
{
	struct engine engine;
	pthread_t thread;
	unsigned int i;

	set_up(&engine, client);
	equal(pthread_create(&thread, NULL, unmap_and_map, &engine), 0);
	for (i = 0; i < 300; i++) {
		start(&engine, FROM, TO, SIZE, ways[i % 2]);
		if (i % 10 == 0)
			equal(vfio_client_reset(client), 0);
		else
			wait_end(&engine);
		vfio_client_signals(engine.done);
		set_master(client, true);
	}
	equal(pthread_join(thread, NULL), 0);
	equal(vfio_client_reset(client), 0);
	set_master(client, true);
	vfio_client_signals(engine.done);
	equal(copy(&engine, FROM, TO, SIZE, 0), 0);
	equal(memcmp(engine.from, engine.to, SIZE), 0);
}

/* Closed while it copies, with pages pinned. */
static void close_in_use(struct vfio_client *client)
{
	const char *uuid = client->uuid;
	struct engine engine;
	unsigned int i;

	for (i = 0; i < 20; i++) {
		set_up(&engine, client);
		start(&engine, FROM, TO, SIZE, ways[i % 2]);
		vfio_client_close(client);
		equal(munmap(engine.from, SIZE), 0);
		equal(munmap(engine.to, SIZE), 0);
		equal(vfio_client_open(client, uuid), 0);
		equal(read_register(client, 0, STATUS, 8), 0);
	}
}

const struct check dma_checks[] = {
	{ .name = "dma-copies", .run = copies },
	{ .name = "dma-bad-addresses", .run = bad_addresses },
	{ .name = "dma-bus-master", .run = bus_master },
	{ .name = "dma-unmapping", .run = unmapping },
	{ .name = "dma-unmapping-in-use", .run = unmapping_in_use },
	{ .name = "dma-at-once", .run = at_once },
	{ .name = "dma-close-in-use", .run = close_in_use },
	{ 0 },
};
