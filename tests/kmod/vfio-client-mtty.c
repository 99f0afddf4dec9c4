// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "vfio-client-mtty.h"
#include "vfio-client-tap.h"

#define RW (VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE)

/* Little-endian fields of the configuration space, as initializers of its bytes. */
#define LE16(offset, value)	[offset] = (value) & 0xff, [(offset) + 1] = (value) >> 8
#define LE32(offset, value)	LE16(offset, (value) & 0xffff), LE16((offset) + 2, (value) >> 16)

#define DEVICE_EXPECTED								\
	.device_flags = VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET,	\
	.num_regions = VFIO_PCI_NUM_REGIONS,					\
	.num_irqs = VFIO_PCI_NUM_IRQS

/* MSI: none, the document shows a card without capabilities. REQ: the device is wanted back. */
#define IRQS_EXPECTED							\
	[VFIO_PCI_INTX_IRQ_INDEX] = { 1, VFIO_IRQ_INFO_EVENTFD |	\
		VFIO_IRQ_INFO_MASKABLE | VFIO_IRQ_INFO_AUTOMASKED },	\
	[VFIO_PCI_REQ_IRQ_INDEX] = { 1, VFIO_IRQ_INFO_EVENTFD }

/* A line each: ids; status; class and revision; subsystem; pin. */
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

static const struct mtty_expected expected_types[] = {
	{
		.type = "mtty-1",
		.ports = 1,
		DEVICE_EXPECTED,
		.region = {
			[VFIO_PCI_BAR0_REGION_INDEX] = { MTTY_BAR_SIZE, RW },
			[VFIO_PCI_CONFIG_REGION_INDEX] = { MTTY_CONFIG_SIZE, RW },
		},
		.irq = { IRQS_EXPECTED },
		.config = { CONFIG_EXPECTED, IO_BAR(0) },
		.config_writable = { CONFIG_WRITABLE, IO_BAR_WRITABLE(0) },
	}, {
		.type = "mtty-2",
		.ports = 2,
		DEVICE_EXPECTED,
		.region = {
			[VFIO_PCI_BAR0_REGION_INDEX] = { MTTY_BAR_SIZE, RW },
			[VFIO_PCI_BAR1_REGION_INDEX] = { MTTY_BAR_SIZE, RW },
			[VFIO_PCI_CONFIG_REGION_INDEX] = { MTTY_CONFIG_SIZE, RW },
		},
		.irq = { IRQS_EXPECTED },
		.config = { CONFIG_EXPECTED, IO_BAR(0), IO_BAR(1) },
		.config_writable = { CONFIG_WRITABLE, IO_BAR_WRITABLE(0), IO_BAR_WRITABLE(1) },
	},
};

#define TYPES (sizeof(expected_types) / sizeof(expected_types[0]))

void mtty_open(struct mtty *mtty, const char *uuid)
{
	char type[64];
	unsigned int i;

	mtty->expected = NULL;
	if (vfio_client_link(uuid, "mdev_type", type, sizeof(type)))
		tap_bail_out("%s is no mediated device", uuid);
	for (i = 0; i < TYPES; i++)
		if (!strcmp(type, expected_types[i].type))
			mtty->expected = &expected_types[i];
	if (!mtty->expected)
		tap_bail_out("%s has the type %s, which is none of mtty", uuid, type);
	if (vfio_client_open(&mtty->client, uuid))
		tap_bail_out("%s cannot be opened", uuid);
}

void mtty_close(struct mtty *mtty)
{
	vfio_client_close(&mtty->client);
}

uint8_t mtty_in(const struct mtty *mtty, unsigned int port, unsigned int reg)
{
	uint8_t value = 0;
	ssize_t count;

	count = vfio_client_read(&mtty->client, port, reg, &value, sizeof(value));
	if (count != sizeof(value))
		tap_bail_out("read of register %u of port %u gives %zd", reg, port, count);
	return value;
}

