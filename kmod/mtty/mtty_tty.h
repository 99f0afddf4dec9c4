/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A port of a mediated serial card: its UART, and what is at the other end of its cable.
 */
#ifndef MTTY_TTY_H
#define MTTY_TTY_H

#include <linux/kfifo.h>
#include <linux/serial.h>
#include <linux/spinlock.h>
#include <linux/tty_port.h>
#include <linux/workqueue.h>

#include "mtty_uart.h"

struct mtty;

/**
 * struct mtty_port - a port of a mediated card, which an open terminal of the host outlives
 * @tty: its other end in host mode; counts the references to the whole
 * @line: number of the terminal, once it has had one, else -1
 * @lock: protects all below; taken before the lock of the card's interrupt
 * @uart: the guest's end; what it is connected to follows @host unless the guest stands still
 * @card: whose port it is; NULL when the card has gone
 * @number: which of the card's it is
 * @host: is the other end the terminal?
 * @guest: has anybody the card? Else what the terminal sends goes nowhere.
 * @running: does that guest run? Else it stands still, and nothing moves between the ends.
 * @open: has the host opened the terminal?
 * @receiving: does it want to hear (CREAD)?
 * @throttled: has it as much unread as it can take?
 * @ixoff: does it tell the guest so by XOFF?
 * @held: has the guest told it to stop sending (XOFF)?
 * @crtscts: do RTS and CTS hold senders back?
 * @spacing: is it sending a break?
 * @break_due: does the guest not know of that yet?
 * @outputs: the guest's DTR and RTS as the terminal was last told
 * @lcr: line settings of the terminal
 * @modem: its TIOCM_{DTR,RTS}
 * @icount: what has passed it since it was made
 * @sessions: how often it has been closed or hung up
 * @xchar: XON or XOFF to send before @xmit, or 0
 * @xmit: what it sent and the UART had no room for
 * @retry: looks again when it had no room for what the guest sent
 * @waited: how often that has been in vain, up to as often as the guest waits
 * @burst: how many characters the guest has got without a gap
 * @burst_began: when it got the first of them, in jiffies
 * @resume: ends a pause
 */
struct mtty_port {
	struct tty_port tty;
	int line;
	spinlock_t lock; /* uart and the rest */
	struct uart_16550 uart;
	struct mtty *card;
	unsigned int number;
	bool host;
	bool guest;
	bool running;
	bool open;
	bool receiving;
	bool throttled;
	bool ixoff;
	bool held;
	bool crtscts;
	bool spacing;
	bool break_due;
	u8 outputs;
	u8 lcr;
	unsigned int modem;
	struct async_icount icount;
	unsigned int sessions;
	u8 xchar;
	DECLARE_KFIFO(xmit, u8, 4096);
	struct delayed_work retry;
	unsigned int waited;
	unsigned int burst;
	unsigned long burst_began;
	struct delayed_work resume;
};

/* A port in loopback mode, or NULL. */
struct mtty_port *mtty_port_new(struct mtty *card, unsigned int number);
void mtty_port_free(struct mtty_port *port);

/* Whoever holds the lock may change what it protects; unlocking carries that to both ends. */
unsigned long mtty_port_lock(struct mtty_port *port);
void mtty_port_unlock(struct mtty_port *port, unsigned long flags);

/* The cable of a new port. */
void mtty_cable_init(struct mtty_port *port);

/* Who has the card, and whether it runs. While it does not, nothing on the guest's end changes. */
void mtty_port_set_guest(struct mtty_port *port, bool guest, bool running);

/* What is at the other end. */
void mtty_port_connect(struct mtty_port *port, bool host);

/* A terminal as a child of @parent, and a loop plug again. They do not run at the same time. */
int mtty_port_to_host(struct mtty_port *port, struct device *parent);
void mtty_port_to_loopback(struct mtty_port *port);

/* What serial programs ask of a terminal that termios does not know. */
int mtty_tty_get_icount(struct tty_struct *tty, struct serial_icounter_struct *icount);
int mtty_tty_get_serial(struct tty_struct *tty, struct serial_struct *serial);
int mtty_tty_set_serial(struct tty_struct *tty, struct serial_struct *serial);
int mtty_tty_ioctl(struct tty_struct *tty, unsigned int command, unsigned long argument);

/* Terminals for so many ports. */
int mtty_tty_init(unsigned int lines);
void mtty_tty_exit(void);

#endif /* MTTY_TTY_H */
