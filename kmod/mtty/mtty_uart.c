// SPDX-License-Identifier: GPL-2.0-only
/*
 * Register model of the PC16550D UART. Section and table numbers are those of
 * National Semiconductor's PC16550D datasheet (TL/C/8652, June 1995).
 *
 * Time does not exist here. A byte leaves the transmitter as soon as the other end
 * of the line can take it, and until then it stays in the XMIT FIFO, with THRE and
 * TEMT low: the line stalls instead of overrunning the receiver. So a driver that
 * obeys THRE loses nothing, however late it reads what the loop returns. And a line
 * on which nothing is under way has been idle for longer than four characters, so
 * that the receiver's timeout (8.11) is due as soon as bytes remain in its FIFO
 * below the trigger level.
 */
#include "mtty_uart.h"

#define IIR_FIFOS_ENABLED	0xc0

/* Who hears a break. */
enum listener {
	NOBODY,
	OWN_RECEIVER,
	OTHER_END,
};

/* A modem control output and the modem status inputs it is wired to. */
struct wire {
	u8 output;
	u8 inputs;
};

/* Inside the chip, in its diagnostic mode (8.8, bit 4). */
static const struct wire loopback_wires[] = {
	{ UART_MCR_DTR, UART_MSR_DSR },
	{ UART_MCR_RTS, UART_MSR_CTS },
	{ UART_MCR_OUT1, UART_MSR_RI },
	{ UART_MCR_OUT2, UART_MSR_DCD },
};

/* In a loop plug; RI stays off, OUT1 and OUT2 are not on it. */
static const struct wire plug_wires[] = {
	{ UART_MCR_DTR, UART_MSR_DSR | UART_MSR_DCD },
	{ UART_MCR_RTS, UART_MSR_CTS },
	{ 0, 0 },
	{ 0, 0 },
};

#define WIRES	(sizeof(loopback_wires) / sizeof(loopback_wires[0]))

static void fifo_push(struct uart_16550_fifo *fifo, u8 byte, u8 error)
{
	unsigned int slot = (fifo->head + fifo->count) % UART_16550_FIFO_SIZE;

	fifo->byte[slot] = byte;
	fifo->error[slot] = error;
	fifo->count++;
}

static u8 fifo_pop(struct uart_16550_fifo *fifo)
{
	u8 byte = fifo->byte[fifo->head];

	fifo->head = (fifo->head + 1) % UART_16550_FIFO_SIZE;
	fifo->count--;
	return byte;
}

static bool fifo_has_error(const struct uart_16550_fifo *fifo)
{
	unsigned int i;

	for (i = 0; i < fifo->count; i++)
		if (fifo->error[(fifo->head + i) % UART_16550_FIFO_SIZE])
			return true;
	return false;
}

static bool fifos_enabled(const struct uart_16550 *uart)
{
	return uart->fcr & UART_FCR_ENABLE_FIFO;
}

static unsigned int fifo_depth(const struct uart_16550 *uart)
{
	return fifos_enabled(uart) ? UART_16550_FIFO_SIZE : 1;
}

static bool rx_full(const struct uart_16550 *uart)
{
	return uart->rx.count == fifo_depth(uart);
}

static bool chip_loopback(const struct uart_16550 *uart)
{
	return uart->mcr & UART_MCR_LOOP;
}

static bool line_is_looped(const struct uart_16550 *uart)
{
	return chip_loopback(uart) || uart->line == UART_16550_LOOP_PLUG;
}

/* Break control acts on SOUT only (8.1, bit 6), which the loopback mode holds at mark (8.8). */
static enum listener break_listener(const struct uart_16550 *uart)
{
	if (!(uart->lcr & UART_LCR_SBC) || chip_loopback(uart))
		return NOBODY;
	return uart->line == UART_16550_LOOP_PLUG ? OWN_RECEIVER : OTHER_END;
}

