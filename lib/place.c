// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "backend.h"
#include "log.h"
#include "parent.h"
#include "pci.h"
#include "place.h"
#include "type.h"
#include "util/array.h"
#include "util/buffer.h"
#include "util/text.h"

/* How well a type is the one that is wanted. */
enum place_match {
	MATCH_NONE,
	MATCH_API,
	MATCH_NAME,
	MATCH_ID,
};

struct place_search {
	struct mdev_ctx *ctx;
	const char *type;
	bool any;
	enum place_match best;	/* places that match less are not kept */
	size_t order;		/* of the parent that is looked at */
	struct places *found;
};

static void place_clear(struct place *place)
{
	free(place->parent);
	free(place->type);
}

static void places_drop(struct places *places, size_t from)
{
	while (places->count > from)
		place_clear(&places->items[--places->count]);
}

void places_clear(struct places *places)
{
	places_drop(places, 0);
	free(places->items);
	*places = (struct places){ 0 };
}

static int places_add(struct mdev_ctx *ctx, struct places *places, const char *parent,
		      const char *type, struct place place)
{
	place.parent = strdup(parent);
	place.type = strdup(type);

	if (!place.parent || !place.type ||
	    array_reserve(&places->items, places->count, sizeof(place)) < 0) {
		place_clear(&place);
		return log_no_memory(ctx);
	}
	places->items[places->count++] = place;
	return 0;
}

static enum place_match place_match(const struct place_search *search, const char *id,
				    const struct type_text *text)
{
	if (strcmp(id, search->type) == 0)
		return MATCH_ID;
	if (!search->any)
		return MATCH_NONE;
	if (text->name && strcasecmp(text->name, search->type) == 0)
		return MATCH_NAME;
	return text->device_api && strcmp(text->device_api, search->type) == 0 ? MATCH_API :
										 MATCH_NONE;
}

/* A type that cannot be read now is none to be chosen; starting it by its name tells why. */
static int place_try_type(struct place_search *search, const struct handle *parent,
			  const char *name, const char *id)
{
	_cleanup_(type_text_clear) struct type_text text = { 0 };
	enum place_match match;
	unsigned int left;
	int r;

	r = parent->backend->read_type(parent, id, &text);
	if (r < 0)
		return r == -ENOMEM ? log_no_memory(search->ctx) : 0;
	match = place_match(search, id, &text);
	if (match == MATCH_NONE || match < search->best ||
	    parse_number(text.available_instances, &left) < 0)
		return 0;
	if (match > search->best)
		places_drop(search->found, 0);
	search->best = match;
	return places_add(search->ctx, search->found, name, id,
			  (struct place){ .left = left, .order = search->order });
}

