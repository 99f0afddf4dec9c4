// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "explain.h"
#include "log.h"
#include "parent.h"
#include "sysfs.h"
#include "util/array.h"
#include "util/io.h"
#include "util/refs.h"
#include "util/text.h"

#define PARENTS "class/mdev_bus"

#define CORE_IS_NOT_LOADED "The mdev core is not loaded: sysfs has no " PARENTS

struct mdev_parent {
	struct mdev_ctx *ctx;
	unsigned int refs;
	char name[];
};

struct mdev_ctx *parent_ctx(const struct mdev_parent *parent)
{
	return parent ? parent->ctx : NULL;
}

static int make(struct mdev_ctx *ctx, const char *name, struct mdev_parent **parent)
{
	struct mdev_parent *new = malloc(sizeof(*new) + strlen(name) + 1);

	if (!new)
		return log_no_memory(ctx);
	new->ctx = mdev_ctx_ref(ctx);
	new->refs = 1;
	strcpy(new->name, name);
	*parent = new;
	return 0;
}

MDEV_EXPORT struct mdev_parent *mdev_parent_ref(struct mdev_parent *parent)
{
	refs_get(&parent->refs);
	return parent;
}

MDEV_EXPORT void mdev_parent_unref(struct mdev_parent *parent)
{
	if (!parent || !refs_put(&parent->refs))
		return;
	mdev_ctx_unref(parent->ctx);
	free(parent);
}

MDEV_EXPORT const char *mdev_parent_get_name(const struct mdev_parent *parent)
{
	return parent->name;
}

static void list_freep(struct mdev_parent ***parents)
{
	mdev_parent_list_free(*parents);
}

int parent_list_names(struct mdev_ctx *ctx, struct strings *names)
{
	_cleanup_close_ int dir = -1;
	int r;

	r = sysfs_open(ctx, &dir, PARENTS);
	if (r == -ENOENT)
		return 0;
	if (r == 0)
		r = walk_directory(dir, walk_add_name, names);
	if (r == 0)
		strings_sort(names);
	return r;
}

static int fail_list(struct mdev_ctx *ctx, int r)
{
	return log_fail_kernel(ctx, r, "Failed to list the parents in " PARENTS ": " OS_ERROR,
			OS_ERROR_ARGS(r));
}

bool parent_class_exists(struct mdev_ctx *ctx)
{
	_cleanup_close_ int dir = -1;

	return sysfs_open(ctx, &dir, PARENTS) != -ENOENT;
}

MDEV_EXPORT int mdev_ctx_check_core(struct mdev_ctx *ctx)
{
	_cleanup_close_ int dir = -1;
	int r;

	if (!ctx)
		return -EINVAL;
	r = sysfs_open(ctx, &dir, PARENTS);
	if (r == -ENOENT)
		return log_fail(ctx, -ENODEV, CORE_IS_NOT_LOADED);
	if (r < 0)
		return log_fail_kernel(ctx, r, "Failed to open " PARENTS ": " OS_ERROR, OS_ERROR_ARGS(r));
	return 0;
}

MDEV_EXPORT int mdev_ctx_check_parents(struct mdev_ctx *ctx)
{
	_cleanup_strings_ struct strings names = { 0 };
	_cleanup_free_ char *why = NULL;
	int r;

	if (!ctx)
		return -EINVAL;
	r = parent_list_names(ctx, &names);
	if (r < 0)
		return fail_list(ctx, r);
	if (names.count > 0)
		return 0;
	why = explain_no_parent(ctx);
	return log_fail(ctx, -ENODEV, "%s%s", parent_class_exists(ctx) ?
			"No parent device is registered: the driver of the physical device is not "
			"loaded or offers no mediated devices" : CORE_IS_NOT_LOADED,
			why ? why : "");
}

