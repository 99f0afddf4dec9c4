// SPDX-License-Identifier: LGPL-2.1-or-later
/* What of a string reaches a terminal. */
#include <limits.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../cli/terminal.h"

static void assert_shown(const char *string, const char *expected)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };

	terminal_add(&buffer, string);
	assert_string_equal(buffer.text, expected);
}

static void text_is_shown_as_it_is(void **state)
{
	static const char *const texts[] = {
		" ~\"\\/",	"\xc2\xa0", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
		"\xed\x9f\xbf", "\\u001b",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_shown(texts[i], texts[i]);
}

static void control_characters_are_shown_as_json_has_them(void **state)
{
	(void)state;
	assert_shown("\b\f\n\r\t", "\\b\\f\\n\\r\\t");
	assert_shown("\x01\x1b[2J\x1f\x7f", "\\u0001\\u001b[2J\\u001f\\u007f");
	assert_shown("\xc2\x80\xc2\x9b\xc2\x9f", "\\u0080\\u009b\\u009f");
}

static void what_is_no_utf8_is_shown_by_the_byte(void **state)
{
	(void)state;
	assert_shown("a\x9b\x62\xff", "a\\x9bb\\xff");
	assert_shown("\xc2", "\\xc2");
	assert_shown("\xc2\x1b", "\\xc2\\u001b");
	assert_shown("\xe2\x82", "\\xe2\\x82");
	assert_shown("\xc0\x9b\xed\xa0\x80", "\\xc0\\x9b\\xed\\xa0\\x80");
}

static void every_byte_alone_is_shown_without_control_characters(void **state)
{
	(void)state;
	for (int byte = 1; byte < 256; byte++) {
		_cleanup_buffer_ struct buffer buffer = { 0 };
		const char string[] = { (char)byte, '\0' };

		terminal_add(&buffer, string);
		for (size_t i = 0; i < buffer.length; i++)
			assert_true(buffer.text[i] >= 0x20 && buffer.text[i] <= 0x7e);
	}
}

static void lines_keep_their_ends_and_nothing_else(void **state)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };

	(void)state;
	terminal_add_lines(&buffer, "a\n\tb\x1b\r\n");
	assert_string_equal(buffer.text, "a\n\\tb\\u001b\\r\n");
}

static void a_file_gets_every_byte(void **state)
{
	char *text = NULL;
	size_t length;
	FILE *file = open_memstream(&text, &length);

	(void)state;
	terminal_print_line(file, "Error: ", "a\x1b\x9b");
	fclose(file);
	assert_string_equal(text, "Error: a\x1b\x9b\n");
	free(text);
}

static void a_terminal_gets_a_line(void **state)
{
	char text[64] = "";
	int master, slave;
	FILE *file;

	(void)state;
	if (openpty(&master, &slave, NULL, NULL, NULL) < 0)
		skip();
	file = fdopen(slave, "w");
	terminal_print_line(file, "Error: ", "a\x1b\n\x9b");
	fflush(file);
	assert_true(read(master, text, sizeof(text) - 1) > 0);
	assert_string_equal(text, "Error: a\\u001b\\n\\x9b\r\n");
	fclose(file);
	close(master);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_shown_as_it_is),
		cmocka_unit_test(control_characters_are_shown_as_json_has_them),
		cmocka_unit_test(what_is_no_utf8_is_shown_by_the_byte),
		cmocka_unit_test(every_byte_alone_is_shown_without_control_characters),
		cmocka_unit_test(lines_keep_their_ends_and_nothing_else),
		cmocka_unit_test(a_file_gets_every_byte),
		cmocka_unit_test(a_terminal_gets_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
