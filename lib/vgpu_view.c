// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "log.h"
#include "pci.h"
#include "sysfs.h"
#include "vgpu_record.h"
#include "vgpu_view.h"

struct vgpu_view *vgpu_view_new(const struct backend *backend, const char *parent)
{
	struct vgpu_view *view = calloc(1, sizeof(*view));

	if (!view)
		return NULL;
	view->backend = backend;
	view->parent = strdup(parent);
	if (view->parent)
		return view;
	free(view);
	return NULL;
}

static void view_empty(struct vgpu_view *view)
{
	for (size_t i = 0; i < view->count; i++)
		free(view->types[i].name);
	free(view->types);
	vgpu_failures_clear(&view->failures);
	free(view->odd_line);
	*view = (struct vgpu_view){ .backend = view->backend, .parent = view->parent };
}

void vgpu_view_free(struct vgpu_view *view)
{
	view_empty(view);
	free(view->parent);
	free(view);
}

const struct vgpu_view_type *vgpu_view_find(const struct vgpu_view *view, unsigned int id)
{
	for (size_t i = 0; i < view->count; i++)
		if (view->types[i].id == id)
			return &view->types[i];
	return NULL;
}

const struct vgpu_view_type *vgpu_view_find_name(const struct vgpu_view *view, const char *name)
{
	for (size_t i = 0; i < view->count; i++)
		if (view->types[i].name && strcasecmp(view->types[i].name, name) == 0)
			return &view->types[i];
	return NULL;
}

/* The entry of a type, which is made if there is none; NULL without memory. */
static struct vgpu_view_type *view_get(struct vgpu_view *view, unsigned int id, const char *name)
{
	struct vgpu_view_type *type = (struct vgpu_view_type *)vgpu_view_find(view, id);

	if (!type) {
		if (array_reserve(&view->types, view->count, sizeof(*view->types)) < 0)
			return NULL;
		type = &view->types[view->count++];
		*type = (struct vgpu_view_type){ .id = id };
	}
	if (name && *name && !type->name) {
		type->name = strdup(name);
		if (!type->name)
			return NULL;
	}
	return type;
}

static int view_add_free(const struct vgpu_function *function, struct vgpu_view *view)
{
	_cleanup_vgpu_types_ struct vgpu_types types = { 0 };
	unsigned int current;
	int r = function->transport->list_types(function, &types);

	/* The function has not gone, so that it is only its list that is missing. */
	if (r == -ENODEV && function->transport->read_current(function, &current) == 0)
		return -ENODATA;
	if (r < 0)
		return r;
	for (size_t i = 0; i < types.count; i++) {
		struct vgpu_view_type *type = view_get(view, types.items[i].id,
						       types.items[i].name);

		if (!type)
			return -ENOMEM;
		type->available++;
	}
	if (!view->odd_line)
		view->odd_line = TAKE_PTR(types.odd_line);
	view->n_free++;
	return 0;
}

static int view_add_function(const struct vgpu_function *function, struct vgpu_view *view)
{
	struct vgpu_view_type *type;
	unsigned int current;
	int r;

	r = function->transport->read_current(function, &current);
	if (r < 0)
		return r;
	/* What a function that has a type lists is different from driver to driver. */
	if (current == 0)
		return view_add_free(function, view);
	type = view_get(view, current, NULL);
	if (!type)
		return -ENOMEM;
	type->used++;
	view->n_used++;
	return 0;
}

/* A type that is not listed any more has the name that it had when it was given. */
static int view_add_names(struct mdev_ctx *ctx, struct vgpu_view *view)
{
	_cleanup_vgpu_records_ struct vgpu_records records = { 0 };
	int r;

	if (view->n_used == 0)
		return 0;
	r = vgpu_records_read(ctx, &records);
	for (size_t i = 0; r == 0 && i < records.count; i++)
		if (vgpu_view_find(view, records.items[i].id) &&
		    !view_get(view, records.items[i].id, records.items[i].name))
			r = -ENOMEM;
	return r;
}

int vgpu_view_list(struct mdev_ctx *ctx, const struct backend *backend, const char *parent, int dir,
		   struct strings *names)
{
	_cleanup_vgpu_function_ struct vgpu_function function = VGPU_FUNCTION_NONE;
	int r = vgpu_open_again(ctx, backend, parent, dir, &function);

	if (r == 0)
		return strings_add(names, parent);
	return r == -ENODEV ? pci_list_functions_of(ctx, parent, dir, names) : r;
}

