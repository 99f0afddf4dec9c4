// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "log.h"
#include "parent.h"
#include "resemble.h"
#include "type.h"
#include "util/array.h"
#include "util/refs.h"
#include "util/text.h"

/* More are not listed in a message. */
#define MAX_NAMED 8

struct mdev_type {
	unsigned int refs;
	const struct backend *backend;
	char *id;
	struct type_text text;
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
	type_text_clear(&type->text);
	free(type->id);
	free(type);
}

MDEV_EXPORT const char *mdev_type_get_id(const struct mdev_type *type)
{
	return type->id;
}

MDEV_EXPORT const char *mdev_type_get_name(const struct mdev_type *type)
{
	return type->text.name;
}

MDEV_EXPORT const char *mdev_type_get_description(const struct mdev_type *type)
{
	return type->text.description;
}

MDEV_EXPORT const char *mdev_type_get_device_api(const struct mdev_type *type)
{
	return type->text.device_api;
}

MDEV_EXPORT unsigned int mdev_type_get_available_instances(const struct mdev_type *type)
{
	return type->available_instances;
}

MDEV_EXPORT unsigned int mdev_type_get_used_instances(const struct mdev_type *type)
{
	return type->text.used;
}

MDEV_EXPORT bool mdev_type_is_pci(const struct mdev_type *type)
{
	return type->backend->is_pci;
}

/* Reading ---------------------------------------------------------------------- */

/* A parent whose types are looked at. */
struct type_source {
	struct mdev_ctx *ctx;
	const char *parent;
	struct handle handle;
};

static void type_source_clear(struct type_source *from)
{
	handle_close(&from->handle);
}

#define TYPE_SOURCE(parent_)                               \
	{                                                  \
		.ctx = parent_ctx(parent_),                \
		.parent = mdev_parent_get_name(parent_),   \
		.handle = HANDLE_NONE,                     \
	}

/* One that the caller holds; not to be cleared. */
#define TYPE_SOURCE_HELD(handle_, parent_)                 \
	{                                                  \
		.ctx = (handle_)->ctx,                     \
		.parent = parent_,                         \
		.handle = *(handle_),                      \
	}

/* The caller reports that there is no such type, or that its parent is gone. */
static int type_fail_read(const struct type_source *from, const char *id, const char *file, int r)
{
	if (r == -ENOMEM)
		return log_no_memory(from->ctx);
	if (!file && (r == -ENOENT || r == -ENODEV))
		return r;
	/* -ENOENT and -ENODEV say that the type is not there. */
	return log_fail_kernel(from->ctx, r == -ENOENT || r == -ENODEV ? -EIO : r,
			       "Failed to read %s of type %s of %s: " OS_ERROR,
			       file ? file : "the files", id, from->parent, OS_ERROR_ARGS(r));
}

static int type_parse_count(const struct type_source *from, const char *id, const char *text,
			    unsigned int *count)
{
	if (text && parse_number(text, count) == 0)
		return 0;
	return log_fail(from->ctx, -EBADMSG, "Failed to read available_instances of type %s of %s: "
			"'%s' is not a count", id, from->parent, text ? text : "");
}

/* Return: 0, -ENOENT or -ENODEV, unreported, if the type or the parent is gone, -errno. */
static int type_make(const struct type_source *from, const char *id, struct mdev_type **type)
{
	_cleanup_(type_unrefp) struct mdev_type *new = calloc(1, sizeof(*new));
	int r;

	if (!new)
		return log_no_memory(from->ctx);
	new->refs = 1;
	new->backend = from->handle.backend;
	new->id = strdup(id);
	if (!new->id)
		return log_no_memory(from->ctx);
	r = new->backend->read_type(&from->handle, id, &new->text);
	if (r < 0)
		return type_fail_read(from, id, new->text.failed, r);
	r = type_parse_count(from, id, new->text.available_instances, &new->available_instances);
	if (r < 0)
		return r;
	*type = TAKE_PTR(new);
	return 0;
}

