// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "json.h"
#include "lex.h"

/* serde_json, which mdevctl reads with, goes no deeper. */
#define MAX_DEPTH 127

#define KEY_TYPE  "mdev_type"
#define KEY_START "start"
#define KEY_ATTRS "attrs"

static const char *const start_modes[] = {
	[MDEV_START_MANUAL] = "manual",
	[MDEV_START_AUTO] = "auto",
};

static void putp(struct json_object **object)
{
	json_object_put(*object);
}

void cfg_clear(struct config *config)
{
	for (size_t i = 0; i < config->n_attrs; i++) {
		free(config->attrs[i].name);
		free(config->attrs[i].value);
	}
	free(config->attrs);
	free(config->type);
	json_object_put(config->unknown);
	*config = (struct config){ 0 };
}

int cfg_insert_attr(struct config *config, size_t index, const char *name, const char *value)
{
	_cleanup_free_ char *name_copy = strdup(name), *value_copy = strdup(value);
	struct attr *place;

	if (!name_copy || !value_copy ||
	    array_reserve(&config->attrs, config->n_attrs, sizeof(*config->attrs)) < 0)
		return -ENOMEM;
	place = config->attrs + index;
	memmove(place + 1, place, (config->n_attrs - index) * sizeof(*place));
	place->name = TAKE_PTR(name_copy);
	place->value = TAKE_PTR(value_copy);
	config->n_attrs++;
	return 0;
}

void cfg_remove_attr(struct config *config, size_t index)
{
	struct attr *place = config->attrs + index;

	free(place->name);
	free(place->value);
	config->n_attrs--;
	memmove(place, place + 1, (config->n_attrs - index) * sizeof(*place));
}

/* Reading ------------------------------------------------------------------ */

/*
 * The tree is json-c's, its parser is not used: even in strict mode it takes what
 * JSON forbids ("NaN", "-01", raw control characters), differently from version to
 * version; it cuts integers to 64 bits; and before 0.17 it leaves members out, or
 * crashes, when memory runs out.
 */
static int parse_value(struct lex *lex, unsigned int depth, struct json_object **value);

static int parse_string(struct lex *lex, struct json_object **value)
{
	int r;

	r = lex_string(lex);
	if (r < 0)
		return r;
	*value = json_object_new_string_len(lex->word.text, lex->word.length);
	return *value ? 0 : -ENOMEM;
}

/* A number is never calculated with: it is kept as it is written, beside a value of 0. */
static int parse_number(struct lex *lex, struct json_object **value)
{
	int r;

	r = lex_number(lex);
	if (r < 0)
		return r;
	*value = json_object_new_double_s(0, lex->word.text);
	return *value ? 0 : -ENOMEM;
}

static int parse_word(struct lex *lex, struct json_object **value)
{
	/* json-c's null is NULL. */
	if (lex_take_word(lex, "null"))
		return 0;
	if (lex_take_word(lex, "true"))
		*value = json_object_new_boolean(true);
	else if (lex_take_word(lex, "false"))
		*value = json_object_new_boolean(false);
	else
		return lex_fail(lex, lex_peek(lex) == LEX_END ? "EOF while parsing a value" :
								"expected value");
	return *value ? 0 : -ENOMEM;
}

static int parse_array(struct lex *lex, unsigned int depth, struct json_object **value)
{
	_cleanup_(putp) struct json_object *array = json_object_new_array();
	int r;

	if (!array)
		return -ENOMEM;
	lex->at++;
	if (!lex_take(lex, ']')) {
		do {
			_cleanup_(putp) struct json_object *element = NULL;

			if (lex_peek(lex) == ']')
				return lex_fail(lex, "trailing comma");
			r = parse_value(lex, depth, &element);
			if (r < 0)
				return r;
			if (json_object_array_add(array, element) < 0)
				return -ENOMEM;
			element = NULL;
		} while (lex_take(lex, ','));
		if (!lex_take(lex, ']'))
			return lex_fail(lex, lex_peek(lex) == LEX_END ?
					"EOF while parsing a list" : "expected `,` or `]`");
	}
	*value = TAKE_PTR(array);
	return 0;
}

