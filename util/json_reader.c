// SPDX-License-Identifier: LGPL-2.1-or-later
#include <limits.h>
#include <string.h>

#include "util/array.h"
#include "util/json_reader.h"
#include "util/text.h"

/* serde_json, which mdevctl 1.4.0 reads with, goes no deeper. */
#define MAX_DEPTH 127

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS  "0123456789"

/* A definition with some attributes has as many. */
#define FIRST_VALUES 16

/* Instead of a character. */
#define END (-1)

struct reader {
	const char *text;
	size_t length, at;
	struct json_value *values;
	size_t count, allocated;
	char *next;		/* of as many bytes as the text has: no string grows when read */
	unsigned int depth;
	const char *problem;
};

/* The mistake is at the current position. */
static int reader_fail(struct reader *reader, const char *problem)
{
	reader->problem = problem;
	return -EBADMSG;
}

static int reader_peek(const struct reader *reader)
{
	return reader->at < reader->length ? (unsigned char)reader->text[reader->at] : END;
}

static bool reader_take(struct reader *reader, char c)
{
	bool there = reader_peek(reader) == c;

	reader->at += there;
	return there;
}

static bool is_one_of(int c, const char *set)
{
	return c > 0 && strchr(set, c);
}

static size_t span_of(const struct reader *reader, const char *set)
{
	size_t end = reader->at;

	while (end < reader->length && is_one_of(reader->text[end], set))
		end++;
	return end - reader->at;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static void skip_space(struct reader *reader)
{
	while (reader->at < reader->length && is_space(reader->text[reader->at]))
		reader->at++;
}

static int reader_ended(struct reader *reader)
{
	return reader_fail(reader, "unexpected end of data");
}

/* The text has something else than @what; an extension of JSON is named. */
static int expected(struct reader *reader, const char *what)
{
	switch (reader_peek(reader)) {
	case END:
		return reader_ended(reader);
	case '/':
		return reader_fail(reader, "comments are not allowed");
	case '\'':
		return reader_fail(reader, "strings must be in double quotes");
	default:
		return reader_fail(reader, what);
	}
}

/* Strings ------------------------------------------------------------------ */

static void put(struct reader *reader, const char *bytes, size_t length)
{
	memcpy(reader->next, bytes, length);
	reader->next += length;
}

static void put_character(struct reader *reader, unsigned int c)
{
	char bytes[4];
	size_t length = 0;

	if (c < 0x80) {
		bytes[length++] = c;
	} else if (c < 0x800) {
		bytes[length++] = 0xc0 | c >> 6;
	} else if (c < 0x10000) {
		bytes[length++] = 0xe0 | c >> 12;
		bytes[length++] = 0x80 | (c >> 6 & 0x3f);
	} else {
		bytes[length++] = 0xf0 | c >> 18;
		bytes[length++] = 0x80 | (c >> 12 & 0x3f);
		bytes[length++] = 0x80 | (c >> 6 & 0x3f);
	}
	if (c >= 0x80)
		bytes[length++] = 0x80 | (c & 0x3f);
	put(reader, bytes, length);
}

/* The four digits after \u. */
static int read_unit(struct reader *reader, unsigned int *unit)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";

	*unit = 0;
	for (int i = 0; i < 4; i++, reader->at++) {
		int c = reader_peek(reader);

		if (!is_one_of(c, digits))
			return expected(reader, "\\u must be followed by four hexadecimal digits");
		*unit = *unit << 4 | ((strchr(digits, c) - digits) & 0xf);
	}
	return 0;
}

static bool is_high_surrogate(unsigned int unit)
{
	return unit >= 0xd800 && unit < 0xdc00;
}

static bool is_low_surrogate(unsigned int unit)
{
	return unit >= 0xdc00 && unit < 0xe000;
}

/* Two surrogates make a character, a single one is an error. @start: of the first one */
static int read_unicode(struct reader *reader, size_t start)
{
	unsigned int high, low = 0;
	int r;

	r = read_unit(reader, &high);
	if (r < 0)
		return r;
	if (!is_high_surrogate(high) && !is_low_surrogate(high)) {
		put_character(reader, high);
		return 0;
	}
	if (is_high_surrogate(high) && reader_take(reader, '\\') && reader_take(reader, 'u')) {
		r = read_unit(reader, &low);
		if (r < 0)
			return r;
	}
	if (!is_low_surrogate(low)) {
		reader->at = start;
		return reader_fail(reader, "half of a surrogate pair");
	}
	put_character(reader, 0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff));
	return 0;
}

