// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "definition.h"
#include "document.h"
#include "log.h"
#include "util/refs.h"

void document_entries_clear(struct document_entries *entries)
{
	for (size_t i = 0; i < entries->count; i++)
		mdev_definition_unref(entries->items[i].definition);
	free(entries->items);
	*entries = (struct document_entries){ 0 };
}

int document_add(struct mdev_ctx *ctx, struct document_entries *entries,
		 const struct document_entry *entry)
{
	if (array_reserve(&entries->items, entries->count, sizeof(*entries->items)) < 0) {
		mdev_definition_unref(entry->definition);
		return log_no_memory(ctx);
	}
	entries->items[entries->count] = *entry;
	entries->items[entries->count].order = entries->count;
	entries->count++;
	return 0;
}

static int document_compare(const void *a, const void *b)
{
	const struct document_entry *x = a, *y = b;
	int order = strcmp(mdev_definition_get_uuid(x->definition)->text,
			   mdev_definition_get_uuid(y->definition)->text);

	if (order == 0)
		order = strcmp(mdev_definition_get_parent(x->definition),
			       mdev_definition_get_parent(y->definition));
	return order ? order : (x->order > y->order) - (x->order < y->order);
}

void document_sort(struct document_entries *entries)
{
	if (entries->count > 1)
		qsort(entries->items, entries->count, sizeof(*entries->items), document_compare);
}

const char *document_get_owner(const struct mdev_document *document,
			       const struct document_entry *entry)
{
	return entry->names_owner ? mdev_definition_get_owner(entry->definition) : document->owner;
}

MDEV_EXPORT int mdev_document_new(struct mdev_ctx *ctx, struct mdev_document **document)
{
	struct mdev_document *new;

	if (ANY_NULL(ctx, document))
		return log_null(ctx);
	new = calloc(1, sizeof(*new));
	if (!new)
		return log_no_memory(ctx);
	new->ctx = mdev_ctx_ref(ctx);
	new->refs = 1;
	*document = new;
	return 0;
}

MDEV_EXPORT struct mdev_document *mdev_document_ref(struct mdev_document *document)
{
	refs_get(&document->refs);
	return document;
}

MDEV_EXPORT void mdev_document_unref(struct mdev_document *document)
{
	if (!document || !refs_put(&document->refs))
		return;
	document_entries_clear(&document->entries);
	strings_clear(&document->files);
	free(document->owner);
	mdev_ctx_unref(document->ctx);
	free(document);
}

/* Owners -------------------------------------------------------------------------- */

MDEV_EXPORT const char *mdev_document_get_owner(const struct mdev_document *document)
{
	return document->owner;
}

int document_take_owner(struct mdev_document *document, const char *owner)
{
	char *copy;

	if (!owner || document->owner)
		return 0;
	copy = strdup(owner);
	if (!copy)
		return log_no_memory(document->ctx);
	document->owner = copy;
	return 0;
}

MDEV_EXPORT int mdev_document_set_owner(struct mdev_document *document, const char *owner)
{
	if (ANY_NULL(document, owner))
		return log_null(document ? document->ctx : NULL);
	log_call(document->ctx, .uuid = NULL);
	if (!cfg_is_owner(owner))
		return log_fail(document->ctx, -EINVAL, "Invalid owner '%s'", owner);
	if (document->owner && strcmp(document->owner, owner) != 0)
		return log_fail(document->ctx, -EINVAL, "Owner '%s' contradicts owner '%s'", owner,
				document->owner);
	return document_take_owner(document, owner);
}
