// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "log.h"
#include "parent.h"
#include "sysfs.h"
#include "type.h"
#include "util/array.h"
#include "util/io.h"
#include "util/refs.h"
#include "util/text.h"

struct mdev_type {
	unsigned int refs;
	char *id;
	char *name, *description;	/* NULL if the driver does not tell */
	char *device_api;
	unsigned int available_instances;
};

static void type_unrefp(struct mdev_type **type)
{
	mdev_type_unref(*type);
}

static void type_list_freep(struct mdev_type ***types)
{
	mdev_type_list_free(*types);
}

MDEV_EXPORT struct mdev_type *mdev_type_ref(struct mdev_type *type)
{
	refs_get(&type->refs);
	return type;
}

MDEV_EXPORT void mdev_type_unref(struct mdev_type *type)
{
	if (!type || !refs_put(&type->refs))
		return;
	free(type->id);
	free(type->name);
	free(type->description);
	free(type->device_api);
	free(type);
}

MDEV_EXPORT const char *mdev_type_get_id(const struct mdev_type *type)
{
	return type->id;
}

MDEV_EXPORT const char *mdev_type_get_name(const struct mdev_type *type)
{
	return type->name;
}

MDEV_EXPORT const char *mdev_type_get_description(const struct mdev_type *type)
{
	return type->description;
}

MDEV_EXPORT const char *mdev_type_get_device_api(const struct mdev_type *type)
{
	return type->device_api;
}

MDEV_EXPORT unsigned int mdev_type_get_available_instances(const struct mdev_type *type)
{
	return type->available_instances;
}

/* Where a type is read from. */
struct source {
	struct mdev_ctx *ctx;
	const char *parent, *id;
	int types, dir;			/* the types' directory and its own */
};

static struct source source_of(const struct mdev_parent *parent)
{
	return (struct source){
		.ctx = parent_ctx(parent),
		.parent = mdev_parent_get_name(parent),
		.types = -1,
		.dir = -1,
	};
}

static void source_clear(struct source *from)
{
	util_close(from->types);
	util_close(from->dir);
}

/* A type that is not there any more has not failed. */
static int fail_read(const struct source *from, const char *file, int r)
{
	if (!sysfs_exists(from->types, from->id))
		return -ENOENT;
	return log_fail_kernel(from->ctx, r, "Failed to read %s of type %s of %s: " OS_ERROR,
			 file, from->id, from->parent, OS_ERROR_ARGS(r));
}

static int read_count(const struct source *from, unsigned int *count)
{
	static const char file[] = "available_instances";
	_cleanup_free_ char *text = NULL;
	int r;

	r = sysfs_read(from->ctx, from->dir, file, &text);
	if (r < 0)
		return fail_read(from, file, r);
	if (parse_number(text, count) < 0)
		return log_fail(from->ctx, -EBADMSG,
				"Failed to read %s of type %s of %s: '%s' is not a count", file,
				 from->id, from->parent, text);
	return 0;
}

/* A file that a driver may leave out: NULL if it does, or if it is empty. */
static int read_optional(const struct source *from, const char *file, char **value)
{
	int r = sysfs_read(from->ctx, from->dir, file, value);

	if (r == -ENOMEM)
		return log_no_memory(from->ctx);
	if (r == 0 && !**value)
		free(TAKE_PTR(*value));
	return 0;
}

/* Opens the directory of the type @id; -ENOENT, unreported, if there is none. */
static int open_type(struct source *from, const char *id)
{
	int r;

	util_close(TAKE_FD(from->dir));
	from->id = id;
	r = sysfs_open_at(from->ctx, from->types, id, &from->dir);
	return r < 0 ? fail_read(from, "the directory", r) : 0;
}

static int fill(const struct source *from, struct mdev_type *type)
{
	int r;

	type->id = strdup(from->id);
	if (!type->id)
		return log_no_memory(from->ctx);
	r = sysfs_read(from->ctx, from->dir, "device_api", &type->device_api);
	if (r < 0)
		return fail_read(from, "device_api", r);
	r = read_count(from, &type->available_instances);
	if (r == 0)
		r = read_optional(from, "name", &type->name);
	if (r == 0)
		r = read_optional(from, "description", &type->description);
	return r;
}

static int make(struct source *from, const char *id, struct mdev_type **type)
{
	_cleanup_(type_unrefp) struct mdev_type *new = calloc(1, sizeof(*new));
	int r;

	if (!new)
		return log_no_memory(from->ctx);
	new->refs = 1;
	r = open_type(from, id);
	if (r == 0)
		r = fill(from, new);
	if (r < 0)
		return r;
	*type = TAKE_PTR(new);
	return 0;
}

