// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "explain_parent.h"
#include "log.h"
#include "parent.h"
#include "resemble.h"
#include "util/array.h"
#include "util/refs.h"
#include "util/text.h"

struct mdev_parent {
	struct mdev_ctx *ctx;
	const struct backend *backend;
	unsigned int refs;
	char name[];
};

struct mdev_ctx *parent_ctx(const struct mdev_parent *parent)
{
	return parent ? parent->ctx : NULL;
}

static int parent_make(struct mdev_ctx *ctx, const struct backend *backend, const char *name,
		       struct mdev_parent **parent)
{
	struct mdev_parent *new = malloc(sizeof(*new) + strlen(name) + 1);

	if (!new)
		return log_no_memory(ctx);
	new->ctx = mdev_ctx_ref(ctx);
	new->backend = backend;
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

MDEV_EXPORT bool mdev_parent_is_pci(const struct mdev_parent *parent)
{
	return parent->backend->is_pci;
}

/* Lists ---------------------------------------------------------------------- */

struct parents {
	struct mdev_parent **items;
	size_t count;
};

static void parents_clear(struct parents *list)
{
	for (size_t i = 0; i < list->count; i++)
		mdev_parent_unref(list->items[i]);
	free(list->items);
	*list = (struct parents){ 0 };
}

static int parents_add(struct mdev_ctx *ctx, const struct backend *backend, const char *name,
		       struct parents *list)
{
	int r;

