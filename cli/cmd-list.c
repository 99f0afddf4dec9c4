// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "cli.h"
#include "inventory.h"
#include "option_table.h"
#include "out.h"
#include "table.h"

struct list_values {
	bool defined;
	bool dumpjson;
	bool verbose;
	struct mdev_uuid uuid;
	const char *parent;
	const char *output;
	bool tree;
	bool json;
	bool noheadings;
};

static const struct cli_option list_options[] = {
	OPTION(list_values, defined, "d", OPTION_FLAG,
	       .help = "Show the defined devices instead of the active ones"),
	OPTION(list_values, dumpjson, NULL, OPTION_FLAG, .help = "Print JSON"),
	OPTION(list_values, verbose, "v", OPTION_FLAG, .help = "Also show attributes"),
	OPTION(list_values, uuid, "u", OPTION_UUID, .help = "Only devices with this UUID"),
	OPTION(list_values, parent, "p", OPTION_PARENT, .help = "Only devices of this parent"),
	OPTION(list_values, output, "o", OPTION_COLUMNS, .excludes = { "dumpjson", "verbose" },
	       .help = "Print these columns, such as UUID,NODE,USERS, or +USERS"),
	OPTION(list_values, tree, NULL, OPTION_FLAG,
	       .excludes = { "defined", "dumpjson", "verbose" },
	       .help = "Show functions, parents, types, devices and users as a tree"),
	OPTION(list_values, json, NULL, OPTION_FLAG, .excludes = { "dumpjson", "verbose" },
	       .help = "Print the columns or the tree as JSON"),
	OPTION(list_values, noheadings, "n", OPTION_FLAG, .needs = { "output", "tree" },
	       .help = "Print no headings"),
	{ 0 }
};

/* In the order of the text. */
enum { LIST_UUID, LIST_PARENT, LIST_TYPE, LIST_START, LIST_STATE, LIST_ATTRS, LIST_COLUMNS };

static bool attr_at(const void *definition, size_t index, const char **name, const char **value)
{
	return index < mdev_definition_count_attrs(definition) &&
	       mdev_definition_get_attr(definition, index, name, value) == 0;
}

static const struct out_column list_columns[LIST_COLUMNS] = {
	[LIST_UUID] = { .group = 2 },
	[LIST_PARENT] = { .group = 1 },
	[LIST_TYPE] = { .key = "mdev_type" },
	[LIST_START] = { .key = "start" },
	[LIST_STATE] = { .kind = OUT_STRING },
	[LIST_ATTRS] = { .kind = OUT_PAIRS, .key = "attrs", .label = "Attrs", .pair = attr_at },
};

static bool shows_attrs(const struct list_values *list)
{
	return list->dumpjson || list->verbose;
}

static const char *start_mode(const struct mdev_definition *definition)
{
	if (definition && mdev_definition_get_start(definition) == MDEV_START_AUTO)
		return "auto";
	return "manual";
}

/* Where a device and a definition stand to each other in the order of both lists. */
static int compare(const struct mdev_device *device, const struct mdev_definition *definition)
{
	int order = strcmp(mdev_device_get_parent(device), mdev_definition_get_parent(definition));

	if (order)
		return order;
	return strcmp(mdev_device_get_uuid(device)->text,
		      mdev_definition_get_uuid(definition)->text);
}

static int add_row(struct out *out, const struct list_values *list, const union out_cell *row)
{
	return list->dumpjson ? out_add(out, row) : out_add_line(out, row);
}

static int add_device(struct cli *cli, struct out *out, const struct list_values *list,
		      const struct mdev_device *device, const struct mdev_definition *definition,
		      const struct mdev_definition *description)
{
	bool defined = definition || inventory_has_unreadable(cli, device);
	const union out_cell row[LIST_COLUMNS] = {
		[LIST_UUID].string = mdev_device_get_uuid(device)->text,
		[LIST_PARENT].string = mdev_device_get_parent(device),
		[LIST_TYPE].string = mdev_device_get_type(device),
		[LIST_START].string = start_mode(definition),
		[LIST_STATE].string = defined ? "(defined)" : NULL,
		[LIST_ATTRS].object = description,
	};

	return add_row(out, list, row);
}

static int add_definition(struct out *out, const struct list_values *list,
			  const struct mdev_definition *definition,
			  const struct mdev_device *device)
{
	const char *type = mdev_definition_get_type(definition);
	bool active = device && strcmp(mdev_device_get_type(device), type) == 0;
	const union out_cell row[LIST_COLUMNS] = {
		[LIST_UUID].string = mdev_definition_get_uuid(definition)->text,
		[LIST_PARENT].string = mdev_definition_get_parent(definition),
		[LIST_TYPE].string = type,
		[LIST_START].string = start_mode(definition),
		[LIST_STATE].string = active ? "(active)" : NULL,
		[LIST_ATTRS].object = shows_attrs(list) ? definition : NULL,
	};

	return add_row(out, list, row);
}

/*
 * The lists have the same order, so one pass over both finds the pairs. These functions look for
 * the counterpart in the rest of the other list, which is NULL if it was not read.
 */