/* PE, FE and BI are revealed when their character is at the top of the FIFO (8.4). */
static void rx_reveal_errors(struct uart_16550 *uart)
{
	struct uart_16550_fifo *rx = &uart->rx;

	if (!rx->count)
		return;
	uart->lsr |= rx->error[rx->head];
	rx->error[rx->head] = 0;
}

/* A break has a framing error, and may have a parity error, but is neither. */
static void count_errors(struct uart_16550 *uart, u8 errors)
{
	if (errors & UART_LSR_BI)
		uart->counters.brk++;
	else if (errors & UART_LSR_PE)
		uart->counters.parity++;
	else if (errors & UART_LSR_FE)
		uart->counters.framing++;
}

/* 8.4, bit 1: an overrun destroys the old byte in RBR, but the new one with FIFOs. */
static void rx_push(struct uart_16550 *uart, u8 byte, u8 errors)
{
	uart->counters.rx++;
	count_errors(uart, errors);
	if (rx_full(uart)) {
		uart->counters.overrun++;
		uart->lsr |= UART_LSR_OE;
		if (fifos_enabled(uart))
			return;
		fifo_pop(&uart->rx);
	}
	fifo_push(&uart->rx, byte, errors);
	rx_reveal_errors(uart);
}

static u8 rx_pop(struct uart_16550 *uart)
{
	u8 byte;

	if (!uart->rx.count)
		return 0;
	byte = fifo_pop(&uart->rx);
	rx_reveal_errors(uart);
	return byte;
}

/* The errors of the bytes go with them; an overrun belongs to none of them and stays. */
static void rx_clear(struct uart_16550 *uart)
{
	uart->rx.count = 0;
	uart->lsr &= ~UART_16550_CHARACTER_ERRORS;
}

/* A byte written to a full transmitter is lost; a driver that obeys THRE does not do that. */
static void tx_push(struct uart_16550 *uart, u8 byte)
{
	if (uart->tx.count == fifo_depth(uart))
		return;
	fifo_push(&uart->tx, byte, 0);
	uart->thre_pending = false;
}

static u8 tx_pop(struct uart_16550 *uart)
{
	u8 byte = fifo_pop(&uart->tx);

	if (!uart->tx.count)
		uart->thre_pending = true;
	return byte;
}

static u8 tx_send(struct uart_16550 *uart)
{
	uart->counters.tx++;
	return tx_pop(uart) & uart_frame_mask(uart->lcr);
}

static void tx_clear(struct uart_16550 *uart)
{
	if (uart->tx.count)
		uart->thre_pending = true;
	uart->tx.count = 0;
}

/*
 * Move what can move. During a break SOUT is held at space while the transmitter runs
 * on, as a timer for the length of the break (8.1, bit 6): its bytes reach no one.
 */
static void run_line(struct uart_16550 *uart)
{
	if (break_listener(uart) != NOBODY)
		while (uart->tx.count)
			tx_pop(uart);
	if (line_is_looped(uart))
		while (uart->tx.count && !rx_full(uart))
			rx_push(uart, tx_send(uart), 0);
}

static u8 modem_inputs(const struct uart_16550 *uart)
{
	const struct wire *wire = chip_loopback(uart) ? loopback_wires : plug_wires;
	unsigned int i;
	u8 inputs = 0;

	if (!line_is_looped(uart))
		return uart->inputs;
	for (i = 0; i < WIRES; i++)
		if (uart->mcr & wire[i].output)
			inputs |= wire[i].inputs;
	return inputs;
}

/* Each delta bit is four below its input; RI has one for its trailing edge only (8.9). */
static void update_modem_status(struct uart_16550 *uart)
{
	u8 inputs = modem_inputs(uart);
	u8 changed = uart->msr ^ inputs;

	if (inputs & UART_MSR_RI)
		changed &= ~UART_MSR_RI;
	uart->msr = inputs | (uart->msr & UART_MSR_ANY_DELTA) | changed >> 4;
}

/* One character, however long the break is (8.4, bit 4), with no bit at mark. */
static void receive_break(struct uart_16550 *uart)
{
	rx_push(uart, 0, uart_frame_break_errors(uart->lcr));
}