/* Adds the places on one parent; one that is gone has none. */
static int place_try_parent(struct place_search *search, const char *name)
{
	_cleanup_handle_ struct handle parent = HANDLE_NONE;
	_cleanup_strings_ struct strings ids = { 0 };
	int r;

	r = parent_open(search->ctx, name, &parent);
	if (r == 0)
		r = parent.backend->list_types(&parent, &ids);
	if (r == -ENOMEM)
		return log_no_memory(search->ctx);
	for (size_t i = 0; i < ids.count; i++) {
		r = place_try_type(search, &parent, name, ids.items[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

static int place_try_parents(struct place_search *search, const struct strings *names)
{
	for (size_t i = 0; i < names->count; i++) {
		int r;

		search->order = i;
		r = place_try_parent(search, names->items[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Return: 1 if it is registered, 0 if not or if that cannot be seen, -ENOMEM reported. */
static int place_is_parent(struct mdev_ctx *ctx, const char *name)
{
	_cleanup_handle_ struct handle parent = HANDLE_NONE;
	int r = parent_open(ctx, name, &parent);

	return r == -ENOMEM ? log_no_memory(ctx) : r == 0;
}

/* The virtual functions that are registered as parents. */
static int place_list_functions(struct mdev_ctx *ctx, const char *parent, struct strings *names)
{
	_cleanup_strings_ struct strings functions = { 0 };
	int r;

	r = pci_list_functions(ctx, parent, &functions);
	if (r == -ENOMEM)
		return log_no_memory(ctx);
	for (size_t i = 0; i < functions.count; i++) {
		r = place_is_parent(ctx, functions.items[i]);
		if (r > 0 && strings_add(names, functions.items[i]) < 0)
			r = log_no_memory(ctx);
		if (r < 0)
			return r;
	}
	return 0;
}

static int place_list_all(struct mdev_ctx *ctx, struct strings *names)
{
	struct mdev_parent **parents;
	int r;

	r = mdev_parent_list(ctx, &parents);
	if (r < 0)
		return r;
	for (size_t i = 0; r == 0 && parents[i]; i++)
		r = strings_add(names, mdev_parent_get_name(parents[i]));
	mdev_parent_list_free(parents);
	if (r < 0)
		return log_no_memory(ctx);
	/* Why there is none. */
	return names->count == 0 ? mdev_ctx_check_parents(ctx) : 0;
}

/* The parents that @parent means: itself, its virtual functions, or all. */
static int place_list_parents(struct mdev_ctx *ctx, const char *parent, bool any,
			      struct strings *names)
{
	_cleanup_(parent_unrefp) struct mdev_parent *found = NULL;
	int r;

	if (!parent)
		return place_list_all(ctx, names);
	r = place_is_parent(ctx, parent);
	if (r < 0)
		return r;
	if (r == 0) {
		r = place_list_functions(ctx, parent, names);
		if (r < 0 || names->count > 0 || !any)
			return r;
	}
	if (!any)
		return 0;
	r = parent_find(ctx, parent, &found);
	if (r < 0)
		return r;
	return strings_add(names, parent) < 0 ? log_no_memory(ctx) : 0;
}

/* @function: one that was looked at */
static int place_fail_unsupported(struct mdev_ctx *ctx, const char *parent, const char *function,
				  const char *type)
{
	_cleanup_free_ char *suggestion = type_suggest_on(ctx, function, type);

	return log_fail(ctx, -ENOENT, "No virtual function of %s, such as %s, supports mdev type %s%s",
			parent, function, type, suggestion ? suggestion : "");
}

/* The parents that do not list the type, but may have it as soon as they have room; or NULL. */
static char *place_explain_unlisted(struct mdev_ctx *ctx, const struct strings *names,
				    const char *type)
{
	_cleanup_buffer_ struct buffer out = { 0 };

	for (size_t i = 0; i < names->count; i++)
		if (type_guess_unlisted(ctx, names->items[i], type) == TYPE_NUMBER)
			buffer_add_format(&out, "%s%s", out.length > 0 ? ", " :
					  "; these list only types that they have room for now: ",
					  names->items[i]);
	return buffer_take_note(&out);
}

static int place_fail_unknown(struct mdev_ctx *ctx, const char *parent, const char *type,
			      const struct strings *names)
{
	_cleanup_free_ char *note = place_explain_unlisted(ctx, names, type);

	return log_fail(ctx, -ENOENT, "No type%s%s has the id, name or device API '%s'%s",
			parent ? " of " : "", parent ? parent : "", type, note ? note : "");
}

/*
 * One parent after the other, so that those behind it stay whole, for other types. On the same one
 * the type with most instances left is the smallest slice, which takes least from the others.
 */
static int place_compare(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	if (x->left != y->left)
		return x->left > y->left ? -1 : 1;
	return strcmp(x->type, y->type);
}

int places_find(struct mdev_ctx *ctx, const char *parent, const char *type, bool any,
		struct places *places)
{
	struct place_search search = { .ctx = ctx, .type = type, .any = any, .found = places };
	_cleanup_strings_ struct strings names = { 0 };
	int r;

	log_about(ctx, .parent = parent);
	r = place_list_parents(ctx, parent, any, &names);
	if (r < 0)
		return r;
	if (!any && names.count == 0) {
		places->is_literal = true;
		return places_add(ctx, places, parent, type, (struct place){ .left = UINT_MAX });
	}
	r = place_try_parents(&search, &names);
	if (r < 0)
		return r;
	if (places->count == 0)
		r = any ? place_fail_unknown(ctx, parent, type, &names) :
			  place_fail_unsupported(ctx, parent, names.items[0], type);
	else
		qsort(places->items, places->count, sizeof(*places->items), place_compare);
	return r;
}

int places_fail_full(struct mdev_ctx *ctx, const char *parent, const char *type)
{
	if (!parent)
		return log_fail(ctx, -EUSERS, "No available instances of %s on any parent", type);
	log_about(ctx, .parent = parent);
	return log_fail(ctx, -EUSERS, "No available instances of %s on %s%s", type,
			parent_exists(ctx, parent) ? "" : "any virtual function of ", parent);
}
