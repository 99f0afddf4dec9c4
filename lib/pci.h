/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the PCI bus tells of its devices, whichever kernel interface offers their slices. */
#ifndef LIB_PCI_H
#define LIB_PCI_H

#include "ctx.h"
#include "util/array.h"

/*
 * Adds the names of the virtual functions of a physical function, in their order; none if @name
 * is not that of such a device. Warns of those whose links cannot be read. Return: 0, -ENOMEM.
 */
_must_check_ int pci_list_functions(struct mdev_ctx *ctx, const char *name,
				    struct strings *functions);

/* The same of the device whose directory is open. */
_must_check_ int pci_list_functions_of(struct mdev_ctx *ctx, const char *name, int device,
				       struct strings *functions);

/* Whether @name is an address as sysfs spells it: "0000:3b:00.4". */
bool pci_is_name(const char *name);

/* Where the virtual functions of a physical one are, or would be if they were enabled. */
struct pci_layout {
	unsigned int offset, stride;
	unsigned int total;
};

/* Return: 0, -ENODEV if the device @dir has none, -errno. */
_must_check_ int pci_read_layout(struct mdev_ctx *ctx, int dir, struct pci_layout *layout);

/* Which virtual function of @physical has the address @name, from 1 on; 0: none. */
unsigned int pci_find_number(const char *name, const char *physical,
			     const struct pci_layout *layout);

#endif
