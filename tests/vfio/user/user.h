/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A hostile user of VFIO: a process without privileges that has been given some devices, and does
 * what it likes with them. It lives often and not for long. What it does in a life follows from the
 * seed; in which order its threads do so does not.
 */
#ifndef VFIO_USER_H
#define VFIO_USER_H

#include <stdatomic.h>

#include "tests/vfio/check.h"

#define TARGETS 8
#define OPENINGS 4	/* descriptors of a device at once */
#define EVENTFDS 12
#define STREAMS 6
#define SAVED_MAX (128 << 10)
#define WINDOWS 8	/* mappings of devices' memory */
#define WINDOW_SIZE (128 << 10)
#define MEMORY (128 << 10)
#define SPACES 4
#define OPERATIONS 32
#define THREADS_MAX 4
#define PAGE_BYTES 4096

/* Who else is on the machine has another name. */
#define NOBODY 65534

/* A device that it has been given. Descriptors that it has not are -1. */
struct target {
	struct device dev;
	char group_path[64];
	char character_path[300];
	_Atomic int fds[OPENINGS];
	uint64_t region_size[VFIO_PCI_NUM_REGIONS];
	uint32_t irq_count[VFIO_PCI_NUM_IRQS];
};

/* What all processes see. */
struct shared {
	_Atomic unsigned long operations;
	_Atomic unsigned long tried[OPERATIONS], done[OPERATIONS];
	_Atomic bool over;
	_Atomic unsigned long rounds[TARGETS];	/* of those who watch */
};

enum ending { ENDING_CLOSE, ENDING_EXIT, ENDING_KILL, ENDINGS };

/* How it lives. */
struct plan {
	uint64_t seed;
	unsigned long operations;
	unsigned int threads;
	enum ending ending;
	bool by_iommufd;
	bool one_container;	/* for all devices */
};

struct saved {
	_Atomic size_t size;
	uint8_t data[SAVED_MAX];
};

/* One life. Its threads take what they find, and take it away from each other. */
struct user {
	struct plan plan;
	struct shared *shared;
	struct target *target;
	unsigned int targets;
	const struct target *foreign;	/* devices that are not its own */
	unsigned int foreigns;
	_Atomic unsigned long operations;
	_Atomic int eventfds[EVENTFDS];
	_Atomic int streams[STREAMS];
	int bucket;			/* a file, to make the kernel touch memory */
	_Atomic uint32_t spaces[SPACES];	/* of iommufd */
	struct saved *saved;		/* of each of its devices */
	uint8_t *memory;		/* that devices may get */
	uint8_t *windows;		/* where their own memory is mapped */
	uint8_t *nothing;
};

struct attacker {
	struct user *user;
	uint64_t random;
	uint8_t *end;			/* of memory of its own; behind it there is none */
};

/* Returns whether the kernel has done it. */
struct operation {
	const char *name;
	unsigned int weight;
	bool (*run)(struct attacker *me);
};

extern const struct operation operations[];	/* up to one without a name */
void run_operation(struct attacker *me);

/* In shapes.c: an ioctl that VFIO has, with most of its fields right. */
bool shaped_ioctl(struct attacker *me);

/* In chance.c. */
uint64_t any(struct attacker *me);
uint32_t below(struct attacker *me, uint32_t limit);
bool one_in(struct attacker *me, uint32_t chances);
/* Mostly less than the limit, which may be 0, and sometimes what lies on it or far beyond. */
uint32_t likely(struct attacker *me, uint32_t limit);
/* An offset or a length around the ends of something of that size. */
uint64_t around(struct attacker *me, uint64_t size);
struct target *any_target(struct attacker *me);
int any_opening(struct attacker *me);
/* Mostly one that the device has. */
uint32_t any_region(struct attacker *me, const struct target *target);
uint32_t any_irq(struct attacker *me, const struct target *target);
int any_eventfd(struct attacker *me);
/* Any descriptor that it has, or has had. */
int any_descriptor(struct attacker *me);
/* type1, the IOMMU of containers, is Linux's own: it is only asked what is well formed. */
bool is_container(const struct attacker *me, int fd);
/* For so many bytes, or not. */
void *any_memory(struct attacker *me, size_t size);
uint64_t any_iova(struct attacker *me);
/* Puts a descriptor in the place of another one, which is closed. */
void replace(_Atomic int *place, int fd);

/* In life.c. Returns what the process exits with: 0, or the reason has been written. */
int live(struct user *user);
/* Opens the device as it is to be opened in this life, once more. -1: not to be had. */
int open_target(struct user *user, struct target *target);
bool enter(struct user *user, struct target *target);
/* In operations.c: saves a device, which must be running. Returns whether that was possible. */
bool save_target(struct user *user, struct target *target);

/* In watch.c: uses a device until all is over, and ends if anything happens to it. */
void watch(struct device *dev, struct shared *shared, _Atomic unsigned long *rounds);
/* What the next user does with a device. */
void use_once(struct device *dev);

#endif
