// SPDX-License-Identifier: LGPL-2.1-or-later
/* JSON as it is written: layout, escapes, and what is no UTF-8. */
#include <errno.h>
#include <string.h>

#include "fixture.h"
#include "util/json_writer.h"

#define REPLACEMENT "\xef\xbf\xbd"

static void write_sample(struct json_writer *writer)
{
	writer_begin(writer, NULL, '{');
	writer_string(writer, "string", "a b");
	writer_number(writer, "number", 4294967295u);
	writer_begin(writer, "empty", '[');
	writer_end(writer, ']');
	writer_begin(writer, "array", '[');
	writer_string(writer, NULL, "");
	writer_begin(writer, NULL, '{');
	writer_end(writer, '}');
	writer_end(writer, ']');
	writer_end(writer, '}');
}

static void assert_holds(struct buffer *buffer, const char *expected)
{
	char *text;

	assert_int_equal(buffer_take(buffer, &text), 0);
	assert_string_equal(text, expected);
	free(text);
}

static void a_level_has_two_blanks(void **state)
{
	struct buffer buffer = { 0 };
	struct json_writer writer = { .buffer = &buffer };

	(void)state;
	write_sample(&writer);
	assert_holds(&buffer, "{\n"
			      "  \"string\": \"a b\",\n"
			      "  \"number\": 4294967295,\n"
			      "  \"empty\": [],\n"
			      "  \"array\": [\n"
			      "    \"\",\n"
			      "    {}\n"
			      "  ]\n"
			      "}");
}

static void compact_is_one_line_without_blanks(void **state)
{
	struct buffer buffer = { 0 };
	struct json_writer writer = { .buffer = &buffer, .compact = true };

	(void)state;
	write_sample(&writer);
	assert_holds(&buffer, "{\"string\":\"a b\",\"number\":4294967295,\"empty\":[],"
			      "\"array\":[\"\",{}]}");
}

static void strings_and_names_are_escaped(void **state)
{
	static const struct { const char *string, *written; } strings[] = {
		{ "\"\\/", "\"\\\"\\\\/\"" },
		{ "\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"" },
		{ "\x01\x0b\x1f\x7f", "\"\\u0001\\u000b\\u001f\x7f\"" },
		{ "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
		  "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"" },
		{ "\xff", "\"" REPLACEMENT "\"" },
		{ "a\xc3", "\"a" REPLACEMENT "\"" },
		{ "\xc3(", "\"" REPLACEMENT "(\"" },
		{ "\xc0\xaf", "\"" REPLACEMENT REPLACEMENT "\"" },
		{ "\xed\xa0\x80", "\"" REPLACEMENT REPLACEMENT REPLACEMENT "\"" },
		{ "\xf4\x90\x80\x80x", "\"" REPLACEMENT REPLACEMENT REPLACEMENT REPLACEMENT "x\"" },
	};
	char expected[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(strings); i++) {
		struct buffer buffer = { 0 };
		struct json_writer writer = { .buffer = &buffer, .compact = true };

		writer_begin(&writer, NULL, '{');
		writer_string(&writer, strings[i].string, strings[i].string);
		writer_end(&writer, '}');
		snprintf(expected, sizeof(expected), "{%s:%s}", strings[i].written,
			 strings[i].written);
		assert_holds(&buffer, expected);
	}
}

static void a_buffer_that_has_failed_stays_so(void **state)
{
	struct buffer buffer = { .failed = true };
	struct json_writer writer = { .buffer = &buffer };
	char *text = NULL;

	(void)state;
	write_sample(&writer);
	assert_int_equal(buffer_take(&buffer, &text), -ENOMEM);
	assert_null(text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_level_has_two_blanks),
		cmocka_unit_test(compact_is_one_line_without_blanks),
		cmocka_unit_test(strings_and_names_are_escaped),
		cmocka_unit_test(a_buffer_that_has_failed_stays_so),
	};

	return cmocka_run_group_tests_name("json-writer", tests, NULL, NULL);
}