static int view_look_at(struct mdev_ctx *ctx, const char *name, struct vgpu_view *view)
{
	_cleanup_vgpu_function_ struct vgpu_function function = VGPU_FUNCTION_NONE;
	int r;

	r = vgpu_open(ctx, view->backend, name, &function);
	if (r == 0)
		r = view_add_function(&function, view);
	/* One without these files, or one that has gone, is none of these. */
	if (r >= 0 || r == -ENODEV || r == -ENOMEM)
		return r == -ENOMEM ? r : 0;
	return vgpu_failures_add(&view->failures, name, r);
}

static void view_warn(struct mdev_ctx *ctx, const struct vgpu_view *view)
{
	const struct vgpu_failures *failures = &view->failures;

	if (failures->count == 1)
		log_warning(ctx, "Ignoring virtual function %s: its types cannot be read: " OS_ERROR,
			    failures->first, OS_ERROR_ARGS(failures->error));
	else if (failures->count > 1)
		log_warning(ctx, "Ignoring %u virtual functions of %s: the types of %s cannot be read: "
			    OS_ERROR, failures->count, view->parent, failures->first,
			    OS_ERROR_ARGS(failures->error));
	if (view->odd_line)
		log_warning(ctx, "Ignoring what is not understood in the list of types of %s: '%s'",
			    view->parent, view->odd_line);
}

void vgpu_view_warn_nameless(struct mdev_ctx *ctx, const struct vgpu_view *view)
{
	unsigned int listed = 0;

	for (size_t i = 0; i < view->count; i++) {
		if (view->types[i].available > 0 && view->types[i].name)
			return;
		listed += view->types[i].available > 0;
	}
	if (listed > 0)
		log_warning(ctx, "The driver of %s lists types without a name that is certain: they "
			    "are known by their numbers only", view->parent);
}

struct vgpu_view *vgpu_view_new_beside(struct mdev_ctx *ctx, const struct backend *backend,
				       const char *parent, int dir)
{
	_cleanup_vgpu_function_ struct vgpu_function function = VGPU_FUNCTION_NONE;
	_cleanup_close_ int physical = -1;
	struct vgpu_view *view;
	int r;

	log_quietly(ctx);
	if (vgpu_open_again(ctx, backend, parent, dir, &function) == 0 &&
	    sysfs_open_at(ctx, dir, "physfn", &physical) < 0)
		return NULL;
	view = vgpu_view_new(backend, physical >= 0 ? function.physical : parent);
	if (!view)
		return NULL;
	r = vgpu_view_fill(ctx, physical >= 0 ? physical : dir, view);
	if (r == 0)
		return view;
	vgpu_view_free(view);
	return NULL;
}

bool vgpu_view_may_have(struct mdev_ctx *ctx, int dir, const struct vgpu_view *view)
{
	struct vgpu_view *beside;
	bool may_have;

	if (view->n_used > 0 || view->failures.count > 0)
		return true;
	beside = vgpu_view_new_beside(ctx, view->backend, view->parent, dir);
	may_have = !beside || beside->n_used > 0;
	if (beside)
		vgpu_view_free(beside);
	return may_have;
}

int vgpu_view_fill(struct mdev_ctx *ctx, int dir, struct vgpu_view *view)
{
	_cleanup_strings_ struct strings names = { 0 };
	int r;

	view_empty(view);
	r = vgpu_view_list(ctx, view->backend, view->parent, dir, &names);
	for (size_t i = 0; r == 0 && i < names.count; i++)
		r = view_look_at(ctx, names.items[i], view);
	if (r == 0)
		r = view_add_names(ctx, view);
	if (r < 0)
		return r;
	view_warn(ctx, view);
	view->is_filled = true;
	if (view->n_free + view->n_used > 0)
		return 0;
	return view->failures.count > 0 ? view->failures.error : -ENODEV;
}

int vgpu_view_resolve(const struct vgpu_view *view, const char *type, const char *name, char **id)
{
	const struct vgpu_view_type *found = NULL, *same = NULL;
	char text[VGPU_ID_SIZE];
	unsigned int number;
	bool is_id = vgpu_parse_id(type, &number);

	if (is_id)
		same = vgpu_view_find(view, number);
	if (!is_id || name)
		found = vgpu_view_find_name(view, name ? name : type);
	if (!found && name && same && same->name && strcasecmp(same->name, name) != 0)
		return -ENOENT;
	if (found)
		vgpu_format_id(found->id, text);
	*id = strdup(found ? text : type);
	return *id ? 0 : -ENOMEM;
}
