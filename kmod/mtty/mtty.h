/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The card that mediated serial cards are slices of: /sys/devices/virtual/mtty/mtty, a
 * pool of serial ports. There is one.
 */
#ifndef MTTY_H
#define MTTY_H

#include "vfio_mdev.h"

#define MTTY_MAX_PORTS 2
#define MTTY_TYPES 2

struct mtty_parent;

/*
 * Registers a parent with @ports ports that offers copies of @types. Gives the
 * parent or an error pointer.
 */
struct mtty_parent *mtty_parent_new(struct vfio_mdev_driver *driver,
				    const struct vfio_mdev_type types[MTTY_TYPES],
				    unsigned int ports);

/* Unregisters it, which removes its devices. */
void mtty_parent_free(struct mtty_parent *parent);

/* Takes the ports of a device of @type out of the pool: 0 or -ENOSPC. */
int mtty_ports_take(const struct mdev_type *type);
void mtty_ports_give_back(const struct mdev_type *type);

/* How many ports a device of @type has, and how many such devices can be made. */
unsigned int mtty_ports_of(const struct mdev_type *type);
unsigned int mtty_available(struct mdev_type *type);

#endif /* MTTY_H */
