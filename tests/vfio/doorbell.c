// SPDX-License-Identifier: GPL-2.0-only
/* Check of the example of vfio_mdev(9), kmod/examples/doorbell.c. */
#include "check.h"

static void doorbell(struct device *dev)
{
	struct vfio_region_info info;
	int fd = listen_to(dev, INTX);

	equal(peek(dev, CONFIG, PCI_VENDOR_ID, 4), 0x00fd1b36);
	equal(peek(dev, CONFIG, PCI_INTERRUPT_PIN, 1), 1);
	equal(vfio_region_info(dev, 0, &info), 0);
	equal(info.size, 4096);

	poke(dev, 0, 0, 4, 0x12345678);
	equal(signals(fd), 1);
	equal(peek(dev, 0, 1, 1), 0x56);
	equal(peek(dev, 0, 0, 4), 0x12345678);
	equal(vfio_irq_act(dev, UNMASK, INTX), 0);
	equal(signals(fd), 0);
	equal(peek(dev, 0, 4, 4), 0);
	equal(vfio_reset(dev), 0);
	equal(peek(dev, 0, 0, 4), 0);
}

const struct check doorbell_checks[] = {
	CHECK(doorbell, DOORBELL, "the example of the manual page has a region and an interrupt"),
	{ 0 },
};
