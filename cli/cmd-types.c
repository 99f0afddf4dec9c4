// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "option_table.h"
#include "out.h"
#include "table.h"

struct types_values {
	const char *parent;
	bool dumpjson;
	const char *output;
	bool json;
	bool noheadings;
	enum option_when bars;
	enum option_when color;
};

static const struct cli_option types_options[] = {
	OPTION(types_values, parent, "p", OPTION_PARENT, .help = "Only types of this parent"),
	OPTION(types_values, dumpjson, NULL, OPTION_FLAG, .help = "Print JSON"),
	OPTION(types_values, output, "o", OPTION_COLUMNS, .excludes = { "dumpjson" },
	       .help = "Print these columns, such as TYPE,USED,AVAILABLE, or +NUMA"),
	OPTION(types_values, json, NULL, OPTION_FLAG, .excludes = { "dumpjson" },
	       .help = "Print the columns as JSON"),
	OPTION(types_values, bars, NULL, OPTION_WHEN, .excludes = { "dumpjson", "output", "json" },
	       .help = "Draw how many instances are used: auto, always or never"),
	OPTION(types_values, color, NULL, OPTION_WHEN,
	       .help = "Draw in colors: auto, always or never"),
	OPTION(types_values, noheadings, "n", OPTION_FLAG, .needs = { "output" },
	       .help = "Print no headings"),
	{ 0 }
};

enum {
	TYPES_PARENT,
	TYPES_ID,
	TYPES_INSTANCES,
	TYPES_USED,
	TYPES_API,
	TYPES_NAME,
	TYPES_DESCRIPTION,
	TYPES_COLUMNS
};

static const struct out_column types_columns[TYPES_COLUMNS] = {
	[TYPES_PARENT] = { .group = 1 },
	[TYPES_ID] = { .group = 2 },
	[TYPES_INSTANCES] = { .kind = OUT_NUMBER,
			      .key = "available_instances",
			      .label = "Available instances" },
	[TYPES_USED] = { .kind = OUT_USED },
	[TYPES_API] = { .key = "device_api", .label = "Device API" },
	[TYPES_NAME] = { .key = "name", .label = "Name" },
	[TYPES_DESCRIPTION] = { .kind = OUT_JOINED, .key = "description", .label = "Description" },
};

static void type_lists_free(struct mdev_type ****lists)
{
	for (size_t i = 0; *lists && (*lists)[i]; i++)
		mdev_type_list_free((*lists)[i]);
	free(*lists);
}

static size_t count_parents(struct mdev_parent *const *parents)
{
	size_t count = 0;

	while (parents[count])
		count++;
	return count;
}

/* Skips white space before the text; libmdev removes it at the end. */
static const char *trimmed(const char *text)
{
	return text ? text + strspn(text, " \t\n") : NULL;
}

static int add_types(struct out *out, const struct mdev_parent *parent,
		     struct mdev_type *const *types)
{
	int r = 0;

	for (; r == 0 && *types; types++) {
		const union out_cell row[TYPES_COLUMNS] = {
			[TYPES_PARENT].string = mdev_parent_get_name(parent),
			[TYPES_ID].string = mdev_type_get_id(*types),
			[TYPES_INSTANCES].number = mdev_type_get_available_instances(*types),
			[TYPES_USED].number = mdev_type_get_used_instances(*types),
			[TYPES_API].string = mdev_type_get_device_api(*types),
			[TYPES_NAME].string = mdev_type_get_name(*types),
			[TYPES_DESCRIPTION].string = trimmed(mdev_type_get_description(*types)),
		};

		r = out_add(out, row);
	}
	return r;
}

/* A parent whose types cannot be read does not hide those of the others. */
static int add_parents(struct cli *cli, struct out *out, struct mdev_parent *const *parents,
		       struct mdev_type ***lists)
{
	int r = 0;

	for (; r == 0 && *parents; parents++) {
		if (mdev_type_list(*parents, lists) < 0) {
			log_warning(&cli->log, "%s", mdev_ctx_last_error(cli->ctx));
			continue;
		}
		r = add_types(out, *parents, *lists++);
	}
	return r;
}

/* A missing parent has no types, which is not an error, but worth a warning. */
static int find_parents(struct cli *cli, const char *name, struct mdev_parent ***parents)
{
	_cleanup_(mdev_parent_list_freep) struct mdev_parent **list = NULL;
	int r;

	if (!name)
		return mdev_parent_list(cli->ctx, parents);
	list = calloc(2, sizeof(*list));
	if (!list)
		return -ENOMEM;
	r = mdev_parent_lookup(cli->ctx, name, list);
	if (r < 0 && r != -ENODEV)
		return r;
	if (r == -ENODEV)
		log_warning(&cli->log, "%s", mdev_ctx_last_error(cli->ctx));
	*parents = TAKE_PTR(list);
	return 0;
}

#define TYPES_DEFAULT "PARENT,TYPE,TYPENAME,API,USED,AVAILABLE"

static int types_run_table(struct cli *cli, const struct types_values *types)
{
	_cleanup_(inventory_clear) struct inventory inventory = { 0 };
	struct inventory_request request = { .parent = types->parent, .parts = PART_TYPES,
					     .explains = true };
	struct column_list columns;
	int r;

	if (!column_parse(types->output, TYPES_DEFAULT, ITEM_TYPE, &columns))
		return EXIT_USAGE;
	if (inventory_read_types(cli, &request, &inventory) < 0)
		return cli_failed(cli);
	r = inventory_list_types(&inventory);
	if (r < 0)
		return cli_written(r);
	return table_run(&inventory, &columns, false, types->noheadings, types->json);
}

static int types_run(struct cli *cli, const void *values)
{
	const struct types_values *types = values;
	_cleanup_(mdev_parent_list_freep) struct mdev_parent **parents = NULL;
	_cleanup_(type_lists_free) struct mdev_type ***lists = NULL;
	_cleanup_(out_clear) struct out out = OUT_NEW(types_columns);
	int r;

	if (types->output || types->json)
		return types_run_table(cli, types);
	if (find_parents(cli, types->parent, &parents) < 0)
		return cli_failed(cli);
	/* A user who finds no types at all wants to know why. */
	if (!parents[0] && !types->parent && mdev_ctx_check_parents(cli->ctx) < 0)
		log_warning(&cli->log, "%s", mdev_ctx_last_error(cli->ctx));
	lists = calloc(count_parents(parents) + 1, sizeof(*lists));
	out.bars = bar_choose(types->bars, types->color);
	r = lists ? add_parents(cli, &out, parents, lists) : -ENOMEM;
	return cli_written(r < 0 ? r : out_print(&out, types->dumpjson ? OUT_JSON : OUT_TREE));
}

const struct cmd cmd_types = {
	.name = "types",
	.summary = "List the types of mediated devices that can be started",
	.options = types_options,
	.values_size = sizeof(struct types_values),
	.run = types_run,
};
