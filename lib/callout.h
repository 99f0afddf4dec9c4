/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Callout scripts: what vendors put beside the definitions to check, prepare and
 * finish operations on their devices, and to be told of them. Hides where scripts
 * are, how the one for a device is found, and the protocol, version 2, that
 * mdevctl(8) describes under CALLOUTS.
 */
#ifndef LIB_CALLOUT_H
#define LIB_CALLOUT_H

#include "ctx.h"
#include "config.h"

enum callout_action {
	CALLOUT_START,
	CALLOUT_STOP,
	CALLOUT_DEFINE,
	CALLOUT_UNDEFINE,
	CALLOUT_MODIFY,
};

/* The device an operation is about. Nothing in it is owned. */
struct callout_subject {
	const char *uuid;
	const char *parent;
	const char *type;
	const struct config *config;	/* what scripts get to read */
};

/*
 * callout_around() - carry out an operation with its scripts
 * @flags: MDEV_OP_FORCE and MDEV_OP_NO_CALLOUTS are meant for this function
 * @operation: what to do between "pre" and "post"; may change what @subject
 *	points to, "post" then reads the new state
 *
 * "pre" may refuse the operation. "post" and the notifiers cannot change its result.
 * All scripts are direct children of the calling process: some keep a lock in the
 * name of their parent from "pre" to "post".
 *
 * Return: what @operation returns, or the reported failure of "pre".
 */
typedef int callout_operation(struct mdev_ctx *ctx, void *data, unsigned int flags);
_must_check_ int callout_around(struct mdev_ctx *ctx, const struct callout_subject *subject,
				enum callout_action action, unsigned int flags,
				callout_operation *operation, void *data);

/*
 * callout_live() - change an active device
 * @flags: MDEV_OP_NO_CALLOUTS is meant for this function
 * @operation: does it if no script tells that it is responsible for the type
 *
 * Return: what @operation returns, or the reported failure of the script.
 */
_must_check_ int callout_live(struct mdev_ctx *ctx, const struct callout_subject *subject,
			      unsigned int flags, callout_operation *operation, void *data);

/*
 * callout_get_attrs() - ask the script for an active device's attributes
 * @attrs: gets them; without a script there are none
 *
 * Return: 0, or the reported failure, -EBADMSG for an answer that is malformed; what
 * precedes it is kept.
 */
_must_check_ int callout_get_attrs(struct mdev_ctx *ctx, const struct callout_subject *subject,
				   struct config *attrs);

/*
 * The same of the script that callout_live() would call; without one there are none, as
 * for another script's. Failures are reported as errors.
 */
_must_check_ int callout_get_live_attrs(struct mdev_ctx *ctx,
					const struct callout_subject *subject,
					struct config *attrs);

#endif