/* Opens the types' directory and lists it; none if the parent has gone. */
static int list_names(struct source *from, struct strings *names)
{
	int r;

	r = parent_open_types(from->ctx, from->parent, &from->types);
	if (r == 0)
		r = walk_directory(from->types, walk_add_name, names);
	if (r == -ENOENT || r == -ENODEV) {
		log_debug(from->ctx, "Parent %s has no types", from->parent);
		strings_clear(names);
		return 0;
	}
	if (r < 0)
		return log_fail_kernel(from->ctx, r, "Failed to list the types of %s: " OS_ERROR,
				from->parent, OS_ERROR_ARGS(r));
	strings_sort(names);
	return 0;
}

MDEV_EXPORT int mdev_type_list(struct mdev_parent *parent, struct mdev_type ***types)
{
	_cleanup_(source_clear) struct source from = { .types = -1, .dir = -1 };
	_cleanup_(type_list_freep) struct mdev_type **list = NULL;
	_cleanup_strings_ struct strings names = { 0 };
	size_t count = 0;
	int r;

	if (ANY_NULL(parent, types))
		return log_null(parent_ctx(parent));
	from = source_of(parent);
	log_call(from.ctx, .parent = from.parent);
	r = list_names(&from, &names);
	if (r < 0)
		return r;
	list = calloc(names.count + 1, sizeof(*list));
	if (!list)
		return log_no_memory(from.ctx);
	log_about(from.ctx, .level = MDEV_LOG_WARNING);
	for (size_t i = 0; i < names.count; i++) {
		r = make(&from, names.items[i], &list[count]);
		if (r == -ENOMEM)
			return r;
		if (r == 0)
			count++;
	}
	*types = TAKE_PTR(list);
	return 0;
}

MDEV_EXPORT void mdev_type_list_free(struct mdev_type **types)
{
	if (!types)
		return;
	for (size_t i = 0; types[i]; i++)
		mdev_type_unref(types[i]);
	free(types);
}

/* Opens the directory in which the type @id is looked for. */
static int open_types(struct source *from, const char *id)
{
	int r;

	if (!name_is_valid(id))
		return log_fail(from->ctx, -EINVAL, "Invalid type name '%s'", id);
	r = parent_open_types(from->ctx, from->parent, &from->types);
	if (r == -ENOENT)
		return log_fail(from->ctx, -ENODEV,
				"Parent %s is not currently registered for mdev support",
				from->parent);
	if (r < 0)
		return log_fail_kernel(from->ctx, r, "Failed to open the types of %s: " OS_ERROR,
				from->parent, OS_ERROR_ARGS(r));
	return 0;
}

static int fail_unsupported(const struct source *from, const char *id)
{
	return log_fail(from->ctx, -ENOENT, "Parent %s does not support mdev type %s",
			from->parent, id);
}

MDEV_EXPORT int mdev_type_lookup(struct mdev_parent *parent, const char *id,
				 struct mdev_type **type)
{
	_cleanup_(source_clear) struct source from = { .types = -1, .dir = -1 };
	int r;

	if (ANY_NULL(parent, id, type))
		return log_null(parent_ctx(parent));
	from = source_of(parent);
	log_call(from.ctx, .parent = from.parent);
	r = open_types(&from, id);
	if (r == 0)
		r = make(&from, id, type);
	return r == -ENOENT ? fail_unsupported(&from, id) : r;
}

int type_count_available(const struct mdev_parent *parent, const char *id, unsigned int *count)
{
	_cleanup_(source_clear) struct source from = source_of(parent);
	int r;

	log_about(from.ctx, .parent = from.parent);
	r = open_types(&from, id);
	if (r == 0)
		r = open_type(&from, id);
	if (r == 0)
		r = read_count(&from, count);
	return r == -ENOENT ? fail_unsupported(&from, id) : r;
}

bool type_is_available(struct mdev_ctx *ctx, const char *parent, const char *id)
{
	_cleanup_(source_clear) struct source from = {
		.ctx = ctx,
		.parent = parent,
		.types = -1,
		.dir = -1,
	};
	unsigned int count;

	log_quietly(ctx);
	return parent_open_types(ctx, parent, &from.types) == 0 && open_type(&from, id) == 0 &&
	       read_count(&from, &count) == 0 && count > 0;
}