/* As type_make(). */
static int type_read_count(const struct type_source *from, const char *id, unsigned int *count)
{
	_cleanup_(type_text_clear) struct type_text text = { 0 };
	int r;

	r = from->handle.backend->read_available(&from->handle, id, &text);
	return r < 0 ? type_fail_read(from, id, text.failed, r) :
		       type_parse_count(from, id, text.available_instances, count);
}

int type_find(const struct handle *parent, const char *id)
{
	_cleanup_(type_text_clear) struct type_text text = { 0 };
	int r = parent->backend->read_available(parent, id, &text);

	return r == -ENOENT && text.failed ? 0 : r;
}

/* Lists ------------------------------------------------------------------------ */

/* None if the parent has gone. */
static int type_list_ids(struct type_source *from, const struct mdev_parent *parent,
			 struct strings *ids)
{
	int r;

	r = parent_reopen(parent, &from->handle);
	if (r == 0)
		r = from->handle.backend->list_types(&from->handle, ids);
	if (r == -ENODEV) {
		log_debug(from->ctx, "Parent %s has no types", from->parent);
		strings_clear(ids);
		return 0;
	}
	if (r < 0)
		return log_fail_kernel(from->ctx, r, "Failed to list the types of %s: " OS_ERROR,
				from->parent, OS_ERROR_ARGS(r));
	strings_sort(ids);
	return 0;
}

static int type_list_make(const struct type_source *from, const struct strings *ids,
			  struct mdev_type **list)
{
	size_t count = 0;

	log_about(from->ctx, .level = MDEV_LOG_WARNING);
	for (size_t i = 0; i < ids->count; i++) {
		int r = type_make(from, ids->items[i], &list[count]);

		if (r == -ENOMEM)
			return r;
		if (r == 0)
			count++;
	}
	return 0;
}

static int type_list(const struct mdev_parent *parent, struct mdev_type ***types)
{
	_cleanup_(type_source_clear) struct type_source from = TYPE_SOURCE(parent);
	_cleanup_(type_list_freep) struct mdev_type **list = NULL;
	_cleanup_strings_ struct strings ids = { 0 };
	int r;

	log_call(from.ctx, .parent = from.parent);
	r = type_list_ids(&from, parent, &ids);
	if (r < 0)
		return r;
	list = calloc(ids.count + 1, sizeof(*list));
	if (!list)
		return log_no_memory(from.ctx);
	r = type_list_make(&from, &ids, list);
	if (r < 0)
		return r;
	*types = TAKE_PTR(list);
	return 0;
}

MDEV_EXPORT int mdev_type_list(struct mdev_parent *parent, struct mdev_type ***types)
{
	if (ANY_NULL(parent, types))
		return log_null(parent_ctx(parent));
	return type_list(parent, types);
}

MDEV_EXPORT void mdev_type_list_free(struct mdev_type **types)
{
	if (!types)
		return;
	for (size_t i = 0; types[i]; i++)
		mdev_type_unref(types[i]);
	free(types);
}

/* A type that the parent has not ------------------------------------------------- */

/* Adds "'nvidia-745' (NVIDIA A2-2Q)". */
static void type_add_name(struct buffer *out, const char *id, const char *name)
{
	buffer_add_format(out, "'%s'", id);
	if (name)
		buffer_add_format(out, " (%s)", name);
}

/* The types that one may have meant, and all of them. */
struct type_names {
	struct buffer likely, all;
	unsigned int likeness;
	size_t n_likely, n_all;
};

static void type_names_clear(struct type_names *names)
{
	buffer_clear(&names->likely);
	buffer_clear(&names->all);
}

static void type_names_add(struct type_names *names, const char *id, const char *name,
			   const char *wanted)
{
	unsigned int likeness = resemble_type(id, name, wanted);

	if (names->n_all++ < MAX_NAMED) {
		buffer_add_string(&names->all, names->all.length > 0 ? ", " : "; it has ");
		type_add_name(&names->all, id, name);
	}
	if (likeness == 0 || likeness < names->likeness)
		return;
	if (likeness > names->likeness) {
		buffer_clear(&names->likely);
		names->n_likely = 0;
	}
	names->likeness = likeness;
	if (names->n_likely++ < MAX_NAMED) {
		buffer_add_string(&names->likely,
				  names->likely.length > 0 ? " or " : ". Did you mean ");
		type_add_name(&names->likely, id, name);
	}
}

