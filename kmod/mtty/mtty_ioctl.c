// SPDX-License-Identifier: GPL-2.0-only
/*
 * What serial programs ask of a terminal beyond termios: its counters, changes of the modem
 * lines, and the settings of setserial(8).
 */
#include <linux/capability.h>
#include <linux/sched/signal.h>
#include <linux/serial.h>
#include <linux/tty.h>

#include "mtty_tty.h"

#define BAUD_BASE	115200

/* Flags that can be changed; nothing here takes time, so that one is for the programs' sake. */
#define FLAGS		ASYNC_LOW_LATENCY

static struct async_icount port_counters(struct mtty_port *port, unsigned int *sessions)
{
	struct async_icount icount;
	unsigned long flags;

	spin_lock_irqsave(&port->lock, flags);
	icount = port->icount;
	*sessions = port->sessions;
	spin_unlock_irqrestore(&port->lock, flags);
	return icount;
}

int mtty_tty_get_icount(struct tty_struct *tty, struct serial_icounter_struct *icount)
{
	unsigned int sessions;
	struct async_icount now = port_counters(tty->driver_data, &sessions);

	*icount = (struct serial_icounter_struct){
		.cts = now.cts,
		.dsr = now.dsr,
		.rng = now.rng,
		.dcd = now.dcd,
		.rx = now.rx,
		.tx = now.tx,
		.frame = now.frame,
		.overrun = now.overrun,
		.parity = now.parity,
		.brk = now.brk,
		.buf_overrun = now.buf_overrun,
	};
	return 0;
}

/* RI is not on the cable. */
static bool lines_changed(const struct async_icount *before, const struct async_icount *now,
			  unsigned long lines)
{
	return (lines & TIOCM_CTS && now->cts != before->cts) ||
	       (lines & TIOCM_DSR && now->dsr != before->dsr) ||
	       (lines & TIOCM_CAR && now->dcd != before->dcd);
}

/* A terminal that is opened again after a hangup is another one to who waited. */
static int wait_for_lines(struct mtty_port *port, unsigned long lines)
{
	unsigned int session, sessions;
	struct async_icount before = port_counters(port, &session), now;
	int ret;

	if (!READ_ONCE(port->open))
		return -EIO;
	ret = wait_event_interruptible(port->tty.delta_msr_wait, ({
		now = port_counters(port, &sessions);
		sessions != session || lines_changed(&before, &now, lines);
	}));
	if (ret)
		return ret;
	return sessions == session ? 0 : -EIO;
}

int mtty_tty_ioctl(struct tty_struct *tty, unsigned int command, unsigned long argument)
{
	return command == TIOCMIWAIT ? wait_for_lines(tty->driver_data, argument) : -ENOIOCTLCMD;
}

/* In setserial's unit of 10 ms. */
static unsigned int to_centiseconds(unsigned int time)
{
	return jiffies_to_msecs(time) / 10;
}

static unsigned int to_jiffies(unsigned int centiseconds)
{
	return msecs_to_jiffies(centiseconds * 10);
}

/* The one that stands for no time stands for itself. */
static unsigned int wait_to_jiffies(unsigned int wait)
{
	return wait == ASYNC_CLOSING_WAIT_NONE ? wait : to_jiffies(wait);
}

static void describe_serial(struct mtty_port *port, struct serial_struct *serial)
{
	struct tty_port *tty = &port->tty;

	lockdep_assert_held(&tty->mutex);
	*serial = (struct serial_struct){
		.type = PORT_16550A,
		.line = port->line,
		.flags = tty->flags & FLAGS,
		.xmit_fifo_size = kfifo_size(&port->xmit),
		.baud_base = BAUD_BASE,
		.close_delay = to_centiseconds(tty->close_delay),
		.closing_wait = tty->closing_wait == ASYNC_CLOSING_WAIT_NONE ?
			ASYNC_CLOSING_WAIT_NONE : to_centiseconds(tty->closing_wait),
	};
}

int mtty_tty_get_serial(struct tty_struct *tty, struct serial_struct *serial)
{
	struct mtty_port *port = tty->driver_data;

	mutex_lock(&port->tty.mutex);
	describe_serial(port, serial);
	mutex_unlock(&port->tty.mutex);
	return 0;
}

/* What a port of real hardware could have changed. 0 is no size to choose, but none chosen. */
static bool hardware_differs(const struct serial_struct *a, const struct serial_struct *b)
{
	return a->type != b->type || a->port != b->port || a->port_high != b->port_high ||
	       a->irq != b->irq || a->hub6 != b->hub6 || a->io_type != b->io_type ||
	       a->iomem_base != b->iomem_base || a->iomem_reg_shift != b->iomem_reg_shift ||
	       a->baud_base != b->baud_base || a->custom_divisor != b->custom_divisor ||
	       (a->xmit_fifo_size && a->xmit_fifo_size != b->xmit_fifo_size) ||
	       (a->flags ^ b->flags) & ~FLAGS;
}

/* Flags are anybody's to change, as with other serial ports. */
static int set_serial(struct mtty_port *port, const struct serial_struct *serial)
{
	struct tty_port *tty = &port->tty;
	struct serial_struct now;
	bool privileged;

	describe_serial(port, &now);
	privileged = hardware_differs(serial, &now) || serial->close_delay != now.close_delay ||
		     serial->closing_wait != now.closing_wait;
	if (privileged && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (hardware_differs(serial, &now))
		return -EINVAL;
	tty->flags = (tty->flags & ~FLAGS) | (serial->flags & FLAGS);
	tty->close_delay = to_jiffies(serial->close_delay);
	tty->closing_wait = wait_to_jiffies(serial->closing_wait);
	return 0;
}

int mtty_tty_set_serial(struct tty_struct *tty, struct serial_struct *serial)
{
	struct mtty_port *port = tty->driver_data;
	int ret;

	mutex_lock(&port->tty.mutex);
	ret = set_serial(port, serial);
	mutex_unlock(&port->tty.mutex);
	return ret;
}
