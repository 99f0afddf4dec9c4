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

#include <linux/serial_reg.h>

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdbool.h>
#include <stdint.h>
typedef uint8_t u8;
typedef uint16_t u16;
#endif

#define UART_16550_REGISTERS	8
#define UART_16550_FIFO_SIZE	16

/**
 * enum uart_16550_line - what SOUT and SIN are connected to
 * @UART_16550_LOOP_PLUG: to each other: what the UART sends it receives
 * @UART_16550_OPEN_LINE: to the caller, who moves bytes with uart_16550_transmit()
 *	and uart_16550_receive()
 *
 * With both, RTS is wired to CTS and DTR to DSR and DCD, at the UART's end of the line.
 */
enum uart_16550_line {
	UART_16550_LOOP_PLUG,
	UART_16550_OPEN_LINE,
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
 * @line: what it is connected to; set before use, kept by a reset
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
 */
struct uart_16550 {
	enum uart_16550_line line;
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
};

void uart_16550_reset(struct uart_16550 *uart);

/* The processor's side. Registers from UART_16550_REGISTERS on read as 0xff. */
u8 uart_16550_read(struct uart_16550 *uart, unsigned int reg);
void uart_16550_write(struct uart_16550 *uart, unsigned int reg, u8 value);
bool uart_16550_irq(const struct uart_16550 *uart);

/* The other side, for UART_16550_OPEN_LINE. */
bool uart_16550_transmit(struct uart_16550 *uart, u8 *byte);
void uart_16550_receive(struct uart_16550 *uart, u8 byte, u8 errors);
unsigned int uart_16550_receive_room(const struct uart_16550 *uart);

#endif
