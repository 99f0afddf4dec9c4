// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "device.h"
#include "kinds.h"

#define READ VFIO_REGION_INFO_FLAG_READ
#define WRITE VFIO_REGION_INFO_FLAG_WRITE
#define RW (READ | WRITE)
#define MMAP VFIO_REGION_INFO_FLAG_MMAP
#define CAPS VFIO_REGION_INFO_FLAG_CAPS

/* Every device has INTx, and can be wanted back. ERR is for those of PCI Express. */
#define IRQS_EXPECTED							\
	[INTX] = { 1, VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_MASKABLE |	\
		VFIO_IRQ_INFO_AUTOMASKED },				\
	[REQ] = { 1, VFIO_IRQ_INFO_EVENTFD }

/* Little-endian fields of the configuration space, as initializers of its bytes. */
#define LE16(offset, value)	[offset] = (value) & 0xff, [(offset) + 1] = (value) >> 8
#define LE32(offset, value)	LE16(offset, (value) & 0xffff), LE16((offset) + 2, (value) >> 16)

/*
 * From lspci in the kernel's vfio-mediated-device.rst, before firmware has seen the card. A line
 * each: ids; status; class and revision; subsystem; pin.
 */
#define CONFIG_EXPECTED			\
	LE16(0x00, 0x4348),		\
	LE16(0x02, 0x3253),		\
	LE16(0x06, 0x0200),		\
	LE32(0x08, 0x07000210),		\
	LE16(0x2c, 0x4348),		\
	LE16(0x2e, 0x3253),		\
	[0x3d] = 1
#define IO_BAR(number)		LE32(0x10 + 4 * (number), 0x00000001)

/* I/O, memory, bus master, interrupt disable; the interrupt line. */
#define CONFIG_WRITABLE		LE16(0x04, 0x0405), [0x3c] = 0xff
#define IO_BAR_WRITABLE(number)	LE32(0x10 + 4 * (number), 0xfffffff8)

static const struct kind kinds[] = {
	{
		.type = "mtty-1", .bit = SINGLE, .ports = 1,
		.region = { [0] = { MTTY_BAR_SIZE, RW }, [CONFIG] = { MTTY_CONFIG_SIZE, RW } },
		.irq = { IRQS_EXPECTED },
		.config = { CONFIG_EXPECTED, IO_BAR(0) },
		.config_writable = { CONFIG_WRITABLE, IO_BAR_WRITABLE(0) },
	}, {
		.type = "mtty-2", .bit = DUAL, .ports = 2,
		.region = {
			[0] = { MTTY_BAR_SIZE, RW }, [1] = { MTTY_BAR_SIZE, RW },
			[CONFIG] = { MTTY_CONFIG_SIZE, RW },
		},
		.irq = { IRQS_EXPECTED },
		.config = { CONFIG_EXPECTED, IO_BAR(0), IO_BAR(1) },
		.config_writable = { CONFIG_WRITABLE, IO_BAR_WRITABLE(0), IO_BAR_WRITABLE(1) },
	}, {
		.type = "testdev-full", .bit = TESTDEV,
		.region = {
			[0] = { 1ULL << 32, RW }, [2] = { 4096, READ }, [3] = { 16, WRITE },
			[4] = { 4, READ }, [CONFIG] = { 256, RW },
		},
		.irq = { IRQS_EXPECTED, [MSI] = { 4, VFIO_IRQ_INFO_EVENTFD } },
	}, {
		.type = "testdev-express", .bit = EXPRESS,
		.region = {
			[0] = { 65536, RW | MMAP | CAPS }, [2] = { 16384, RW | MMAP }, [3] = { 16, WRITE },
			[4] = { 4096, READ | MMAP }, [CONFIG] = { 4096, RW },
		},
		.irq = {
			IRQS_EXPECTED, [MSI] = { 1, VFIO_IRQ_INFO_EVENTFD },
			[MSIX] = { 65, VFIO_IRQ_INFO_EVENTFD }, [ERR] = { 1, VFIO_IRQ_INFO_EVENTFD },
		},
	},
	{ .type = "mdma-1", .bit = MDMA },
	{ .type = "doorbell-1", .bit = DOORBELL },
};

static const struct kind absent = { .type = "no device", .bit = ABSENT };
static const struct kind other = { .type = "another driver's", .bit = OTHER };

const struct kind *kind_of(const struct device *dev)
{
	char path[128], type[64];
	size_t i;

	snprintf(path, sizeof(path), "/sys/bus/mdev/devices/%s", dev->uuid);
	if (access(path, F_OK))
		return &absent;
	if (vfio_link(dev, "mdev_type", type, sizeof(type)))
		return &other;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(type, kinds[i].type))
			return &kinds[i];
	return &other;
}
