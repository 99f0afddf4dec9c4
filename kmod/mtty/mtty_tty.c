// SPDX-License-Identifier: GPL-2.0-only
/*
 * Terminals of the host, /dev/ttyMTTY*, and the ports that have one in host mode.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/tty.h>
#include <linux/tty_driver.h>
#include <linux/xarray.h>

#include "compat.h"
#include "mtty.h"
#include "mtty_tty.h"

/* How long close() waits for a guest: what @xmit holds takes 4.3 s at 9600 bits per second. */
#define CLOSING_WAIT	(5 * HZ)

static struct tty_driver *mtty_tty_driver;

/* Ports that are terminals or were, by their line. */
static DEFINE_XARRAY_ALLOC(mtty_lines);

/* --- from its first open to its last close or a hangup */

static struct mtty_port *port_of(struct tty_port *tty)
{
	return container_of(tty, struct mtty_port, tty);
}

static void take_settings(struct mtty_port *port, const struct tty_struct *tty)
{
	unsigned int cflag = tty->termios.c_cflag;

	port->lcr = tty_get_char_size(cflag) - 5;
	if (cflag & CSTOPB)
		port->lcr |= UART_LCR_STOP;
	if (cflag & PARENB)
		port->lcr |= UART_LCR_PARITY;
	if (!(cflag & PARODD))
		port->lcr |= UART_LCR_EPAR;
	if (cflag & CMSPAR)
		port->lcr |= UART_LCR_SPAR;
	port->crtscts = cflag & CRTSCTS;
	port->ixoff = I_IXOFF(tty);
	port->receiving = port->open && cflag & CREAD;
}

static int mtty_activate(struct tty_port *tty_port, struct tty_struct *tty)
{
	struct mtty_port *port = port_of(tty_port);
	unsigned long flags = mtty_port_lock(port);
	bool host = port->host;

	port->open = host;
	take_settings(port, tty);
	mtty_port_unlock(port, flags);
	return host ? 0 : -ENODEV;
}

static void mtty_shutdown(struct tty_port *tty_port)
{
	struct mtty_port *port = port_of(tty_port);
	unsigned long flags = mtty_port_lock(port);

	port->sessions++;
	port->open = false;
	port->receiving = false;
	port->throttled = false;
	port->waited = 0;
	port->held = false;
	port->spacing = false;
	port->break_due = false;
	port->xchar = 0;
	kfifo_reset(&port->xmit);
	mtty_port_unlock(port, flags);
}

static void set_modem(struct mtty_port *port, unsigned int set, unsigned int clear)
{
	unsigned long flags = mtty_port_lock(port);

	port->modem = (port->modem & ~clear) | (set & (TIOCM_DTR | TIOCM_RTS));
	mtty_port_unlock(port, flags);
}

static void mtty_dtr_rts(struct tty_port *tty_port, compat_tty_bool on)
{
	unsigned int lines = TIOCM_DTR | TIOCM_RTS;

	set_modem(port_of(tty_port), on ? lines : 0, on ? 0 : lines);
}

static compat_tty_bool mtty_carrier_raised(struct tty_port *tty_port)
{
	return READ_ONCE(port_of(tty_port)->outputs) & UART_MCR_DTR;
}

static void mtty_destruct(struct tty_port *tty_port)
{
	struct mtty_port *port = port_of(tty_port);

	cancel_delayed_work_sync(&port->retry);
	cancel_delayed_work_sync(&port->resume);
	if (port->line >= 0)
		xa_erase(&mtty_lines, port->line);
	kfree(port);
}

static const struct tty_port_operations mtty_port_ops = {
	.activate = mtty_activate,
	.shutdown = mtty_shutdown,
	.dtr_rts = mtty_dtr_rts,
	.carrier_raised = mtty_carrier_raised,
	.destruct = mtty_destruct,
};

static int mtty_tty_install(struct tty_driver *driver, struct tty_struct *tty)
{
	struct tty_port *tty_port = NULL;
	struct mtty_port *port;
	int ret;

	/* Pairs with the put in mtty_tty_cleanup(). */
	xa_lock(&mtty_lines);
	port = xa_load(&mtty_lines, tty->index);
	if (port)
		tty_port = tty_port_get(&port->tty);
	xa_unlock(&mtty_lines);
	if (!tty_port)
		return -ENODEV;

	tty->driver_data = port;
	ret = tty_port_install(tty_port, driver, tty);
	if (ret)
		tty_port_put(tty_port);
	return ret;
}

static void mtty_tty_cleanup(struct tty_struct *tty)
{
	tty_port_put(tty->port);
}