static int parse_member(struct lex *lex, unsigned int depth, struct json_object *object)
{
	_cleanup_(putp) struct json_object *value = NULL;
	_cleanup_free_ char *name = NULL;
	int r;

	switch (lex_peek(lex)) {
	case '"':
		break;
	case '}':
		return lex_fail(lex, "trailing comma");
	case LEX_END:
		return lex_fail(lex, "EOF while parsing an object");
	default:
		return lex_fail(lex, "key must be a string");
	}
	r = lex_string(lex);
	if (r < 0)
		return r;
	/* json-c's names are C strings: it could not be written back. */
	if (strlen(lex->word.text) != lex->word.length)
		return lex_fail(lex, "NUL in a key");
	name = strdup(lex->word.text);
	if (!name)
		return -ENOMEM;
	if (!lex_take(lex, ':'))
		return lex_fail(lex, lex_peek(lex) == LEX_END ? "EOF while parsing an object" :
								"expected `:`");
	r = parse_value(lex, depth, &value);
	if (r < 0)
		return r;
	if (json_object_object_add(object, name, value) < 0)
		return -ENOMEM;
	value = NULL;
	return 0;
}

static int parse_object(struct lex *lex, unsigned int depth, struct json_object **value)
{
	_cleanup_(putp) struct json_object *object = json_object_new_object();
	int r;

	if (!object)
		return -ENOMEM;
	lex->at++;
	if (!lex_take(lex, '}')) {
		do {
			r = parse_member(lex, depth, object);
			if (r < 0)
				return r;
		} while (lex_take(lex, ','));
		if (!lex_take(lex, '}'))
			return lex_fail(lex, lex_peek(lex) == LEX_END ?
					"EOF while parsing an object" : "expected `,` or `}`");
	}
	*value = TAKE_PTR(object);
	return 0;
}

/* @depth: objects and arrays around the value */
static int parse_value(struct lex *lex, unsigned int depth, struct json_object **value)
{
	int c = lex_peek(lex);

	if ((c == '{' || c == '[') && depth >= MAX_DEPTH)
		return lex_fail(lex, "recursion limit exceeded");
	switch (c) {
	case '{':
		return parse_object(lex, depth + 1, value);
	case '[':
		return parse_array(lex, depth + 1, value);
	case '"':
		return parse_string(lex, value);
	case '-':
	case '0' ... '9':
		return parse_number(lex, value);
	default:
		return parse_word(lex, value);
	}
}

static int parse_text(struct lex *lex, struct json_object **value)
{
	_cleanup_(putp) struct json_object *found = NULL;
	int r;

	/* json-c counts in int. */
	if (lex->end - lex->text > INT_MAX)
		return lex_fail(lex, "too large");
	lex->at += utf8_prefix(lex->text, lex->end - lex->text);
	if (lex->at < lex->end)
		return lex_fail(lex, "invalid UTF-8");
	lex->at = lex->text;
	r = parse_value(lex, 0, &found);
	if (r < 0)
		return r;
	if (lex_peek(lex) != LEX_END)
		return lex_fail(lex, "trailing characters");
	*value = TAKE_PTR(found);
	return 0;
}

/* Contents ----------------------------------------------------------------- */

_printf_format_(2, 3) static int bad(char **problem, const char *format, ...)
{
	va_list args;
	char *text;
	int r;

	va_start(args, format);
	r = vasprintf(&text, format, args);
	va_end(args);
	if (r < 0)
		return -ENOMEM;
	*problem = text;
	return -EBADMSG;
}

/* The C string in @value, NULL if it is another type or holds a NUL. */
static const char *get_string(struct json_object *value)
{
	const char *text;

	if (!json_object_is_type(value, json_type_string))
		return NULL;
	text = json_object_get_string(value);
	return strlen(text) == (size_t)json_object_get_string_len(value) ? text : NULL;
}