/* A break is heard once, by each who comes to hear it while it lasts. */
static void update_break(struct uart_16550 *uart, enum listener before)
{
	enum listener now = break_listener(uart);

	if (now == before)
		return;
	if (now == OWN_RECEIVER)
		receive_break(uart);
	else if (now == OTHER_END)
		uart->break_pending = true;
}

/* Without FIFOs FCR is zero, and one byte is enough. */
static unsigned int trigger_level(const struct uart_16550 *uart)
{
	static const u8 levels[] = { 1, 4, 8, 14 };

	return levels[uart->fcr >> 6];
}

/* The enabled interrupt of the highest priority (8.6, table IV). */
static u8 interrupt_id(const struct uart_16550 *uart)
{
	if (uart->ier & UART_IER_RLSI && uart->lsr & UART_16550_LINE_ERRORS)
		return UART_IIR_RLSI;
	if (uart->ier & UART_IER_RDI && uart->rx.count >= trigger_level(uart))
		return UART_IIR_RDI;
	if (uart->ier & UART_IER_RDI && uart->rx.count)
		return UART_IIR_RX_TIMEOUT;
	if (uart->ier & UART_IER_THRI && uart->thre_pending)
		return UART_IIR_THRI;
	if (uart->ier & UART_IER_MSI && uart->msr & UART_MSR_ANY_DELTA)
		return UART_IIR_MSI;
	return UART_IIR_NO_INT;
}

static u8 read_iir(struct uart_16550 *uart)
{
	u8 id = interrupt_id(uart);

	if (id == UART_IIR_THRI)
		uart->thre_pending = false;
	return id | (fifos_enabled(uart) ? IIR_FIFOS_ENABLED : 0);
}

static u8 read_lsr(struct uart_16550 *uart)
{
	u8 lsr = uart->lsr;

	if (uart->rx.count)
		lsr |= UART_LSR_DR;
	if (!uart->tx.count)
		lsr |= UART_LSR_THRE | UART_LSR_TEMT;
	if (fifos_enabled(uart) && (lsr & UART_16550_CHARACTER_ERRORS || fifo_has_error(&uart->rx)))
		lsr |= UART_LSR_FIFOE;
	uart->lsr = 0;
	return lsr;
}

static u8 read_msr(struct uart_16550 *uart)
{
	u8 msr = uart->msr;

	uart->msr &= ~UART_MSR_ANY_DELTA;
	return msr;
}

/* Enabling the THRE interrupt raises it if the transmitter is empty already. */
static void write_ier(struct uart_16550 *uart, u8 value)
{
	bool enabled = value & ~uart->ier & UART_IER_THRI;

	if (enabled && !uart->tx.count)
		uart->thre_pending = true;
	uart->ier = value & UART_16550_IER_BITS;
}

/*
 * Without bit 0 no other bit is programmed. Changing it empties both FIFOs (8.5), and
 * makes the next THRE interrupt immediate (8.11).
 */
static void write_fcr(struct uart_16550 *uart, u8 value)
{
	bool enable = value & UART_FCR_ENABLE_FIFO;
	bool change = enable != fifos_enabled(uart);

	if (change || (enable && value & UART_FCR_CLEAR_RCVR))
		rx_clear(uart);
	if (change || (enable && value & UART_FCR_CLEAR_XMIT))
		tx_clear(uart);
	if (change)
		uart->thre_pending = true;
	uart->fcr = enable ? value & UART_16550_FCR_BITS : 0;
}

/* LCR and MCR are the two that can start a break, end it, or change what is looped. */
static void write_lcr(struct uart_16550 *uart, u8 value)
{
	enum listener before = break_listener(uart);

	uart->lcr = value;
	update_break(uart, before);
}

static void write_mcr(struct uart_16550 *uart, u8 value)
{
	enum listener before = break_listener(uart);

	uart->mcr = value & UART_16550_MCR_BITS;
	update_break(uart, before);
	update_modem_status(uart);
}

