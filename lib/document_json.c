// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "access.h"
#include "config_json.h"
#include "definition.h"
#include "document_json.h"
#include "log.h"
#include "util/json_reader.h"
#include "util/text.h"

#define KEY_ACTIVE  "active"
#define KEY_ATTRS   "attrs"
#define KEY_DEFINED "defined"
#define KEY_DEVICES "devices"
#define KEY_OWNER   "owner"
#define KEY_ACCESS  "access"
#define KEY_PARENT  "parent"
#define KEY_START   "start"
#define KEY_TYPE    "type"
#define KEY_NAME    "type_name"
#define KEY_UUID    "uuid"

#define START_AUTO   "auto"
#define START_MANUAL "manual"

/* Reading --------------------------------------------------------------------------- */

/* The text that is being read. */
struct document_text {
	struct document_part *part;
	const char *text;
	struct json_place place; /* of what was located last */
};

/* A device that is being read. */
struct document_device {
	struct document_text *text;
	struct mdev_uuid uuid; /* empty if it is not known yet */
	const char *parent;
	struct config config;
	struct document_entry entry;
	bool has_start, has_active;
};

void document_part_clear(struct document_part *part)
{
	document_entries_clear(&part->entries);
	free(part->owner);
}

static struct document_place document_locate(struct document_text *text,
					     const struct json_value *value)
{
	locate_json(text->text, value->at, &text->place);
	return (struct document_place){ text->part->file, text->place.line, text->place.column };
}

/* Reports a mistake at @value. Return: -EBADMSG. */
_printf_format_(3, 4) static int document_bad(struct document_text *text,
					      const struct json_value *value, const char *format,
					      ...)
{
	struct document_place place = document_locate(text, value);
	char *problem = NULL;
	va_list args;
	int r;

	va_start(args, format);
	r = vasprintf(&problem, format, args);
	va_end(args);
	if (r < 0)
		return log_no_memory(text->part->ctx);
	r = log_fail(text->part->ctx, -EBADMSG, PLACE ": %s", PLACE_ARGS(&place), problem);
	free(problem);
	return r;
}

static int document_no_memory(const struct document_text *text)
{
	return log_no_memory(text->part->ctx);
}

/* A string with which C can do something. */
static int document_take_string(struct document_text *text, const struct json_value *value,
				const char **string)
{
	*string = value_string(value);
	if (*string)
		return 0;
	return document_bad(text, value, "'%s' is not a string%s", value->name,
			    value_is(value, JSON_STRING) ? " without a NUL character" : "");
}

static int document_take_name(struct document_text *text, const struct json_value *value,
			      const char **name)
{
	int r = document_take_string(text, value, name);

	if (r == 0 && !name_is_valid(*name))
		r = document_bad(text, value, "'%s' is not the name of a %s", *name, value->name);
	return r;
}

static int document_take_bool(struct document_text *text, const struct json_value *value,
			      bool *truth)
{
	if (!value_is(value, JSON_BOOLEAN))
		return document_bad(text, value, "'%s' is neither true nor false", value->name);
	*truth = *value->text == 't';
	return 0;
}

static int document_take_owner_name(struct document_text *text, const struct json_value *value,
				    char **owner)
{
	const char *name;
	int r;

	r = document_take_string(text, value, &name);
	if (r < 0)
		return r;
	if (!cfg_is_owner(name))
		return document_bad(text, value, "'%s' is not the name of an owner", name);
	*owner = strdup(name);
	return *owner ? 0 : document_no_memory(text);
}

/* Members of a device */

static int device_take_uuid(struct document_device *device, const struct json_value *value)
{
	const char *name;
	int r;

	r = document_take_string(device->text, value, &name);
	if (r == 0 && mdev_uuid_parse(name, &device->uuid) < 0)
		r = document_bad(device->text, value, "'%s' is not a UUID", name);
	return r;
}

static int device_take_parent(struct document_device *device, const struct json_value *value)
{
	return document_take_name(device->text, value, &device->parent);
}

static int device_take_type(struct document_device *device, const struct json_value *value)
{
	const char *type;
	int r;

	r = document_take_name(device->text, value, &type);
	if (r < 0)
		return r;
	device->config.type = strdup(type);
	return device->config.type ? 0 : document_no_memory(device->text);
}

static int device_take_type_name(struct document_device *device, const struct json_value *value)
{
	const char *name;
	int r;

	r = document_take_string(device->text, value, &name);
	if (r < 0)
		return r;
	if (!cfg_is_owner(name))
		return document_bad(device->text, value, "'%s' is not the name of a type", name);
	device->config.type_name = strdup(name);
	return device->config.type_name ? 0 : document_no_memory(device->text);
}

static int device_take_start(struct document_device *device, const struct json_value *value)
{
	const char *start = value_string(value);

	device->has_start = true;
	if (start && strcmp(start, START_AUTO) == 0)
		device->config.start = MDEV_START_AUTO;
	else if (!start || strcmp(start, START_MANUAL) != 0)
		return document_bad(device->text, value,
				    "'" KEY_START "' is neither \"" START_AUTO
				    "\" nor \"" START_MANUAL "\"");
	return 0;
}

