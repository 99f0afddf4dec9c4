// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "json.h"
#include "log.h"

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

void cfg_remove_attr(struct config *config, size_t index)
{
	struct attr *place = config->attrs + index;

	free(place->name);
	free(place->value);
	config->n_attrs--;
	memmove(place, place + 1, (config->n_attrs - index) * sizeof(*place));
}

/* Tokens ------------------------------------------------------------------- */

/*
 * json-c's strict mode still takes what JSON forbids (raw control characters,
 * "NaN", "-01", "1.", half surrogate pairs), differently from version to
 * version, and cuts integers to 64 bits. So the tokens are checked here; json-c
 * then sees to their order.
 */
struct scanner {
	const char *text, *at, *end;
	const char *problem;	/* NULL while there is none; its place is at */
	unsigned int depth;
};

static bool scan_fail(struct scanner *scan, const char *problem)
{
	if (!scan->problem)
		scan->problem = problem;
	return false;
}

static int peek(const struct scanner *scan)
{
	return scan->at < scan->end ? (unsigned char)*scan->at : EOF;
}

static bool is_space(int c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static void skip_space(struct scanner *scan)
{
	while (is_space(peek(scan)))
		scan->at++;
}

/* The four digits of "\uXXXX"; -1 if they are not four. */
static int scan_hex(struct scanner *scan)
{
	int value = 0;

	for (int i = 0; i < 4; i++, scan->at++) {
		int c = peek(scan);

		if (is_digit(c))
			c -= '0';
		else if (c >= 'a' && c <= 'f')
			c -= 'a' - 10;
		else if (c >= 'A' && c <= 'F')
			c -= 'A' - 10;
		else
			return -1;
		value = value * 16 + c;
	}
	return value;
}

/* Behind the backslash; *@nul is set if it stands for NUL. */
static bool scan_escape(struct scanner *scan, bool *nul)
{
	int c = peek(scan), code;

	if (c == EOF)
		return scan_fail(scan, "EOF while parsing a string");
	scan->at++;
	if (c != 'u')
		return strchr("\"\\/bfnrt", c) && c ? true : scan_fail(scan, "invalid escape");
	code = scan_hex(scan);
	if (code < 0)
		return scan_fail(scan, "invalid escape");
	*nul |= code == 0;
	if (code < 0xd800 || code > 0xdfff)
		return true;
	if (code <= 0xdbff && scan->end - scan->at > 2 && memcmp(scan->at, "\\u", 2) == 0) {
		scan->at += 2;
		code = scan_hex(scan);
		if (code >= 0xdc00 && code <= 0xdfff)
			return true;
	}
	return scan_fail(scan, "lone surrogate in hex escape");
}

static bool scan_string(struct scanner *scan)
{
	bool nul = false;
	int c;

	for (scan->at++; (c = peek(scan)) != '"'; ) {
		if (c == EOF)
			return scan_fail(scan, "EOF while parsing a string");
		if (c < 0x20)
			return scan_fail(scan, "control character found while parsing a string");
		scan->at++;
		if (c == '\\' && !scan_escape(scan, &nul))
			return false;
	}
	scan->at++;
	/* json-c would cut the name there. */
	skip_space(scan);
	return nul && peek(scan) == ':' ? scan_fail(scan, "NUL in the name of a member") : true;
}

static bool scan_digits(struct scanner *scan)
{
	const char *first = scan->at;

	while (is_digit(peek(scan)))
		scan->at++;
	return scan->at > first;
}

/* Whether json-c can hold the digits between @first and @last as they are. */
static bool integer_fits(const char *first, const char *last)
{
	char digits[24];

	if ((size_t)(last - first) >= sizeof(digits))
		return false;
	memcpy(digits, first, last - first);
	digits[last - first] = '\0';
	errno = 0;
	if (*first == '-')
		strtoll(digits, NULL, 10);
	else
		strtoull(digits, NULL, 10);
	return errno == 0;
}

static bool scan_number(struct scanner *scan)
{
	const char *first = scan->at;
	bool integer = true;

	if (peek(scan) == '-')
		scan->at++;
	if (peek(scan) == '0')
		scan->at++;
	else if (!scan_digits(scan))
		return scan_fail(scan, "invalid number");
	if (is_digit(peek(scan)))
		return scan_fail(scan, "invalid number");
	if (peek(scan) == '.') {
		integer = false;
		scan->at++;
		if (!scan_digits(scan))
			return scan_fail(scan, "invalid number");
	}
	if (peek(scan) == 'e' || peek(scan) == 'E') {
		integer = false;
		scan->at++;
		if (peek(scan) == '+' || peek(scan) == '-')
			scan->at++;
		if (!scan_digits(scan))
			return scan_fail(scan, "invalid number");
	}
	if (integer && !integer_fits(first, scan->at))
		return scan_fail(scan, "number out of range");
	return true;
}

static bool scan_word(struct scanner *scan)
{
	static const char *const words[] = { "true", "false", "null" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		size_t length = strlen(words[i]);

		if ((size_t)(scan->end - scan->at) >= length &&
		    memcmp(scan->at, words[i], length) == 0) {
			scan->at += length;
			return true;
		}
	}
	return scan_fail(scan, "expected value");
}

static bool scan_token(struct scanner *scan)
{
	int c = peek(scan);

	switch (c) {
	case '{':
	case '[':
		if (++scan->depth > MAX_DEPTH)
			return scan_fail(scan, "recursion limit exceeded");
		scan->at++;
		return true;
	case '}':
	case ']':
		scan->depth--;
		scan->at++;
		return true;
	case ',':
	case ':':
		scan->at++;
		return true;
	case '"':
		return scan_string(scan);
	default:
		return c == '-' || is_digit(c) ? scan_number(scan) : scan_word(scan);
	}
}

static bool check_tokens(struct scanner *scan)
{
	if (!utf8_is_valid(scan->text, scan->end - scan->text))
		return scan_fail(scan, "invalid UTF-8");
	for (skip_space(scan); scan->at < scan->end; skip_space(scan))
		if (!scan_token(scan))
			return false;
	return true;
}

/* Structure ---------------------------------------------------------------- */

static const char *describe(enum json_tokener_error error, const struct scanner *scan)
{
	const char *before = scan->at;

	switch (error) {
	case json_tokener_continue:
	case json_tokener_error_parse_eof:
		return "EOF while parsing a value";
	case json_tokener_error_parse_unexpected:
		while (before > scan->text && is_space(before[-1]))
			before--;
		return before > scan->text && before[-1] == ',' && strchr("]}", peek(scan)) ?
		       "trailing comma" : "expected value";
	default:
		return json_tokener_error_desc(error);
	}
}

/* Of the first token, EOF if there is none. */
static int first_byte(struct scanner *scan)
{
	scan->at = scan->text;
	skip_space(scan);
	return peek(scan);
}

/* A first value that json-c gives back, with nothing but white space behind it. */
static int parse_text(struct scanner *scan, struct json_object **object)
{
	_cleanup_(tokener_freep) struct json_tokener *tokener = json_tokener_new_ex(MAX_DEPTH + 2);
	_cleanup_(putp) struct json_object *found = NULL;
	enum json_tokener_error error;

	if (!tokener)
		return -ENOMEM;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_ALLOW_TRAILING_CHARS);
	found = json_tokener_parse_ex(tokener, scan->text, scan->end - scan->text);
	error = json_tokener_get_error(tokener);
	scan->at = scan->text + json_tokener_get_parse_end(tokener);
	if (error != json_tokener_success) {
		scan->problem = describe(error, scan);
		return -EBADMSG;
	}
	/* A literal null is NULL too, but the text begins with a brace. */
	if (!found)
		return -ENOMEM;
	skip_space(scan);
	if (scan->at < scan->end) {
		scan->problem = "trailing characters";
		return -EBADMSG;
	}
	*object = TAKE_PTR(found);
	return 0;
}

