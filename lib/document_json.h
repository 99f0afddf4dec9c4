/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The text of a document. Hides the words of the format. */
#ifndef LIB_DOCUMENT_JSON_H
#define LIB_DOCUMENT_JSON_H

#include "document.h"
#include "config.h"

/* What one text says. */
struct document_part {
	struct mdev_ctx *ctx;
	const char *file; /* what mistakes are reported of */
	struct document_entries entries;
	char *owner; /* NULL if it names none */
	struct document_place owner_place;
};

void document_part_clear(struct document_part *part);

/* Return: 0, -EBADMSG with file, line and column of the mistake, -ENOMEM; reported. */
_must_check_ int document_read(struct document_part *part, const char *text, size_t length);

/* Return: 0, -ENOMEM, unreported. */
_must_check_ int document_write(const struct mdev_document *document, char **text);

#endif
