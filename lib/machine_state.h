/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All definitions and active devices, to be found by UUID and parent. */
#ifndef LIB_MACHINE_STATE_H
#define LIB_MACHINE_STATE_H

#include "ctx.h"

struct machine_state {
	/* Sorted by UUID, then parent. */
	struct mdev_definition **definitions;
	struct mdev_device **devices;
	size_t n_definitions, n_devices;
};

/*
 * Reads it. What cannot be read is there without a type; why is said at @level.
 *
 * Return: 0, -errno reported.
 */
_must_check_ int state_read(struct mdev_ctx *ctx, enum mdev_log_level level,
			    struct machine_state *state);

void state_clear(struct machine_state *state);

/* NULL if there is none. */
struct mdev_definition *state_find_definition(const struct machine_state *state,
					      const struct mdev_uuid *uuid, const char *parent);

/* NULL if it is not active on @parent; on any parent, if that is NULL. */
struct mdev_device *state_find_device(const struct machine_state *state,
				      const struct mdev_uuid *uuid, const char *parent);

#endif
