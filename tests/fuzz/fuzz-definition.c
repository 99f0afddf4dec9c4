// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Fuzz target: any bytes as a definition's text. What is accepted can be written, what was
 * written is read as the same and written again to the same bytes; a refusal tells why.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "libmdev.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same(const char *a, const char *b)
{
	require(strcmp(a, b) == 0);
}

static void compare(const struct mdev_definition *a, const struct mdev_definition *b)
{
	const char *name_a, *value_a, *name_b, *value_b;
	size_t count = mdev_definition_count_attrs(a);

	same(mdev_definition_get_type(a), mdev_definition_get_type(b));
	require(mdev_definition_get_start(a) == mdev_definition_get_start(b));
	require(mdev_definition_count_attrs(b) == count);
	for (size_t i = 0; i < count; i++) {
		require(mdev_definition_get_attr(a, i, &name_a, &value_a) == 0);
		require(mdev_definition_get_attr(b, i, &name_b, &value_b) == 0);
		same(name_a, name_b);
		same(value_a, value_b);
	}
}

static void write_and_read_again(struct mdev_ctx *ctx, const struct mdev_definition *definition)
{
	struct mdev_definition *again;
	char *text, *second;

	require(mdev_definition_get_json(definition, &text) == 0);
	require(mdev_definition_new(ctx, NULL, &again) == 0);
	require(mdev_definition_set_json(again, text, strlen(text)) == 0);
	compare(definition, again);
	require(mdev_definition_get_json(again, &second) == 0);
	same(text, second);
	mdev_definition_unref(again);
	free(second);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mdev_definition *definition;
	struct mdev_ctx *ctx;

	require(mdev_ctx_new(&ctx) == 0);
	require(mdev_definition_new(ctx, NULL, &definition) == 0);
	if (mdev_definition_set_json(definition, (const char *)data, size) == 0)
		write_and_read_again(ctx, definition);
	else
		require(*mdev_ctx_last_error(ctx) && !mdev_definition_get_type(definition));
	mdev_definition_unref(definition);
	mdev_ctx_unref(ctx);
	return 0;
}