/* As serde_json counts: from 1, and 0 for the end of an empty line. */
static void locate(const struct scanner *scan, size_t *line, size_t *column)
{
	*line = 1;
	*column = 0;
	for (const char *p = scan->text; p < scan->at; p++) {
		++*column;
		if (*p == '\n') {
			++*line;
			*column = 0;
		}
	}
	if (scan->at < scan->end)
		++*column;
}

static bool is_finite(struct json_object *value)
{
	struct json_object_iterator i, end;

	switch (json_object_get_type(value)) {
	case json_type_double:
		return isfinite(json_object_get_double(value));
	case json_type_array:
		for (size_t n = json_object_array_length(value); n > 0; n--)
			if (!is_finite(json_object_array_get_idx(value, n - 1)))
				return false;
		return true;
	case json_type_object:
		i = json_object_iter_begin(value);
		end = json_object_iter_end(value);
		for (; !json_object_iter_equal(&i, &end); json_object_iter_next(&i))
			if (!is_finite(json_object_iter_peek_value(&i)))
				return false;
		return true;
	default:
		return true;
	}
}

/* Contents ----------------------------------------------------------------- */

/* Where a problem is reported: the arguments that all of these functions share. */
struct report {
	struct mdev_ctx *ctx;
	enum mdev_log_level level;
	const char *where;
};

