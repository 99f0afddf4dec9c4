/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Register model of the PC16550D UART ("16550A") and of what its connector is
 * wired to. It knows nothing of PCI, VFIO or the kernel, so that unit tests and
 * fuzzers compile the same file. It allocates nothing and takes no lock: the
 * caller serializes all calls on one UART. Registers and bits have their names
 * from <linux/serial_reg.h>.
 */
#ifndef MTTY_UART_H
#define MTTY_UART_H

#include "mtty_frame.h"

#define UART_16550_REGISTERS	8
#define UART_16550_FIFO_SIZE	16

/* LSR bits that belong to a character, and all that raise the line status interrupt. */
#define UART_16550_CHARACTER_ERRORS	(UART_LSR_PE | UART_LSR_FE | UART_LSR_BI)
#define UART_16550_LINE_ERRORS		(UART_LSR_OE | UART_16550_CHARACTER_ERRORS)

/* Bits that registers keep. */
#define UART_16550_IER_BITS	(UART_IER_RDI | UART_IER_THRI | UART_IER_RLSI | UART_IER_MSI)
#define UART_16550_MCR_BITS	(UART_MCR_DTR | UART_MCR_RTS | UART_MCR_OUT1 | UART_MCR_OUT2 | \
				 UART_MCR_LOOP)
#define UART_16550_FCR_BITS	(UART_FCR_ENABLE_FIFO | UART_FCR_DMA_SELECT | \
				 UART_FCR_TRIGGER_MASK)

/**
 * enum uart_16550_line - what the UART is connected to
 * @UART_16550_LOOP_PLUG: itself: what it sends it receives; RTS is wired to CTS, DTR to
 *	DSR and DCD
 * @UART_16550_OPEN_LINE: the caller, who moves bytes, breaks and modem lines with the
 *	functions of the other side
 */
enum uart_16550_line {
	UART_16550_LOOP_PLUG,
	UART_16550_OPEN_LINE,
};

/* What arrived and left since the UART was made, as in struct serial_icounter_struct. */
struct uart_16550_counters {
	u32 rx;
	u32 tx;
	u32 overrun;
	u32 brk;
	u32 parity;
	u32 framing;
};

/* @error[i] holds the UART_LSR_{PE,FE,BI} bits that byte[i] was received with. */
struct uart_16550_fifo {
	u8 byte[UART_16550_FIFO_SIZE];
	u8 error[UART_16550_FIFO_SIZE];
	u8 head;
	u8 count;
};

/**
 * struct uart_16550 - one UART; all-zero, then uart_16550_reset(), is ready for use
 * @line: what it is connected to; set before use or by uart_16550_connect(), kept by a
 *	reset
 * @inputs: modem inputs at the connector of an open line; kept by a reset
 * @counters: kept by a reset
 * @rx: RCVR FIFO; without FIFOs its first slot is the receiver buffer
 * @tx: XMIT FIFO; without FIFOs its first slot is the transmitter holding register
 * @divisor: the divisor latch; nothing is clocked by it
 * @ier: as written, four bits
 * @fcr: enable, DMA mode and trigger bits as written; 0 while the FIFOs are disabled
 * @lcr: as written
 * @mcr: as written, five bits
 * @lsr: UART_LSR_{OE,PE,FE,BI} seen since the last read of LSR; the rest of it is
 *	computed from the FIFOs
 * @msr: modem inputs as last seen, with their deltas since the last read of MSR
 * @scr: scratch register
 * @thre_pending: the transmitter became empty, and neither an IIR read has reported
 *	it nor a byte been written since
 * @break_pending: an open line has not yet been told of a break
 */
struct uart_16550 {
	enum uart_16550_line line;
	u8 inputs;
	struct uart_16550_counters counters;
	struct uart_16550_fifo rx;
	struct uart_16550_fifo tx;
	u16 divisor;
	u8 ier;
	u8 fcr;
	u8 lcr;
	u8 mcr;
	u8 lsr;
	u8 msr;
	u8 scr;
	bool thre_pending;
	bool break_pending;
};

void uart_16550_reset(struct uart_16550 *uart);
void uart_16550_connect(struct uart_16550 *uart, enum uart_16550_line line);

/* The processor's side. Registers from UART_16550_REGISTERS on read as 0xff. */
u8 uart_16550_read(struct uart_16550 *uart, unsigned int reg);
void uart_16550_write(struct uart_16550 *uart, unsigned int reg, u8 value);
bool uart_16550_irq(const struct uart_16550 *uart);

/* The other side, for UART_16550_OPEN_LINE. */
void uart_16550_set_inputs(struct uart_16550 *uart, u8 inputs);
u8 uart_16550_outputs(const struct uart_16550 *uart);
bool uart_16550_has_sent(const struct uart_16550 *uart);
bool uart_16550_transmit(struct uart_16550 *uart, u8 *byte);
bool uart_16550_transmit_break(struct uart_16550 *uart);
void uart_16550_receive(struct uart_16550 *uart, u8 byte, u8 errors);
void uart_16550_receive_break(struct uart_16550 *uart);
bool uart_16550_is_set_up(const struct uart_16550 *uart);
bool uart_16550_is_read(const struct uart_16550 *uart);
bool uart_16550_holds_sender(const struct uart_16550 *uart);

/* What a migration carries of a UART: bytes only, so the same on every machine. */
struct uart_16550_state_fifo {
	u8 count;
	u8 byte[UART_16550_FIFO_SIZE];
	u8 error[UART_16550_FIFO_SIZE];
};

struct uart_16550_state {
	u8 divisor[2];
	u8 ier;
	u8 fcr;
	u8 lcr;
	u8 mcr;
	u8 lsr;
	u8 msr;
	u8 scr;
	u8 thre_pending;
	struct uart_16550_state_fifo rx;
	struct uart_16550_state_fifo tx;
};

void uart_16550_save(const struct uart_16550 *uart, struct uart_16550_state *state);
bool uart_16550_load(struct uart_16550 *uart, const struct uart_16550_state *state);

#endif
