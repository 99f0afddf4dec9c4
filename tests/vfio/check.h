/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Checks of what the vfio_mdev toolkit promises to user space. A check ends the program
 * with what it got and what it wanted.
 */
#ifndef VFIO_CHECK_H
#define VFIO_CHECK_H

#include "../kmod/vfio-client.h"

#define INTX VFIO_PCI_INTX_IRQ_INDEX
#define MSI VFIO_PCI_MSI_IRQ_INDEX
#define MSIX VFIO_PCI_MSIX_IRQ_INDEX
#define ERR VFIO_PCI_ERR_IRQ_INDEX
#define REQ VFIO_PCI_REQ_IRQ_INDEX
#define CONFIG VFIO_PCI_CONFIG_REGION_INDEX

#define NONE VFIO_IRQ_SET_DATA_NONE
#define BOOL VFIO_IRQ_SET_DATA_BOOL
#define EVENTFD VFIO_IRQ_SET_DATA_EVENTFD
#define MASK VFIO_IRQ_SET_ACTION_MASK
#define UNMASK VFIO_IRQ_SET_ACTION_UNMASK
#define TRIGGER VFIO_IRQ_SET_ACTION_TRIGGER

/* What the registers of testdev's BAR 3 do; see testdev/vfio_mdev_testdev.c. */
#define TESTDEV_CONTROL VFIO_PCI_BAR3_REGION_INDEX
#define TESTDEV_LEVEL 0
#define TESTDEV_MSI 2
#define TESTDEV_FAIL 4
#define TESTDEV_MSIX 6
#define TESTDEV_ERROR 8
#define TESTDEV_SAVE_FAILS 10

struct check {
	const char *name;
	void (*run)(struct vfio_client *client);
	bool no_device;		/* it makes one itself, with the UUID it is given */
};

extern const struct check config_checks[];
extern const struct check region_checks[];
extern const struct check irq_checks[];
extern const struct check express_checks[];
extern const struct check stress_checks[];
extern const struct check migration_checks[];
extern const struct check hostile_checks[];
extern const struct check dma_checks[];
extern const struct check dma_log_checks[];
extern const struct check iommufd_checks[];
extern const struct check doorbell_checks[];
extern const struct check fault_checks[];
extern const struct check life_checks[];

#define equal(got, want) check_equal(__FILE__, __LINE__, #got, (long long)(got), (long long)(want))
#define is_true(what) equal(!!(what), 1)

void check_equal(const char *file, int line, const char *what, long long got, long long want);

/* An eventfd without a reader that waits; errors end the program. */
int new_eventfd(void);

uint64_t read_register(struct vfio_client *client, uint32_t region, uint64_t offset, size_t size);
void write_register(struct vfio_client *client, uint32_t region, uint64_t offset, size_t size,
		    uint64_t value);

#endif
