// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vgpu_failures.h"

int vgpu_failures_add(struct vgpu_failures *failures, const char *function, int error)
{
	if (failures->count++ > 0)
		return 0;
	failures->error = error;
	failures->first = strdup(function);
	return failures->first ? 0 : -ENOMEM;
}

void vgpu_failures_clear(struct vgpu_failures *failures)
{
	free(failures->first);
	*failures = (struct vgpu_failures){ 0 };
}