	if (array_reserve(&list->items, list->count, sizeof(*list->items)) < 0)
		return log_no_memory(ctx);
	r = parent_make(ctx, backend, name, &list->items[list->count]);
	if (r < 0)
		return r;
	list->items[++list->count] = NULL;
	return 0;
}

static int parent_compare(const void *a, const void *b)
{
	const struct mdev_parent *x = *(struct mdev_parent *const *)a;
	const struct mdev_parent *y = *(struct mdev_parent *const *)b;

	return strcmp(x->name, y->name);
}

static int parent_fail_list(struct mdev_ctx *ctx, const struct backend *backend, int r)
{
	if (r == -ENOMEM)
		return log_no_memory(ctx);
	return log_fail_kernel(ctx, r, "Failed to list the parents in %s: " OS_ERROR,
			       backend->parents, OS_ERROR_ARGS(r));
}

/* All parents, sorted. */
static int parents_list(struct mdev_ctx *ctx, struct parents *list)
{
	backend_foreach(ctx, backend) {
		_cleanup_strings_ struct strings names = { 0 };
		int r;

		r = backend->list_parents(ctx, &names);
		if (r < 0)
			return parent_fail_list(ctx, backend, r);
		for (size_t i = 0; i < names.count; i++) {
			r = parents_add(ctx, backend, names.items[i], list);
			if (r < 0)
				return r;
		}
	}
	if (list->count > 1)
		qsort(list->items, list->count, sizeof(*list->items), parent_compare);
	return 0;
}

/* A kernel that has none of the interfaces is described by the first of them. */
static int parent_check_core(struct mdev_ctx *ctx)
{
	backend_foreach(ctx, backend) {
		int r = backend->check(ctx);

		if (r == 0)
			return 0;
		if (r != -ENODEV)
			return log_fail_kernel(ctx, r, "Failed to open %s: " OS_ERROR,
					       backend->parents, OS_ERROR_ARGS(r));
	}
	return log_fail(ctx, -ENODEV, "%s", ctx->backends[0]->absence);
}

MDEV_EXPORT int mdev_ctx_check_core(struct mdev_ctx *ctx)
{
	return ctx ? parent_check_core(ctx) : -EINVAL;
}

MDEV_EXPORT int mdev_ctx_check_parents(struct mdev_ctx *ctx)
{
	_cleanup_(parents_clear) struct parents list = { 0 };
	_cleanup_free_ char *why = NULL;
	int r;

	if (!ctx)
		return -EINVAL;
	r = parents_list(ctx, &list);
	if (r < 0 || list.count > 0)
		return r;
	why = explain_no_parent(ctx);
	log_about(ctx, .reason = why);
	backend_foreach(ctx, backend)
		if (backend->check(ctx) != -ENODEV)
			return log_fail(ctx, -ENODEV, "No parent device is registered: the driver "
					"of the physical device is not loaded or offers no "
					"mediated devices%s", why ? why : "");
	return log_fail(ctx, -ENODEV, "%s%s", ctx->backends[0]->absence, why ? why : "");
}

MDEV_EXPORT int mdev_parent_list(struct mdev_ctx *ctx, struct mdev_parent ***parents)
{
	_cleanup_(parents_clear) struct parents list = { 0 };
	int r;

	if (ANY_NULL(ctx, parents))
		return log_null(ctx);
	r = parents_list(ctx, &list);
	if (r < 0)
		return r;
	if (!list.items) {
		list.items = calloc(1, sizeof(*list.items));
		if (!list.items)
			return log_no_memory(ctx);
	}
	*parents = TAKE_PTR(list.items);
	list.count = 0;
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

/* One by its name -------------------------------------------------------------- */

int parent_open(struct mdev_ctx *ctx, const char *name, struct handle *parent)
{
	if (!name_is_valid(name))
		return -ENODEV;
	backend_foreach(ctx, backend) {
		int r = backend->open_parent(ctx, name, parent);

		if (r != -ENODEV)
			return r;
	}
	return -ENODEV;
}

int parent_reopen(const struct mdev_parent *parent, struct handle *handle)
{
	return parent->backend->open_parent(parent->ctx, parent->name, handle);
}

bool parent_exists(struct mdev_ctx *ctx, const char *name)
{
	_cleanup_handle_ struct handle parent = HANDLE_NONE;

	return parent_open(ctx, name, &parent) == 0;
}

int parent_resolve(const struct mdev_parent *parent, char **path)
{
	return parent->backend->resolve_parent(parent->ctx, parent->name, path);
}

/* " Did you mean 'a' or 'b'?" of the parents that resemble @name most; NULL if none does. */
static char *parent_suggest(struct mdev_ctx *ctx, const char *name)
{
	_cleanup_(parents_clear) struct parents list = { 0 };
	_cleanup_buffer_ struct buffer out = { 0 };
	unsigned int best = 1, likeness;
	char pci_name[PCI_NAME_SIZE];

	log_quietly(ctx);
	if (parents_list(ctx, &list) < 0)
		return NULL;
	for (size_t i = 0; i < list.count; i++) {
		likeness = resemble_parent(list.items[i]->name, name);
		/* The name itself is no answer: that parent cannot be opened. */
		if (likeness < best || strcmp(list.items[i]->name, name) == 0)
			continue;
		if (likeness > best)
			buffer_clear(&out);
		best = likeness;
		buffer_add_format(&out, "%s'%s'", out.length > 0 ? " or " : " Did you mean ",
				  list.items[i]->name);
	}
	/* Of some functions only the physical one is in the list. */
	if (out.length == 0 && resemble_pci_name(name, pci_name) && parent_exists(ctx, pci_name))
		buffer_add_format(&out, " Did you mean '%s'", pci_name);
	if (out.length > 0)
		buffer_add_string(&out, "?");
	return buffer_take_note(&out);
}

static int parent_fail_unknown(struct mdev_ctx *ctx, const char *name, const char *note)
{
	_cleanup_free_ char *suggestion = parent_suggest(ctx, name);
	_cleanup_free_ char *why = suggestion ? NULL : explain_missing_parent(ctx, name);

	log_about(ctx, .reason = why);
	if (suggestion)
		return log_fail(ctx, -ENODEV, "Unable to find parent device '%s'.%s%s", name,
				suggestion, note);
	return log_fail(ctx, -ENODEV, "Unable to find parent device '%s'%s%s", name, note,
			why ? why : "");
}

int parent_hold(struct mdev_ctx *ctx, const char *name, const char *note, struct handle *parent)
{
	int r;

	log_about(ctx, .parent = name);
	if (!name_is_valid(name))
		return log_fail(ctx, -EINVAL, "Invalid parent name '%s'", name);
	r = parent_open(ctx, name, parent);
	if (r == -ENODEV)
		return parent_fail_unknown(ctx, name, note);
	if (r < 0)
		return log_fail_kernel(ctx, r, "Failed to open parent device '%s': " OS_ERROR, name,
				OS_ERROR_ARGS(r));
	return 0;
}

int parent_find(struct mdev_ctx *ctx, const char *name, struct mdev_parent **parent)
{
	_cleanup_handle_ struct handle handle = HANDLE_NONE;
	int r;

	log_about(ctx, .parent = name);
	r = parent_hold(ctx, name, "", &handle);
	return r < 0 ? r : parent_make(ctx, handle.backend, name, parent);
}

void parent_add_absence(struct mdev_ctx *ctx, const char *name, struct buffer *out)
{
	_cleanup_handle_ struct handle parent = HANDLE_NONE;
	_cleanup_free_ char *why = NULL;

	log_catch(ctx, &why);
	if (parent_hold(ctx, name, "", &parent) < 0 && why)
		buffer_add_string(out, why);
}

uint64_t parent_get_registration(struct mdev_ctx *ctx, const char *name)
{
	_cleanup_handle_ struct handle parent = HANDLE_NONE;
	uint64_t registration = 0;

	if (parent_open(ctx, name, &parent) < 0 ||
	    parent.backend->read_registration(&parent, &registration) < 0)
		return 0;
	return registration;
}

MDEV_EXPORT int mdev_parent_lookup(struct mdev_ctx *ctx, const char *name,
				   struct mdev_parent **parent)
{
	if (ANY_NULL(ctx, name, parent))
		return log_null(ctx);
	log_call(ctx, .parent = name);
	return parent_find(ctx, name, parent);
}

bool parent_warn_if_misspelt(struct mdev_ctx *ctx, const char *name)
{
	_cleanup_free_ char *suggestion = NULL;

	log_about(ctx, .parent = name);
	if (parent_exists(ctx, name))
		return false;
	suggestion = parent_suggest(ctx, name);
	if (suggestion)
		log_warning(ctx, "There is no parent device '%s' now.%s", name, suggestion);
	return true;
}
