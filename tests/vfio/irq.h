/* SPDX-License-Identifier: GPL-2.0-only */
/* What the checks of interrupts share: INTx of the devices of LINES, and bad requests. */
#ifndef VFIO_IRQ_H
#define VFIO_IRQ_H

#include "check.h"

/* What is up goes down first. */
void raise_intx(struct device *dev);
void drop_intx(struct device *dev);

/* A bad request of an index, and how large its data are. */
struct bad_request {
	const char *why;
	uint32_t flags;
	uint32_t index;
	uint32_t start;
	uint32_t count;
	size_t data_size;
};

/* A subtest each. */
void irq_refuses(struct device *dev, const struct bad_request *bad, size_t count);

#endif
