// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include <json-c/json.h>

#include "config.h"
#include "config_keys.h"
#include "util/buffer.h"

/* By hand: json-c's pretty printer writes an empty array over two lines, mdevctl does not. */
struct output {
	struct buffer text;
	unsigned int depth;	/* of what is written, in what surrounds it */
	bool compact;
};

/* @text: NULL if there was no memory for it */
static void emit(struct output *out, const char *text)
{
	if (text)
		buffer_add_string(&out->text, text);
	else
		out->text.failed = true;
}

static void emit_string(struct output *out, const char *text, size_t length)
{
	static const char escapes[] = {
		['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r',
		['"'] = '"', ['\\'] = '\\',
	};

	emit(out, "\"");
	for (size_t i = 0; i < length; i++) {
		unsigned char c = text[i];

		if (c < sizeof(escapes) && escapes[c])
			buffer_add_format(&out->text, "\\%c", escapes[c]);
		else if (c < 0x20)
			buffer_add_format(&out->text, "\\u%04x", c);
		else
			buffer_add(&out->text, text + i, 1);
	}
	emit(out, "\"");
}

static void emit_line(struct output *out, unsigned int depth)
{
	if (!out->compact)
		buffer_add_format(&out->text, "\n%*s", 2 * (out->depth + depth), "");
}

static void emit_name(struct output *out, unsigned int depth, const char *name)
{
	emit_line(out, depth);
	emit_string(out, name, strlen(name));
	emit(out, out->compact ? ":" : ": ");
}

static void emit_value(struct output *out, unsigned int depth, struct json_object *value);

/* The members of @object; @more: others stand before them. */
static void emit_members(struct output *out, unsigned int depth, struct json_object *object,
			 bool more)
{
	struct json_object_iterator i = json_object_iter_begin(object);
	struct json_object_iterator end = json_object_iter_end(object);

	for (; !json_object_iter_equal(&i, &end); json_object_iter_next(&i)) {
		if (more)
			emit(out, ",");
		emit_name(out, depth, json_object_iter_peek_name(&i));
		emit_value(out, depth, json_object_iter_peek_value(&i));
		more = true;
	}
}

static void emit_elements(struct output *out, unsigned int depth, struct json_object *array)
{
	for (size_t i = 0; i < json_object_array_length(array); i++) {
		if (i > 0)
			emit(out, ",");
		emit_line(out, depth);
		emit_value(out, depth, json_object_array_get_idx(array, i));
	}
}

/* @depth: of the line on which the value begins */
static void emit_value(struct output *out, unsigned int depth, struct json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_string:
		emit_string(out, json_object_get_string(value), json_object_get_string_len(value));
		return;
	case json_type_array:
		emit(out, "[");
		emit_elements(out, depth + 1, value);
		if (json_object_array_length(value) > 0)
			emit_line(out, depth);
		emit(out, "]");
		return;
	case json_type_object:
		emit(out, "{");
		emit_members(out, depth + 1, value, false);
		if (json_object_object_length(value) > 0)
			emit_line(out, depth);
		emit(out, "}");
		return;
	default:
		/* Numbers as they were written, but integers of more than 64 bits. */
		emit(out, json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN));
	}
}

static void emit_attrs(struct output *out, const struct config *config)
{
	emit(out, "[");
	for (size_t i = 0; i < config->n_attrs; i++) {
		if (i > 0)
			emit(out, ",");
		emit_line(out, 2);
		emit(out, "{");
		emit_name(out, 3, config->attrs[i].name);
		emit_string(out, config->attrs[i].value, strlen(config->attrs[i].value));
		emit_line(out, 2);
		emit(out, "}");
	}
	if (config->n_attrs > 0)
		emit_line(out, 1);
	emit(out, "]");
}

static void emit_members_of_config(struct output *out, const struct config *config)
{
	const char *start = cfg_start_modes[config->start];

	emit_name(out, 1, KEY_TYPE);
	emit_string(out, config->type, strlen(config->type));
	emit(out, ",");
	emit_name(out, 1, KEY_START);
	emit_string(out, start, strlen(start));
	emit(out, ",");
	emit_name(out, 1, KEY_ATTRS);
	emit_attrs(out, config);
}

int cfg_format(const struct config *config, char **text)
{
	struct output out = { 0 };

	emit(&out, "{");
	emit_members_of_config(&out, config);
	if (config->unknown)
		emit_members(&out, 1, config->unknown, true);
	emit_line(&out, 0);
	emit(&out, "}");
	return buffer_take(&out.text, text);
}

int cfg_format_compact(const struct config *config, char **text)
{
	struct output out = { .compact = true };

	emit(&out, "{");
	emit_members_of_config(&out, config);
	emit(&out, "}");
	return buffer_take(&out.text, text);
}

/* A list's entries of one parent. Return: the first one of the next parent. */
static size_t emit_parent(struct output *out, const struct config_entry *entries, size_t count)
{
	size_t i;

	emit_line(out, 1);
	emit(out, "{");
	emit_name(out, 2, entries->parent);
	emit(out, "[");
	for (i = 0; i < count && strcmp(entries[i].parent, entries->parent) == 0; i++) {
		if (i > 0)
			emit(out, ",");
		emit_line(out, 3);
		emit(out, "{");
		emit_name(out, 4, entries[i].uuid);
		emit(out, "{");
		out->depth = 4;
		emit_members_of_config(out, entries[i].config);
		out->depth = 0;
		emit_line(out, 4);
		emit(out, "}");
		emit_line(out, 3);
		emit(out, "}");
	}
	emit_line(out, 2);
	emit(out, "]");
	emit_line(out, 1);
	emit(out, "}");
	return i;
}

int cfg_format_list(const struct config_entry *entries, size_t count, char **text)
{
	struct output out = { 0 };

	emit(&out, "[");
	for (size_t i = 0; i < count; i += emit_parent(&out, entries + i, count - i))
		if (i > 0)
			emit(&out, ",");
	if (count > 0)
		emit_line(&out, 0);
	emit(&out, "]");
	return buffer_take(&out.text, text);
}
