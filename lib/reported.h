/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The parents and devices that a monitor has told of. A comparison with those of the kernel gives
 * the changes for which there was no event.
 */
#ifndef LIB_REPORTED_H
#define LIB_REPORTED_H

#include "ctx.h"

struct reported;

/* Called for each change. @type: NULL for a parent. A failure, -errno, ends the current call. */
typedef int reported_fn(void *data, enum mdev_event_kind kind, const struct mdev_uuid *uuid,
			 const char *parent, const char *type);

/* Begins with what there is now in the context's root. Return: 0, -errno reported. */
_must_check_ int reported_new(struct mdev_ctx *ctx, struct reported **reported);
void reported_free(struct reported *reported);

/*
 * Notes an event. @uuid: empty for a parent. @type: gets the type of a device, which may be one
 * that has gone, to be freed; NULL if it is not known. Return: 0, -ENOMEM, unreported.
 */
_must_check_ int reported_note(struct reported *reported, enum mdev_event_kind kind,
				const struct mdev_uuid *uuid, const char *parent, char **type);

/*
 * Calls @fn for what has come or gone without an event: parents come before their devices and
 * go after them. Return: 0, -errno reported; the changes that @fn was not called for are left
 * to the next call.
 */
_must_check_ int reported_compare(struct reported *reported, reported_fn *fn, void *data);

#endif
