/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The devices that checks run on, as their user expects them: every size, number and bit that the
 * checks of all of them rely on is in kinds.c and nowhere else.
 */
#ifndef VFIO_KINDS_H
#define VFIO_KINDS_H

#include <stdint.h>

#include <linux/vfio.h>

/* A bit each, for sets of them. */
#define SINGLE (1U << 0)	/* mtty with one port */
#define DUAL (1U << 1)		/* mtty with two */
#define TESTDEV (1U << 2)	/* what mtty has not: MSI, memory, registers that raise what they are told */
#define EXPRESS (1U << 3)	/* PCI Express, MSI-X, and regions that can be mapped */
#define MDMA (1U << 4)		/* a DMA engine */
#define DOORBELL (1U << 5)	/* the example of vfio_mdev(9) */
#define ABSENT (1U << 6)	/* there is no such device yet */
#define OTHER (1U << 7)		/* of a driver that is not ours */

#define MTTY (SINGLE | DUAL)
#define LINES (MTTY | TESTDEV)	/* whose INTx the checks can raise */
#define ANY (MTTY | TESTDEV | EXPRESS | MDMA | DOORBELL | OTHER)

#define MTTY_CONFIG_SIZE 256
#define MTTY_BAR_SIZE 8

/* What the registers of testdev's BAR 3 do; see testdev/vfio_mdev_testdev.c. */
#define TESTDEV_CONTROL VFIO_PCI_BAR3_REGION_INDEX
#define TESTDEV_LEVEL 0
#define TESTDEV_MSI 2
#define TESTDEV_FAIL 4
#define TESTDEV_MSIX 6
#define TESTDEV_ERROR 8
#define TESTDEV_SAVE_FAILS 10

struct kind {
	const char *type;
	unsigned int bit;
	unsigned int ports;
	struct {
		uint64_t size;
		uint32_t flags;
	} region[VFIO_PCI_NUM_REGIONS];
	struct {
		uint32_t count;
		uint32_t flags;
	} irq[VFIO_PCI_NUM_IRQS];
	uint8_t config[MTTY_CONFIG_SIZE];		/* of mtty */
	uint8_t config_writable[MTTY_CONFIG_SIZE];
};

struct device;

/* By its type in sysfs. There is one for those of other drivers, and one for a device that is absent. */
const struct kind *kind_of(const struct device *dev);

#endif