/* The new one is at the end of the attributes. */
static int device_check_attr(struct document_device *device, const struct json_value *element)
{
	struct mdev_ctx *ctx = device->text->part->ctx;
	const struct config last = {
		.attrs = device->config.attrs + device->config.n_attrs - 1,
		.n_attrs = 1,
	};
	_cleanup_free_ char *why = NULL;
	int r;

	{
		log_catch(ctx, &why);
		r = definition_check_attrs(ctx, &last, -EBADMSG);
	}
	if (r < 0)
		return document_bad(device->text, element, "%s", why ? why : "invalid attribute");
	return 0;
}

static int device_take_attrs(struct document_device *device, const struct json_value *value)
{
	const struct json_value *element;
	int r = 0;

	if (!value_is(value, JSON_ARRAY))
		return document_bad(device->text, value, "'" KEY_ATTRS "' is not an array");
	value_foreach(value, element)
	{
		_cleanup_free_ char *problem = NULL;

		r = cfg_take_attr(element, &device->config, &problem);
		if (r == -ENOMEM)
			return document_no_memory(device->text);
		if (r < 0)
			return document_bad(device->text, element, "%s", problem);
		r = device_check_attr(device, element);
		if (r < 0)
			return r;
	}
	return 0;
}

static int device_take_active(struct document_device *device, const struct json_value *value)
{
	bool active;

	device->has_active = true;
	device->entry.run = RUN_ANY;
	if (value_is(value, JSON_NULL))
		return 0;
	if (!value_is(value, JSON_BOOLEAN))
		return document_bad(device->text, value,
				    "'" KEY_ACTIVE "' is neither true nor false nor null");
	active = *value->text == 't';
	device->entry.run = active ? RUN_ACTIVE : RUN_INACTIVE;
	return 0;
}

static int device_take_defined(struct document_device *device, const struct json_value *value)
{
	return document_take_bool(device->text, value, &device->entry.is_defined);
}

static int device_take_owner(struct document_device *device, const struct json_value *value)
{
	device->entry.names_owner = true;
	/* To have no owner, whoever the document's is. */
	if (value_is(value, JSON_NULL))
		return 0;
	return document_take_owner_name(device->text, value, &device->config.owner);
}

static int device_take_access(struct document_device *device, const struct json_value *value)
{
	const char *access;
	int r = document_take_string(device->text, value, &access);

	if (r < 0)
		return r;
	if (!access_is_valid(access))
		return document_bad(device->text, value, "'%s' is not USER:GROUP:MODE", access);
	device->config.access = strdup(access);
	return device->config.access ? 0 : document_no_memory(device->text);
}

static const struct {
	const char *name;
	int (*take)(struct document_device *device, const struct json_value *value);
} device_members[] = {
	{ KEY_UUID, device_take_uuid },	      { KEY_PARENT, device_take_parent },
	{ KEY_TYPE, device_take_type },	      { KEY_START, device_take_start },
	{ KEY_ATTRS, device_take_attrs },     { KEY_ACTIVE, device_take_active },
	{ KEY_DEFINED, device_take_defined }, { KEY_OWNER, device_take_owner },
	{ KEY_ACCESS, device_take_access },   { KEY_NAME, device_take_type_name },
};

static int document_fail_unknown(struct document_text *text, const struct json_value *member)
{
	return document_bad(text, member, "unknown member '%s'", member->name);
}

static int device_take_member(struct document_device *device, const struct json_value *member)
{
	const char *name = value_name(member);

	for (size_t i = 0; name && i < ARRAY_SIZE(device_members); i++)
		if (strcmp(name, device_members[i].name) == 0)
			return device_members[i].take(device, member);
	return document_fail_unknown(device->text, member);
}

/* What the members say together. */
static int device_check(struct document_device *device, const struct json_value *object)
{
	struct document_entry *entry = &device->entry;
	const char *missing = !*device->uuid.text    ? KEY_UUID
			      : !device->parent	     ? KEY_PARENT
			      : !device->config.type ? KEY_TYPE
						     : NULL;

	if (missing)
		return document_bad(device->text, object, "'%s' is missing", missing);
	if (!entry->is_defined &&
	    (device->has_start || device->config.owner || device->config.access))
		return document_bad(device->text, object,
				    "a device that is not defined has no '%s'",
				    device->has_start	   ? KEY_START
				    : device->config.owner ? KEY_OWNER
							   : KEY_ACCESS);
	if (!device->has_active && (!entry->is_defined || device->config.start == MDEV_START_AUTO))
		entry->run = RUN_ACTIVE;
	if (!entry->is_defined && entry->run != RUN_ACTIVE)
		return document_bad(device->text, object,
				    "a device that is not defined must be active");
	return 0;
}

