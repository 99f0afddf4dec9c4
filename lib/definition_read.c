// SPDX-License-Identifier: LGPL-2.1-or-later
/* Definitions that are stored: lists and look-ups. */
#include <errno.h>
#include <string.h>

#include "definition.h"
#include "definitions.h"
#include "log.h"
#include "store.h"
#include "store_fetch.h"
#include "util/text.h"

/* Reports what is wrong with what was fetched, and notes in @stored what is known of the file. */
static int definition_judge(struct mdev_ctx *ctx, const char *parent,
			    const struct store_entry *entry, struct fetched *fetched,
			    struct store_text *stored)
{
	int r;

	stored->known = true;
	r = store_report(ctx, parent, entry, &fetched->file);
	if (r < 0) {
		stored->unreadable = true;
		return r;
	}
	stored->bytes = TAKE_PTR(fetched->file.bytes);
	stored->length = fetched->file.length;
	if (fetched->r == -EBADMSG)
		return store_fault(ctx, fetched->r, parent, store_file_of(entry), fetched->problem);
	return fetched->r < 0 ? log_no_memory(ctx) : 0;
}

/* @any: whatever the file says; without a type if that cannot be read */
static int definition_build(struct mdev_ctx *ctx, const char *parent,
			    const struct store_entry *entry, bool any, struct fetched *fetched,
			    struct mdev_definition **definition)
{
	_cleanup_(store_text_clear) struct store_text stored = { 0 };
	int r;

	r = definition_judge(ctx, parent, entry, fetched, &stored);
	if (r < 0 && (!any || r == -ENOENT || r == -ENOMEM))
		return r;
	r = definition_make(ctx, parent, &entry->uuid, &fetched->config, definition);
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

/* Some of one parent's, in their order. */
static int definition_list_some(struct definition_listing *list, const char *parent, int dir,
				const struct store_entry *entries, size_t count)
{
	_cleanup_free_ struct fetched *fetched = reallocarray(NULL, count, sizeof(*fetched));
	struct mdev_ctx *ctx = list->ctx;
	int r = 0;

	if (!fetched)
		return log_no_memory(ctx);
	fetch_definitions(dir, entries, count, fetched);
	for (size_t i = 0; i < count; i++) {
		struct mdev_definition *definition = NULL;

		if (r == 0)
			r = definition_build(ctx, parent, &entries[i], list->any, &fetched[i],
					     &definition);
		if (r == 0 && definition && definitions_add(&list->found, definition) < 0)
			r = log_no_memory(ctx);
		if (r != -ENOMEM)
			r = 0;
		fetched_clear(&fetched[i]);
	}
	return r;
}

/* Definitions of one parent; those that cannot be read are named. */
static int definition_list_parent(struct definition_listing *list, const char *parent)
{
	_cleanup_(store_entries_clear) struct store_entries entries = { 0 };
	_cleanup_close_ int dir = -1;
	int r;

	r = definition_list_entries(list->ctx, parent, list->uuid, &dir, &entries);
	if (r < 0)
		return r;
	log_about(list->ctx, .level = list->level);
	for (size_t i = 0, count; r == 0 && i < entries.count; i += count) {
		count = entries.count - i < FETCH_MAX ? entries.count - i : FETCH_MAX;
		r = definition_list_some(list, parent, dir, &entries.items[i], count);
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
	_cleanup_(fetched_clear) struct fetched fetched = { 0 };
	_cleanup_close_ int dir = -1;
	int r;

	r = definition_list_entries(ctx, parent, uuid, &dir, &entries);
	if (r < 0)
		return r;
	if (entries.count == 0)
		return -ENOENT;
	fetch_definitions(dir, entries.items, 1, &fetched);
	return definition_build(ctx, parent, &entries.items[0], false, &fetched, definition);
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
