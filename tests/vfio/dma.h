/* SPDX-License-Identifier: GPL-2.0-only */
/* mdma from the user's side: its registers, two pieces of mapped memory, and transfers. */
#ifndef VFIO_DMA_H
#define VFIO_DMA_H

#include "check.h"

#define SRC 0
#define DST 8
#define LEN 16
#define CONTROL 24
#define STATUS 32
#define DONE 40
#define PINNED 48
#define UNMAPS 56
#define PAUSE 64

#define START 1
#define BUFFER 2
#define FORGET 4
#define HALF 8
#define BUSY 1
#define PAUSE_MAX 10000 /* microseconds */

#define PAGE 4096
#define SIZE (64 * PAGE)
#define FROM 0x100000000ULL
#define TO 0x200000000ULL
#define RW (VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE)

/* How to copy: by pinned pages, or through the buffer of the engine. */
#define WAYS 2
extern const uint64_t ways[WAYS];

struct engine {
	struct device *dev;
	int done;	/* eventfd that a transfer signals at its end */
	uint8_t *from;	/* mapped at FROM, for reading */
	uint8_t *to;	/* mapped at TO */
};

void engine_set_up(struct engine *engine, struct device *dev);
/* Closes the device, whatever it does, takes back what it was set up with, and opens it again. */
void engine_reopen(struct engine *engine);
void engine_set_master(struct device *dev, bool master);

void engine_start(struct engine *engine, uint64_t src, uint64_t dst, uint64_t len, uint64_t way);
/* The error it ended with. */
int engine_wait(struct engine *engine);
/* Both. */
int engine_copy(struct engine *engine, uint64_t src, uint64_t dst, uint64_t len, uint64_t way);

#endif
