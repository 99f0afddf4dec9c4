/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a check of vfio-check is, and what it says with. A check runs in a process of its own and is
 * one line of TAP; what it calls by name is a subtest of that. With this come the headers that
 * nearly every check needs.
 */
#ifndef VFIO_CHECK_H
#define VFIO_CHECK_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "device.h"
#include "kinds.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* On what a check runs: the bits of kinds.h, and how. */
#define NOT_OPEN (1U << 16)	/* it opens the device itself */
#define IOMMUFD (1U << 17)	/* the device is opened by iommufd, */
#define BY_GROUP (1U << 18)	/* or only by its group */
#define PAIR (1U << 19)		/* on two devices at once */
#define ALONE (1U << 20)	/* is not one of "all": slow, or needs more than devices */

struct check {
	const char *name;	/* up to the first underscore it is that of its group */
	unsigned int on;
	void (*run)(struct device *dev);
	const char *says;
};

/* A row of a table: the check has the name of its function. */
#define CHECK(function, devices, text) { #function, devices, function, text }

/* The tables, each ending with a check without a name. */
extern const struct check config_checks[], device_checks[], region_checks[], irq_checks[], msi_checks[],
	reset_checks[], uart_checks[], end_checks[], burst_checks[], express_checks[], stress_checks[],
	migration_checks[], mtty_migration_checks[], hostile_checks[], dma_checks[],
	dma_log_checks[], dma_migration_checks[], iommufd_checks[], doorbell_checks[],
	fault_checks[], life_checks[];

/* A subtest, which has passed or not; the check goes on. Returns passed. */
bool tap_ok(bool passed, const char *format, ...) __attribute__((format(printf, 2, 3)));
void tap_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same, with both values shown if they differ. */
#define tap_is(got, expected, ...) ({							\
	long long is_ = (got), should_ = (expected);					\
											\
	if (!tap_ok(is_ == should_, __VA_ARGS__))					\
		tap_note("got %lld (%#llx), expected %lld (%#llx)", is_, is_, should_, should_); \
	is_ == should_; })

/* Nothing further can work: the check has failed. */
#define tap_bail_out(...) do { tap_note(__VA_ARGS__); exit(EXIT_FAILURE); } while (0)

/* The check cannot be had on this kernel. */
void skip_check(const char *reason) __attribute__((noreturn));
/* Whether all subtests have passed. */
bool tap_passed(void);

/* Exit status of a check that was skipped. */
#define CHECK_SKIPPED 77

/* Without a name: the check ends, and has failed, if they are not equal. */
#define equal(got, want) check_equal(__FILE__, __LINE__, #got, (long long)(got), (long long)(want))
#define is_true(what) equal(!!(what), 1)

void check_equal(const char *file, int line, const char *what, long long got, long long want);

/* How many requests a check of many makes: its own number, or what the command line says. */
unsigned long count_or(unsigned long count);

/* Eventfds without a reader that waits. Errors end the check, as those of what follows. */
int new_eventfd(void);
/* One that the first vector of an index signals. */
int listen_to(struct device *dev, uint32_t index);
void signal_eventfd(int fd);

/* A register of a region, of at most 8 bytes. */
uint64_t peek(struct device *dev, uint32_t region, uint64_t offset, size_t size);
void poke(struct device *dev, uint32_t region, uint64_t offset, size_t size, uint64_t value);

/* The end of so much memory, behind which there is none. */
uint8_t *end_of_memory(size_t size);

/* The first 256 bytes of the configuration space. */
void get_config(struct device *dev, uint8_t config[256]);

#endif