/* With DLAB set, the first two registers are the divisor latch (table II). */
static bool is_divisor(const struct uart_16550 *uart, unsigned int reg)
{
	return uart->lcr & UART_LCR_DLAB && reg <= UART_DLM;
}

static void write_divisor(struct uart_16550 *uart, unsigned int reg, u8 value)
{
	unsigned int shift = reg == UART_DLM ? 8 : 0;

	uart->divisor = (uart->divisor & ~(0xff << shift)) | value << shift;
}

/**
 * uart_16550_reset - master reset (table I)
 * @uart: the UART
 *
 * The datasheet leaves the divisor, the scratch register and the FIFOs' contents as they
 * are. Here they are cleared: the next user may be another virtual machine. What is at
 * the other end stays, as do the counters.
 */
void uart_16550_reset(struct uart_16550 *uart)
{
	*uart = (struct uart_16550){
		.line = uart->line,
		.inputs = uart->inputs,
		.counters = uart->counters,
	};
	uart->msr = modem_inputs(uart);
}

/**
 * uart_16550_connect - connect another line
 * @uart: the UART
 * @line: the line, which may be the same
 *
 * What the modem inputs see of it are changes like any. Bytes that waited for the old line
 * go to the new one.
 */
void uart_16550_connect(struct uart_16550 *uart, enum uart_16550_line line)
{
	enum listener before = break_listener(uart);

	if (line != uart->line)
		uart->break_pending = false;
	uart->line = line;
	update_break(uart, before);
	update_modem_status(uart);
	run_line(uart);
}

/**
 * uart_16550_read - the processor reads a register
 * @uart: the UART
 * @reg: its number; DLAB selects what 0 and 1 are
 */
u8 uart_16550_read(struct uart_16550 *uart, unsigned int reg)
{
	u8 byte;

	if (is_divisor(uart, reg))
		return reg == UART_DLM ? uart->divisor >> 8 : uart->divisor & 0xff;

	switch (reg) {
	case UART_RX:
		byte = rx_pop(uart);
		run_line(uart);
		return byte;
	case UART_IER:
		return uart->ier;
	case UART_IIR:
		return read_iir(uart);
	case UART_LCR:
		return uart->lcr;
	case UART_MCR:
		return uart->mcr;
	case UART_LSR:
		return read_lsr(uart);
	case UART_MSR:
		return read_msr(uart);
	case UART_SCR:
		return uart->scr;
	default:
		return 0xff;
	}
}

/**
 * uart_16550_write - the processor writes a register
 * @uart: the UART
 * @reg: its number; DLAB selects what 0 and 1 are
 * @value: any; bits that the register does not have are ignored
 *
 * LSR and MSR are for factory tests when written (8.4); here that does nothing.
 */
void uart_16550_write(struct uart_16550 *uart, unsigned int reg, u8 value)
{
	if (is_divisor(uart, reg)) {
		write_divisor(uart, reg, value);
		return;
	}

	switch (reg) {
	case UART_TX:
		tx_push(uart, value);
		break;
	case UART_IER:
		write_ier(uart, value);
		break;
	case UART_FCR:
		write_fcr(uart, value);
		break;
	case UART_LCR:
		write_lcr(uart, value);
		break;
	case UART_MCR:
		write_mcr(uart, value);
		break;
	case UART_SCR:
		uart->scr = value;
		break;
	}
	run_line(uart);
}

/**
 * uart_16550_irq - the level of the INTR pin, true for an interrupt
 * @uart: the UART
 *
 * OUT2 does not gate it. That is wired on the ISA cards of the PC/AT, which could share
 * no interrupt otherwise; PCI serial cards connect INTR as it is.
 */
bool uart_16550_irq(const struct uart_16550 *uart)
{
	return interrupt_id(uart) != UART_IIR_NO_INT;
}

/**
 * uart_16550_set_inputs - modem inputs change at the connector
 * @uart: a UART on an open line
 * @inputs: those of UART_MSR_{CTS,DSR,RI,DCD} that are on
 */
