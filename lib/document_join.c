// SPDX-License-Identifier: LGPL-2.1-or-later
/* Several texts as one document. */
#include <errno.h>
#include <string.h>

#include "definition.h"
#include "document.h"
#include "document_json.h"
#include "log.h"

static int document_check_owner(const struct mdev_document *document,
				const struct document_part *part)
{
	const struct document_place *former = &document->owner_place;

	if (!part->owner || !document->owner || strcmp(part->owner, document->owner) == 0)
		return 0;
	if (!former->file)
		return log_fail(document->ctx, -EBADMSG,
				PLACE ": owner '%s' contradicts owner '%s'",
				PLACE_ARGS(&part->owner_place), part->owner, document->owner);
	return log_fail(
		document->ctx, -EBADMSG, PLACE ": owner '%s' contradicts owner '%s' at " PLACE,
		PLACE_ARGS(&part->owner_place), part->owner, document->owner, PLACE_ARGS(former));
}

/* @problem: with @first; reported for the one that came later */
static int document_fail_pair(const struct mdev_document *document, const struct document_entry *a,
			      const struct document_entry *b, const char *problem)
{
	const struct document_entry *first = a->order < b->order ? a : b;
	const struct document_entry *later = first == a ? b : a;

	return log_fail(document->ctx, -EBADMSG, PLACE ": device %s %s, see " PLACE,
			PLACE_ARGS(&later->place), mdev_definition_get_uuid(a->definition)->text,
			problem, PLACE_ARGS(&first->place));
}

/* @entries: sorted */
static int document_check(const struct mdev_document *document,
			  const struct document_entries *entries)
{
	const struct document_entry *active = NULL;

	for (size_t i = 0; i < entries->count; i++) {
		const struct document_entry *entry = &entries->items[i], *last = entry - 1;
		bool again = i > 0 && strcmp(mdev_definition_get_uuid(entry->definition)->text,
					     mdev_definition_get_uuid(last->definition)->text) == 0;

		if (again && strcmp(mdev_definition_get_parent(entry->definition),
				    mdev_definition_get_parent(last->definition)) == 0)
			return document_fail_pair(document, last, entry, "is described twice");
		if (!again)
			active = NULL;
		if (entry->run == RUN_ACTIVE && active)
			return document_fail_pair(document, active, entry,
						  "cannot be active on two parents");
		if (entry->run == RUN_ACTIVE)
			active = entry;
	}
	return 0;
}

/* The entries of both, sorted and without contradictions. */
static int document_join(const struct mdev_document *document, const struct document_part *part,
			 struct document_entries *joined)
{
	const struct document_entries *const sides[] = { &document->entries, &part->entries };
	int r = 0;

	for (size_t side = 0; side < ARRAY_SIZE(sides); side++)
		for (size_t i = 0; r == 0 && i < sides[side]->count; i++) {
			mdev_definition_ref(sides[side]->items[i].definition);
			r = document_add(document->ctx, joined, &sides[side]->items[i]);
			/* Those of earlier texts are sorted already. */
			if (r == 0 && side == 0)
				joined->items[i].order = sides[side]->items[i].order;
		}
	if (r < 0)
		return r;
	document_sort(joined);
	return document_check(document, joined);
}

static int document_merge(struct mdev_document *document, const struct document_part *part)
{
	_cleanup_(document_entries_clear) struct document_entries joined = { 0 };
	struct document_entries former = document->entries;
	int r;

	r = document_check_owner(document, part);
	if (r == 0)
		r = document_join(document, part, &joined);
	if (r == 0 && part->owner && !document->owner) {
		r = document_take_owner(document, part->owner);
		document->owner_place = part->owner_place;
	}
	if (r < 0)
		return r;
	document->entries = joined;
	joined = former;
	return 0;
}

MDEV_EXPORT int mdev_document_add_json(struct mdev_document *document, const char *name,
				       const char *text, size_t length)
{
	_cleanup_(document_part_clear) struct document_part part = { 0 };
	int r;

	if (ANY_NULL(document, name, text))
		return log_null(document ? document->ctx : NULL);
	log_call(document->ctx, .file = name);
	if (length > MDEV_JSON_LIST_SIZE_MAX)
		return log_fail(document->ctx, -EBADMSG, "%s: too large (limit 16 MiB)", name);
	if (strings_add(&document->files, name) < 0)
		return log_no_memory(document->ctx);
	part.ctx = document->ctx;
	part.file = document->files.items[document->files.count - 1];
	r = document_read(&part, text, length);
	return r < 0 ? r : document_merge(document, &part);
}

MDEV_EXPORT int mdev_document_get_json(const struct mdev_document *document, char **text)
{
	if (ANY_NULL(document, text))
		return log_null(document ? document->ctx : NULL);
	return document_write(document, text) < 0 ? log_no_memory(document->ctx) : 0;
}