static const struct mdev_definition *find_definition_of(const struct mdev_device *device,
							struct mdev_definition *const **rest)
{
	int order = -1;

	while (*rest && **rest && (order = compare(device, **rest)) > 0)
		(*rest)++;
	return order == 0 ? **rest : NULL;
}

static const struct mdev_device *find_device_of(const struct mdev_definition *definition,
						struct mdev_device *const **rest)
{
	int order = 1;

	while (*rest && **rest && (order = compare(**rest, definition)) < 0)
		(*rest)++;
	return order == 0 ? **rest : NULL;
}

static int add_devices(struct cli *cli, struct out *out, const struct list_values *list,
		       struct mdev_device *const *devices,
		       struct mdev_definition *const *definitions,
		       struct mdev_definition *const *descriptions)
{
	int r = 0;

	for (size_t i = 0; r == 0 && devices[i]; i++)
		r = add_device(cli, out, list, devices[i],
			       find_definition_of(devices[i], &definitions),
			       descriptions ? descriptions[i] : NULL);
	return r;
}

static int add_definitions(struct out *out, const struct list_values *list,
			   struct mdev_definition *const *definitions,
			   struct mdev_device *const *devices)
{
	int r = 0;

	for (; r == 0 && *definitions; definitions++)
		r = add_definition(out, list, *definitions, find_device_of(*definitions, &devices));
	return r;
}

/* Reads the objects to list, then the other side only if there is anything to join. */
static int load(struct cli *cli, const struct list_values *list, struct mdev_device ***devices,
		struct mdev_definition ***definitions)
{
	const struct mdev_uuid *uuid = option_uuid(&list->uuid);
	int r;

	if (list->defined) {
		r = mdev_definition_list(cli->ctx, uuid, list->parent, definitions);
		if (r < 0 || !**definitions || list->dumpjson)
			return r;
		return mdev_device_list(cli->ctx, uuid, list->parent, devices);
	}
	r = mdev_device_list(cli->ctx, uuid, list->parent, devices);
	if (r < 0 || !**devices)
		return r;
	return mdev_definition_list(cli->ctx, uuid, list->parent, definitions);
}

#define LIST_DEFAULT "UUID,PARENT,TYPE,START,ACTIVE,DEFINED"
#define TREE_DEFAULT "NAME,USED,AVAILABLE,NODE,DEVNODE,USERS"

/* What mdevctl 1.4.0 cannot print. */
static bool list_is_table(const struct list_values *list)
{
	return list->output || list->tree || list->json;
}

static int list_run_table(struct cli *cli, const struct list_values *list)
{
	_cleanup_(inventory_clear) struct inventory inventory = { 0 };
	struct inventory_request request = {
		.uuid = option_uuid(&list->uuid),
		.parent = list->parent,
		.defined = list->defined,
		.explains = list->tree,
	};
	struct column_list columns;
	int r;

	if (!column_parse(list->output, list->tree ? TREE_DEFAULT : LIST_DEFAULT, ITEM_DEVICE,
			  &columns))
		return EXIT_USAGE;
	if (list->tree)
		column_make_tree(&columns);
	request.parts = column_parts(&columns) | (list->tree ? PART_PARENTS | PART_TYPES : 0);
	if (inventory_read(cli, &request, &inventory) < 0)
		return cli_failed(cli);
	r = list->tree ? inventory_list_tree(&inventory, request.uuid)
		       : inventory_list_devices(&inventory);
	if (r < 0)
		return cli_written(r);
	return table_run(&inventory, &columns, list->tree, list->noheadings, list->json);
}

static int list_run(struct cli *cli, const void *values)
{
	const struct list_values *list = values;
	_cleanup_(mdev_definition_list_freep) struct mdev_definition **definitions = NULL;
	_cleanup_(mdev_definition_list_freep) struct mdev_definition **descriptions = NULL;
	_cleanup_(mdev_device_list_freep) struct mdev_device **devices = NULL;
	_cleanup_(out_clear) struct out out = OUT_NEW(list_columns);
	enum out_format format = OUT_LINES;
	int r;

	if (list_is_table(list))
		return list_run_table(cli, list);
	r = load(cli, list, &devices, &definitions);
	/* Only scripts know the attributes of active devices, and they run for nothing else. */
	if (r == 0 && !list->defined && shows_attrs(list))
		r = mdev_definition_list_active(cli->ctx, devices, 0, &descriptions);
	if (r < 0)
		return cli_failed(cli);
	if (list->defined)
		r = add_definitions(&out, list, definitions, devices);
	else
		r = add_devices(cli, &out, list, devices, definitions, descriptions);
	if (list->dumpjson)
		format = *list->uuid.text ? OUT_JSON_SINGLE : OUT_JSON;
	return cli_written(r < 0 ? r : out_print(&out, format));
}

const struct cmd cmd_list = {
	.name = "list",
	.summary = "List the active mediated devices, or the defined ones",
	.options = list_options,
	.values_size = sizeof(struct list_values),
	.version = true,
	.run = list_run,
};
