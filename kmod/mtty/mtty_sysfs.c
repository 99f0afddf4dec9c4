// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attributes of a mediated serial card: its mode, and in the directory mtty what its
 * registers say and what has passed the ports.
 */
#include <linux/sysfs.h>

#include "mtty.h"
#include "mtty_tty.h"

#define BASE_BAUD (1843200 / 16)

static const char * const mode_names[] = { "loopback", "host" };

static ssize_t mode_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", mode_names[READ_ONCE(mtty_port_of(dev, 0)->host)]);
}

static ssize_t mode_store(struct device *dev, struct device_attribute *attr, const char *buf,
			  size_t count)
{
	int mode = sysfs_match_string(mode_names, buf);
	int ret;

	if (mode < 0)
		return mode;
	ret = mtty_set_mode(dev, mode);
	return ret ?: count;
}
static DEVICE_ATTR_RW(mode);

static ssize_t ports_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", mtty_nr_ports(dev));
}
static DEVICE_ATTR_RO(ports);

struct port_attribute {
	struct device_attribute attr;
	unsigned int port;
	size_t counter; /* offset in struct uart_16550_counters */
};

/* A copy: an attribute is about one moment. */
static struct uart_16550 uart_of(struct device *dev, struct device_attribute *attr)
{
	struct port_attribute *port_attr = container_of(attr, struct port_attribute, attr);
	struct mtty_port *port = mtty_port_of(dev, port_attr->port);
	unsigned long flags = mtty_port_lock(port);
	struct uart_16550 uart = port->uart;

	mtty_port_unlock(port, flags);
	return uart;
}

static ssize_t tty_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct port_attribute *port_attr = container_of(attr, struct port_attribute, attr);
	struct mtty_port *port = mtty_port_of(dev, port_attr->port);

	return READ_ONCE(port->host) ? sysfs_emit(buf, "ttyMTTY%d\n", port->line) :
				       sysfs_emit(buf, "\n");
}

static ssize_t baud_rate_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct uart_16550 uart = uart_of(dev, attr);

	return sysfs_emit(buf, "%u\n", uart.divisor ? BASE_BAUD / uart.divisor : 0);
}

static char parity_letter(u8 lcr)
{
	if (!(lcr & UART_LCR_PARITY))
		return 'n';
	if (lcr & UART_LCR_SPAR)
		return lcr & UART_LCR_EPAR ? 's' : 'm';
	return lcr & UART_LCR_EPAR ? 'e' : 'o';
}

/* The second stop bit is half a bit long behind words of five (8.1, bit 2). */
static ssize_t line_settings_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	u8 lcr = uart_of(dev, attr).lcr;
	const char *stop = "1";

	if (lcr & UART_LCR_STOP)
		stop = lcr & UART_LCR_WLEN8 ? "2" : "1.5";
	return sysfs_emit(buf, "%u%c%s\n", 5 + (lcr & UART_LCR_WLEN8), parity_letter(lcr), stop);
}

static ssize_t counter_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct port_attribute *port_attr = container_of(attr, struct port_attribute, attr);
	struct uart_16550 uart = uart_of(dev, attr);

	return sysfs_emit(buf, "%u\n", *(u32 *)((u8 *)&uart.counters + port_attr->counter));
}

#define PORT_ATTR(n, name, show, offset)				\
	(&((struct port_attribute){					\
		__ATTR(port##n##_##name, 0444, show, NULL), n, offset	\
	}).attr.attr)

#define COUNTER_ATTR(n, name, member) \
	PORT_ATTR(n, name, counter_show, offsetof(struct uart_16550_counters, member))

#define PORT_ATTRS(n)							\
	PORT_ATTR(n, tty, tty_show, 0),					\
	PORT_ATTR(n, baud_rate, baud_rate_show, 0),			\
	PORT_ATTR(n, line_settings, line_settings_show, 0),		\
	COUNTER_ATTR(n, rx, rx),					\
	COUNTER_ATTR(n, tx, tx),					\
	COUNTER_ATTR(n, overrun, overrun),				\
	COUNTER_ATTR(n, break, brk),					\
	COUNTER_ATTR(n, parity, parity),				\
	COUNTER_ATTR(n, framing, framing)

static struct attribute *mtty_attrs[] = {
	&dev_attr_ports.attr,
	PORT_ATTRS(0),
	PORT_ATTRS(1),
	NULL,
};

static umode_t mtty_attr_visible(struct kobject *kobj, struct attribute *attr, int index)
{
	unsigned int ports = mtty_nr_ports(kobj_to_dev(kobj));
	struct port_attribute *port_attr = container_of(attr, struct port_attribute, attr.attr);

	if (attr == &dev_attr_ports.attr || port_attr->port < ports)
		return attr->mode;
	return 0;
}

static const struct attribute_group mtty_group = {
	.name = "mtty",
	.attrs = mtty_attrs,
	.is_visible = mtty_attr_visible,
};

static struct attribute *mtty_device_attrs[] = {
	&dev_attr_mode.attr,
	NULL,
};

static const struct attribute_group mtty_device_group = {
	.attrs = mtty_device_attrs,
};

const struct attribute_group *mtty_device_groups[] = {
	&mtty_device_group,
	&mtty_group,
	NULL,
};
