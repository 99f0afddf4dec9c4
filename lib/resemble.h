/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which name the user may have meant: tools print addresses and types in different spellings. These
 * are only suggestions; no name is ever used instead of another.
 */
#ifndef LIB_RESEMBLE_H
#define LIB_RESEMBLE_H

#include "util/cleanup.h"

#define PCI_NAME_SIZE sizeof("ffffffff:ff:1f.7")

/*
 * The name that sysfs gives to a PCI device whose address is spelt in some other way: with a
 * domain of eight digits, as nvidia-smi prints it, with capitals, without domain or function, as
 * a name of libvirt's. Return: whether it is a PCI address.
 */
bool resemble_pci_name(const char *spelling, char name[PCI_NAME_SIZE]);

/* How much the parent @name is what @wanted may have meant: 0 for not at all. */
unsigned int resemble_parent(const char *name, const char *wanted);

/* The same of the type @id, which people call @name, unless that is NULL. */
unsigned int resemble_type(const char *id, const char *name, const char *wanted);

#endif