static int take_type(struct json_object *object, struct config *config, char **problem)
{
	struct json_object *value = json_object_object_get(object, KEY_TYPE);
	const char *type = get_string(value);

	if (!value)
		return bad(problem, "invalid json: '" KEY_TYPE "' is missing");
	if (!type)
		return bad(problem, "invalid json: '" KEY_TYPE "' is not a string");
	if (!name_is_valid(type))
		return bad(problem, "invalid json: '%s' is not the name of a type", type);
	config->type = strdup(type);
	return config->type ? 0 : -ENOMEM;
}

static int take_start(struct json_object *object, struct config *config, char **problem)
{
	struct json_object *value = json_object_object_get(object, KEY_START);
	const char *start = get_string(value);

	if (!value)
		return bad(problem, "invalid json: '" KEY_START "' is missing");
	config->start = start && strcmp(start, start_modes[MDEV_START_AUTO]) == 0 ?
			MDEV_START_AUTO : MDEV_START_MANUAL;
	return 0;
}

static int take_attr(struct json_object *element, struct config *config, char **problem)
{
	struct json_object_iterator i;
	const char *name, *value;

	if (!json_object_is_type(element, json_type_object))
		return bad(problem, "invalid JSON format for attribute: not an object");
	if (json_object_object_length(element) != 1)
		return bad(problem, "invalid JSON format for attribute: %s",
			   json_object_object_length(element) ? "too many fields" : "no field");
	i = json_object_iter_begin(element);
	name = json_object_iter_peek_name(&i);
	value = get_string(json_object_iter_peek_value(&i));
	if (!value)
		return bad(problem, "invalid JSON format for attribute '%s': "
			   "value must be of type str", name);
	if (!path_is_below(name))
		return bad(problem, "Invalid attribute '%s'", name);
	return cfg_insert_attr(config, config->n_attrs, name, value);
}

static int take_attrs(struct json_object *object, struct config *config, char **problem)
{
	struct json_object *attrs = json_object_object_get(object, KEY_ATTRS);
	int r = 0;

	if (!attrs)
		return 0;
	if (!json_object_is_type(attrs, json_type_array))
		return bad(problem, "attributes field is not an array");
	for (size_t i = 0; i < json_object_array_length(attrs) && r == 0; i++)
		r = take_attr(json_object_array_get_idx(attrs, i), config, problem);
	return r;
}

static int take_object(struct json_object *object, struct config *config, char **problem)
{
	int r;

	if (!json_object_is_type(object, json_type_object))
		return bad(problem, "invalid json: not an object");
	r = take_type(object, config, problem);
	if (r == 0)
		r = take_start(object, config, problem);
	if (r == 0)
		r = take_attrs(object, config, problem);
	if (r < 0)
		return r;
	json_object_object_del(object, KEY_TYPE);
	json_object_object_del(object, KEY_START);
	json_object_object_del(object, KEY_ATTRS);
	if (json_object_object_length(object) > 0)
		config->unknown = json_object_get(object);
	return 0;
}

static int fail_at(const struct lex *lex, char **problem)
{
	size_t line, column;

	lex_locate(lex, &line, &column);
	return bad(problem, "%s at line %zu column %zu", lex->problem, line, column);
}

int cfg_parse(const char *text, size_t length, struct config *config, char **problem)
{
	_cleanup_(lex_clear) struct lex lex = { .text = text, .at = text, .end = text + length };
	_cleanup_(putp) struct json_object *object = NULL;
	_cleanup_(cfg_clear) struct config found = { 0 };
	int r;

	r = parse_text(&lex, &object);
	if (r == -EBADMSG)
		return fail_at(&lex, problem);
	if (r == 0)
		r = take_object(object, &found, problem);
	if (r < 0)
		return r;
	cfg_clear(config);
	*config = found;
	found = (struct config){ 0 };
	return 0;
}

/* Output ------------------------------------------------------------------- */

/*
 * json-c's own pretty printer writes an empty object over two lines and does not
 * notice that memory ran out.
 */
