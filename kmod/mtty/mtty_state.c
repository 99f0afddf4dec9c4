// SPDX-License-Identifier: GPL-2.0-only
/*
 * State of a UART as a migration carries it. The lines it is connected to, and what was
 * counted, stay where they are.
 */
#include "mtty_uart.h"

static void save_fifo(const struct uart_16550_fifo *fifo, struct uart_16550_state_fifo *state)
{
	unsigned int i;

	*state = (struct uart_16550_state_fifo){ .count = fifo->count };
	for (i = 0; i < fifo->count; i++) {
		state->byte[i] = fifo->byte[(fifo->head + i) % UART_16550_FIFO_SIZE];
		state->error[i] = fifo->error[(fifo->head + i) % UART_16550_FIFO_SIZE];
	}
}

static void load_fifo(struct uart_16550_fifo *fifo, const struct uart_16550_state_fifo *state)
{
	unsigned int i;

	*fifo = (struct uart_16550_fifo){ .count = state->count };
	for (i = 0; i < state->count; i++) {
		fifo->byte[i] = state->byte[i];
		fifo->error[i] = state->error[i];
	}
}

/* Behind the last byte there is nothing, and errors are those of characters. */
static bool fifo_valid(const struct uart_16550_state_fifo *state, unsigned int depth, u8 errors)
{
	unsigned int i;

	if (state->count > depth)
		return false;
	for (i = 0; i < UART_16550_FIFO_SIZE; i++) {
		if (state->error[i] & ~errors)
			return false;
		if (i >= state->count && (state->byte[i] || state->error[i]))
			return false;
	}
	return true;
}

static bool registers_valid(const struct uart_16550_state *state)
{
	if (state->ier & ~UART_16550_IER_BITS || state->mcr & ~UART_16550_MCR_BITS ||
	    state->fcr & ~UART_16550_FCR_BITS || state->lsr & ~UART_16550_LINE_ERRORS)
		return false;
	return !state->fcr || state->fcr & UART_FCR_ENABLE_FIFO;
}

/* A byte is kept back by a full receiver or the other end, and by nothing else. */
static bool transmitter_valid(const struct uart_16550_state *state, unsigned int depth)
{
	if (!state->tx.count)
		return state->thre_pending <= 1;
	if (state->thre_pending)
		return false;
	if (state->mcr & UART_MCR_LOOP)
		return state->rx.count == depth;
	return !(state->lcr & UART_LCR_SBC);
}

static bool state_valid(const struct uart_16550_state *state)
{
	unsigned int depth = state->fcr ? UART_16550_FIFO_SIZE : 1;

	return registers_valid(state) &&
	       fifo_valid(&state->rx, depth, UART_16550_CHARACTER_ERRORS) &&
	       fifo_valid(&state->tx, depth, 0) &&
	       /* The errors of the first byte are in LSR. */
	       !state->rx.error[0] && transmitter_valid(state, depth);
}

/**
 * uart_16550_save - write down what the processor can see of a UART
 * @uart: the UART
 * @state: where to; all of it is written
 */
void uart_16550_save(const struct uart_16550 *uart, struct uart_16550_state *state)
{
	*state = (struct uart_16550_state){
		.divisor = { uart->divisor & 0xff, uart->divisor >> 8 },
		.ier = uart->ier,
		.fcr = uart->fcr,
		.lcr = uart->lcr,
		.mcr = uart->mcr,
		.lsr = uart->lsr,
		.msr = uart->msr,
		.scr = uart->scr,
		.thre_pending = uart->thre_pending,
	};
	save_fifo(&uart->rx, &state->rx);
	save_fifo(&uart->tx, &state->tx);
}

/**
 * uart_16550_load - put a UART into a state that was written down
 * @uart: the UART; what it is connected to stays
 * @state: from anywhere
 *
 * Nothing moves, and the modem inputs are what they were, until uart_16550_connect(): only
 * that finds out whether the line is another one.
 *
 * Return: false, with nothing changed, for what uart_16550_save() cannot have written.
 */
bool uart_16550_load(struct uart_16550 *uart, const struct uart_16550_state *state)
{
	if (!state_valid(state))
		return false;

	uart->divisor = state->divisor[0] | state->divisor[1] << 8;
	uart->ier = state->ier;
	uart->fcr = state->fcr;
	uart->lcr = state->lcr;
	uart->mcr = state->mcr;
	uart->lsr = state->lsr;
	uart->msr = state->msr;
	uart->scr = state->scr;
	uart->thre_pending = state->thre_pending;
	load_fifo(&uart->rx, &state->rx);
	load_fifo(&uart->tx, &state->tx);
	return true;
}
