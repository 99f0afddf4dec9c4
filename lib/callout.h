/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Callout scripts, which vendors install to check, prepare and finish operations on their devices,
 * and notifiers. Hides the protocol, version 2, that mdevctl(8) describes under CALLOUTS.
 */
#ifndef LIB_CALLOUT_H
#define LIB_CALLOUT_H

#include "operation.h"

/*
 * callout_begin() - hold signals and run "pre"
 *
 * "pre" may refuse the operation. Whatever this returns, callout_end() must follow. With
 * MDEV_OP_NO_CALLOUTS no script is run.
 *
 * Return: 0, -errno reported.
 */
_must_check_ int callout_begin(struct operation *operation);

/*
 * callout_end() - run "post" and the notifiers
 * @r: what the operation came to
 *
 * "post" reads the configuration as it is now. It and the notifiers cannot change the result.
 * All scripts are direct children of the calling process: some keep a lock in the
 * name of their parent from "pre" to "post".
 *
 * Return: @r.
 */
int callout_end(struct operation *operation, int r);

/* Whether scripts were called, and may have changed what was seen before. */
bool callout_has_scripts(const struct operation *operation);

/* Whether scripts may be in the middle of something that concerns others, such as a lock. */
bool callout_is_between(const struct operation *operation);

/* Carries out @fn between "pre" and "post". Return: what @fn does, or -errno of "pre". */
_must_check_ int callout_run(struct operation *operation, operation_fn *fn);

/*
 * Changes an active device: by the script that reported capabilities for the type, or by @fn if
 * there is none. Return: the result of @fn, or the reported failure of the script.
 */
_must_check_ int callout_run_live(struct operation *operation, operation_fn *fn);

/*
 * callout_get_attrs() - ask the script for an active device's attributes
 * @attrs: gets them; without a script there are none
 *
 * Return: 0, or the reported failure, -EBADMSG for an answer that is malformed; what
 * precedes it is kept.
 */
_must_check_ int callout_get_attrs(struct operation *operation, struct config *attrs);

/*
 * The same, but only from the script that callout_run_live() would call; without such a script
 * there are no attributes.
 */
_must_check_ int callout_get_live_attrs(struct operation *operation, struct config *attrs);

#endif
