// SPDX-License-Identifier: LGPL-2.1-or-later
/* Definitions that are stored: lists and look-ups. */
#include <errno.h>
#include <string.h>

#include "definition.h"
#include "definitions.h"
#include "log.h"
#include "store.h"
#include "util/text.h"

/* Reads a definition's file. @stored gets what is known of it, also if it says nothing of use. */
static int definition_read(struct mdev_ctx *ctx, int dir, const char *parent,
			   const struct store_entry *entry, struct config *config,
			   struct store_text *stored)
{
	_cleanup_free_ char *problem = NULL;
	int r;

	stored->known = true;
	r = store_read(ctx, dir, parent, entry, &stored->bytes, &stored->length);
	if (r < 0) {
		stored->unreadable = true;
		return r;
	}
	r = cfg_parse(stored->bytes, stored->length, config, &problem);
	if (r == -EBADMSG)
		return store_fault(ctx, r, parent, entry->file, problem);
	return r < 0 ? log_no_memory(ctx) : 0;
}

/* @any: whatever the file says; without a type if that cannot be read */
static int definition_load(struct mdev_ctx *ctx, int dir, const char *parent,
			   const struct store_entry *entry, bool any,
			   struct mdev_definition **definition)
{
	_cleanup_(store_text_clear) struct store_text stored = { 0 };
	_cleanup_(cfg_clear) struct config config = { 0 };
	int r;

	r = definition_read(ctx, dir, parent, entry, &config, &stored);
	if (r < 0 && (!any || r == -ENOENT || r == -ENOMEM))
		return r;
	r = definition_make(ctx, parent, &entry->uuid, &config, definition);
	if (r == 0)
		definition_remember(*definition, &stored);
	return r;
}

/* Opens the parent's directory and lists it; -ENOENT, unreported, if there is none. */
static int definition_list_entries(struct mdev_ctx *ctx, const char *parent,
				   const struct mdev_uuid *uuid, int *dir,
				   struct store_entries *entries)
{
	int r = store_open_parent(ctx, parent, dir);

	return r < 0 ? r : store_list(ctx, *dir, parent, uuid, entries);
}

/* A list that is being made. */
struct definition_listing {
	struct mdev_ctx *ctx;
	const struct mdev_uuid *uuid;	/* only this one; NULL for all */
	bool any;			/* also what cannot be read */
	enum mdev_log_level level;	/* at which that is named */
	size_t n_lost;			/* directories of parents that cannot be read */
	struct definitions found;
};

static void definition_listing_clear(struct definition_listing *list)
{
	definitions_clear(&list->found);
}

/* Definitions of one parent; those that cannot be read are named. */
static int definition_list_parent(struct definition_listing *list, const char *parent)
{
	_cleanup_(store_entries_clear) struct store_entries entries = { 0 };
	struct mdev_ctx *ctx = list->ctx;
	_cleanup_close_ int dir = -1;
	int r;

	r = definition_list_entries(ctx, parent, list->uuid, &dir, &entries);
	if (r < 0)
		return r;
	log_about(ctx, .level = list->level);
	for (size_t i = 0; i < entries.count && r == 0; i++) {
		struct mdev_definition *definition = NULL;

		r = definition_load(ctx, dir, parent, &entries.items[i], list->any, &definition);
		if (r == 0 && definitions_add(&list->found, definition) < 0)
			return log_no_memory(ctx);
		if (r != -ENOMEM)
			r = 0;
	}
	return r;
}

/* Those of @parent, or of all parents if it is NULL. */
static int definition_list_by(struct definition_listing *list, const char *parent,
			      struct mdev_definition ***definitions)
{
	_cleanup_strings_ struct strings parents = { 0 };
	int r;

