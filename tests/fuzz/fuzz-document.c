// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Fuzz target: any bytes as a document. What is accepted can be written, and what was written is
 * read and written again to the same bytes; a refusal names a place and changes nothing.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "libmdev.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
	if (!condition)
		abort();
}

static char *written(const struct mdev_document *document)
{
	char *text;

	require(mdev_document_get_json(document, &text) == 0);
	return text;
}

static void read_again(struct mdev_ctx *ctx, const struct mdev_document *document)
{
	char *text = written(document), *second;
	struct mdev_document *again;

	require(mdev_document_new(ctx, &again) == 0);
	require(mdev_document_add_json(again, "again", text, strlen(text)) == 0);
	second = written(again);
	require(strcmp(text, second) == 0);
	mdev_document_unref(again);
	free(second);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char none[] = "{\n  \"devices\": []\n}";
	struct mdev_document *document;
	struct mdev_ctx *ctx;
	char *text;

	require(mdev_ctx_new(&ctx) == 0);
	require(mdev_document_new(ctx, &document) == 0);
	if (mdev_document_add_json(document, "file", (const char *)data, size) == 0) {
		read_again(ctx, document);
	} else {
		require(strncmp(mdev_ctx_last_error(ctx), "file:", 5) == 0);
		text = written(document);
		require(strcmp(text, none) == 0);
		free(text);
	}
	mdev_document_unref(document);
	mdev_ctx_unref(ctx);
	return 0;
}