static int read_escape(struct reader *reader)
{
	static const char escapes[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
	size_t start = reader->at++;
	int c = reader_peek(reader);

	if (c == 'u') {
		reader->at++;
		return read_unicode(reader, start);
	}
	if (c == END)
		return reader_ended(reader);
	if (!is_one_of(c, escapes))
		return reader_fail(reader, "unknown escape sequence");
	reader->at++;
	put(reader, &meanings[strchr(escapes, c) - escapes], 1);
	return 0;
}

/* Characters that need no escape, at least one. */
static int read_plain(struct reader *reader)
{
	const char *start = reader->text + reader->at;
	size_t length = utf8_plain_length(start, reader->length - reader->at);

	put(reader, start, length);
	reader->at += length;
	if (length > 0)
		return 0;
	return reader_fail(reader, reader_peek(reader) < ' ' ?
			   "a control character in a string must be escaped" : "invalid UTF-8");
}

/* @text and @length get the contents of the string that begins here. */
static int read_string(struct reader *reader, const char **text, unsigned int *length)
{
	const char *start = reader->next;
	int c, r = 0;

	reader->at++;
	while ((c = reader_peek(reader)) != '"') {
		if (c == END)
			return reader_ended(reader);
		r = c == '\\' ? read_escape(reader) : read_plain(reader);
		if (r < 0)
			return r;
	}
	reader->at++;
	*text = start;
	*length = reader->next - start;
	*reader->next++ = '\0';
	return 0;
}

/* Numbers and words -------------------------------------------------------- */

/* The text from @start on is the contents of @value. */
static void take_text(struct reader *reader, struct json_value *value, enum json_type type,
		      size_t start)
{
	value->type = type;
	value->text = reader->next;
	value->length = reader->at - start;
	put(reader, reader->text + start, value->length);
	*reader->next++ = '\0';
}

static int bad_word(struct reader *reader)
{
	static const char *const numbers[] = { "NaN", "Infinity" };
	const char *word = reader->text + reader->at;
	size_t length = span_of(reader, LETTERS);

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if (length == strlen(numbers[i]) && memcmp(word, numbers[i], length) == 0)
			return reader_fail(reader, "NaN and Infinity are not numbers of JSON");
	return reader_fail(reader, "unknown word, not true, false or null");
}

static int read_word(struct reader *reader, struct json_value *value)
{
	static const struct { const char *word; enum json_type type; } words[] = {
		{ "null", JSON_NULL }, { "true", JSON_BOOLEAN }, { "false", JSON_BOOLEAN },
	};
	const char *word = reader->text + reader->at;
	size_t length = span_of(reader, LETTERS DIGITS "_"), start = reader->at;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (length == strlen(words[i].word) && memcmp(word, words[i].word, length) == 0) {
			reader->at += length;
			take_text(reader, value, words[i].type, start);
			return 0;
		}
	return bad_word(reader);
}

static int skip_digits(struct reader *reader)
{
	size_t digits = span_of(reader, DIGITS);

	reader->at += digits;
	return digits > 0 ? 0 : expected(reader, "digit expected");
}

static int read_number(struct reader *reader, struct json_value *value)
{
	size_t start = reader->at;
	int r;

	if (reader_take(reader, '-') && is_one_of(reader_peek(reader), LETTERS))
		return bad_word(reader);
	if (reader_take(reader, '0'))
		r = span_of(reader, DIGITS) ? reader_fail(reader, "digit after a leading zero") : 0;
	else
		r = skip_digits(reader);
	if (r == 0 && reader_take(reader, '.'))
		r = skip_digits(reader);
	if (r == 0 && (reader_take(reader, 'e') || reader_take(reader, 'E'))) {
		if (!reader_take(reader, '+'))
			reader_take(reader, '-');
		r = skip_digits(reader);
	}
	if (r == 0)
		take_text(reader, value, JSON_NUMBER, start);
	return r;
}

/* Values ------------------------------------------------------------------- */

/* @index: gets where the new value stands, as the array may move */
static int add_value(struct reader *reader, size_t *index)
{
	struct json_value *grown;

	if (reader->count == reader->allocated) {
		reader->allocated = reader->allocated ? 2 * reader->allocated : FIRST_VALUES;
		grown = reallocarray(reader->values, reader->allocated, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		reader->values = grown;
	}
	*index = reader->count++;
	reader->values[*index] = (struct json_value){ .span = 1, .at = reader->at };
	return 0;
}

static int read_value(struct reader *reader, size_t index);

static int read_element(struct reader *reader)
{
	size_t index;
	int r;

	r = add_value(reader, &index);
	return r < 0 ? r : read_value(reader, index);
}

static int read_member(struct reader *reader)
{
	struct json_value *value;
	size_t index;
	int r;

	if (reader_peek(reader) != '"')
		return expected(reader, "a name in double quotes expected");
	r = add_value(reader, &index);
	if (r < 0)
		return r;
	value = &reader->values[index];
	r = read_string(reader, &value->name, &value->name_length);
	if (r < 0)
		return r;
	skip_space(reader);
	if (!reader_take(reader, ':'))
		return expected(reader, "':' expected");
	skip_space(reader);
	return read_value(reader, index);
}

/* The members between the brackets, and the closing bracket. */
static int read_items(struct reader *reader, char end, int (*read)(struct reader *reader),
		      const char *otherwise)
{
	int r;

	skip_space(reader);
	if (reader_take(reader, end))
		return 0;
	for (;;) {
		r = read(reader);
		if (r < 0)
			return r;
		skip_space(reader);
		if (reader_take(reader, end))
			return 0;
		if (!reader_take(reader, ','))
			return expected(reader, otherwise);
		skip_space(reader);
		if (reader_peek(reader) == end)
			return reader_fail(reader, "trailing comma");
	}
}

static int read_container(struct reader *reader, size_t index)
{
	bool object = reader_peek(reader) == '{';
	struct json_value *value;
	int r;

	if (reader->depth == MAX_DEPTH)
		return reader_fail(reader, "nested more than 127 levels deep");
	reader->at++;
	reader->depth++;
	r = object ? read_items(reader, '}', read_member, "',' or '}' expected") :
		     read_items(reader, ']', read_element, "',' or ']' expected");
	if (r < 0)
		return r;
	reader->depth--;
	value = &reader->values[index];
	value->type = object ? JSON_OBJECT : JSON_ARRAY;
	value->span = reader->count - index;
	value->child = 1;
	value->children = value->span - 1;
	return object ? value_replace_duplicates(value) : 0;
}

static int read_value(struct reader *reader, size_t index)
{
	struct json_value *value = &reader->values[index];
	int c = reader_peek(reader);

	if (c == '{' || c == '[')
		return read_container(reader, index);
	if (c == '"') {
		value->type = JSON_STRING;
		return read_string(reader, &value->text, &value->length);
	}
	if (c == '-' || is_one_of(c, DIGITS))
		return read_number(reader, value);
	if (is_one_of(c, LETTERS))
		return read_word(reader, value);
	if (c == '+')
		return reader_fail(reader, "a number must not begin with '+'");
	return expected(reader, is_one_of(c, ",:]}") ? "value expected" : "unexpected character");
}

static int read_text(struct reader *reader)
{
	int r;

	if (reader->length >= 3 && memcmp(reader->text, "\xef\xbb\xbf", 3) == 0)
		return reader_fail(reader, "byte order mark before the text");
	skip_space(reader);
	r = read_element(reader);
	if (r < 0)
		return r;
	skip_space(reader);
	return reader->at < reader->length ? expected(reader, "trailing characters") : 0;
}

void locate_json(const char *text, size_t at, struct json_place *place)
{
	if (place->line == 0 || at < place->at)
		*place = (struct json_place){ .line = 1, .column = 1 };
	for (; place->at < at; place->at++) {
		if (text[place->at] == '\n') {
			place->line++;
			place->column = 1;
		} else if ((text[place->at] & 0xc0) != 0x80) {
			place->column++;
		}
	}
}

int read_json(const char *text, size_t length, struct json_tree *tree, struct json_problem *problem)
{
	_cleanup_(tree_clear) struct json_tree found = { 0 };
	struct reader reader = { .text = text, .length = length };
	struct json_place place = { 0 };
	int r;

	/* Positions in the tree are no larger. */
	if (length > INT_MAX)
		return -EFBIG;
	found.strings = malloc(length + 1);
	if (!found.strings)
		return -ENOMEM;
	reader.next = found.strings;
	r = read_text(&reader);
	found.values = reader.values;
	if (r == -EBADMSG) {
		locate_json(text, reader.at, &place);
		*problem = (struct json_problem){ reader.problem, place.line, place.column };
	}
	if (r < 0)
		return r;
	*tree = found;
	found = (struct json_tree){ 0 };
	return 0;
}