void uart_16550_set_inputs(struct uart_16550 *uart, u8 inputs)
{
	uart->inputs = inputs & ~UART_MSR_ANY_DELTA;
	update_modem_status(uart);
}

/**
 * uart_16550_outputs - modem outputs at the connector
 * @uart: the UART
 *
 * Return: those of UART_MCR_{DTR,RTS} that are on; none is in the chip's loopback mode.
 */
u8 uart_16550_outputs(const struct uart_16550 *uart)
{
	return chip_loopback(uart) ? 0 : uart->mcr & (UART_MCR_DTR | UART_MCR_RTS);
}

/**
 * uart_16550_has_sent - is there a byte or a break to take?
 * @uart: a UART on an open line
 */
bool uart_16550_has_sent(const struct uart_16550 *uart)
{
	return uart->break_pending || (uart->tx.count && !line_is_looped(uart));
}

/**
 * uart_16550_transmit - take the next byte that was sent
 * @uart: a UART on an open line
 * @byte: where to put it; bits beyond the word length are zero
 *
 * Return: false when there is none; in the chip's loopback mode SOUT stays at mark.
 */
bool uart_16550_transmit(struct uart_16550 *uart, u8 *byte)
{
	if (!uart->tx.count || line_is_looped(uart))
		return false;
	*byte = tx_send(uart);
	return true;
}

/**
 * uart_16550_transmit_break - take a break that was sent
 * @uart: a UART on an open line
 *
 * Return: true once for each break, which may have ended meanwhile.
 */
bool uart_16550_transmit_break(struct uart_16550 *uart)
{
	bool pending = uart->break_pending;

	uart->break_pending = false;
	return pending;
}

/**
 * uart_16550_receive - a byte arrives from the line
 * @uart: a UART on an open line
 * @byte: the byte; bits beyond the word length are dropped
 * @errors: the UART_LSR_{PE,FE,BI} bits that it arrives with
 *
 * Overruns the receiver if there is no room. In the chip's loopback mode SIN is
 * disconnected and the byte is lost.
 */
void uart_16550_receive(struct uart_16550 *uart, u8 byte, u8 errors)
{
	if (!line_is_looped(uart))
		rx_push(uart, byte & uart_frame_mask(uart->lcr),
			errors & UART_16550_CHARACTER_ERRORS);
}

/**
 * uart_16550_receive_break - SIN goes to space, for longer than a character
 * @uart: a UART on an open line
 *
 * As uart_16550_receive().
 */
void uart_16550_receive_break(struct uart_16550 *uart)
{
	if (!line_is_looped(uart))
		receive_break(uart);
}

/* By its interrupt, or by a line that says to the other end that somebody is there. */
static bool driver_reads(const struct uart_16550 *uart)
{
	return uart->ier & UART_IER_RDI || uart->mcr & (UART_MCR_DTR | UART_MCR_RTS);
}

/**
 * uart_16550_is_set_up - has a driver done anything to receive since the reset?
 * @uart: the UART
 *
 * A divisor is enough: without one the receiver of a real UART has no clock.
 */
bool uart_16550_is_set_up(const struct uart_16550 *uart)
{
	return uart->divisor || driver_reads(uart);
}

/**
 * uart_16550_is_read - has the driver read all that has arrived?
 * @uart: a UART on an open line
 *
 * Return: true also where none reads, or the loopback mode keeps characters out.
 */
bool uart_16550_is_read(const struct uart_16550 *uart)
{
	return !uart->rx.count || !driver_reads(uart) || chip_loopback(uart);
}

/**
 * uart_16550_holds_sender - does the next character have to wait at the other end?
 * @uart: a UART on an open line
 *
 * Return: true when the receiver is full and a driver reads it. Where none does, or in the
 * chip's loopback mode, characters are sent and lost as on a real line.
 */
bool uart_16550_holds_sender(const struct uart_16550 *uart)
{
	return rx_full(uart) && driver_reads(uart) && !chip_loopback(uart);
}
