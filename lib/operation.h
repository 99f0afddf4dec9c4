/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the operations have in common. */
#ifndef LIB_OPERATION_H
#define LIB_OPERATION_H

#include "callout.h"

/* Fails with -EINVAL, reported, if @flags has any but those of @known. */
_must_check_ int operation_check_flags(struct mdev_ctx *ctx, unsigned int flags,
				       unsigned int known);

/*
 * What scripts are told of a definition. Parent and type are NULL if they are not chosen,
 * all is NULL for NULL.
 */
struct callout_subject operation_subject(const struct mdev_definition *definition);

/* From here on failures are about the subject. */
#define operation_about(ctx, subject) log_call(ctx, .uuid = (subject)->uuid, .parent = (subject)->parent)

#endif
