// SPDX-License-Identifier: GPL-2.0-only
/*
 * A port's cable to its other end: a loop plug, or a null modem to a terminal of the host.
 *
 * Nothing is lost on that cable while both ends are in use. What the guest sends stays in
 * its UART while the terminal has no room, what the host sends stays in @xmit while the UART
 * has none. What is sent to a terminal that nobody has open, or to a card that no guest has
 * or has set up, goes nowhere, as into a cable without an end: nobody waits for it. Nor does
 * a guest wait for a terminal that nobody reads, longer than a second.
 */
#include <linux/tty.h>
#include <linux/tty_flip.h>

#include "mtty.h"
#include "mtty_tty.h"

/* What the terminal has to be told when the lock of the port has been dropped. */
#define CAN_WRITE	BIT(0)
#define CARRIER_ON	BIT(1)
#define CARRIER_OFF	BIT(2)
#define MODEM_CHANGED	BIT(3)

/* How often a terminal without flow control is asked, for a second, before bytes are lost. */
#define RETRY_DELAY	(HZ / 50)
#define RETRIES		50

/*
 * How many characters the guest gets without a gap before the terminal pauses. Drivers read as
 * long as there are any, with interrupts off, and leave it to other threads to say that it is
 * enough: Linux's reads up to 131,072 for one interrupt, twice as many as its terminal has room
 * for. What the terminal holds needs no pause.
 *
 * Those threads need processor time of the guest, and one that reads slowly gets little done in
 * a tick: the pause is a part of the time that the burst has taken, within limits.
 */
#define BURST		8192
#define PAUSE_PART	4
#define LONGEST_PAUSE	(2 * HZ)

static u8 inputs_of_guest(const struct mtty_port *port)
{
	u8 inputs = 0;

	if (port->modem & TIOCM_DTR)
		inputs |= UART_MSR_DSR | UART_MSR_DCD;
	if (port->modem & TIOCM_RTS && !(port->crtscts && port->throttled))
		inputs |= UART_MSR_CTS;
	return inputs;
}

static u8 flag_of(u8 errors)
{
	if (errors & UART_LSR_BI)
		return TTY_BREAK;
	if (errors & UART_LSR_PE)
		return TTY_PARITY;
	return errors & UART_LSR_FE ? TTY_FRAME : TTY_NORMAL;
}

static void count_received(struct async_icount *icount, u8 flag)
{
	icount->rx++;
	icount->brk += flag == TTY_BREAK;
	icount->parity += flag == TTY_PARITY;
	icount->frame += flag == TTY_FRAME;
}

/* A break first: what the UART held when it began has been lost with it. */
static bool next_from_guest(struct mtty_port *port, u8 *byte, u8 *flag)
{
	if (uart_16550_transmit_break(&port->uart)) {
		*byte = 0;
		*flag = TTY_BREAK;
	} else if (uart_16550_transmit(&port->uart, byte)) {
		*flag = flag_of(uart_frame_convert(byte, port->uart.lcr, port->lcr));
	} else {
		return false;
	}
	if (port->open)
		count_received(&port->icount, *flag);
	return true;
}

/*
 * Does the guest wait for a terminal that has no room? RTS or XOFF tells it to, but without
 * them it would wait for a reader that may never come: Linux writes to a console with
 * interrupts off.
 */
static bool guest_waits(struct mtty_port *port)
{
	bool told = port->crtscts || port->ixoff;

	if (!port->throttled || !told)
		schedule_delayed_work(&port->retry, RETRY_DELAY);
	return told || port->waited < RETRIES;
}

static bool host_has_room(struct mtty_port *port)
{
	return !port->throttled && tty_buffer_request_room(&port->tty, 1);
}

static void guest_to_host(struct mtty_port *port)
{
	bool moved = false, room;
	u8 byte, flag;

	while (uart_16550_has_sent(&port->uart)) {
		room = host_has_room(port);
		if (!room && guest_waits(port))
			break;
		next_from_guest(port, &byte, &flag);
		if (room && tty_insert_flip_char(&port->tty, byte, flag)) {
			port->waited = 0;
			moved = true;
		} else {
			port->icount.buf_overrun++;
		}
	}
	if (moved)
		tty_flip_buffer_push(&port->tty);
}

static void guest_to_nobody(struct mtty_port *port)
{
	u8 byte, flag;

	while (next_from_guest(port, &byte, &flag))
		;
}

static unsigned long pause_after_burst(const struct mtty_port *port)
{
	unsigned long taken = jiffies - port->burst_began;

	return clamp(taken / PAUSE_PART, 1UL, (unsigned long)LONGEST_PAUSE);
}

/*
 * Once the driver has read all there was, so that it sees the pause however slow it is. If
 * nothing more may be sent, it sees one anyway.
 */
static void pause_terminal(struct mtty_port *port)
{
	if (!uart_16550_is_read(&port->uart))
		return;
	if (port->burst == BURST)
		schedule_delayed_work(&port->resume, pause_after_burst(port));
	else
		port->burst = 0;
}

static bool host_may_send(const struct mtty_port *port)
{
	if (port->burst == BURST || port->held || port->spacing || port->xchar)
		return false;
	if (port->crtscts && !(uart_16550_outputs(&port->uart) & UART_MCR_RTS))
		return false;
	return !uart_16550_holds_sender(&port->uart);
}

