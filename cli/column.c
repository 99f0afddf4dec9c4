// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>
#include <strings.h>

#include "column.h"
#include "usage.h"
#include "util/array.h"
#include "util/buffer.h"

/* Cells ------------------------------------------------------------------------ */

static struct cell cell_string(const char *string)
{
	return (struct cell){ .exists = string, .string = string };
}

/* Below 0: not known. */
static struct cell cell_number(int number)
{
	return (struct cell){ .exists = number >= 0, .number = number };
}

static struct cell cell_flag(const struct item *item, bool is_set)
{
	return (struct cell){ .exists = item->kind == ITEM_DEVICE, .number = is_set };
}

/* What each of its objects has under a name; of another kind of item it is nothing. */
#define CELL(name, make, object, getter)                                           \
	static struct cell name(const struct item *item)                           \
	{                                                                          \
		return item->object ? make(getter(item->object)) : (struct cell){ 0 }; \
	}

CELL(get_description, cell_string, type, mdev_type_get_description)
CELL(get_api, cell_string, type, mdev_type_get_device_api)
CELL(get_group, cell_number, info, mdev_device_info_get_iommu_group)
CELL(get_node, cell_string, info, mdev_device_info_get_group_node)
CELL(get_device_node, cell_string, info, mdev_device_info_get_vfio_node)

/* In a tree, counts are those of the type's own line. */
static bool item_has_counts(const struct item *item)
{
	return item->type && (item->kind == ITEM_TYPE || item->depth == 0);
}

static struct cell get_available(const struct item *item)
{
	return cell_number(item_has_counts(item) ?
			   (int)mdev_type_get_available_instances(item->type) : -1);
}

static struct cell get_used(const struct item *item)
{
	return cell_number(item_has_counts(item) ?
			   (int)mdev_type_get_used_instances(item->type) : -1);
}

static struct cell get_name(const struct item *item)
{
	switch (item->kind) {
	case ITEM_FUNCTION:
		return cell_string(item->function);
	case ITEM_PARENT:
		return cell_string(item->parent);
	case ITEM_TYPE:
		return cell_string(item->type_id);
	case ITEM_DEVICE:
		break;
	}
	return cell_string(item->uuid->text);
}

static struct cell get_kind(const struct item *item)
{
	switch (item->kind) {
	case ITEM_FUNCTION:
		return cell_string("function");
	case ITEM_PARENT:
		return cell_string("parent");
	case ITEM_TYPE:
		return cell_string("type");
	case ITEM_DEVICE:
		break;
	}
	return cell_string("device");
}

static struct cell get_uuid(const struct item *item)
{
	return cell_string(item->uuid ? item->uuid->text : NULL);
}

static struct cell get_function(const struct item *item)
{
	return cell_string(item->function);
}

static struct cell get_parent(const struct item *item)
{
	return cell_string(item->parent);
}

static struct cell get_type(const struct item *item)
{
	return cell_string(item->type_id);
}

/* A device with a definition is, or becomes, what that names: the id may be another type's now. */
static struct cell get_type_name(const struct item *item)
{
	const char *name = item->definition ? mdev_definition_get_type_name(item->definition) : NULL;

	if (!name && item->type)
		name = mdev_type_get_name(item->type);
	return cell_string(name);
}

static struct cell get_start(const struct item *item)
{
	if (item->kind != ITEM_DEVICE)
		return (struct cell){ 0 };
	if (item->definition && mdev_definition_get_start(item->definition) == MDEV_START_AUTO)
		return cell_string("auto");
	return cell_string("manual");
}

static struct cell get_access(const struct item *item)
{
	if (item->kind != ITEM_DEVICE || !item->definition)
		return (struct cell){ 0 };
	return cell_string(mdev_definition_get_access(item->definition));
}

static struct cell get_active(const struct item *item)
{
	return cell_flag(item, item->device);
}

static struct cell get_defined(const struct item *item)
{
	return cell_flag(item, item->is_defined);
}

static struct cell get_driver(const struct item *item)
{
	if (item->kind == ITEM_PARENT && item->parent_info)
		return cell_string(mdev_parent_info_get_driver(item->parent_info));
	return cell_string(item->info ? mdev_device_info_get_driver(item->info) : NULL);
}

static struct cell get_numa(const struct item *item)
{
	if (item->parent_info)
		return cell_number(mdev_parent_info_get_numa_node(item->parent_info));
	return cell_number(-1);
}

static struct cell get_path(const struct item *item)
{
	if (item->kind == ITEM_PARENT && item->parent_info)
		return cell_string(mdev_parent_info_get_path(item->parent_info));
	return cell_string(item->info ? mdev_device_info_get_path(item->info) : NULL);
}

/* Columns ---------------------------------------------------------------------- */

#define ALL   (ITEM_FUNCTION | ITEM_PARENT | ITEM_TYPE | ITEM_DEVICE)
#define TYPES (ITEM_TYPE | ITEM_DEVICE)