static int mtty_tty_open(struct tty_struct *tty, struct file *file)
{
	return tty_port_open(tty->port, tty, file);
}

static void mtty_tty_close(struct tty_struct *tty, struct file *file)
{
	tty_port_close(tty->port, tty, file);
}

static void mtty_tty_hangup(struct tty_struct *tty)
{
	tty_port_hangup(tty->port);
}

static compat_tty_ssize mtty_tty_write(struct tty_struct *tty, const u8 *buf,
				       compat_tty_size count)
{
	struct mtty_port *port = tty->driver_data;
	unsigned long flags = mtty_port_lock(port);

	count = kfifo_in(&port->xmit, buf, count);
	mtty_port_unlock(port, flags);
	return count;
}

static unsigned int mtty_tty_write_room(struct tty_struct *tty)
{
	struct mtty_port *port = tty->driver_data;
	unsigned long flags;
	unsigned int room;

	spin_lock_irqsave(&port->lock, flags);
	room = kfifo_avail(&port->xmit);
	spin_unlock_irqrestore(&port->lock, flags);
	return room;
}

static unsigned int mtty_tty_chars_in_buffer(struct tty_struct *tty)
{
	struct mtty_port *port = tty->driver_data;
	unsigned long flags;
	unsigned int count;

	spin_lock_irqsave(&port->lock, flags);
	count = kfifo_len(&port->xmit);
	spin_unlock_irqrestore(&port->lock, flags);
	return count;
}

static void mtty_tty_flush_buffer(struct tty_struct *tty)
{
	struct mtty_port *port = tty->driver_data;
	unsigned long flags = mtty_port_lock(port);

	kfifo_reset(&port->xmit);
	mtty_port_unlock(port, flags);
	tty_wakeup(tty);
}

static void set_flag(struct mtty_port *port, bool *flag, bool value)
{
	unsigned long flags = mtty_port_lock(port);

	*flag = value;
	mtty_port_unlock(port, flags);
}

static void set_throttled(struct tty_struct *tty, bool throttled)
{
	struct mtty_port *port = tty->driver_data;
	unsigned long flags = mtty_port_lock(port);

	port->throttled = throttled;
	if (port->ixoff)
		port->xchar = throttled ? STOP_CHAR(tty) : START_CHAR(tty);
	mtty_port_unlock(port, flags);
}

static void mtty_tty_throttle(struct tty_struct *tty)
{
	set_throttled(tty, true);
}

static void mtty_tty_unthrottle(struct tty_struct *tty)
{
	set_throttled(tty, false);
}

static void mtty_tty_send_xchar(struct tty_struct *tty, compat_tty_char xchar)
{
	struct mtty_port *port = tty->driver_data;
	unsigned long flags = mtty_port_lock(port);

	port->xchar = xchar;
	mtty_port_unlock(port, flags);
}

static void mtty_tty_stop(struct tty_struct *tty)
{
	struct mtty_port *port = tty->driver_data;

	set_flag(port, &port->held, true);
}

static void mtty_tty_start(struct tty_struct *tty)
{
	struct mtty_port *port = tty->driver_data;

	set_flag(port, &port->held, false);
}

static int mtty_tty_break_ctl(struct tty_struct *tty, int state)
{
	struct mtty_port *port = tty->driver_data;
	unsigned long flags = mtty_port_lock(port);

	port->break_due |= state && !port->spacing;
	port->spacing = state;
	mtty_port_unlock(port, flags);
	return 0;
}

static void mtty_tty_set_termios(struct tty_struct *tty, const struct ktermios *old)
{
	struct mtty_port *port = tty->driver_data;
	unsigned long flags = mtty_port_lock(port);

	take_settings(port, tty);
	if (C_BAUD(tty) == B0)
		port->modem = 0;
	else if ((old->c_cflag & CBAUD) == B0)
		port->modem = TIOCM_DTR | TIOCM_RTS;
	mtty_port_unlock(port, flags);
}

static int mtty_tty_tiocmget(struct tty_struct *tty)
{
	struct mtty_port *port = tty->driver_data;
	unsigned long flags = mtty_port_lock(port);
	u8 outputs = uart_16550_outputs(&port->uart);
	unsigned int lines = port->modem;

	mtty_port_unlock(port, flags);
	if (outputs & UART_MCR_DTR)
		lines |= TIOCM_DSR | TIOCM_CAR;
	if (outputs & UART_MCR_RTS)
		lines |= TIOCM_CTS;
	return lines;
}

static int mtty_tty_tiocmset(struct tty_struct *tty, unsigned int set, unsigned int clear)
{
	set_modem(tty->driver_data, set, clear);
	return 0;
}

