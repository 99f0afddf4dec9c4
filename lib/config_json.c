// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>
#include <json-c/json_visit.h>

#include "config.h"
#include "config_keys.h"
#include "util/array.h"
#include "util/text.h"

/* serde_json, which mdevctl reads with, goes no deeper. */
#define MAX_DEPTH 127

static void putp(struct json_object **object)
{
	json_object_put(*object);
}

static void tokener_freep(struct json_tokener **tokener)
{
	if (*tokener)
		json_tokener_free(*tokener);
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

int cfg_copy(const struct config *config, struct config *copy)
{
	_cleanup_(cfg_clear) struct config new = { .start = config->start };
	int r = 0;

	if (config->type) {
		new.type = strdup(config->type);
		if (!new.type)
			return -ENOMEM;
	}
	for (size_t i = 0; r == 0 && i < config->n_attrs; i++)
		r = cfg_insert_attr(&new, i, config->attrs[i].name, config->attrs[i].value);
	if (r < 0)
		return r;
	new.unknown = json_object_get(config->unknown);
	*copy = new;
	new = (struct config){ 0 };
	return 0;
}

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool cfg_equal(const struct config *a, const struct config *b)
{
	if (!same(a->type, b->type) || a->start != b->start || a->n_attrs != b->n_attrs)
		return false;
	for (size_t i = 0; i < a->n_attrs; i++)
		if (strcmp(a->attrs[i].name, b->attrs[i].name) != 0 ||
		    strcmp(a->attrs[i].value, b->attrs[i].value) != 0)
			return false;
	return true;
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

/* @at: how many bytes of @text are all right */
static int bad_syntax(char **problem, const char *what, const char *text, size_t at)
{
	size_t line = 1, column = 1;

	for (size_t i = 0; i < at; i++, column++)
		if (text[i] == '\n') {
			line++;
			column = 0;
		}
	return bad(problem, "%s at line %zu column %zu", what, line, column);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static int find_infinite(struct json_object *value, int flags, struct json_object *outer,
			 const char *key, size_t *index, void *found)
{
	(void)flags, (void)outer, (void)key, (void)index;
	if (!json_object_is_type(value, json_type_double) ||
	    isfinite(json_object_get_double(value)))
		return JSON_C_VISIT_RETURN_CONTINUE;
	*(bool *)found = true;
	return JSON_C_VISIT_RETURN_STOP;
}

/* json-c takes "NaN" and "Infinity", which are no JSON, and numbers that others do not take. */
static bool is_finite(struct json_object *value)
{
	bool found = false;

	json_c_visit(value, 0, find_infinite, &found);
	return !found;
}

/*
 * A tokener has memory for each level there may be. A definition has three: it need not clear
 * six kilobytes for that.
 */
static int levels(const char *text, size_t length)
{
	int count = 1;

	for (size_t i = 0; i < length && count < MAX_DEPTH; i++)
		count += text[i] == '{' || text[i] == '[';
	return count;
}

/* *value is NULL for "null", too. */
static int parse_text(const char *text, size_t length, struct json_object **value, char **problem)
{
	_cleanup_(tokener_freep) struct json_tokener *tokener =
		json_tokener_new_ex(levels(text, length));
	_cleanup_(putp) struct json_object *found = NULL;
	enum json_tokener_error error;
	size_t end;

	if (!tokener)
		return -ENOMEM;
	/* json-c counts in int. */
	if (length > INT_MAX)
		return bad(problem, "too large");
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	found = json_tokener_parse_ex(tokener, text, length);
	error = json_tokener_get_error(tokener);
	end = json_tokener_get_parse_end(tokener);
	if (error == json_tokener_continue) {
		/* Only the NUL behind it tells where a number or a word ends. */
		found = json_tokener_parse_ex(tokener, "", 1);
		error = json_tokener_get_error(tokener);
		end = length;
	}
	if (error != json_tokener_success)
		return bad_syntax(problem, json_tokener_error_desc(error), text, end);
	/* It stops at a NUL. */
	while (end < length && is_space(text[end]))
		end++;
	if (end < length)
		return bad_syntax(problem, "trailing characters", text, end);
	if (!is_finite(found))
		return bad(problem, "number out of range");
	*value = TAKE_PTR(found);
	return 0;
}

/* Contents ----------------------------------------------------------------- */

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
	config->start = start && strcmp(start, cfg_start_modes[MDEV_START_AUTO]) == 0 ?
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

static int take_attrs(struct json_object *attrs, struct config *config, char **problem)
{
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
		r = take_attrs(json_object_object_get(object, KEY_ATTRS), config, problem);
	if (r < 0)
		return r;
	json_object_object_del(object, KEY_TYPE);
	json_object_object_del(object, KEY_START);
	json_object_object_del(object, KEY_ATTRS);
	if (json_object_object_length(object) > 0)
		config->unknown = json_object_get(object);
	return 0;
}

/* Members that the new text does not have stay. */
static int keep_unknown(struct json_object *former, struct config *config)
{
	struct json_object_iterator i, end;

	if (!former)
		return 0;
	if (!config->unknown) {
		config->unknown = json_object_get(former);
		return 0;
	}
	i = json_object_iter_begin(former);
	end = json_object_iter_end(former);
	for (; !json_object_iter_equal(&i, &end); json_object_iter_next(&i)) {
		const char *name = json_object_iter_peek_name(&i);
		struct json_object *value = json_object_iter_peek_value(&i);

		if (json_object_object_get_ex(config->unknown, name, NULL))
			continue;
		if (json_object_object_add(config->unknown, name, json_object_get(value)) < 0) {
			json_object_put(value);
			return -ENOMEM;
		}
	}
	return 0;
}

int cfg_parse(const char *text, size_t length, struct config *config, char **problem)
{
	_cleanup_(putp) struct json_object *object = NULL;
	_cleanup_(cfg_clear) struct config found = { 0 };
	int r;

	r = parse_text(text, length, &object, problem);
	if (r == 0)
		r = take_object(object, &found, problem);
	if (r == 0)
		r = keep_unknown(config->unknown, &found);
	if (r < 0)
		return r;
	cfg_clear(config);
	*config = found;
	found = (struct config){ 0 };
	return 0;
}

/* Puts the place before what is wrong at it. */
static int locate(char **problem, const char *parent, const char *uuid)
{
	_cleanup_free_ char *what = TAKE_PTR(*problem);

	return bad(problem, "%s/%s: %s", parent, uuid, what);
}

/* One list entry, and what is wrong with it. */
static int take_entry(const struct config_list *list, const char *parent, const char *name,
		      struct json_object *value, char **problem)
{
	_cleanup_(cfg_clear) struct config config = { 0 };
	char uuid[MDEV_UUID_STRING_SIZE];
	int r;

	if (mdev_uuid_parse(name, uuid) < 0)
		return bad(problem, "invalid json: '%s' of '%s' is not a UUID", name, parent);
	r = take_object(value, &config, problem);
	if (r == -EBADMSG)
		return locate(problem, parent, uuid);
	return r < 0 ? r : list->add(list->data, parent, uuid, &config);
}

/* All members of all objects in an array, each handed to @take with its name. */
typedef int take_member_fn(const struct config_list *list, const char *outer, const char *name,
			   struct json_object *value, char **problem);

static int take_members(const struct config_list *list, const char *outer,
			struct json_object *array, take_member_fn *take, char **problem)
{
	int r = 0;

	if (!json_object_is_type(array, json_type_array))
		return bad(problem, "invalid json: the list%s%s is not an array",
			   outer ? " of " : "", outer ? outer : "");
	for (size_t i = 0; i < json_object_array_length(array); i++) {
		struct json_object *object = json_object_array_get_idx(array, i);
		struct json_object_iterator at, end;

		if (!json_object_is_type(object, json_type_object))
			return bad(problem, "invalid json: element %zu of the list%s%s is not an "
				   "object", i, outer ? " of " : "", outer ? outer : "");
		at = json_object_iter_begin(object);
		end = json_object_iter_end(object);
		for (; r == 0 && !json_object_iter_equal(&at, &end); json_object_iter_next(&at))
			r = take(list, outer, json_object_iter_peek_name(&at),
				 json_object_iter_peek_value(&at), problem);
		if (r < 0)
			return r;
	}
	return 0;
}

static int take_parent(const struct config_list *list, const char *outer, const char *name,
		       struct json_object *value, char **problem)
{
	(void)outer;
	if (!name_is_valid(name))
		return bad(problem, "invalid json: '%s' is not the name of a parent", name);
	return take_members(list, name, value, take_entry, problem);
}

int cfg_parse_list(const char *text, size_t length, const struct config_list *list, char **problem)
{
	_cleanup_(putp) struct json_object *array = NULL;
	int r;

	r = parse_text(text, length, &array, problem);
	return r < 0 ? r : take_members(list, NULL, array, take_parent, problem);
}

/* What scripts say is ended by a newline, or by the NUL of a C string. */
static size_t trim(const char *text, size_t length)
{
	while (length > 0 && (is_space(text[length - 1]) || text[length - 1] == '\0'))
		length--;
	return length;
}

/* ap-check's way to say that there are none */
static bool is_one_empty_object(struct json_object *attrs)
{
	struct json_object *first;

	if (!json_object_is_type(attrs, json_type_array) || json_object_array_length(attrs) != 1)
		return false;
	first = json_object_array_get_idx(attrs, 0);
	return json_object_is_type(first, json_type_object) &&
	       json_object_object_length(first) == 0;
}

int cfg_parse_attrs(const char *text, size_t length, struct config *config, char **problem)
{
	_cleanup_(putp) struct json_object *attrs = NULL;
	int r;

	length = trim(text, length);
	if (length == 0)
		return 0;
	r = parse_text(text, length, &attrs, problem);
	if (r < 0 || is_one_empty_object(attrs))
		return r;
	return take_attrs(attrs, config, problem);
}

static int take_words(struct json_object *supports, const char *name, struct strings *words)
{
	struct json_object *array = json_object_object_get(supports, name);
	int r = 1;

	if (!json_object_is_type(array, json_type_array))
		return 0;
	for (size_t i = 0; i < json_object_array_length(array) && r > 0; i++) {
		const char *word = get_string(json_object_array_get_idx(array, i));

		/* Names of later versions do no harm, nor does what is no name. */
		if (word && strings_add(words, word) < 0)
			r = -ENOMEM;
	}
	return r;
}

int cfg_parse_capabilities(const char *text, size_t length, struct capabilities *capabilities)
{
	_cleanup_(capabilities_clear) struct capabilities found = { 0 };
	_cleanup_(putp) struct json_object *object = NULL;
	_cleanup_free_ char *problem = NULL;
	struct json_object *supports;
	int r;

	r = parse_text(text, trim(text, length), &object, &problem);
	if (r < 0)
		return r == -EBADMSG ? 0 : r;
	if (!json_object_is_type(object, json_type_object))
		return 0;
	supports = json_object_object_get(object, "supports");
	if (!json_object_is_type(supports, json_type_object) ||
	    !json_object_is_type(json_object_object_get(supports, "version"), json_type_int))
		return 0;
	r = take_words(supports, "actions", &found.actions);
	if (r > 0)
		r = take_words(supports, "events", &found.events);
	if (r > 0) {
		*capabilities = found;
		found = (struct capabilities){ 0 };
	}
	return r;
}

void capabilities_clear(struct capabilities *capabilities)
{
	strings_clear(&capabilities->actions);
	strings_clear(&capabilities->events);
}
