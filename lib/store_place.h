/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Shared by reading and writing the definition directory; no other file includes this. */
#ifndef LIB_STORE_PLACE_H
#define LIB_STORE_PLACE_H

#include "ctx.h"

struct store_entries;

/* Callout scripts of old installations, not a parent. */
#define STORE_SCRIPTS "scripts.d"

/* <root>/etc/mdevctl.d[/<parent>[/<file>]], to be freed; NULL if there was no memory. */
char *store_place(const struct mdev_ctx *ctx, const char *parent, const char *file);

/* Reports a failed system call for a place: "@what <path>: <error>". Return: @r. */
int store_fail(struct mdev_ctx *ctx, int r, const char *what, const char *parent, const char *file);

#define STORE_OPEN "not used, as every user may write to it (chmod o-w makes it right)"

/*
 * Opens the definition directory. @what: what has failed if that does. Return: 0, -ENOENT,
 * unreported, -EPERM if everybody may write to it, -errno.
 */
_must_check_ int store_open(struct mdev_ctx *ctx, const char *what, int *dir);

/* All files that name a UUID, in whatever form: sorted, of each UUID the one that counts first. */
_must_check_ int store_list_files(struct mdev_ctx *ctx, int dir, const char *parent,
				  const struct mdev_uuid *uuid, struct store_entries *entries);

/* store_check() of a file that is there, or was a moment ago. */
_must_check_ int store_compare(struct mdev_ctx *ctx, int dir, const char *parent, const char *file,
			       const struct store_text *known);

#endif