#define bad(report, format, ...) \
	log_fault((report)->ctx, (report)->level, -EBADMSG, "%s" format, (report)->where, \
		  ##__VA_ARGS__)

/* The C string in @value, NULL if it is another type or holds a NUL. */
static const char *get_string(struct json_object *value)
{
	const char *text;

	if (!json_object_is_type(value, json_type_string))
		return NULL;
	text = json_object_get_string(value);
	return strlen(text) == (size_t)json_object_get_string_len(value) ? text : NULL;
}

static int take_type(const struct report *report, struct json_object *object,
		     struct config *config)
{
	struct json_object *value = json_object_object_get(object, KEY_TYPE);
	const char *type = get_string(value);

	if (!value)
		return bad(report, "invalid json: '" KEY_TYPE "' is missing");
	if (!type)
		return bad(report, "invalid json: '" KEY_TYPE "' is not a string");
	if (!name_is_valid(type))
		return bad(report, "invalid json: '%s' is not the name of a type", type);
	config->type = strdup(type);
	return config->type ? 0 : -ENOMEM;
}

static int take_start(const struct report *report, struct json_object *object,
		      struct config *config)
{
	struct json_object *value = json_object_object_get(object, KEY_START);
	const char *start = get_string(value);

	if (!value)
		return bad(report, "invalid json: '" KEY_START "' is missing");
	config->start = start && strcmp(start, start_modes[MDEV_START_AUTO]) == 0 ?
			MDEV_START_AUTO : MDEV_START_MANUAL;
	return 0;
}

static int take_attr(const struct report *report, struct json_object *element,
		     struct config *config)
{
	struct json_object_iterator i;
	const char *name, *value;

	if (!json_object_is_type(element, json_type_object))
		return bad(report, "invalid JSON format for attribute: not an object");
	if (json_object_object_length(element) != 1)
		return bad(report, "invalid JSON format for attribute: %s",
			   json_object_object_length(element) ? "too many fields" : "no field");
	i = json_object_iter_begin(element);
	name = json_object_iter_peek_name(&i);
	value = get_string(json_object_iter_peek_value(&i));
	if (!value)
		return bad(report, "invalid JSON format for attribute '%s': "
			   "value must be of type str", name);
	if (!path_is_below(name))
		return bad(report, "Invalid attribute '%s'", name);
	return cfg_insert_attr(config, config->n_attrs, name, value);
}

static int take_attrs(const struct report *report, struct json_object *object,
		      struct config *config)
{
	struct json_object *attrs = json_object_object_get(object, KEY_ATTRS);
	int r = 0;

	if (!attrs)
		return 0;
	if (!json_object_is_type(attrs, json_type_array))
		return bad(report, "attributes field is not an array");
	for (size_t i = 0; i < json_object_array_length(attrs) && r == 0; i++)
		r = take_attr(report, json_object_array_get_idx(attrs, i), config);
	return r;
}

static int take_object(const struct report *report, struct json_object *object,
		       struct config *config)
{
	int r;

	r = take_type(report, object, config);
	if (r == 0)
		r = take_start(report, object, config);
	if (r == 0)
		r = take_attrs(report, object, config);
	if (r < 0)
		return r;
	if (!is_finite(object))
		return bad(report, "number out of range");
	json_object_object_del(object, KEY_TYPE);
	json_object_object_del(object, KEY_START);
	json_object_object_del(object, KEY_ATTRS);
	if (json_object_object_length(object) > 0)
		config->unknown = json_object_get(object);
	return 0;
}

int cfg_parse(struct mdev_ctx *ctx, enum mdev_log_level level, const char *where,
	      const char *text, size_t length, struct config *config)
{
	struct report report = { .ctx = ctx, .level = level, .where = where };
	struct scanner scan = { .text = text, .at = text, .end = text + length };
	_cleanup_(cfg_clear) struct config found = { 0 };
	_cleanup_(putp) struct json_object *object = NULL;
	size_t line, column;
	int r;

	/* json-c counts in int. */
	if (length > INT_MAX)
		return bad(&report, "too large");
	r = check_tokens(&scan) ? 0 : -EBADMSG;
	if (r == 0 && first_byte(&scan) != '{' && first_byte(&scan) != EOF)
		return bad(&report, "invalid json: not an object");
	if (r == 0)
		r = parse_text(&scan, &object);
	if (r == -EBADMSG) {
		locate(&scan, &line, &column);
		return bad(&report, "%s at line %zu column %zu", scan.problem, line, column);
	}
	if (r == 0)
		r = take_object(&report, object, &found);
	if (r == -ENOMEM)
		return log_fault(ctx, level, r, "%s" OS_ERROR, where, OS_ERROR_ARGS(r));
	if (r < 0)
		return r;
	cfg_clear(config);
	*config = found;
	found = (struct config){ 0 };
	return 0;
}

/* Output ------------------------------------------------------------------- */

/*
 * json-c's own pretty printer writes an empty object over two lines, escapes by
 * other rules, and does not notice that memory ran out.
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
	const char *text;

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
	default:
		/* Numbers come out as they were written. */
		text = json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN);
		if (text)
			buffer_add_string(out, text);
		else
			out->failed = true;
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