static int document_fail_duplicate(struct document_text *text, const struct json_value *object)
{
	const struct json_value *again = value_duplicate(object);

	return again ? document_bad(text, again, "'%s' is given twice", again->name) : 0;
}

static void device_clear(struct document_device *device)
{
	cfg_clear(&device->config);
}

static int document_take_device(struct document_text *text, const struct json_value *object)
{
	_cleanup_(device_clear) struct document_device device = {
		.text = text,
		.entry = { .is_defined = true },
	};
	const struct json_value *member;
	int r;

	if (!value_is(object, JSON_OBJECT))
		return document_bad(text, object, "a device is not an object");
	r = document_fail_duplicate(text, object);
	value_foreach(object, member)
	{
		if (r < 0)
			return r;
		r = device_take_member(&device, member);
	}
	if (r == 0)
		r = device_check(&device, object);
	if (r < 0)
		return r;
	device.entry.place = document_locate(text, object);
	r = definition_make(text->part->ctx, device.parent, &device.uuid, &device.config,
			    &device.entry.definition);
	return r < 0 ? r : document_add(text->part->ctx, &text->part->entries, &device.entry);
}

static int document_take_devices(struct document_text *text, const struct json_value *devices)
{
	const struct json_value *device;
	int r = 0;

	if (!value_is(devices, JSON_ARRAY))
		return document_bad(text, devices, "'" KEY_DEVICES "' is not an array");
	value_foreach(devices, device)
	{
		r = document_take_device(text, device);
		if (r < 0)
			break;
	}
	return r;
}

static int document_take_member(struct document_text *text, const struct json_value *member)
{
	const char *name = value_name(member);

	if (name && strcmp(name, KEY_DEVICES) == 0)
		return document_take_devices(text, member);
	if (!name || strcmp(name, KEY_OWNER) != 0)
		return document_fail_unknown(text, member);
	text->part->owner_place = document_locate(text, member);
	return document_take_owner_name(text, member, &text->part->owner);
}

static int document_take(struct document_text *text, const struct json_value *object)
{
	const struct json_value *member;
	int r;

	if (!value_is(object, JSON_OBJECT))
		return document_bad(text, object, "not an object");
	r = document_fail_duplicate(text, object);
	value_foreach(object, member)
	{
		if (r < 0)
			return r;
		r = document_take_member(text, member);
	}
	if (r == 0 && !value_member(object, KEY_DEVICES))
		r = document_bad(text, object, "'" KEY_DEVICES "' is missing");
	return r;
}

int document_read(struct document_part *part, const char *text, size_t length)
{
	_cleanup_(tree_clear) struct json_tree tree = { 0 };
	struct document_text reading = { .part = part, .text = text };
	struct json_problem problem;
	int r;

	r = read_json(text, length, &tree, &problem);
	if (r == -EBADMSG)
		return log_fail(part->ctx, r, PLACE ": %s", part->file, problem.line,
				problem.column, problem.what);
	return r < 0 ? document_no_memory(&reading) : document_take(&reading, tree.values);
}

/* Writing --------------------------------------------------------------------------- */

static const char *const run_words[] = {
	[RUN_ANY] = "null",
	[RUN_ACTIVE] = "true",
	[RUN_INACTIVE] = "false",
};

static void document_write_entry(struct json_writer *writer, const struct document_entry *entry)
{
	const struct config *config = definition_config(entry->definition);

	writer_begin(writer, NULL, '{');
	writer_string(writer, KEY_UUID, mdev_definition_get_uuid(entry->definition)->text);
	writer_string(writer, KEY_PARENT, mdev_definition_get_parent(entry->definition));
	writer_string(writer, KEY_TYPE, config->type);
	if (config->type_name)
		writer_string(writer, KEY_NAME, config->type_name);
	if (entry->is_defined)
		writer_string(writer, KEY_START,
			      config->start == MDEV_START_AUTO ? START_AUTO : START_MANUAL);
	else
		writer_word(writer, KEY_DEFINED, "false");
	writer_word(writer, KEY_ACTIVE, run_words[entry->run]);
	if (entry->names_owner && config->owner)
		writer_string(writer, KEY_OWNER, config->owner);
	else if (entry->names_owner)
		writer_word(writer, KEY_OWNER, "null");
	if (config->access)
		writer_string(writer, KEY_ACCESS, config->access);
	if (config->n_attrs > 0)
		cfg_write_attrs(writer, config);
	writer_end(writer, '}');
}

int document_write(const struct mdev_document *document, char **text)
{
	struct buffer buffer = { 0 };
	struct json_writer writer = { .buffer = &buffer };

	writer_begin(&writer, NULL, '{');
	if (document->owner)
		writer_string(&writer, KEY_OWNER, document->owner);
	writer_begin(&writer, KEY_DEVICES, '[');
	for (size_t i = 0; i < document->entries.count; i++)
		document_write_entry(&writer, &document->entries.items[i]);
	writer_end(&writer, ']');
	writer_end(&writer, '}');
	return buffer_take(&buffer, text);
}
