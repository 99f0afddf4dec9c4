// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <math.h>
#include <string.h>

#include "lex.h"

void lex_clear(struct lex *lex)
{
	buffer_clear(&lex->word);
}

int lex_fail(struct lex *lex, const char *problem)
{
	lex->problem = problem;
	return -EBADMSG;
}

/* The next byte, white space or not. */
static int peek_byte(const struct lex *lex)
{
	return lex->at < lex->end ? (unsigned char)*lex->at : LEX_END;
}

int lex_peek(struct lex *lex)
{
	int c;

	while (c = peek_byte(lex), c == ' ' || c == '\n' || c == '\t' || c == '\r')
		lex->at++;
	return c;
}

bool lex_take(struct lex *lex, char c)
{
	if (lex_peek(lex) != (unsigned char)c)
		return false;
	lex->at++;
	return true;
}

bool lex_take_word(struct lex *lex, const char *word)
{
	size_t length = strlen(word);

	if ((size_t)(lex->end - lex->at) < length || memcmp(lex->at, word, length) != 0)
		return false;
	lex->at += length;
	return true;
}

/* Strings ------------------------------------------------------------------ */

static void add_utf8(struct buffer *out, unsigned int code)
{
	char bytes[4];
	size_t length;

	if (code < 0x80) {
		bytes[0] = code;
		length = 1;
	} else if (code < 0x800) {
		bytes[0] = 0xc0 | code >> 6;
		length = 2;
	} else if (code < 0x10000) {
		bytes[0] = 0xe0 | code >> 12;
		length = 3;
	} else {
		bytes[0] = 0xf0 | code >> 18;
		length = 4;
	}
	for (size_t i = 1; i < length; i++)
		bytes[i] = 0x80 | (code >> 6 * (length - 1 - i) & 0x3f);
	buffer_add(out, bytes, length);
}

/* The four digits of "\uXXXX". */
static int take_hex(struct lex *lex, unsigned int *code)
{
	*code = 0;
	for (int i = 0; i < 4; i++) {
		int c = peek_byte(lex);

		if (c >= '0' && c <= '9')
			c -= '0';
		else if (c >= 'a' && c <= 'f')
			c -= 'a' - 10;
		else if (c >= 'A' && c <= 'F')
			c -= 'A' - 10;
		else
			return lex_fail(lex, c == LEX_END ? "EOF while parsing a string" :
						"invalid escape");
		*code = *code * 16 + c;
		lex->at++;
	}
	return 0;
}

/* Behind "\u"; a character beyond the first 65536 takes two of them. */
static int take_unicode(struct lex *lex)
{
	unsigned int code, low;
	int r;

	r = take_hex(lex, &code);
	if (r < 0)
		return r;
	if (code >= 0xd800 && code <= 0xdfff) {
		if (code >= 0xdc00 || !lex_take_word(lex, "\\u"))
			return lex_fail(lex, "lone leading surrogate in hex escape");
		r = take_hex(lex, &low);
		if (r < 0)
			return r;
		if (low < 0xdc00 || low > 0xdfff)
			return lex_fail(lex, "lone leading surrogate in hex escape");
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
	}
	add_utf8(&lex->word, code);
	return 0;
}

/* Behind a backslash. */
static int take_escape(struct lex *lex)
{
	static const char codes[] = "\"\\/bfnrt", characters[] = "\"\\/\b\f\n\r\t";
	int c = peek_byte(lex);
	const char *code;

	if (c == LEX_END)
		return lex_fail(lex, "EOF while parsing a string");
	if (c == 'u') {
		lex->at++;
		return take_unicode(lex);
	}
	code = memchr(codes, c, sizeof(codes) - 1);
	if (!code)
		return lex_fail(lex, "invalid escape");
	buffer_add(&lex->word, &characters[code - codes], 1);
	lex->at++;
	return 0;
}

int lex_string(struct lex *lex)
{
	const char *first;
	int c, r;

	lex->word.length = 0;
	for (lex->at++; ; ) {
		first = lex->at;
		while (c = peek_byte(lex), c >= 0x20 && c != '"' && c != '\\')
			lex->at++;
		buffer_add(&lex->word, first, lex->at - first);

		if (c == LEX_END)
			return lex_fail(lex, "EOF while parsing a string");
		if (c < 0x20)
			return lex_fail(lex, "control character (\\u0000-\\u001F) found while "
					     "parsing a string");
		lex->at++;
		if (c == '"')
			return lex->word.failed ? -ENOMEM : 0;
		r = take_escape(lex);
		if (r < 0)
			return r;
	}
}

/* Numbers ------------------------------------------------------------------ */

static size_t take_digits(struct lex *lex)
{
	const char *first = lex->at;

	while (lex->at < lex->end && *lex->at >= '0' && *lex->at <= '9')
		lex->at++;
	return lex->at - first;
}

static bool take_byte(struct lex *lex, char c)
{
	if (peek_byte(lex) != c)
		return false;
	lex->at++;
	return true;
}

/* Behind the "e"; false if there is no number. A limit keeps it from overflowing. */
static bool take_exponent(struct lex *lex, long *power)
{
	bool negative = take_byte(lex, '-');
	const char *digit;
	size_t digits;

	if (!negative)
		take_byte(lex, '+');
	digit = lex->at;
	digits = take_digits(lex);
	for (*power = 0; digit < lex->at && *power < 1000000000; digit++)
		*power = *power * 10 + (*digit - '0');
	if (negative)
		*power = -*power;
	return digits > 0;
}

/*
 * Whether a double can hold the number. strtod() expects the locale's decimal
 * point, so the digits behind the one here go into the exponent.
 */
static int check_range(struct lex *lex, const char *digits, size_t whole, size_t fraction,
		       long power)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };
	_cleanup_free_ char *text = NULL;
	int r;

	buffer_add(&buffer, digits, whole);
	if (fraction > 0)
		buffer_add(&buffer, digits + whole + 1, fraction);
	buffer_add_format(&buffer, "e%ld", power - (long)fraction);
	r = buffer_take(&buffer, &text);
	if (r < 0)
		return r;
	return isfinite(strtod(text, NULL)) ? 0 : lex_fail(lex, "number out of range");
}

int lex_number(struct lex *lex)
{
	const char *first = lex->at, *digits;
	size_t whole, fraction = 0;
	long power = 0;
	int r;

	take_byte(lex, '-');
	digits = lex->at;
	whole = take_digits(lex);
	if (whole == 0 || (*digits == '0' && whole > 1))
		return lex_fail(lex, "invalid number");
	if (take_byte(lex, '.')) {
		fraction = take_digits(lex);
		if (fraction == 0)
			return lex_fail(lex, "invalid number");
	}
	if ((take_byte(lex, 'e') || take_byte(lex, 'E')) && !take_exponent(lex, &power))
		return lex_fail(lex, "invalid number");
	r = check_range(lex, digits, whole, fraction, power);
	if (r < 0)
		return r;
	lex->word.length = 0;
	buffer_add(&lex->word, first, lex->at - first);
	return lex->word.failed ? -ENOMEM : 0;
}

void lex_locate(const struct lex *lex, size_t *line, size_t *column)
{
	*line = 1;
	*column = 0;
	for (const char *p = lex->text; p < lex->at; p++) {
		++*column;
		if (*p == '\n') {
			++*line;
			*column = 0;
		}
	}
	/* The byte at fault counts, the end of the text has none. */
	if (lex->at < lex->end)
		++*column;
}
