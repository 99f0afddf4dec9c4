/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is to be done, so that a machine has the devices that a document describes. */
#ifndef LIB_PLAN_H
#define LIB_PLAN_H

#include "change.h"
#include "document.h"

/* @changes: as mdev_document_plan() gives them. Return: 0, -errno reported. */
_must_check_ int plan_make(const struct mdev_document *document, unsigned int flags,
			   struct mdev_change ***changes, size_t *count);

/*
 * A type of vGPUs that is given by its name or its id alone gets both, as the stored definition has
 * them. One that is not listed now stays as it is. Return: 0, -errno reported.
 */
_must_check_ int plan_resolve_type(struct mdev_ctx *ctx, struct mdev_change *change);

/* How many changes from @changes on, of @count, are of the same device. */
size_t plan_count_same(struct mdev_change *const *changes, size_t count);

#endif