/* ". Did you mean <types that resemble it>?", "; it has <all of its types>", or NULL. */
static char *type_suggest(struct mdev_ctx *ctx, const struct handle *parent, const char *wanted)
{
	_cleanup_(type_names_clear) struct type_names names = { 0 };
	_cleanup_strings_ struct strings ids = { 0 };

	log_quietly(ctx);
	if (parent->backend->list_types(parent, &ids) < 0)
		return NULL;
	strings_sort(&ids);
	for (size_t i = 0; i < ids.count; i++) {
		_cleanup_(type_text_clear) struct type_text text = { 0 };

		/* One that cannot be read has its id all the same. */
		(void)parent->backend->read_type(parent, ids.items[i], &text);
		type_names_add(&names, ids.items[i], text.name, wanted);
	}
	if (names.n_likely > 0) {
		buffer_add_string(&names.likely, "?");
		return buffer_take_note(&names.likely);
	}
	if (names.n_all == 0)
		backend_explain(parent, BACKEND_CREATE, -ENOENT, &names.all);
	if (names.n_all > MAX_NAMED) {
		buffer_clear(&names.all);
		buffer_add_format(&names.all, "; it has %zu others", names.n_all);
	}
	return buffer_take_note(&names.all);
}

char *type_suggest_on(struct mdev_ctx *ctx, const char *parent, const char *id)
{
	_cleanup_handle_ struct handle handle = HANDLE_NONE;

	return parent_open(ctx, parent, &handle) < 0 ? NULL : type_suggest(ctx, &handle, id);
}

#define TYPE_UNSUPPORTED "Parent %s does not support mdev type %s%s"

static int type_fail_unsupported(const struct type_source *from, const char *id)
{
	_cleanup_free_ char *suggestion = type_suggest(from->ctx, &from->handle, id);

	return log_fail(from->ctx, -ENOENT, TYPE_UNSUPPORTED, from->parent, id,
			suggestion ? suggestion : "");
}

/* Whether it has the type; the name counts, and the id alone may be another one's. */
static bool type_is_doubtful(const struct handle *parent, const char *id, const char *name)
{
	_cleanup_free_ char *found = NULL;

	if (!name_is_valid(id))
		return true;
	if (name && parent->backend->resolve_type &&
	    parent->backend->resolve_type(parent, id, name, &found) == -ENOENT)
		return true;
	return type_find(parent, found ? found : id) == -ENOENT;
}

void type_warn_if_doubtful(struct mdev_ctx *ctx, const char *parent, const char *id,
			   const char *name)
{
	_cleanup_handle_ struct handle handle = HANDLE_NONE;
	_cleanup_free_ char *suggestion = NULL;

	if (parent_warn_if_misspelt(ctx, parent) || parent_open(ctx, parent, &handle) < 0 ||
	    !type_is_doubtful(&handle, id, name))
		return;
	suggestion = type_suggest(ctx, &handle, name ? name : id);
	log_warning(ctx, TYPE_UNSUPPORTED, parent, name ? name : id, suggestion ? suggestion : "");
}

/* One by its id ------------------------------------------------------------------ */

static int type_check_name(const struct type_source *from, const char *id)
{
	if (name_is_valid(id))
		return 0;
	return log_fail(from->ctx, -EINVAL, "Invalid type name '%s'", id);
}

static int type_open_parent(struct type_source *from, const struct mdev_parent *parent,
			    const char *id)
{
	int r;

	r = type_check_name(from, id);
	if (r < 0)
		return r;
	r = parent_reopen(parent, &from->handle);
	if (r < 0 && r != -ENODEV)
		return log_fail_kernel(from->ctx, r, "Failed to open the types of %s: " OS_ERROR,
				from->parent, OS_ERROR_ARGS(r));
	return r;
}

/* Reports what type_make() leaves to its caller. */
static int type_finish(const struct type_source *from, const char *id, int r)
{
	if (r == -ENODEV)
		return log_fail(from->ctx, r,
				"Parent %s is not currently registered for mdev support",
				from->parent);
	return r == -ENOENT ? type_fail_unsupported(from, id) : r;
}

