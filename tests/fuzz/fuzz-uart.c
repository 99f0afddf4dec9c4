// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzz target: any sequence of accesses to the 16550A model, from the processor and from
 * the line, and any state to load. The input is the wiring and whether to load (one byte),
 * the state if so, then pairs of action and value.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../kmod/mtty/mtty_uart.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static unsigned int depth(const struct uart_16550 *uart)
{
	return uart->fcr & UART_FCR_ENABLE_FIFO ? UART_16550_FIFO_SIZE : 1;
}

static void check_fifo(const struct uart_16550 *uart, const struct uart_16550_fifo *fifo)
{
	require(fifo->head < UART_16550_FIFO_SIZE);
	require(fifo->count <= depth(uart));
}

static void check_stored_bits(const struct uart_16550 *uart)
{
	require(uart->ier < 0x10);
	require(uart->mcr < 0x20);
	require(uart->fcr & UART_FCR_ENABLE_FIFO || !uart->fcr);
	require(!(uart->fcr & (UART_FCR_CLEAR_RCVR | UART_FCR_CLEAR_XMIT)));
	require(!(uart->lsr & ~UART_16550_LINE_ERRORS));
}

/* A byte waits for room in the receiver, or for the caller to take it: for nothing else. */
static void check_line(const struct uart_16550 *uart)
{
	if (!uart->tx.count)
		return;
	require(!uart->thre_pending);
	require(!(uart->lcr & UART_LCR_SBC) || uart->mcr & UART_MCR_LOOP);
	if (uart->line == UART_16550_LOOP_PLUG || uart->mcr & UART_MCR_LOOP)
		require(uart->rx.count == depth(uart));
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
	require(!(lsr & UART_16550_CHARACTER_ERRORS) || !(uart.fcr & UART_FCR_ENABLE_FIFO) ||
		lsr & UART_LSR_FIFOE);
	require(!(uart_16550_read(&uart, UART_LSR) & UART_16550_LINE_ERRORS));
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
	require(!uart_16550_holds_sender(&uart));
}

/* What is saved can be loaded, and is the same then. */
static void check_state(const struct uart_16550 *uart)
{
	struct uart_16550 other = { .line = uart->line, .inputs = uart->inputs };
	struct uart_16550_state saved, again;

	uart_16550_reset(&other);
	uart_16550_save(uart, &saved);
	require(uart_16550_load(&other, &saved));
	uart_16550_save(&other, &again);
	require(!memcmp(&saved, &again, sizeof(saved)));
	require(uart_16550_irq(uart) == uart_16550_irq(&other));
}

static void check(struct uart_16550 *uart)
{
	check_fifo(uart, &uart->rx);
	check_fifo(uart, &uart->tx);
	check_stored_bits(uart);
	check_line(uart);
	check_status(*uart);
	check_drain(*uart);
	check_state(uart);
}

/* A character that is sent and received with the same settings arrives. */
static void check_conversion(u8 byte, u8 from, u8 to)
{
	u8 mask = (u8)(0xff >> (3 - (from & UART_LCR_WLEN8)));
	u8 received = byte;
	u8 errors = uart_frame_convert(&received, from, to);

	require(!(errors & UART_LSR_BI) || (errors & UART_LSR_FE && !received));
	require((from ^ to) & (UART_LCR_WLEN8 | UART_LCR_PARITY | UART_LCR_EPAR | UART_LCR_SPAR) ||
		(!errors && received == (byte & mask)));
}

static void act_on_line(struct uart_16550 *uart, u8 action, u8 value)
{
	bool more;
	u8 byte;

	switch (action) {
	case 0:
		uart_16550_reset(uart);
		break;
	case 1:
		more = uart_16550_has_sent(uart);
		require(uart_16550_transmit(uart, &byte) <= more);
		break;
	case 2:
		require(!uart_16550_transmit_break(uart) || uart->line == UART_16550_OPEN_LINE);
		break;
	case 3:
		uart_16550_receive_break(uart);
		break;
	case 4:
		uart_16550_set_inputs(uart, value);
		break;
	case 5:
		uart_16550_connect(uart, value & 1 ? UART_16550_OPEN_LINE : UART_16550_LOOP_PLUG);
		break;
	default:
		check_conversion(value, action, uart->lcr);
	}
}

static void act(struct uart_16550 *uart, u8 action, u8 value)
{
	unsigned int reg = action & 0xf;

	switch (action >> 4 & 7) {
	case 0:
		act_on_line(uart, action & 0xf, value);
		break;
	case 1:
	case 2:
		uart_16550_receive(uart, value, action);
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
	struct uart_16550_state state;
	struct uart_16550 uart = { 0 };
	size_t i = 1;

	if (!size)
		return 0;
	uart.line = data[0] & 1 ? UART_16550_OPEN_LINE : UART_16550_LOOP_PLUG;
	uart_16550_reset(&uart);
	if (data[0] & 2 && size > sizeof(state)) {
		memcpy(&state, data + 1, sizeof(state));
		if (uart_16550_load(&uart, &state))
			uart_16550_connect(&uart, uart.line);
		i += sizeof(state);
	}
	for (; i + 1 < size; i += 2) {
		act(&uart, data[i], data[i + 1]);
		check(&uart);
	}
	return 0;
}
