/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Intel GPUs of the driver xe: physical functions that enable any number of alike virtual
 * functions, whose shares of the GPU are files below sriov_admin, as in Linux's
 * Documentation/ABI/testing/sysfs-driver-intel-xe-sriov.
 */
#ifndef SIM_XE_H
#define SIM_XE_H

#include "pci.h"

struct model;
struct xes;
struct xe;

/** xes_new() - @nodes: the directory that stands for /dev */
struct xes *xes_new(struct model *model, struct node *nodes);
void xes_free(struct xes *xes);

/* NULL for an address that nothing has. */
struct xe *xe_find(struct xes *xes, const char *address);

/** xe_add() - 0 or -errno: EEXIST for what is there already, EINVAL for a value that is none */
int xe_add(struct xes *xes, const struct sriov_config *config);

/** xe_set() - a setting; 0 or -EINVAL. The README has them */
int xe_set(struct xe *xe, const char *key, const char *value);

/** xe_set_count() - what a write to sriov_numvfs does; 0 or -errno */
int xe_set_count(struct xe *xe, unsigned int count);

/** xe_reload() - the driver is loaded again: all settings are the usual ones, functions are gone */
void xe_reload(struct xe *xe);
void xes_reload(struct xes *xes);

#endif