static void emit_string(struct buffer *out, const char *text, size_t length)
{
	static const char escapes[] = {
		['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r',
		['"'] = '"', ['\\'] = '\\',
	};

	buffer_add(out, "\"", 1);
	for (size_t i = 0; i < length; i++) {
		unsigned char c = text[i];

		if (c < sizeof(escapes) && escapes[c])
			buffer_add_format(out, "\\%c", escapes[c]);
		else if (c < 0x20)
			buffer_add_format(out, "\\u%04x", c);
		else
			buffer_add(out, text + i, 1);
	}
	buffer_add(out, "\"", 1);
}

static void emit_line(struct buffer *out, unsigned int depth)
{
	buffer_add_format(out, "\n%*s", 2 * depth, "");
}

static void emit_name(struct buffer *out, unsigned int depth, const char *name)
{
	emit_line(out, depth);
	emit_string(out, name, strlen(name));
	buffer_add_string(out, ": ");
}

static void emit_value(struct buffer *out, unsigned int depth, struct json_object *value);

/* The members of @object; @more: others stand before them. */
static void emit_members(struct buffer *out, unsigned int depth, struct json_object *object,
			 bool more)
{
	struct json_object_iterator i = json_object_iter_begin(object);
	struct json_object_iterator end = json_object_iter_end(object);

	for (; !json_object_iter_equal(&i, &end); json_object_iter_next(&i)) {
		if (more)
			buffer_add(out, ",", 1);
		emit_name(out, depth, json_object_iter_peek_name(&i));
		emit_value(out, depth, json_object_iter_peek_value(&i));
		more = true;
	}
}

static void emit_elements(struct buffer *out, unsigned int depth, struct json_object *array)
{
	for (size_t i = 0; i < json_object_array_length(array); i++) {
		if (i > 0)
			buffer_add(out, ",", 1);
		emit_line(out, depth);
		emit_value(out, depth, json_object_array_get_idx(array, i));
	}
}

/* @depth: of the line on which the value begins */
static void emit_value(struct buffer *out, unsigned int depth, struct json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_string:
		emit_string(out, json_object_get_string(value), json_object_get_string_len(value));
		return;
	case json_type_array:
		buffer_add(out, "[", 1);
		emit_elements(out, depth + 1, value);
		if (json_object_array_length(value) > 0)
			emit_line(out, depth);
		buffer_add(out, "]", 1);
		return;
	case json_type_object:
		buffer_add(out, "{", 1);
		emit_members(out, depth + 1, value, false);
		if (json_object_object_length(value) > 0)
			emit_line(out, depth);
		buffer_add(out, "}", 1);
		return;
	case json_type_double:
		buffer_add_string(out, json_object_get_userdata(value));
		return;
	case json_type_boolean:
		buffer_add_string(out, json_object_get_boolean(value) ? "true" : "false");
		return;
	default:
		buffer_add_string(out, "null");
		return;
	}
}

static void emit_attrs(struct buffer *out, const struct config *config)
{
	buffer_add(out, "[", 1);
	for (size_t i = 0; i < config->n_attrs; i++) {
		if (i > 0)
			buffer_add(out, ",", 1);
		emit_line(out, 2);
		buffer_add(out, "{", 1);
		emit_name(out, 3, config->attrs[i].name);
		emit_string(out, config->attrs[i].value, strlen(config->attrs[i].value));
		emit_line(out, 2);
		buffer_add(out, "}", 1);
	}
	if (config->n_attrs > 0)
		emit_line(out, 1);
	buffer_add(out, "]", 1);
}

int cfg_format(const struct config *config, char **text)
{
	const char *start = start_modes[config->start];
	_cleanup_buffer_ struct buffer out = { 0 };

	buffer_add(&out, "{", 1);
	emit_name(&out, 1, KEY_TYPE);
	emit_string(&out, config->type, strlen(config->type));
	buffer_add(&out, ",", 1);
	emit_name(&out, 1, KEY_START);
	emit_string(&out, start, strlen(start));
	buffer_add(&out, ",", 1);
	emit_name(&out, 1, KEY_ATTRS);
	emit_attrs(&out, config);
	if (config->unknown)
		emit_members(&out, 1, config->unknown, true);
	emit_line(&out, 0);
	buffer_add(&out, "}", 1);
	return buffer_take(&out, text);
}
