// SPDX-License-Identifier: GPL-2.0-only
/* Check of the example of vfio_mdev(9), kmod/examples/doorbell.c. */
#include <linux/pci_regs.h>

#include "check.h"

static void doorbell(struct vfio_client *client)
{
	struct vfio_region_info info;
	int fd = new_eventfd();

	equal(read_register(client, CONFIG, PCI_VENDOR_ID, 4), 0x00fd1b36);
	equal(read_register(client, CONFIG, PCI_INTERRUPT_PIN, 1), 1);
	equal(vfio_client_region_info(client, 0, &info), 0);
	equal(info.size, 4096);

	equal(vfio_client_irq_eventfd(client, TRIGGER, INTX, fd), 0);
	write_register(client, 0, 0, 4, 0x12345678);
	equal(vfio_client_signals(fd), 1);
	equal(read_register(client, 0, 1, 1), 0x56);
	equal(read_register(client, 0, 0, 4), 0x12345678);
	equal(vfio_client_irq_act(client, UNMASK, INTX), 0);
	equal(vfio_client_signals(fd), 0);
	equal(read_register(client, 0, 4, 4), 0);
	equal(vfio_client_reset(client), 0);
	equal(read_register(client, 0, 0, 4), 0);
}

const struct check doorbell_checks[] = {
	{ .name = "doorbell", .run = doorbell },
	{ 0 },
};
