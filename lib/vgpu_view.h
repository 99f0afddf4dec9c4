/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the types of a parent are: a virtual function by itself, or all of a physical one. */
#ifndef LIB_VGPU_VIEW_H
#define LIB_VGPU_VIEW_H

#include "vgpu.h"
#include "vgpu_failures.h"

struct vgpu_view_type {
	unsigned int id;
	char *name;		/* NULL if it is not known */
	unsigned int available;	/* functions that list it: at most so many can have it */
	unsigned int used;	/* functions that have it */
};

struct vgpu_view {
	const struct backend *backend;
	char *parent;		/* its address */
	bool is_filled;
	struct vgpu_view_type *types;
	size_t count;
	unsigned int n_free, n_used;	/* functions */
	struct vgpu_failures failures;	/* those whose state is unknown */
	char *odd_line;		/* of a list of types, that was not understood; may be NULL */
};

/* One that has not been looked at yet; NULL without memory. */
struct vgpu_view *vgpu_view_new(const struct backend *backend, const char *parent);
void vgpu_view_free(struct vgpu_view *view);

/* The functions that are meant by the parent, in the driver's order. Return: 0, -errno. */
_must_check_ int vgpu_view_list(struct mdev_ctx *ctx, const struct backend *backend,
				const char *parent, int dir, struct strings *names);

/*
 * Looks at all functions now; @dir: the parent's directory. Return: 0, also if some could not be
 * read; what the failure was if none could; -ENODEV if there is none; -ENOMEM.
 */
_must_check_ int vgpu_view_fill(struct mdev_ctx *ctx, int dir, struct vgpu_view *view);

/*
 * The same of all functions of the GPU of which the parent is one, or of the parent itself. NULL,
 * unreported, if it cannot be read.
 */
struct vgpu_view *vgpu_view_new_beside(struct mdev_ctx *ctx, const struct backend *backend,
				       const char *parent, int dir);

/*
 * Whether a parent that has been looked at may have a type that was not seen: while there are vGPUs
 * the driver leaves out of its lists what has no room beside them, so that a type is unknown only to
 * a GPU without any.
 */
bool vgpu_view_may_have(struct mdev_ctx *ctx, int dir, const struct vgpu_view *view);

/* Warns if the driver lists types, but the name of none. */
void vgpu_view_warn_nameless(struct mdev_ctx *ctx, const struct vgpu_view *view);

const struct vgpu_view_type *vgpu_view_find(const struct vgpu_view *view, unsigned int id);
const struct vgpu_view_type *vgpu_view_find_name(const struct vgpu_view *view, const char *name);

/*
 * The id of a type, by the name that it had when it was defined: the next release of the driver may
 * have given the number to another one. @name: NULL if there is none; @type may be a name, too.
 * Return: 0, also for an id that was not seen; -ENOENT if the number belongs to another type now;
 * -ENOMEM.
 */
_must_check_ int vgpu_view_resolve(const struct vgpu_view *view, const char *type, const char *name,
				   char **id);

#endif