MDEV_EXPORT int mdev_parent_list(struct mdev_ctx *ctx, struct mdev_parent ***parents)
{
	_cleanup_(list_freep) struct mdev_parent **list = NULL;
	_cleanup_strings_ struct strings names = { 0 };
	int r;

	if (ANY_NULL(ctx, parents))
		return log_null(ctx);
	r = parent_list_names(ctx, &names);
	if (r < 0)
		return fail_list(ctx, r);
	list = calloc(names.count + 1, sizeof(*list));
	if (!list)
		return log_no_memory(ctx);
	for (size_t i = 0; i < names.count; i++) {
		r = make(ctx, names.items[i], &list[i]);
		if (r < 0)
			return r;
	}
	*parents = TAKE_PTR(list);
	return 0;
}

MDEV_EXPORT void mdev_parent_list_free(struct mdev_parent **parents)
{
	if (!parents)
		return;
	for (size_t i = 0; parents[i]; i++)
		mdev_parent_unref(parents[i]);
	free(parents);
}

/* Whether @name is what @wanted may have meant: other case, or PCI without its domain. */
static bool resembles(const char *name, const char *wanted)
{
	return strcasecmp(name, wanted) == 0 ||
	       (strncmp(name, "0000:", 5) == 0 && strcasecmp(name + 5, wanted) == 0);
}

static int fail_unknown(struct mdev_ctx *ctx, const char *name, const char *note)
{
	_cleanup_strings_ struct strings names = { 0 };
	_cleanup_free_ char *why = NULL;
	int r;

	r = parent_list_names(ctx, &names);
	if (r < 0)
		return fail_list(ctx, r);
	for (size_t i = 0; i < names.count; i++)
		if (resembles(names.items[i], name))
			return log_fail(ctx, -ENODEV,
					"Unable to find parent device '%s'. Did you mean '%s'?%s",
					name, names.items[i], note);
	why = explain_missing_parent(ctx, name);
	return log_fail(ctx, -ENODEV, "Unable to find parent device '%s'%s%s", name, note,
			why ? why : "");
}

bool parent_exists(struct mdev_ctx *ctx, const char *name)
{
	_cleanup_close_ int dir = -1;

	return sysfs_open(ctx, &dir, PARENTS) == 0 && sysfs_exists(dir, name);
}

int parent_open(struct mdev_ctx *ctx, const char *name, struct handle *parent)
{
	int r, dir;

	r = sysfs_open(ctx, &dir, PARENTS "/%s", name);
	if (r < 0)
		return r == -ENOENT ? -ENODEV : r;
	*parent = (struct handle){ .ctx = ctx, .backend = &backend_mdev, .dir = dir };
	return 0;
}

int parent_resolve(const struct mdev_parent *parent, char **path)
{
	_cleanup_close_ int dir = -1;
	int r;

	r = sysfs_open(parent->ctx, &dir, PARENTS);
	return r < 0 ? r : sysfs_resolve(parent->ctx, dir, parent->name, path);
}

int parent_find(struct mdev_ctx *ctx, const char *name, const char *note,
		struct mdev_parent **parent)
{
	_cleanup_handle_ struct handle handle = HANDLE_NONE;
	int r;

	log_about(ctx, .parent = name);
	if (!name_is_valid(name))
		return log_fail(ctx, -EINVAL, "Invalid parent name '%s'", name);
	r = parent_open(ctx, name, &handle);
	if (r == -ENODEV)
		return fail_unknown(ctx, name, note);
	if (r < 0)
		return log_fail_kernel(ctx, r, "Failed to open parent device '%s': " OS_ERROR, name,
				OS_ERROR_ARGS(r));
	return make(ctx, name, parent);
}

MDEV_EXPORT int mdev_parent_lookup(struct mdev_ctx *ctx, const char *name,
				   struct mdev_parent **parent)
{
	if (ANY_NULL(ctx, name, parent))
		return log_null(ctx);
	log_call(ctx, .parent = name);
	return parent_find(ctx, name, "", parent);
}

int parent_open_types(struct mdev_ctx *ctx, const char *name, int *dir)
{
	return sysfs_open(ctx, dir, PARENTS "/%s/mdev_supported_types", name);
}
