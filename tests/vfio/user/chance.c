// SPDX-License-Identifier: GPL-2.0-only
/* What a hostile user leaves to chance. */
#include "tests/vfio/dma.h"
#include "user.h"

/* Splitmix64: any seed is good. */
uint64_t any(struct attacker *me)
{
	uint64_t x = me->random += 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

uint32_t below(struct attacker *me, uint32_t limit)
{
	return limit ? any(me) % limit : 0;
}

bool one_in(struct attacker *me, uint32_t chances)
{
	return !below(me, chances);
}

uint32_t likely(struct attacker *me, uint32_t limit)
{
	switch (below(me, 24)) {
	case 0:
		return any(me);
	case 1:
		return limit;
	case 2:
		return UINT32_MAX - below(me, 2);
	case 3:
		return limit + 1;
	default:
		return below(me, limit);
	}
}

uint64_t around(struct attacker *me, uint64_t size)
{
	switch (below(me, 12)) {
	case 0:
		return size;
	case 1:
		return size - 1 - below(me, 8);
	case 2:
		return size + below(me, 8);
	case 3:
		return any(me) >> below(me, 64);
	case 4:
		return below(me, 4) * PAGE_BYTES - below(me, 8);
	case 5:
		return 0;
	default:
		return size ? any(me) % (size < 512 || one_in(me, 2) ? size : 512) : 0;
	}
}

struct target *any_target(struct attacker *me)
{
	return &me->user->target[below(me, me->user->targets)];
}

int any_opening(struct attacker *me)
{
	struct target *target = any_target(me);

	/* The first one lives longest. */
	return target->fds[one_in(me, 6) ? below(me, OPENINGS) : 0];
}

uint32_t any_region(struct attacker *me, const struct target *target)
{
	uint32_t region = likely(me, VFIO_PCI_NUM_REGIONS);
	unsigned int tries;

	for (tries = 0; tries < 3; tries++)
		if (region < VFIO_PCI_NUM_REGIONS && !target->region_size[region])
			region = one_in(me, 3) ? CONFIG : likely(me, VFIO_PCI_NUM_REGIONS);
	return region;
}

uint32_t any_irq(struct attacker *me, const struct target *target)
{
	uint32_t index = likely(me, VFIO_PCI_NUM_IRQS);
	unsigned int tries;

	for (tries = 0; tries < 3; tries++)
		if (index < VFIO_PCI_NUM_IRQS && !target->irq_count[index])
			index = likely(me, VFIO_PCI_NUM_IRQS);
	return index;
}

int any_eventfd(struct attacker *me)
{
	if (one_in(me, 16))
		return any_descriptor(me);
	return me->user->eventfds[below(me, EVENTFDS)];
}

int any_descriptor(struct attacker *me)
{
	struct target *target = any_target(me);

	switch (below(me, 8)) {
	case 0:
		return target->dev.container;
	case 1:
		return target->dev.group;
	case 2:
		return target->dev.iommufd;
	case 3:
		return me->user->streams[below(me, STREAMS)];
	case 4:
		return any_eventfd(me);
	case 5:
		/* Not what the program writes its report to. */
		return one_in(me, 8) ? -1 - (int)below(me, 2) : 3 + (int)below(me, 80);
	default:
		return any_opening(me);
	}
}

bool is_container(const struct attacker *me, int fd)
{
	for (unsigned int i = 0; i < me->user->targets; i++)
		if (me->user->target[i].dev.container == fd)
			return true;
	return false;
}

void *any_memory(struct attacker *me, size_t size)
{
	switch (below(me, 20)) {
	case 0:
		return NULL;
	case 1:
		return (void *)(uintptr_t)(UINT64_MAX - below(me, 1 << 20));
	case 2:
		return me->user->nothing;
	case 3:
		return me->user->windows + below(me, WINDOWS * WINDOW_SIZE);
	case 4:
		return me->end - size % MEMORY / 2;
	case 5:
		return me->user->memory + below(me, MEMORY);
	default:
		return me->end - (size < MEMORY ? size : MEMORY);
	}
}

uint64_t any_iova(struct attacker *me)
{
	static const uint64_t bases[] = { FROM, TO, 0, (uint64_t)1 << 47, -(uint64_t)SIZE };
	uint64_t iova = bases[one_in(me, 4) ? below(me, ARRAY_SIZE(bases)) : below(me, 2)];

	iova += (uint64_t)below(me, 16) * PAGE_BYTES;
	return one_in(me, 12) ? iova + any(me) % PAGE_BYTES : iova;
}

void replace(_Atomic int *place, int fd)
{
	int old = atomic_exchange(place, fd);

	if (old >= 0)
		close(old);
}