static int type_look_up(const struct mdev_parent *parent, const char *id, struct mdev_type **type)
{
	_cleanup_(type_source_clear) struct type_source from = TYPE_SOURCE(parent);
	int r;

	log_call(from.ctx, .parent = from.parent);
	r = type_open_parent(&from, parent, id);
	if (r == 0)
		r = type_make(&from, id, type);
	return type_finish(&from, id, r);
}

MDEV_EXPORT int mdev_type_lookup(struct mdev_parent *parent, const char *id,
				 struct mdev_type **type)
{
	if (ANY_NULL(parent, id, type))
		return log_null(parent_ctx(parent));
	return type_look_up(parent, id, type);
}

int type_count_available(const struct mdev_parent *parent, const char *id, const char *name,
			 unsigned int *count)
{
	_cleanup_(type_source_clear) struct type_source from = TYPE_SOURCE(parent);
	_cleanup_free_ char *found = NULL;
	int r;

	log_about(from.ctx, .parent = from.parent);
	r = type_open_parent(&from, parent, id);
	if (r == 0 && name)
		r = type_resolve(&from.handle, from.parent, id, name, &found);
	if (r < 0 && r != -ENODEV)
		return r;
	if (r == 0)
		r = type_read_count(&from, found ? found : id, count);
	return type_finish(&from, found ? found : id, r);
}

int type_count_left(const struct handle *parent, const char *name, const char *id,
		    unsigned int *count)
{
	const struct type_source from = TYPE_SOURCE_HELD(parent, name);
	int r;

	log_about(from.ctx, .parent = from.parent);
	r = type_check_name(&from, id);
	return r < 0 ? r : type_finish(&from, id, type_read_count(&from, id, count));
}

int type_resolve(const struct handle *parent, const char *parent_name, const char *type,
		 const char *name, char **id)
{
	const struct type_source from = TYPE_SOURCE_HELD(parent, parent_name);
	int r;

	if (!parent->backend->resolve_type) {
		*id = strdup(type);
		return *id ? 0 : log_no_memory(from.ctx);
	}
	log_about(from.ctx, .parent = from.parent);
	r = type_check_name(&from, type);
	if (r == 0)
		r = from.handle.backend->resolve_type(&from.handle, type, name, id);
	if (r < 0 && r != -ENOENT && r != -ENODEV)
		return type_fail_read(&from, type, NULL, r);
	return type_finish(&from, name ? name : type, r);
}

int type_name(struct mdev_ctx *ctx, const char *parent, const char *type, char **id, char **name)
{
	_cleanup_(type_text_clear) struct type_text text = { 0 };
	_cleanup_handle_ struct handle handle = HANDLE_NONE;
	_cleanup_free_ char *found = NULL;
	int r;

	log_quietly(ctx);
	r = parent_open(ctx, parent, &handle);
	if (r < 0 || !handle.backend->resolve_type)
		return r == -ENOMEM ? r : 0;
	r = handle.backend->resolve_type(&handle, type, NULL, &found);
	if (r == 0)
		r = handle.backend->read_type(&handle, found, &text);
	if (r < 0 || !text.name)
		return r == -ENOMEM ? r : 0;
	*id = TAKE_PTR(found);
	*name = TAKE_PTR(text.name);
	return 0;
}

enum type_guess type_guess_unlisted(struct mdev_ctx *ctx, const char *parent, const char *id)
{
	_cleanup_handle_ struct handle handle = HANDLE_NONE;

	log_quietly(ctx);
	if (parent_open(ctx, parent, &handle) < 0 || !handle.backend->guess_type ||
	    !name_is_valid(id) || type_find(&handle, id) == -ENOENT)
		return TYPE_UNKNOWN;
	return handle.backend->guess_type(ctx, id);
}

bool type_is_available(const struct handle *parent, const char *name, const char *id)
{
	const struct type_source from = TYPE_SOURCE_HELD(parent, name);
	unsigned int count;

	log_quietly(from.ctx);
	return name_is_valid(id) && type_read_count(&from, id, &count) == 0 && count > 0;
}
