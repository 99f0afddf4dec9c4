// SPDX-License-Identifier: GPL-2.0-only
#include "mtty.h"

uint8_t uart_in(struct device *dev, unsigned int port, unsigned int reg)
{
	return (uint8_t)peek(dev, port, reg, 1);
}

void uart_out(struct device *dev, unsigned int port, unsigned int reg, uint8_t value)
{
	poke(dev, port, reg, 1, value);
}

void uart_set_up(struct device *dev, unsigned int port, uint8_t fcr)
{
	uart_out(dev, port, UART_LCR, UART_LCR_WLEN8);
	uart_out(dev, port, UART_IER, 0);
	uart_out(dev, port, UART_MCR, UART_MCR_DTR | UART_MCR_RTS);
	uart_out(dev, port, UART_FCR, UART_FCR_ENABLE_FIFO | UART_FCR_CLEAR_RCVR |
		 UART_FCR_CLEAR_XMIT);
	uart_out(dev, port, UART_FCR, 0);
	uart_out(dev, port, UART_FCR, fcr);
	uart_in(dev, port, UART_LSR);
	uart_in(dev, port, UART_MSR);
}

uint8_t byte_at(size_t position)
{
	uint32_t x = (uint32_t)position * 0x9e3779b9u;

	return (x ^ x >> 15) * 0x85ebca6bu >> 24;
}

/* One look at LSR: what it says may be done is done. Returns false on a wrong byte. */
static bool poll_once(struct device *dev, unsigned int port, size_t limit, size_t *sent,
		      size_t *received)
{
	bool fifos = uart_in(dev, port, UART_IIR) & 0xc0;
	uint8_t lsr = uart_in(dev, port, UART_LSR);
	unsigned int room = fifos ? 16 : 1;

	if (lsr & UART_LSR_DR) {
		if (*received == *sent || uart_in(dev, port, UART_RX) != byte_at(*received))
			return false;
		++*received;
	} else if (!(lsr & UART_LSR_THRE) || *sent == limit) {
		return false;
	}
	if (lsr & UART_LSR_THRE) {
		while (room-- && *sent < limit)
			uart_out(dev, port, UART_TX, byte_at((*sent)++));
	}
	return true;
}

size_t uart_poll_bursts(struct device *dev, unsigned int port, size_t total, size_t burst)
{
	size_t sent = 0, received = 0;

	while (received < total) {
		size_t limit = (received / burst + 1) * burst;

		if (!poll_once(dev, port, limit < total ? limit : total, &sent, &received))
			break;
	}
	return received;
}

size_t uart_poll_bytes(struct device *dev, unsigned int port, size_t total)
{
	return uart_poll_bursts(dev, port, total, total);
}

bool mtty_works(struct device *dev)
{
	uint8_t config[MTTY_CONFIG_SIZE];
	unsigned int port, i;

	if (vfio_reset(dev))
		return false;
	if (vfio_read(dev, CONFIG, 0, config, sizeof(config)) != sizeof(config))
		return false;
	/* The reset keeps what the user has written. */
	for (i = 0; i < sizeof(config); i++)
		if ((config[i] ^ dev->kind->config[i]) & ~dev->kind->config_writable[i])
			return false;
	for (port = 0; port < dev->kind->ports; port++) {
		uart_set_up(dev, port, UART_FCR_ENABLE_FIFO);
		if (uart_poll_bytes(dev, port, 64) != 64)
			return false;
	}
	return true;
}

void mtty_works_still(struct device *dev)
{
	tap_ok(mtty_works(dev), "after all this the device works");
}

void uart_raise(struct device *dev, unsigned int port)
{
	uart_out(dev, port, UART_IER, 0);
	uart_out(dev, port, UART_IER, UART_IER_THRI);
}
