// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzz target: any sequence of accesses to the 16550A model, from the processor and from
 * the line. The input is the wiring (one byte), then pairs of action and value.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../kmod/mtty/mtty_uart.h"

#define CHARACTER_ERRORS	(UART_LSR_PE | UART_LSR_FE | UART_LSR_BI)
#define LINE_ERRORS		(UART_LSR_OE | CHARACTER_ERRORS)

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* assert() that NDEBUG does not take away. */
#define require(condition)                                                            \
	do {                                                                          \
		if (!(condition)) {                                                   \
			fprintf(stderr, "%s:%d: violated: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                      \
		}                                                                     \
	} while (0)

static void check_fifo(const struct uart_16550 *uart, const struct uart_16550_fifo *fifo)
{
	require(fifo->head < UART_16550_FIFO_SIZE);
	require(fifo->count <= (uart->fcr & UART_FCR_ENABLE_FIFO ? UART_16550_FIFO_SIZE : 1));
}

static void check_stored_bits(const struct uart_16550 *uart)
{
	require(uart->ier < 0x10);
	require(uart->mcr < 0x20);
	require(uart->fcr & UART_FCR_ENABLE_FIFO || !uart->fcr);
	require(!(uart->fcr & (UART_FCR_CLEAR_RCVR | UART_FCR_CLEAR_XMIT)));
	require(!(uart->lsr & ~LINE_ERRORS));
}

/* A byte waits for room in the receiver, or for the caller to take it: for nothing else. */
static void check_line(const struct uart_16550 *uart)
{
	if (!uart->tx.count)
		return;
	require(!uart->thre_pending);
	require(!(uart->lcr & UART_LCR_SBC));
	if (uart->line == UART_16550_LOOP_PLUG || uart->mcr & UART_MCR_LOOP)
		require(!uart_16550_receive_room(uart));
}

/* Registers are read on a copy: reading changes them. */
static void check_status(struct uart_16550 uart)
{
	bool interrupt = uart_16550_irq(&uart);
	u8 iir = uart_16550_read(&uart, UART_IIR);
	u8 lsr = uart_16550_read(&uart, UART_LSR);

	require(interrupt == !(iir & UART_IIR_NO_INT));
	require(!(iir & 0x30));
	require(iir >> 6 == (uart.fcr & UART_FCR_ENABLE_FIFO ? 3 : 0));
	require(!(lsr & UART_LSR_DR) == !uart.rx.count);
	require(!(lsr & UART_LSR_THRE) == !!uart.tx.count);
	require(!(lsr & UART_LSR_TEMT) == !!uart.tx.count);
	require(!(lsr & CHARACTER_ERRORS) || !(uart.fcr & UART_FCR_ENABLE_FIFO) ||
		lsr & UART_LSR_FIFOE);
	require(!(uart_16550_read(&uart, UART_LSR) & LINE_ERRORS));
	uart_16550_read(&uart, UART_MSR);
	require(!(uart_16550_read(&uart, UART_MSR) & UART_MSR_ANY_DELTA));
}

/* Whatever was done before, a driver can drain the receiver: it is not endless. */
static void check_drain(struct uart_16550 uart)
{
	unsigned int reads = 2 * UART_16550_FIFO_SIZE;

	uart_16550_write(&uart, UART_LCR, uart.lcr & ~UART_LCR_DLAB);
	while (uart_16550_read(&uart, UART_LSR) & UART_LSR_DR && reads--)
		uart_16550_read(&uart, UART_RX);
	require(!uart.rx.count);
}

static void act(struct uart_16550 *uart, u8 action, u8 value)
{
	unsigned int reg = action & 0xf;
	u8 byte;

	switch (action >> 4 & 7) {
	case 0:
		uart_16550_reset(uart);
		break;
	case 1:
		uart_16550_receive(uart, value, action);
		break;
	case 2:
		uart_16550_transmit(uart, &byte);
		break;
	case 3:
	case 4:
		uart_16550_read(uart, reg);
		break;
	default:
		uart_16550_write(uart, reg, value);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct uart_16550 uart = { 0 };
	size_t i;

	if (!size)
		return 0;
	uart.line = data[0] & 1 ? UART_16550_OPEN_LINE : UART_16550_LOOP_PLUG;
	uart_16550_reset(&uart);
	for (i = 1; i + 1 < size; i += 2) {
		act(&uart, data[i], data[i + 1]);
		check_fifo(&uart, &uart.rx);
		check_fifo(&uart, &uart.tx);
		check_stored_bits(&uart);
		check_line(&uart);
		check_status(uart);
		check_drain(uart);
	}
	return 0;
}
