// SPDX-License-Identifier: GPL-2.0-only
/* The DMA engine mdma as a user works it. */
#include "dma.h"

const uint64_t ways[WAYS] = { 0, BUFFER };

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

void engine_set_master(struct device *dev, bool master)
{
	poke(dev, CONFIG, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | (master ? PCI_COMMAND_MASTER : 0));
}

void engine_set_up(struct engine *engine, struct device *dev)
{
	engine->dev = dev;
	engine->done = listen_to(dev, MSI);
	engine->from = new_memory();
	engine->to = new_memory();
	fill(engine->from, 1);
	equal(vfio_map(dev, FROM, engine->from, SIZE, VFIO_DMA_MAP_FLAG_READ), 0);
	equal(vfio_map(dev, TO, engine->to, SIZE, RW), 0);
	engine_set_master(dev, true);
}

void engine_reopen(struct engine *engine)
{
	vfio_close(engine->dev);
	equal(munmap(engine->from, SIZE), 0);
	equal(munmap(engine->to, SIZE), 0);
	equal(close(engine->done), 0);
	equal(vfio_open(engine->dev), 0);
}

void engine_start(struct engine *engine, uint64_t src, uint64_t dst, uint64_t len, uint64_t way)
{
	poke(engine->dev, 0, SRC, 8, src);
	poke(engine->dev, 0, DST, 8, dst);
	poke(engine->dev, 0, LEN, 8, len);
	poke(engine->dev, 0, CONTROL, 8, START | way);
}

int engine_wait(struct engine *engine)
{
	uint64_t status;

	equal(wait_signal(engine->done), 1);
	status = peek(engine->dev, 0, STATUS, 8);
	equal(status & 3, 2);
	return (int)(status >> 16);
}

int engine_copy(struct engine *engine, uint64_t src, uint64_t dst, uint64_t len, uint64_t way)
{
	engine_start(engine, src, dst, len, way);
	return engine_wait(engine);
}
