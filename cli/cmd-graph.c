// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "inventory.h"
#include "option_table.h"
#include "out.h"
#include "terminal.h"
#include "util/buffer.h"

struct graph_values {
	struct mdev_uuid uuid;
	const char *parent;
};

static const struct cli_option graph_options[] = {
	OPTION(graph_values, uuid, "u", OPTION_UUID, .help = "Only the device of this UUID"),
	OPTION(graph_values, parent, "p", OPTION_PARENT, .help = "Only this parent"),
	{ 0 }
};

/*
 * A line of a label. Names are shown as on a terminal, because Graphviz takes UTF-8 only. In its
 * strings, backslashes begin escapes and ampersands entities.
 */
static void graph_add_text(struct buffer *out, const char *text)
{
	_cleanup_buffer_ struct buffer shown = { 0 };

	terminal_add(&shown, text);
	out->failed |= shown.failed;
	for (const char *c = shown.text; c && *c; c++) {
		if (*c == '&')
			buffer_add_string(out, "&amp;");
		else
			buffer_add_format(out, "%s%c", *c == '"' || *c == '\\' ? "\\" : "", *c);
	}
}

static void graph_add_line(struct buffer *out, const char *text)
{
	if (!text)
		return;
	buffer_add_string(out, "\\n");
	graph_add_text(out, text);
}

static void graph_begin_node(struct buffer *out, size_t number, const char *name)
{
	buffer_add_format(out, "\tn%zu [label=\"", number);
	graph_add_text(out, name);
}

static void graph_add_parent(struct buffer *out, size_t number, const struct item *item)
{
	int numa = item->parent_info ? mdev_parent_info_get_numa_node(item->parent_info) : -1;

	graph_begin_node(out, number, item->parent);
	graph_add_line(out, item->parent_info ? mdev_parent_info_get_driver(item->parent_info) :
						NULL);
	if (numa >= 0)
		buffer_add_format(out, "\\nNUMA node %d", numa);
	buffer_add_string(out, "\", shape=box3d];\n");
}

static void graph_add_type(struct buffer *out, size_t number, const struct item *item)
{
	unsigned int available = mdev_type_get_available_instances(item->type);

	graph_begin_node(out, number, item->type_id);
	graph_add_line(out, mdev_type_get_name(item->type));
	buffer_add_format(out, "\\n%u used, %u free\"%s];\n",
			  mdev_type_get_used_instances(item->type), available,
			  available == 0 ? ", style=dashed" : "");
}

/* A process that has several devices is one node. */
static void graph_add_users(struct buffer *out, size_t number, const struct item *item)
{
	for (size_t i = 0; i < item->user_count; i++) {
		int pid = mdev_user_get_pid(item->users[i]);

		buffer_add_format(out, "\tp%d [label=\"", pid);
		graph_add_text(out, mdev_user_get_command(item->users[i]));
		buffer_add_format(out, "\\nprocess %d\", shape=ellipse];\n\tn%zu -> p%d;\n", pid,
				  number, pid);
	}
}

static void graph_add_device(struct buffer *out, size_t number, const struct item *item)
{
	graph_begin_node(out, number, item->uuid->text);
	if (item->is_defined)
		graph_add_line(out, item->definition && mdev_definition_get_start(item->definition) ==
				    MDEV_START_AUTO ? "defined, auto" : "defined");
	graph_add_line(out, item->info ? mdev_device_info_get_group_node(item->info) : NULL);
	graph_add_line(out, item->info ? mdev_device_info_get_vfio_node(item->info) : NULL);
	buffer_add_string(out, "\", style=rounded];\n");
	graph_add_users(out, number, item);
}

static void graph_add_item(struct buffer *out, size_t number, const struct item *item)
{
	switch (item->kind) {
	case ITEM_FUNCTION:
		graph_begin_node(out, number, item->function);
		buffer_add_string(out, "\\nphysical function\", shape=box3d];\n");
		return;
	case ITEM_PARENT:
		graph_add_parent(out, number, item);
		return;
	case ITEM_TYPE:
		graph_add_type(out, number, item);
		return;
	case ITEM_DEVICE:
		graph_add_device(out, number, item);
		return;
	}
}

/* Function, parent, type and device. */
#define GRAPH_DEPTH 4

/* The item that one of @depth is below: the last one so far that is less deep. */
static size_t graph_find_above(const size_t last[GRAPH_DEPTH], unsigned int depth)
{
	size_t above = 0;

	for (unsigned int i = 0; i < depth; i++)
		if (last[i] > above)
			above = last[i];
	return above;
}

static void graph_add(struct buffer *out, const struct inventory *inventory)
{
	size_t last[GRAPH_DEPTH] = { 0 };	/* the last item of each depth */

	buffer_add_string(out, "digraph mdevctl {\n\trankdir=LR;\n\tnode [shape=box];\n");
	for (size_t i = 0; i < inventory->count; i++) {
		unsigned int depth = inventory->items[i].depth;

		graph_add_item(out, i, &inventory->items[i]);
		if (depth > 0)
			buffer_add_format(out, "\tn%zu -> n%zu;\n", graph_find_above(last, depth), i);
		last[depth] = i;
	}
	buffer_add_string(out, "}\n");
}

static int graph_run(struct cli *cli, const void *values)
{
	const struct graph_values *graph = values;
	const struct inventory_request request = {
		.uuid = option_uuid(&graph->uuid),
		.parent = graph->parent,
		.parts = PART_PARENTS | PART_TYPES | PART_INFO | PART_USERS,
		.explains = true,
	};
	_cleanup_(inventory_clear) struct inventory inventory = { 0 };
	_cleanup_buffer_ struct buffer out = { 0 };
	int r;

	if (inventory_read(cli, &request, &inventory) < 0)
		return cli_failed(cli);
	r = inventory_list_tree(&inventory, request.uuid);
	if (r < 0)
		return cli_written(r);
	graph_add(&out, &inventory);
	return cli_written(out.failed ? -ENOMEM : out_write(out.text, out.length));
}

const struct cmd cmd_graph = {
	.name = "graph",
	.summary = "Draw functions, parents, types, devices and users with Graphviz",
	.options = graph_options,
	.values_size = sizeof(struct graph_values),
	.run = graph_run,
};
