// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <unistd.h>

#include "vgpu_explain.h"

/* What is on the GPU beside a free function. What is on the parent itself has been told. */
static bool vgpu_explain_room(const struct handle *parent, struct vgpu_view *own,
			      struct buffer *out)
{
	struct vgpu_view *view;
	size_t length = out->length;

	if (vgpu_view_fill(parent->ctx, parent->dir, own) < 0 || own->n_used > 0)
		return false;
	view = vgpu_view_new_beside(parent->ctx, parent->backend, own->parent, parent->dir);
	for (size_t i = 0; view && i < view->count; i++)
		if (view->types[i].used > 0)
			buffer_add_format(out, "%s%u of type " VGPU_TYPE_PREFIX "%u",
					  out->length > length ? ", " : "; its GPU has ",
					  view->types[i].used, view->types[i].id);
	if (view)
		vgpu_view_free(view);
	return out->length > length;
}

/* A GPU with vGPUs is full; one without has something to be set up. */
static bool vgpu_explain_empty(const struct handle *parent, struct vgpu_view *view,
			       struct buffer *out)
{
	if (vgpu_view_fill(parent->ctx, parent->dir, view) < 0 || view->count > 0)
		return false;
	buffer_add_string(out, "; its driver lists no type on any free virtual function, as it does "
			  "in MIG mode before GPU instances are made");
	return true;
}

bool vgpu_explain_record(struct buffer *out)
{
	buffer_add_string(out,
			  "; run/mdevctl cannot be written, where it would be remembered which "
			  "device this is");
	return true;
}

bool vgpu_explain(const struct handle *handle, struct vgpu_view *view, enum backend_action action,
		  int r, struct buffer *out)
{
	if (action == BACKEND_READ)
		return false;
	if (r == -EUSERS && action == BACKEND_CREATE)
		return vgpu_explain_room(handle, view, out);
	if (r == -ENOENT && action == BACKEND_CREATE)
		return vgpu_explain_empty(handle, view, out);
	if (r == -ENOLCK)
		return vgpu_explain_record(out);
	if ((r == -EPERM || r == -EACCES) && geteuid() != 0)
		return false;
	else if (r == -EPERM && action == BACKEND_CREATE)
		buffer_add_string(out, "; the virtual function has a type already");
	else if (r == -EPERM && action == BACKEND_REMOVE)
		buffer_add_string(out, "; a virtual machine has it open, or has ended a moment ago");
	else if (r == -EPERM)
		buffer_add_string(out, "; a virtual machine has it open: stop that first");
	else if (r == -EBUSY && action == BACKEND_REMOVE)
		buffer_add_string(out, "; its plugin in nvidia-vgpu-mgr does not end");
	else if (r == -EIO && action == BACKEND_CREATE)
		buffer_add_string(out, "; the driver has no room for it beside the other vGPUs, or "
				  "no GPU instance in MIG mode: the kernel's log has a line of NVRM");
	else
		return false;
	return true;
}
