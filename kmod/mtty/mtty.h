/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A mediated serial card, as its ports and its attributes know it.
 */
#ifndef MTTY_H
#define MTTY_H

#include <linux/device.h>

struct mtty;
struct mtty_port;

/* The level of a port's interrupt; called below the lock of the port. */
void mtty_set_irq(struct mtty *mtty, unsigned int port, bool level);

/* For the attributes of a mediated device: its ports, and the mode of them all. */
unsigned int mtty_nr_ports(struct device *dev);
struct mtty_port *mtty_port_of(struct device *dev, unsigned int number);
int mtty_set_mode(struct device *dev, bool host);

extern const struct attribute_group *mtty_device_groups[];

#endif /* MTTY_H */
