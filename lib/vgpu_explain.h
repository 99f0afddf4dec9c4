/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the driver means by the few errors that it has for everything. */
#ifndef LIB_VGPU_EXPLAIN_H
#define LIB_VGPU_EXPLAIN_H

#include "backend.h"
#include "vgpu_view.h"

/* As the member explain() of a back-end. @view: that of the handle; it may be filled. */
bool vgpu_explain(const struct handle *handle, struct vgpu_view *view, enum backend_action action,
		  int r, struct buffer *out);

/* Adds which functions could not be looked at, if there are such. */
void vgpu_explain_failed(const struct vgpu_view *view, struct buffer *out);

/* As the member of that name. */
void vgpu_explain_lost(struct mdev_ctx *ctx, const struct mdev_uuid *uuid, const char *parent,
		       struct buffer *out);

/* Adds why a device cannot be remembered. Return: true. */
bool vgpu_explain_record(struct buffer *out);

#endif
