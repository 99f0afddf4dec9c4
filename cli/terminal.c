// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "terminal.h"
#include "util/text.h"

/* The code of the control character of @length bytes at @text; -1 if it is another one. */
static int control_code(const unsigned char *text, size_t length)
{
	if (length == 1)
		return *text < 0x20 || *text == 0x7f ? *text : -1;
	/* U+0080 to U+009F, of which U+009B is what ESC [ is. */
	return length == 2 && text[0] == 0xc2 && text[1] <= 0x9f ? text[1] : -1;
}

static void add_control(struct buffer *buffer, int code)
{
	static const char letters[] = {
		['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't',
	};

	if (code < (int)sizeof(letters) && letters[code])
		buffer_add_format(buffer, "\\%c", letters[code]);
	else
		buffer_add_format(buffer, "\\u%04x", (unsigned int)code);
}

/* Adds the next character of @text, which has @left bytes. Return: its length. */
static size_t add_character(struct buffer *buffer, const char *text, size_t left)
{
	const unsigned char *bytes = (const unsigned char *)text;
	size_t length = utf8_length(text, left);
	int code;

	if (length == 0) {
		buffer_add_format(buffer, "\\x%02x", *bytes);
		return 1;
	}
	code = control_code(bytes, length);
	if (code < 0)
		buffer_add(buffer, text, length);
	else
		add_control(buffer, code);
	return length;
}

static void add(struct buffer *buffer, const char *text, bool has_lines)
{
	size_t left = strlen(text);

	while (left > 0) {
		size_t length = 1;

		if (has_lines && *text == '\n')
			buffer_add(buffer, text, 1);
		else
			length = add_character(buffer, text, left);
		text += length;
		left -= length;
	}
}

void terminal_add(struct buffer *buffer, const char *string)
{
	add(buffer, string, false);
}

void terminal_add_lines(struct buffer *buffer, const char *text)
{
	add(buffer, text, true);
}

unsigned int terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	unsigned int width;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	if (columns && parse_number(columns, &width) == 0 && width > 0)
		return width;
	return 80;
}

void terminal_print_line(FILE *file, const char *prefix, const char *text)
{
	_cleanup_buffer_ struct buffer shown = { 0 };

	if (isatty(fileno(file))) {
		terminal_add(&shown, text);
		text = shown.text ? shown.text : "";
	}
	fprintf(file, "%s%s\n", prefix, text);
}
