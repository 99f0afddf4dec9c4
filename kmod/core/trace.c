// SPDX-License-Identifier: GPL-2.0-only
#include "core.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

void mdev_trace_parent_register(struct mdev_parent *parent, int result)
{
	trace_mdev_parent_register(parent, result);
}

void mdev_trace_parent_unregister(struct mdev_parent *parent)
{
	trace_mdev_parent_unregister(parent, 0);
}
