// SPDX-License-Identifier: LGPL-2.1-or-later
/* Definitions that are stored: lists and look-ups. */
#include <errno.h>
#include <string.h>

#include "definition.h"
#include "definitions.h"
#include "log.h"
#include "store.h"
#include "util/text.h"

/* What makes a definition of a file in @dir. */
typedef int definition_read_fn(struct mdev_ctx *ctx, int dir, const char *parent,
			       const struct store_entry *entry,
			       struct mdev_definition **definition);

/* The file's place, whatever is in it. */
static int definition_of_place(struct mdev_ctx *ctx, int dir, const char *parent,
			       const struct store_entry *entry, struct mdev_definition **definition)
{
	struct config config = { 0 };

	(void)dir;
	return definition_make(ctx, parent, entry->uuid, &config, definition);
}

static int definition_load(struct mdev_ctx *ctx, int dir, const char *parent,
			   const struct store_entry *entry, struct mdev_definition **definition)
{
	_cleanup_(cfg_clear) struct config config = { 0 };
	_cleanup_free_ char *text = NULL, *problem = NULL;
	size_t length;
	int r;

	r = store_read(ctx, dir, parent, entry, &text, &length);
	if (r < 0)
		return r;
	r = cfg_parse(text, length, &config, &problem);
	if (r == -EBADMSG)
		return store_fault(ctx, r, parent, entry->file, problem);
	if (r < 0)
		return log_no_memory(ctx);
	r = definition_make(ctx, parent, entry->uuid, &config, definition);
	if (r == 0)
		definition_remember(*definition, TAKE_PTR(text), length);
	return r;
}

/* Opens the parent's directory and lists it; -ENOENT, unreported, if there is none. */
static int definition_list_entries(struct mdev_ctx *ctx, const char *parent, const char *uuid,
				   int *dir, struct store_entries *entries)
{
	int r = store_open_parent(ctx, parent, dir);

	return r < 0 ? r : store_list(ctx, *dir, parent, uuid, entries);
}

/* Definitions of one parent; those that @read fails for are warned about and left out. */
static int definition_add_parent(struct mdev_ctx *ctx, const char *parent, const char *uuid,
				 definition_read_fn *read, struct definitions *list)
{
	_cleanup_(store_entries_clear) struct store_entries entries = { 0 };
	_cleanup_close_ int dir = -1;
	int r;

	r = definition_list_entries(ctx, parent, uuid, &dir, &entries);
	if (r < 0)
		return r;
	log_about(ctx, .level = MDEV_LOG_WARNING);
	for (size_t i = 0; i < entries.count && r == 0; i++) {
		struct mdev_definition *definition = NULL;

		r = read(ctx, dir, parent, &entries.items[i], &definition);
		if (r == 0 && definitions_add(list, definition) < 0)
			return log_no_memory(ctx);
		if (r != -ENOMEM)
			r = 0;
	}
	return r;
}

static int definition_list_by(struct mdev_ctx *ctx, const char *uuid, const char *parent,
			      definition_read_fn *read, struct mdev_definition ***definitions)
{
	_cleanup_(definitions_clear) struct definitions list = { 0 };
	_cleanup_strings_ struct strings parents = { 0 };
	char canonical[MDEV_UUID_STRING_SIZE];
	int r;

	if (ANY_NULL(ctx, definitions))
		return log_null(ctx);
	log_call(ctx, .parent = parent);
	if (uuid && mdev_uuid_parse(uuid, canonical) < 0)
		return log_fail(ctx, -EINVAL, "Invalid UUID '%s'", uuid);
	if (uuid)
		uuid = canonical;
	if (!parent)
		r = store_list_parents(ctx, &parents);
	else if (name_is_valid(parent))
		r = definition_add_parent(ctx, parent, uuid, read, &list);
	else
		r = -ENOENT;
	if (r < 0 && r != -ENOENT)
		return r;
	log_about(ctx, .level = MDEV_LOG_WARNING);
	for (size_t i = 0; i < parents.count; i++) {
		r = definition_add_parent(ctx, parents.items[i], uuid, read, &list);
		if (r == -ENOMEM)
			return r;
	}
	return definitions_take(&list, definitions) < 0 ? log_no_memory(ctx) : 0;
}

