/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Starting a device in steps, so that one whose driver adds an attribute late keeps no other
 * waiting.
 */
#ifndef LIB_START_H
#define LIB_START_H

#include "operation.h"

/*
 * Whether a device could be made, as far as that can be seen beforehand. A missing parent's modules
 * are loaded, unless the flags forbid it. The parent is held in @start->on then, if it is not yet.
 *
 * Return: 0, -EEXIST if it is active, -ENODEV without its parent, -ENOENT without its type, -EUSERS
 * without an instance, other -errno; reported.
 */
_must_check_ int start_check(struct operation *start);

/*
 * Runs "pre", makes the device and writes its attributes.
 *
 * Return: 0, 1 if an attribute cannot be written yet, -errno reported. start_end() must follow
 * in any case.
 */
_must_check_ int start_begin(struct operation *start);

/*
 * Continues to write attributes after start_begin() or this function returned 1. Return: likewise.
 */
_must_check_ int start_go_on(struct operation *start);

/*
 * Ends: takes the device back if @r, the last result of these, is not 0, and runs "post".
 * Return: 0, -errno reported.
 */
_must_check_ int start_end(struct operation *start, int r);

/*
 * All of that, as mdev_start(). @more: how many of its kind the caller starts after it, so that a
 * driver that makes room once makes it for all.
 */
_must_check_ int start_one(const struct mdev_definition *definition, unsigned int flags,
			   size_t more);

/*
 * How the start that made an active device came out. One that has gone meanwhile is whole.
 * Return: 0, -ENOMEM, unreported.
 */
_must_check_ int start_find_state(const struct mdev_device *device, enum journal_state *state);

/*
 * Takes away what a start that was killed has left of an active device.
 *
 * Return: 1 if that was done, 0 if the device is whole, -EWOULDBLOCK, unreported, if another
 * process is starting it, other -errno reported: -EBUSY if it is in use.
 */
_must_check_ int start_clear_left(const struct mdev_device *device);

#endif