static void send_to_guest(struct mtty_port *port, u8 byte)
{
	u8 errors = uart_frame_convert(&byte, port->lcr, port->uart.lcr);

	uart_16550_receive(&port->uart, byte, errors);
	port->icount.tx++;
}

static unsigned int host_to_guest(struct mtty_port *port)
{
	unsigned int before = kfifo_len(&port->xmit);
	u8 byte;

	if (port->break_due && !uart_16550_holds_sender(&port->uart)) {
		port->break_due = false;
		uart_16550_receive_break(&port->uart);
	}
	/* What stops the data does not stop that. */
	if (port->xchar && !port->spacing && !uart_16550_holds_sender(&port->uart)) {
		send_to_guest(port, port->xchar);
		port->xchar = 0;
	}
	while (host_may_send(port) && kfifo_get(&port->xmit, &byte)) {
		send_to_guest(port, byte);
		if (port->burst++ == 0)
			port->burst_began = jiffies;
	}
	pause_terminal(port);
	return kfifo_len(&port->xmit) < before ? CAN_WRITE : 0;
}

static unsigned int host_to_nobody(struct mtty_port *port)
{
	unsigned int count = kfifo_len(&port->xmit);

	port->icount.tx += count;
	kfifo_reset(&port->xmit);
	port->xchar = 0;
	port->break_due = false;
	return count ? CAN_WRITE : 0;
}

static unsigned int modem_to_host(struct mtty_port *port)
{
	u8 outputs = uart_16550_outputs(&port->uart);
	u8 changed = outputs ^ port->outputs;
	unsigned int news = changed ? MODEM_CHANGED : 0;

	port->outputs = outputs;
	if (changed & UART_MCR_RTS)
		port->icount.cts++;
	if (changed & UART_MCR_DTR) {
		port->icount.dsr++;
		port->icount.dcd++;
		news |= outputs & UART_MCR_DTR ? CARRIER_ON : CARRIER_OFF;
	}
	return news;
}

/* To a terminal: a loop plug is part of the UART. Apart, so that its registers stay quick. */
static noinline unsigned int run_cable(struct mtty_port *port)
{
	unsigned int news;

	if (!port->running)
		return port->guest ? 0 : host_to_nobody(port);
	uart_16550_set_inputs(&port->uart, inputs_of_guest(port));
	if (port->receiving)
		guest_to_host(port);
	else
		guest_to_nobody(port);
	news = uart_16550_is_set_up(&port->uart) ? host_to_guest(port) : host_to_nobody(port);
	return news | modem_to_host(port);
}

unsigned long mtty_port_lock(struct mtty_port *port)
	__acquires(&port->lock)
{
	unsigned long flags;

	spin_lock_irqsave(&port->lock, flags);
	return flags;
}

/* Without the lock of the port. Seldom: most accesses to registers change nothing there. */
static noinline void tell_terminal(struct mtty_port *port, unsigned int news)
{
	if (news & CAN_WRITE)
		tty_port_tty_wakeup(&port->tty);
	if (news & MODEM_CHANGED)
		wake_up_interruptible(&port->tty.delta_msr_wait);
	if (news & CARRIER_ON)
		wake_up_interruptible(&port->tty.open_wait);
	if (news & CARRIER_OFF)
		tty_port_tty_hangup(&port->tty, true);
}

void mtty_port_unlock(struct mtty_port *port, unsigned long flags)
	__releases(&port->lock)
{
	unsigned int news = 0;

	if (port->host)
		news = run_cable(port);
	if (port->card)
		mtty_set_irq(port->card, port->number, uart_16550_irq(&port->uart));
	spin_unlock_irqrestore(&port->lock, flags);
	if (news)
		tell_terminal(port, news);
}

static void retry_sending(struct work_struct *work)
{
	struct mtty_port *port = container_of(work, struct mtty_port, retry.work);
	unsigned long flags = mtty_port_lock(port);

	if (port->waited < RETRIES)
		port->waited++;
	mtty_port_unlock(port, flags);
}

static void resume_terminal(struct work_struct *work)
{
	struct mtty_port *port = container_of(work, struct mtty_port, resume.work);
	unsigned long flags = mtty_port_lock(port);

	port->burst = 0;
	mtty_port_unlock(port, flags);
}

/* The line of a card that stands still waits for its start. */
static void update_line(struct mtty_port *port)
{
	if (port->running || !port->guest)
		uart_16550_connect(&port->uart, port->host ? UART_16550_OPEN_LINE :
							     UART_16550_LOOP_PLUG);
}

void mtty_port_connect(struct mtty_port *port, bool host)
{
	unsigned long flags = mtty_port_lock(port);

	port->host = host;
	port->outputs = 0;
	update_line(port);
	mtty_port_unlock(port, flags);
}

void mtty_port_set_guest(struct mtty_port *port, bool guest, bool running)
{
	unsigned long flags = mtty_port_lock(port);

	port->guest = guest;
	port->running = running;
	update_line(port);
	mtty_port_unlock(port, flags);
}

void mtty_cable_init(struct mtty_port *port)
{
	spin_lock_init(&port->lock);
	INIT_KFIFO(port->xmit);
	INIT_DELAYED_WORK(&port->retry, retry_sending);
	INIT_DELAYED_WORK(&port->resume, resume_terminal);
}
