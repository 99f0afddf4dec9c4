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

/*
 * Whether @name is the address that one of @total virtual functions of @physical has, or would have
 * if it were enabled; @offset and @stride: as the files sriov_offset and sriov_stride say.
 */
bool pci_is_function_of(const char *name, const char *physical, unsigned int offset,
			unsigned int stride, unsigned int total);

#endif