static const struct tty_operations mtty_tty_ops = {
	.install = mtty_tty_install,
	.cleanup = mtty_tty_cleanup,
	.open = mtty_tty_open,
	.close = mtty_tty_close,
	.hangup = mtty_tty_hangup,
	.write = mtty_tty_write,
	.write_room = mtty_tty_write_room,
	.chars_in_buffer = mtty_tty_chars_in_buffer,
	.flush_buffer = mtty_tty_flush_buffer,
	.throttle = mtty_tty_throttle,
	.unthrottle = mtty_tty_unthrottle,
	.send_xchar = mtty_tty_send_xchar,
	.stop = mtty_tty_stop,
	.start = mtty_tty_start,
	.break_ctl = mtty_tty_break_ctl,
	.set_termios = mtty_tty_set_termios,
	.tiocmget = mtty_tty_tiocmget,
	.tiocmset = mtty_tty_tiocmset,
	.get_icount = mtty_tty_get_icount,
	.get_serial = mtty_tty_get_serial,
	.set_serial = mtty_tty_set_serial,
	.ioctl = mtty_tty_ioctl,
};

/* --- the port */

struct mtty_port *mtty_port_new(struct mtty *card, unsigned int number)
{
	struct mtty_port *port = kzalloc(sizeof(*port), GFP_KERNEL);

	if (!port)
		return NULL;
	/* Pairs with the put in mtty_port_free(). */
	tty_port_init(&port->tty);
	port->tty.ops = &mtty_port_ops;
	port->tty.closing_wait = CLOSING_WAIT;
	port->line = -1;
	port->card = card;
	port->number = number;
	mtty_cable_init(port);
	return port;
}

void mtty_port_free(struct mtty_port *port)
{
	unsigned long flags;

	if (!port)
		return;
	mtty_port_to_loopback(port);
	flags = mtty_port_lock(port);
	port->card = NULL;
	mtty_port_unlock(port, flags);
	tty_port_put(&port->tty);
}

/* An open terminal of the last time keeps the line, so it is the same one again. */
int mtty_port_to_host(struct mtty_port *port, struct device *parent)
{
	struct device *dev;
	u32 line;
	int ret;

	if (port->host)
		return 0;
	if (port->line < 0) {
		ret = xa_alloc(&mtty_lines, &line, port, XA_LIMIT(0, mtty_tty_driver->num - 1),
			       GFP_KERNEL);
		if (ret)
			return ret == -EBUSY ? -ENOSPC : ret;
		port->line = line;
	}
	mtty_port_connect(port, true);
	dev = tty_port_register_device(&port->tty, mtty_tty_driver, port->line, parent);
	if (!IS_ERR(dev))
		return 0;
	mtty_port_connect(port, false);
	return PTR_ERR(dev);
}

/* Who opens it from now on fails in mtty_activate(); who has it open is hung up. */
void mtty_port_to_loopback(struct mtty_port *port)
{
	struct tty_struct *tty;

	if (!port->host)
		return;
	mtty_port_connect(port, false);
	tty = tty_port_tty_get(&port->tty);
	if (tty) {
		tty_vhangup(tty);
		tty_kref_put(tty);
	}
	tty_port_unregister_device(&port->tty, mtty_tty_driver, port->line);
}

int mtty_tty_init(unsigned int lines)
{
	struct tty_driver *driver;
	int ret;

	driver = tty_alloc_driver(lines, TTY_DRIVER_DYNAMIC_DEV);
	if (IS_ERR(driver))
		return PTR_ERR(driver);
	driver->driver_name = "mtty";
	driver->name = "ttyMTTY";
	driver->type = TTY_DRIVER_TYPE_SERIAL;
	driver->subtype = SERIAL_TYPE_NORMAL;
	/* Raw: a terminal that echoed what it gets before it is set up would spoil the data. */
	driver->init_termios = tty_std_termios;
	driver->init_termios.c_iflag = 0;
	driver->init_termios.c_oflag = 0;
	driver->init_termios.c_lflag = 0;
	driver->init_termios.c_cflag = B9600 | CS8 | CREAD | HUPCL | CLOCAL;
	driver->init_termios.c_ispeed = 9600;
	driver->init_termios.c_ospeed = 9600;
	tty_set_operations(driver, &mtty_tty_ops);
	ret = tty_register_driver(driver);
	if (ret) {
		tty_driver_kref_put(driver);
		return ret;
	}
	mtty_tty_driver = driver;
	return 0;
}

void mtty_tty_exit(void)
{
	tty_unregister_driver(mtty_tty_driver);
	tty_driver_kref_put(mtty_tty_driver);
}
