// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <unistd.h>

#include "log.h"
#include "pci.h"
#include "sysfs.h"
#include "vgpu_explain.h"
#include "vgpu_record.h"

/* Which types there are of which something is true, in a list. Return: how many. */
static unsigned int vgpu_add_types(const struct vgpu_view *view, bool is_used, const char *intro,
				   struct buffer *out)
{
	unsigned int count = 0;

	for (size_t i = 0; i < view->count; i++) {
		const struct vgpu_view_type *type = &view->types[i];

		if (is_used ? type->used == 0 : type->available == 0)
			continue;
		buffer_add_string(out, count++ ? ", " : intro);
		if (is_used)
			buffer_add_format(out, "%u of type ", type->used);
		buffer_add_format(out, VGPU_TYPE_PREFIX "%u", type->id);
	}
	return count;
}

void vgpu_explain_failed(const struct vgpu_view *view, struct buffer *out)
{
	const struct vgpu_failures *failures = &view->failures;

	if (failures->count > 0)
		buffer_add_format(out, "; the files of %u of its virtual functions, such as %s, cannot "
				  "be read: " OS_ERROR, failures->count, failures->first,
				  OS_ERROR_ARGS(failures->error));
}

/*
 * What is on the GPU beside a free function; what is on the parent itself has been told. All vGPUs
 * of a GPU have one size, unless it was set up for several.
 */
static bool vgpu_explain_room(const struct handle *parent, struct vgpu_view *own,
			      struct buffer *out)
{
	struct vgpu_view *view;
	size_t length = out->length;
	unsigned int used = 0;

	if (vgpu_view_fill(parent->ctx, parent->dir, own) < 0)
		return false;
	vgpu_explain_failed(own, out);
	view = vgpu_view_new_beside(parent->ctx, parent->backend, own->parent, parent->dir);
	if (!view)
		return false;
	for (size_t i = 0; i < view->count; i++)
		used += view->types[i].used > 0;
	if (own->n_used == 0)
		vgpu_add_types(view, true, "; its GPU has ", out);
	if (used > 0 && own->n_free > 0 &&
	    vgpu_add_types(view, false, "; beside these its driver offers only ", out) > 0 &&
	    used == 1)
		buffer_add_string(out, "; without MIG, other sizes need mixed sizes to be enabled "
				       "before the first vGPU: nvidia-smi vgpu -shm 1");
	vgpu_view_free(view);
	return out->length > length;
}

