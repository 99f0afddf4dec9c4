/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The devices that a machine should have. Hides who may say what of a device. */
#ifndef LIB_DOCUMENT_H
#define LIB_DOCUMENT_H

#include "ctx.h"
#include "util/array.h"

/* Whether a device is to be active. */
enum document_run {
	RUN_ANY, /* as it is */
	RUN_ACTIVE,
	RUN_INACTIVE,
};

/* Where something is said; without a file if no text says it. */
struct document_place {
	const char *file; /* belongs to the document */
	size_t line, column;
};

/* A device on a parent. */
struct document_entry {
	struct mdev_definition *definition;
	bool is_defined;  /* or it is only active */
	bool names_owner; /* or it has the document's */
	enum document_run run;
	struct document_place place;
	size_t order; /* in which entries came */
};

struct document_entries {
	struct document_entry *items;
	size_t count;
};

struct mdev_document {
	struct mdev_ctx *ctx;
	unsigned int refs;
	struct strings files;
	struct document_entries entries; /* sorted by UUID, then parent */
	char *owner;
	struct document_place owner_place;
};

static inline void document_unrefp(struct mdev_document **document)
{
	mdev_document_unref(*document);
}

void document_entries_clear(struct document_entries *entries);

/* Takes over @entry's definition, also if it fails. Return: 0, -ENOMEM reported. */
_must_check_ int document_add(struct mdev_ctx *ctx, struct document_entries *entries,
			      const struct document_entry *entry);

/* By UUID, then parent. */
void document_sort(struct document_entries *entries);

/* @owner: NULL if nobody says who it is; one that is known stays. Return: 0, -ENOMEM reported. */
_must_check_ int document_take_owner(struct mdev_document *document, const char *owner);

/* Who describes a device; NULL for nobody in particular. */
const char *document_get_owner(const struct mdev_document *document,
			       const struct document_entry *entry);

#define PLACE	      "%s:%zu:%zu"
#define PLACE_ARGS(p) (p)->file, (p)->line, (p)->column

#endif
