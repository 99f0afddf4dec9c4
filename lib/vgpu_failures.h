/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LIB_VGPU_FAILURES_H
#define LIB_VGPU_FAILURES_H

#include "util/cleanup.h"

/* Virtual functions that could not be looked at: told once for all, by the first of them. */
struct vgpu_failures {
	unsigned int count;
	char *first;
	int error;	/* of the first, negative */
};

/* Return: 0, -ENOMEM. */
_must_check_ int vgpu_failures_add(struct vgpu_failures *failures, const char *function, int error);
void vgpu_failures_clear(struct vgpu_failures *failures);

#endif