/* A GPU with vGPUs is full; one without has something to be set up. */
static bool vgpu_explain_empty(const struct handle *parent, struct vgpu_view *view,
			       struct buffer *out)
{
	if (vgpu_view_fill(parent->ctx, parent->dir, view) < 0 || view->count > 0)
		return false;
	vgpu_explain_failed(view, out);
	if (view->odd_line) {
		buffer_add_format(out, "; its driver lists types in a form that is not understood, such "
				  "as '%s'", view->odd_line);
		return true;
	}
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

/* The driver's errors, each of which stands for several things. */
static const char *vgpu_explain_create(int r)
{
	switch (r) {
	case -EACCES:
		return "its driver gives no right to set the type, not even to root";
	case -EPERM:
		return "the virtual function has a type already";
	case -EIO:
		return "the driver has no room for it beside the other vGPUs, these have another "
		       "size, or MIG mode has no GPU instance for it: the kernel's log has a line "
		       "of NVRM";
	case -EINVAL:
		return "the driver does not take a type there, as after the function was bound "
		       "again: sriov-manage -d and -e make new ones";
	default:
		return NULL;
	}
}

static const char *vgpu_explain_remove(int r)
{
	switch (r) {
	case -EPERM:
	case -EAGAIN:
		return "a virtual machine has it open, or has ended a moment ago";
	case -EACCES:
		return "its driver gives no right to set the type, not even to root";
	case -EBUSY:
		return "a virtual machine has it open, or its plugin in nvidia-vgpu-mgr does not end";
	default:
		return NULL;
	}
}

static const char *vgpu_explain_attr(enum backend_action action, int r)
{
	if (r == -ENXIO && action == BACKEND_READ)
		return "it has no value now, as that of a GPU instance without MIG";
	if (action == BACKEND_READ)
		return NULL;
	switch (r) {
	case -EPERM:
		return "a virtual machine has it open: stop that first";
	case -ENXIO:
		return "the virtual function has lost its type";
	case -EINVAL:
		return "the driver does not take this value, or chooses it by itself";
	case -E2BIG:
		return "the driver keeps no text of this length";
	default:
		return NULL;
	}
}

bool vgpu_explain(const struct handle *handle, struct vgpu_view *view, enum backend_action action,
		  int r, struct buffer *out)
{
	const char *why;

	if (r == -EUSERS && action == BACKEND_CREATE)
		return vgpu_explain_room(handle, view, out);
	if (r == -ENOENT && action == BACKEND_CREATE)
		return vgpu_explain_empty(handle, view, out);
	if (r == -ENOLCK)
		return vgpu_explain_record(out);
	if ((r == -EPERM || r == -EACCES) && geteuid() != 0)
		return false;
	if (action == BACKEND_CREATE)
		why = vgpu_explain_create(r);
	else if (action == BACKEND_REMOVE)
		why = vgpu_explain_remove(r);
	else
		why = vgpu_explain_attr(action, r);
	if (why)
		buffer_add_format(out, "; %s", why);
	return why;
}

/* What has become of it ------------------------------------------------------------- */

static void lost_add_driver(int dir, struct buffer *out)
{
	_cleanup_free_ char *driver = NULL;

	if (sysfs_read_link_base(dir, "driver", &driver) == 0)
		buffer_add_format(out, " (driver %s)", driver);
	else
		buffer_add_string(out, " (no driver)");
}

/* A function that cannot have a type now. */
static void lost_add_place(struct mdev_ctx *ctx, const char *name, struct buffer *out)
{
	_cleanup_close_ int dir = -1;

	if (sysfs_open(ctx, &dir, "bus/pci/devices/%s", name) < 0) {
		buffer_add_string(out, "which is not on the bus now");
		return;
	}
	buffer_add_string(out, "which offers no types now");
	lost_add_driver(dir, out);
}

static void lost_add_type(const struct vgpu_record *record, const struct vgpu_function *function,
			  unsigned int current, struct buffer *out)
{
	char type[VGPU_ID_SIZE];

	function->transport->format_type(current, type);
	if (current == record->id) {
		buffer_add_format(out, "which has gone and come since, and has got type %s from "
				  "another program", type);
	} else if (current != 0) {
		buffer_add_format(out, "which has type %s now", type);
	} else {
		buffer_add_string(out, "which has no type now");
		lost_add_driver(function->dir, out);
	}
}

void vgpu_explain_lost(struct mdev_ctx *ctx, const struct mdev_uuid *uuid, const char *parent,
		       struct buffer *out)
{
	_cleanup_vgpu_function_ struct vgpu_function function = VGPU_FUNCTION_NONE;
	_cleanup_vgpu_record_ struct vgpu_record record = { 0 };
	unsigned int current = 0;
	int r, seen = -ENODEV;

	/* For many definitions of mdevs no note need be looked for. */
	if ((parent && !pci_is_name(parent)) || vgpu_record_read(ctx, uuid, &record) < 0)
		return;
	r = vgpu_open(ctx, NULL, record.function, &function);
	if (r == 0)
		seen = function.transport->read_current(&function, &current);
	/* It is active. */
	if (seen == 0 && vgpu_record_holds(&record, &function, current) != 0)
		return;
	buffer_add_format(out, "; it was started on %s, ", record.function);
	if (seen == 0)
		lost_add_type(&record, &function, current, out);
	else if (r == 0)
		buffer_add_format(out, "whose type cannot be read: " OS_ERROR, OS_ERROR_ARGS(seen));
	else
		lost_add_place(ctx, record.function, out);
}
