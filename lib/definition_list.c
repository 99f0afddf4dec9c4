// SPDX-License-Identifier: LGPL-2.1-or-later
/* Lists of definitions as text, in the form of "mdevctl list --dumpjson". */
#include <errno.h>
#include <string.h>

#include "definition.h"
#include "definitions.h"
#include "log.h"

struct parsed {
	struct mdev_ctx *ctx;
	struct definitions list;
};

static int parsed_add(void *data, const char *parent, const struct mdev_uuid *uuid,
		      struct config *config)
{
	struct mdev_definition *definition = NULL;
	struct parsed *parsed = data;
	int r;

	r = definition_make(parsed->ctx, parent, uuid, config, &definition);
	return r < 0 ? r : definitions_add(&parsed->list, definition);
}

static void parsed_clear(struct parsed *parsed)
{
	definitions_clear(&parsed->list);
}

MDEV_EXPORT int mdev_definition_list_parse(struct mdev_ctx *ctx, const char *text, size_t length,
					   struct mdev_definition ***definitions)
{
	_cleanup_(parsed_clear) struct parsed parsed = { .ctx = ctx };
	const struct config_list list = { .add = parsed_add, .data = &parsed };
	_cleanup_free_ char *problem = NULL;
	int r;

	if (ANY_NULL(ctx, text, definitions))
		return log_null(ctx);
	if (length > MDEV_JSON_LIST_SIZE_MAX)
		return log_fail(ctx, -EBADMSG, "too large (limit 16 MiB)");
	r = cfg_parse_list(text, length, &list, &problem);
	if (r == -ENOMEM)
		return log_no_memory(ctx);
	if (problem)
		return log_fail(ctx, r, "%s", problem);
	if (r < 0)
		return r;
	return definitions_take(&parsed.list, definitions) < 0 ? log_no_memory(ctx) : 0;
}

static int list_compare_entries(const void *a, const void *b)
{
	const struct config_entry *x = a, *y = b;
	int order = strcmp(x->parent, y->parent);

	return order ? order : strcmp(x->uuid, y->uuid);
}

MDEV_EXPORT int mdev_definition_list_format(struct mdev_ctx *ctx,
					    struct mdev_definition *const *definitions, char **text)
{
	_cleanup_free_ struct config_entry *entries = NULL;
	size_t count = 0;
	int r = 0;

	if (ANY_NULL(ctx, definitions, text))
		return log_null(ctx);
	while (definitions[count])
		count++;
	entries = calloc(count + 1, sizeof(*entries));
	if (!entries)
		return log_no_memory(ctx);
	for (size_t i = 0; r == 0 && i < count; i++) {
		r = definition_check_place(ctx, definitions[i]);
		entries[i] = (struct config_entry){
			.parent = mdev_definition_get_parent(definitions[i]),
			.uuid = mdev_definition_get_uuid(definitions[i])->text,
			.config = definition_config(definitions[i]),
		};
	}
	if (r < 0)
		return r;
	qsort(entries, count, sizeof(*entries), list_compare_entries);
	return cfg_format_list(entries, count, text) < 0 ? log_no_memory(ctx) : 0;
}
