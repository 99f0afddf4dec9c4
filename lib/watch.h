/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What happens to definitions: hides inotify, and that directories come later, go, are links
 * or are replaced. Remembers each definition's file, so that events, which only say where to
 * look, become changes.
 */
#ifndef LIB_WATCH_H
#define LIB_WATCH_H

#include "ctx.h"

struct watch;

/* Called for each change. A failure, -errno, ends the current call. */
typedef int watch_fn(void *data, enum mdev_event_kind kind, const struct mdev_uuid *uuid,
		     const char *parent);

/* Changes from now on. Return: 0, -errno reported. */
_must_check_ int watch_new(struct mdev_ctx *ctx, watch_fn *fn, void *data, struct watch **watch);
void watch_free(struct watch *watch);

/* Becomes readable when there is something to handle. */
int watch_get_fd(const struct watch *watch);

/*
 * Handles some of the events. After a failure, and if the kernel has dropped events, the next
 * call looks at everything again, and calls back for what is different.
 *
 * Return: 1 if something was handled, 0 if nothing has happened, -EOVERFLOW, unreported, if
 * changes may be missing, -errno reported.
 */
_must_check_ int watch_handle(struct watch *watch);

#endif