/* The manual page describes them in this order, and tests/cli/list.schema.json their JSON. */
const struct column column_table[] = {
	{ "NAME", .items = ALL, .get = get_name },
	{ "KIND", .items = ALL, .get = get_kind },
	{ "UUID", .items = ITEM_DEVICE, .get = get_uuid },
	{ "PHYSFN", .parts = PART_PARENTS, .items = ALL, .get = get_function },
	{ "PARENT", .items = ALL, .get = get_parent },
	{ "NUMA", COLUMN_NUMBER, PART_PARENTS, ALL, .get = get_numa },
	{ "TYPE", .items = TYPES, .get = get_type },
	{ "TYPENAME", .parts = PART_TYPES, .items = TYPES, .get = get_type_name },
	{ "DESCRIPTION", .parts = PART_TYPES, .items = TYPES, .wraps = true,
	  .get = get_description },
	{ "API", .parts = PART_TYPES, .items = TYPES, .get = get_api },
	{ "USED", COLUMN_NUMBER, PART_TYPES, TYPES, .get = get_used },
	{ "AVAILABLE", COLUMN_NUMBER, PART_TYPES, TYPES, .get = get_available },
	{ "START", .items = ITEM_DEVICE, .get = get_start },
	{ "ACTIVE", COLUMN_FLAG, .items = ITEM_DEVICE, .get = get_active },
	{ "DEFINED", COLUMN_FLAG, .items = ITEM_DEVICE, .get = get_defined },
	{ "DRIVER", .parts = PART_INFO, .items = ITEM_DEVICE, .get = get_driver },
	{ "GROUP", COLUMN_NUMBER, PART_INFO, ITEM_DEVICE, .get = get_group },
	{ "NODE", .parts = PART_INFO, .items = ITEM_DEVICE, .get = get_node },
	{ "DEVNODE", .parts = PART_INFO, .items = ITEM_DEVICE, .get = get_device_node },
	{ "ACCESS", .items = ITEM_DEVICE, .get = get_access },
	{ "PATH", .parts = PART_INFO, .items = ITEM_DEVICE, .get = get_path },
	{ "USERS", COLUMN_USERS, PART_USERS, ITEM_DEVICE, .wraps = true },
	{ "ATTRS", COLUMN_ATTRS, PART_ATTRS, ITEM_DEVICE, .wraps = true },
};

const size_t column_count = sizeof(column_table) / sizeof(column_table[0]);

static const struct column *column_find(const char *name, size_t length, unsigned int items)
{
	for (size_t i = 0; i < column_count; i++) {
		const struct column *column = &column_table[i];

		if (column->items & items && strlen(column->name) == length &&
		    strncasecmp(column->name, name, length) == 0)
			return column;
	}
	return NULL;
}

static bool column_refuse(const char *name, size_t length, const char *why, unsigned int items)
{
	_cleanup_buffer_ struct buffer names = { 0 };

	for (size_t i = 0; i < column_count; i++)
		if (column_table[i].items & items)
			buffer_add_format(&names, "%s%s", names.length > 0 ? ", " : "",
					  column_table[i].name);
	usage_error(stderr, "invalid value '%.*s' for '--output <COLUMNS>': %s; the columns are %s",
		    (int)length, name, why, names.text ?: "");
	usage_end(stderr);
	return false;
}

static bool column_add_names(const char *text, unsigned int items, struct column_list *list)
{
	for (;;) {
		size_t length = strcspn(text, ",");
		const struct column *column = column_find(text, length, items);

		if (!column)
			return column_refuse(text, length, "unknown column", items);
		if (list->count == COLUMN_MAX)
			return column_refuse(text, length, "too many columns", items);
		list->columns[list->count++] = column;
		if (!text[length])
			return true;
		text += length + 1;
	}
}

bool column_parse(const char *text, const char *defaults, unsigned int items,
		  struct column_list *list)
{
	*list = (struct column_list){ 0 };
	if ((!text || *text == '+') && !column_add_names(defaults, items, list))
		return false;
	return !text || column_add_names(text + (*text == '+'), items, list);
}

void column_make_tree(struct column_list *list)
{
	for (list->name = 0; list->name < list->count; list->name++)
		if (list->columns[list->name]->get == get_name)
			return;
	memmove(&list->columns[1], &list->columns[0], list->count * sizeof(list->columns[0]));
	list->columns[0] = column_find("NAME", strlen("NAME"), ITEM_DEVICE);
	list->name = 0;
	list->count++;
}

unsigned int column_parts(const struct column_list *list)
{
	unsigned int parts = 0;

	for (size_t i = 0; i < list->count; i++)
		parts |= list->columns[i]->parts;
	return parts;
}

/* Text ------------------------------------------------------------------------- */

static void text_users(struct buffer *buffer, const struct item *item)
{
	for (size_t i = 0; i < item->user_count; i++)
		buffer_add_format(buffer, "%s%s(%d)", i ? "," : "",
				  mdev_user_get_command(item->users[i]),
				  mdev_user_get_pid(item->users[i]));
}

static void text_attrs(struct buffer *buffer, const struct item *item)
{
	const char *name, *value;

	for (size_t i = 0; item->attrs && i < mdev_definition_count_attrs(item->attrs); i++)
		if (mdev_definition_get_attr(item->attrs, i, &name, &value) == 0)
			buffer_add_format(buffer, "%s%s=%s", i ? "," : "", name, value);
}

/* Descriptions have several lines, of which a cell has one. */
static void text_string(struct buffer *buffer, const char *string)
{
	for (; *string; string++)
		buffer_add(buffer, *string == '\n' ? ", " : string, *string == '\n' ? 2 : 1);
}

static void text_cell(struct buffer *buffer, const struct column *column, struct cell cell)
{
	if (column->kind == COLUMN_STRING)
		text_string(buffer, cell.string);
	else if (column->kind == COLUMN_FLAG)
		buffer_add_string(buffer, cell.number ? "yes" : "no");
	else
		buffer_add_format(buffer, "%u", cell.number);
}

char *column_text(const struct column *column, const struct item *item)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };
	char *text = NULL;

	if (column->kind == COLUMN_USERS) {
		text_users(&buffer, item);
	} else if (column->kind == COLUMN_ATTRS) {
		text_attrs(&buffer, item);
	} else {
		struct cell cell = column->get(item);

		if (cell.exists)
			text_cell(&buffer, column, cell);
	}
	return buffer_take(&buffer, &text) < 0 ? NULL : text;
}