	if (!parent)
		r = store_list_parents(list->ctx, &parents);
	else if (name_is_valid(parent))
		r = definition_list_parent(list, parent);
	else
		r = -ENOENT;
	if (r < 0 && r != -ENOENT)
		return r;
	log_about(list->ctx, .level = MDEV_LOG_WARNING);
	for (size_t i = 0; i < parents.count; i++) {
		r = definition_list_parent(list, parents.items[i]);
		if (r == -ENOMEM)
			return r;
		list->n_lost += r < 0 && r != -ENOENT;
	}
	return definitions_take(&list->found, definitions) < 0 ? log_no_memory(list->ctx) : 0;
}

int definition_list_all(struct mdev_ctx *ctx, const struct mdev_uuid *uuid, const char *parent,
			enum mdev_log_level level, struct mdev_definition ***definitions,
			size_t *n_lost)
{
	_cleanup_(definition_listing_clear) struct definition_listing list = {
		.ctx = ctx, .uuid = uuid, .any = true, .level = level,
	};
	int r;

	r = definition_list_by(&list, parent, definitions);
	if (n_lost)
		*n_lost = list.n_lost;
	return r;
}

MDEV_EXPORT int mdev_definition_list(struct mdev_ctx *ctx, const struct mdev_uuid *uuid,
				     const char *parent, struct mdev_definition ***definitions)
{
	_cleanup_(definition_listing_clear) struct definition_listing list = {
		.ctx = ctx, .uuid = uuid, .level = MDEV_LOG_WARNING,
	};

	if (ANY_NULL(ctx, definitions))
		return log_null(ctx);
	log_call(ctx, .parent = parent);
	return definition_list_by(&list, parent, definitions);
}

MDEV_EXPORT int mdev_definition_list_all(struct mdev_ctx *ctx, const struct mdev_uuid *uuid,
					 const char *parent, struct mdev_definition ***definitions)
{
	if (ANY_NULL(ctx, definitions))
		return log_null(ctx);
	log_call(ctx, .parent = parent);
	return definition_list_all(ctx, uuid, parent, MDEV_LOG_DEBUG, definitions, NULL);
}

/* Return: 1 if @uuid is defined for @parent, 0 if not or if that cannot be seen, -ENOMEM. */
static int definition_is_stored(struct mdev_ctx *ctx, const char *parent,
				const struct mdev_uuid *uuid)
{
	_cleanup_(store_entries_clear) struct store_entries entries = { 0 };
	_cleanup_close_ int dir = -1;
	int r;

	log_about(ctx, .level = MDEV_LOG_WARNING);
	r = definition_list_entries(ctx, parent, uuid, &dir, &entries);
	return r == -ENOMEM ? r : entries.count > 0;
}

/* The one parent below which @uuid is defined. */
static int definition_find_parent(struct mdev_ctx *ctx, const struct mdev_uuid *uuid,
				  char **parent)
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
					uuid->text);
		found = parents.items[i];
	}
	if (!found)
		return log_fail(ctx, -ENOENT, "Mediated device %s is not defined", uuid->text);
	*parent = strdup(found);
	return *parent ? 0 : log_no_memory(ctx);
}

int definition_find(struct mdev_ctx *ctx, const char *parent, const struct mdev_uuid *uuid,
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
	return definition_load(ctx, dir, parent, &entries.items[0], false, definition);
}

static int definition_look_up(struct mdev_ctx *ctx, const struct mdev_uuid *uuid,
			      const char *parent, struct mdev_definition **definition)
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
		return log_fail(ctx, r, "Mediated device %s/%s is not defined", parent,
				uuid->text);
	return r;
}

MDEV_EXPORT int mdev_definition_lookup(struct mdev_ctx *ctx, const struct mdev_uuid *uuid,
				       const char *parent, struct mdev_definition **definition)
{
	if (ANY_NULL(ctx, uuid, definition))
		return log_null(ctx);
	log_call(ctx, .uuid = uuid->text, .parent = parent);
	return definition_look_up(ctx, uuid, parent, definition);
}
