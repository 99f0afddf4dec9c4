// SPDX-License-Identifier: GPL-2.0-only
/* Checks of the PCI configuration space. */
#include <errno.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "check.h"

/* From lspci in the kernel's vfio-mediated-device.rst, before firmware has seen the card. */
static const uint8_t mtty_header[64] = {
	0x48, 0x43, 0x53, 0x32, 0x00, 0x00, 0x00, 0x02, 0x10, 0x02, 0x00, 0x07, 0, 0, 0, 0,
	0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x48, 0x43, 0x53, 0x32,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x00, 0x01, 0, 0,
};

static void image(struct vfio_client *client, const uint8_t want[64])
{
	uint8_t config[256];
	unsigned int i;

	equal(vfio_client_read(client, CONFIG, 0, config, sizeof(config)), sizeof(config));
	for (i = 0; i < 64; i++)
		equal(config[i], want[i]);
	for (i = 64; i < sizeof(config); i++)
		equal(config[i], 0);
	for (i = 0; i < 64; i++)
		equal(read_register(client, CONFIG, i, 1), want[i]);
}

static void dual_image(struct vfio_client *client)
{
	image(client, mtty_header);
}

static void single_image(struct vfio_client *client)
{
	uint8_t want[64];

	memcpy(want, mtty_header, sizeof(want));
	want[PCI_BASE_ADDRESS_1] = 0;
	image(client, want);
}

static uint8_t dual_writable(unsigned int offset)
{
	switch (offset) {
	case PCI_COMMAND:
		return PCI_COMMAND_IO | PCI_COMMAND_MASTER;
	case PCI_COMMAND + 1:
		return PCI_COMMAND_INTX_DISABLE >> 8;
	case PCI_BASE_ADDRESS_0:
	case PCI_BASE_ADDRESS_1:
		return 0xf8;
	case PCI_BASE_ADDRESS_0 + 1 ... PCI_BASE_ADDRESS_0 + 3:
	case PCI_BASE_ADDRESS_1 + 1 ... PCI_BASE_ADDRESS_1 + 3:
	case PCI_INTERRUPT_LINE:
		return 0xff;
	default:
		return 0;
	}
}

/* Every byte takes exactly the bits that it shall, and leaves the others alone. */
static void dual_masks(struct vfio_client *client)
{
	unsigned int offset, i;

	for (offset = 0; offset < 256; offset++) {
		uint8_t initial = read_register(client, CONFIG, offset, 1);
		uint8_t writable = dual_writable(offset);
		uint8_t other[256], now[256];

		equal(vfio_client_read(client, CONFIG, 0, other, 256), 256);
		write_register(client, CONFIG, offset, 1, 0xff);
		equal(read_register(client, CONFIG, offset, 1), initial | writable);
		equal(vfio_client_read(client, CONFIG, 0, now, 256), 256);
		for (i = 0; i < 256; i++)
			equal(now[i], i == offset ? initial | writable : other[i]);
		write_register(client, CONFIG, offset, 1, 0);
		equal(read_register(client, CONFIG, offset, 1), initial & ~writable);
	}
}

static uint32_t size_bar(struct vfio_client *client, unsigned int bar)
{
	unsigned int offset = PCI_BASE_ADDRESS_0 + 4 * bar;
	uint32_t mask;

	write_register(client, CONFIG, offset, 4, 0xffffffff);
	mask = read_register(client, CONFIG, offset, 4);
	write_register(client, CONFIG, offset, 4, 0);
	return mask;
}

static void dual_bars(struct vfio_client *client)
{
	equal(size_bar(client, 0), 0xfffffff9);
	equal(size_bar(client, 1), 0xfffffff9);
	equal(size_bar(client, 2), 0);
	equal(size_bar(client, 5), 0);
	write_register(client, CONFIG, PCI_BASE_ADDRESS_0, 4, 0x0000c150);
	equal(read_register(client, CONFIG, PCI_BASE_ADDRESS_0, 4), 0x0000c151);
}

static void single_bars(struct vfio_client *client)
{
	equal(size_bar(client, 0), 0xfffffff9);
	equal(size_bar(client, 1), 0);
}

static void testdev_bars(struct vfio_client *client)
{
	equal(size_bar(client, 0), 0x0000000c);
	equal(size_bar(client, 1), 0xffffffff);
	equal(size_bar(client, 2), 0xfffff000);
	equal(size_bar(client, 3), 0xfffffff1);
	equal(size_bar(client, 4), 0xfffffffd);
	equal(size_bar(client, 5), 0);
}

static void testdev_msi(struct vfio_client *client)
{
	unsigned int msi = read_register(client, CONFIG, PCI_CAPABILITY_LIST, 1);
	unsigned int flags = PCI_MSI_FLAGS_64BIT | 2 << 1;

	is_true(read_register(client, CONFIG, PCI_STATUS, 2) & PCI_STATUS_CAP_LIST);
	equal(msi, 0x40);
	equal(read_register(client, CONFIG, msi, 2), PCI_CAP_ID_MSI);
	equal(read_register(client, CONFIG, msi + PCI_MSI_FLAGS, 2), flags);
	write_register(client, CONFIG, msi, 4, 0xffffffff);
	equal(read_register(client, CONFIG, msi, 4),
	      (flags | PCI_MSI_FLAGS_ENABLE | PCI_MSI_FLAGS_QSIZE) << 16 | PCI_CAP_ID_MSI);
	write_register(client, CONFIG, msi + PCI_MSI_ADDRESS_LO, 4, 0xfee00003);
	equal(read_register(client, CONFIG, msi + PCI_MSI_ADDRESS_LO, 4), 0xfee00000);
	write_register(client, CONFIG, msi + PCI_MSI_DATA_64, 4, 0x12344567);
	equal(read_register(client, CONFIG, msi + PCI_MSI_DATA_64, 4), 0x4567);
}

/* Kept by VFIO_DEVICE_RESET, as vfio-pci keeps it, and not left to the next user. */
static void reset(struct vfio_client *client)
{
	uint8_t initial[256], before[256], after[256];
	const char *uuid = client->uuid;
	unsigned int i;

	equal(vfio_client_read(client, CONFIG, 0, initial, 256), 256);
	for (i = 0; i < 256; i++)
		write_register(client, CONFIG, i, 1, 0xff);
	equal(vfio_client_read(client, CONFIG, 0, before, 256), 256);
	is_true(memcmp(initial, before, 256));
	equal(vfio_client_reset(client), 0);
	equal(vfio_client_read(client, CONFIG, 0, after, 256), 256);
	equal(memcmp(before, after, 256), 0);

	vfio_client_close(client);
	equal(vfio_client_open(client, uuid), 0);
	equal(vfio_client_read(client, CONFIG, 0, after, 256), 256);
	equal(memcmp(initial, after, 256), 0);
}

const struct check config_checks[] = {
	{ .name = "config-dual-image", .run = dual_image },
	{ .name = "config-single-image", .run = single_image },
	{ .name = "config-dual-masks", .run = dual_masks },
	{ .name = "config-dual-bars", .run = dual_bars },
	{ .name = "config-single-bars", .run = single_bars },
	{ .name = "config-testdev-bars", .run = testdev_bars },
	{ .name = "config-testdev-msi", .run = testdev_msi },
	{ .name = "config-reset", .run = reset },
	{ 0 },
};