MDEV_EXPORT int mdev_definition_list(struct mdev_ctx *ctx, const char *uuid, const char *parent,
				     struct mdev_definition ***definitions)
{
	return definition_list_by(ctx, uuid, parent, definition_load, definitions);
}

MDEV_EXPORT int mdev_definition_list_places(struct mdev_ctx *ctx, const char *uuid,
					    const char *parent,
					    struct mdev_definition ***definitions)
{
	return definition_list_by(ctx, uuid, parent, definition_of_place, definitions);
}

/* Return: 1 if @uuid is defined for @parent, 0 if not or if that cannot be seen, -ENOMEM. */
static int definition_is_stored(struct mdev_ctx *ctx, const char *parent, const char *uuid)
{
	_cleanup_(store_entries_clear) struct store_entries entries = { 0 };
	_cleanup_close_ int dir = -1;
	int r;

	log_about(ctx, .level = MDEV_LOG_WARNING);
	r = definition_list_entries(ctx, parent, uuid, &dir, &entries);
	return r == -ENOMEM ? r : entries.count > 0;
}

/* The one parent below which @uuid is defined. */
static int definition_find_parent(struct mdev_ctx *ctx, const char *uuid, char **parent)
{
	_cleanup_strings_ struct strings parents = { 0 };
	const char *found = NULL;
	int r;

	r = store_list_parents(ctx, &parents);
	if (r < 0)
		return r;
	for (size_t i = 0; i < parents.count; i++) {
		r = definition_is_stored(ctx, parents.items[i], uuid);
		if (r < 0)
			return r;
		if (r == 0)
			continue;
		if (found)
			return log_fail(ctx, -ENOTUNIQ,
					"Multiple definitions found for device %s. "
					"Please specify a parent.",
					uuid);
		found = parents.items[i];
	}
	if (!found)
		return log_fail(ctx, -ENOENT, "Mediated device %s is not defined", uuid);
	*parent = strdup(found);
	return *parent ? 0 : log_no_memory(ctx);
}

int definition_find(struct mdev_ctx *ctx, const char *parent, const char *uuid,
		    struct mdev_definition **definition)
{
	_cleanup_(store_entries_clear) struct store_entries entries = { 0 };
	_cleanup_close_ int dir = -1;
	int r;

	r = definition_list_entries(ctx, parent, uuid, &dir, &entries);
	if (r < 0)
		return r;
	if (entries.count == 0)
		return -ENOENT;
	return definition_load(ctx, dir, parent, &entries.items[0], definition);
}

static int definition_look_up(struct mdev_ctx *ctx, const char *uuid, const char *parent,
			      struct mdev_definition **definition)
{
	_cleanup_free_ char *found = NULL;
	int r;

	if (parent && !name_is_valid(parent))
		return log_fail(ctx, -EINVAL, "Invalid parent name '%s'", parent);
	if (!parent) {
		r = definition_find_parent(ctx, uuid, &found);
		if (r < 0)
			return r;
		parent = found;
	}
	log_about(ctx, .parent = parent);
	r = definition_find(ctx, parent, uuid, definition);
	if (r == -ENOENT)
		return log_fail(ctx, r, "Mediated device %s/%s is not defined", parent, uuid);
	return r;
}

MDEV_EXPORT int mdev_definition_lookup(struct mdev_ctx *ctx, const char *uuid, const char *parent,
				       struct mdev_definition **definition)
{
	char canonical[MDEV_UUID_STRING_SIZE] = "";

	if (ANY_NULL(ctx, uuid, definition))
		return log_null(ctx);
	log_call(ctx, .uuid = canonical, .parent = parent);
	if (mdev_uuid_parse(uuid, canonical) < 0)
		return log_fail(ctx, -EINVAL, "Invalid UUID '%s'", uuid);
	return definition_look_up(ctx, canonical, parent, definition);
}