void mtty_out(const struct mtty *mtty, unsigned int port, unsigned int reg, uint8_t value)
{
	ssize_t count;

	count = vfio_client_write(&mtty->client, port, reg, &value, sizeof(value));
	if (count != sizeof(value))
		tap_bail_out("write of register %u of port %u gives %zd", reg, port, count);
}

void mtty_set_up_port(const struct mtty *mtty, unsigned int port, uint8_t fcr)
{
	mtty_out(mtty, port, UART_LCR, UART_LCR_WLEN8);
	mtty_out(mtty, port, UART_IER, 0);
	mtty_out(mtty, port, UART_MCR, UART_MCR_DTR | UART_MCR_RTS);
	mtty_out(mtty, port, UART_FCR, UART_FCR_ENABLE_FIFO | UART_FCR_CLEAR_RCVR |
		 UART_FCR_CLEAR_XMIT);
	mtty_out(mtty, port, UART_FCR, 0);
	mtty_out(mtty, port, UART_FCR, fcr);
	mtty_in(mtty, port, UART_LSR);
	mtty_in(mtty, port, UART_MSR);
}

uint8_t mtty_byte_at(size_t position)
{
	uint32_t x = (uint32_t)position * 0x9e3779b9u;

	return (x ^ x >> 15) * 0x85ebca6bu >> 24;
}

/* One look at LSR: what it says may be done is done. Returns false on a wrong byte. */
static bool poll_once(const struct mtty *mtty, unsigned int port, size_t limit, size_t *sent,
		      size_t *received)
{
	bool fifos = mtty_in(mtty, port, UART_IIR) & 0xc0;
	uint8_t lsr = mtty_in(mtty, port, UART_LSR);
	unsigned int room = fifos ? 16 : 1;

	if (lsr & UART_LSR_DR) {
		if (*received == *sent || mtty_in(mtty, port, UART_RX) != mtty_byte_at(*received))
			return false;
		++*received;
	} else if (!(lsr & UART_LSR_THRE) || *sent == limit) {
		return false;
	}
	if (lsr & UART_LSR_THRE) {
		while (room-- && *sent < limit)
			mtty_out(mtty, port, UART_TX, mtty_byte_at((*sent)++));
	}
	return true;
}

size_t mtty_poll_bursts(const struct mtty *mtty, unsigned int port, size_t total, size_t burst)
{
	size_t sent = 0, received = 0;

	while (received < total) {
		size_t limit = (received / burst + 1) * burst;

		if (!poll_once(mtty, port, limit < total ? limit : total, &sent, &received))
			break;
	}
	return received;
}

size_t mtty_poll_bytes(const struct mtty *mtty, unsigned int port, size_t total)
{
	return mtty_poll_bursts(mtty, port, total, total);
}

bool mtty_is_sane(const struct mtty *mtty)
{
	uint8_t config[MTTY_CONFIG_SIZE];
	unsigned int port, i;

	if (vfio_client_reset(&mtty->client))
		return false;
	if (vfio_client_read(&mtty->client, VFIO_PCI_CONFIG_REGION_INDEX, 0, config,
			     sizeof(config)) != sizeof(config))
		return false;
	/* The reset keeps what the user has written. */
	for (i = 0; i < sizeof(config); i++)
		if ((config[i] ^ mtty->expected->config[i]) & ~mtty->expected->config_writable[i])
			return false;
	for (port = 0; port < mtty->expected->ports; port++) {
		mtty_set_up_port(mtty, port, UART_FCR_ENABLE_FIFO);
		if (mtty_poll_bytes(mtty, port, 64) != 64)
			return false;
	}
	return true;
}

void mtty_raise_interrupt(const struct mtty *mtty, unsigned int port)
{
	mtty_out(mtty, port, UART_IER, 0);
	mtty_out(mtty, port, UART_IER, UART_IER_THRI);
}

void mtty_drop_interrupt(const struct mtty *mtty, unsigned int port)
{
	mtty_out(mtty, port, UART_IER, 0);
}
