// SPDX-License-Identifier: LGPL-2.1-or-later
/* Definitions as text: what is read, what is refused and how that is told, what is written. */
#include <errno.h>
#include <locale.h>
#include <string.h>

#include "fixture.h"

#define START "{\"mdev_type\":\"t\",\"start\":\"auto\""

static struct mdev_definition *parse(struct fixture *f, const char *text)
{
	struct mdev_definition *definition;
	int r;

	assert_int_equal(mdev_definition_new(f->ctx, UUID(U1), &definition), 0);
	r = mdev_definition_set_json(definition, text, strlen(text));
	if (r < 0)
		fail_msg("%s: %s", text, mdev_ctx_last_error(f->ctx));
	return definition;
}

static void assert_refused(struct fixture *f, const char *text, size_t length, const char *problem)
{
	struct mdev_definition *definition;

	assert_int_equal(mdev_definition_new(f->ctx, UUID(U1), &definition), 0);
	assert_int_equal(mdev_definition_set_type(definition, "before"), 0);
	assert_int_equal(mdev_definition_set_json(definition, text, length), -EBADMSG);
	assert_error(f, problem);
	assert_string_equal(mdev_definition_get_type(definition), "before");
	mdev_definition_unref(definition);
}

static void assert_written(struct fixture *f, const char *text, const char *expected)
{
	struct mdev_definition *definition = parse(f, text);
	char *written;

	assert_int_equal(mdev_definition_get_json(definition, &written), 0);
	assert_string_equal(written, expected);
	free(written);
	mdev_definition_unref(definition);
}

static void the_bytes_are_those_of_mdevctl(void **state)
{
	assert_written(*state,
		       "{\"attrs\":[{\"attr_a\":\"5\"},{\"attr_b\":\"0xab\"}],\"start\":\"auto\","
		       "\"mdev_type\":\"vfio_ap-passthrough\"}",
		       "{\n"
		       "  \"mdev_type\": \"vfio_ap-passthrough\",\n"
		       "  \"start\": \"auto\",\n"
		       "  \"attrs\": [\n"
		       "    {\n"
		       "      \"attr_a\": \"5\"\n"
		       "    },\n"
		       "    {\n"
		       "      \"attr_b\": \"0xab\"\n"
		       "    }\n"
		       "  ]\n"
		       "}");
}

static void no_attributes_are_an_empty_array(void **state)
{
	static const char expected[] = "{\n"
				       "  \"mdev_type\": \"t\",\n"
				       "  \"start\": \"auto\",\n"
				       "  \"attrs\": []\n"
				       "}";

	assert_written(*state, START "}", expected);
	assert_written(*state, START ",\"attrs\":null}", expected);
	assert_written(*state, START ",\"attrs\":[]} \n\t\r", expected);
}

static void strings_are_escaped_as_mdevctl_does(void **state)
{
	assert_written(*state,
		       START ",\"attrs\":[{\"a\":\"\\\" \\\\ \\/ \\b\\f\\n\\r\\t \\u0001\\u001F\\u007f "
		       "\\u00e9\\u20AC\\ud83d\\uDE00 \xc3\xa9\"}]}",
		       "{\n"
		       "  \"mdev_type\": \"t\",\n"
		       "  \"start\": \"auto\",\n"
		       "  \"attrs\": [\n"
		       "    {\n"
		       "      \"a\": \"\\\" \\\\ / \\b\\f\\n\\r\\t \\u0001\\u001f\x7f "
		       "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 \xc3\xa9\"\n"
		       "    }\n"
		       "  ]\n"
		       "}");
}

static void unknown_members_are_kept_as_they_were(void **state)
{
	assert_written(*state,
		       "{\"z\":[1,-0,1.50,1E+400,123456789012345678901234567890,[],{}],"
		       "\"start\":\"manual\",\"owner\":{\"b\":null,\"a\":[true,false],\"s\":\"\\u0000\"},"
		       "\"mdev_type\":\"t\"}",
		       "{\n"
		       "  \"mdev_type\": \"t\",\n"
		       "  \"start\": \"manual\",\n"
		       "  \"attrs\": [],\n"
		       "  \"z\": [\n"
		       "    1,\n"
		       "    -0,\n"
		       "    1.50,\n"
		       "    1E+400,\n"
		       "    123456789012345678901234567890,\n"
		       "    [],\n"
		       "    {}\n"
		       "  ],\n"
		       "  \"owner\": {\n"
		       "    \"b\": null,\n"
		       "    \"a\": [\n"
		       "      true,\n"
		       "      false\n"
		       "    ],\n"
		       "    \"s\": \"\\u0000\"\n"
		       "  }\n"
		       "}");
}

static void members_that_resemble_ours_are_unknown(void **state)
{
	assert_written(*state, START ",\"start\\u0000\":1,\"attrs\\u0000x\":{},\"Start\":2}",
		       "{\n"
		       "  \"mdev_type\": \"t\",\n"
		       "  \"start\": \"auto\",\n"
		       "  \"attrs\": [],\n"
		       "  \"start\\u0000\": 1,\n"
		       "  \"attrs\\u0000x\": {},\n"
		       "  \"Start\": 2\n"
		       "}");
}

static void a_new_text_keeps_unknown_members_that_it_does_not_have(void **state)
{
	struct mdev_definition *definition = parse(*state, START ",\"x\":1,\"y\":2}");
	static const char second[] = "{\"mdev_type\":\"u\",\"start\":\"manual\",\"y\":3,\"z\":4}";
	char *text;

	assert_int_equal(mdev_definition_set_json(definition, second, strlen(second)), 0);
	assert_int_equal(mdev_definition_get_json(definition, &text), 0);
	assert_string_equal(text, "{\n  \"mdev_type\": \"u\",\n  \"start\": \"manual\",\n"
			    "  \"attrs\": [],\n  \"y\": 3,\n  \"z\": 4,\n  \"x\": 1\n}");
	free(text);
	assert_int_equal(mdev_definition_set_json(definition, START "}", strlen(START "}")), 0);
	assert_int_equal(mdev_definition_get_json(definition, &text), 0);
	assert_non_null(strstr(text, "\"x\": 1"));
	free(text);
	mdev_definition_unref(definition);
}

static void many_unknown_members_are_merged(void **state)
{
	struct mdev_definition *definition = parse(*state, START ",\"x\":1}");
	struct buffer buffer = { 0 };
	char *text;

	buffer_add_string(&buffer, START);
	for (int i = 0; i < 50000; i++)
		buffer_add_format(&buffer, ",\"a%d\":%d", i, i);
	buffer_add_string(&buffer, "}");
	for (int i = 0; i < 2; i++)
		assert_int_equal(mdev_definition_set_json(definition, buffer.text, buffer.length), 0);
	assert_int_equal(mdev_definition_get_json(definition, &text), 0);
	assert_non_null(strstr(text, "  \"attrs\": [],\n  \"a0\": 0,\n"));
	assert_non_null(strstr(text, "  \"a49999\": 49999,\n  \"x\": 1\n}"));
	free(text);
	buffer_clear(&buffer);
	mdev_definition_unref(definition);
}

static void a_copy_has_the_unknown_members(void **state)
{
	struct mdev_definition *definition, *copy;
	char *text, *copied;

	definition = parse(*state, START ",\"x\":[1.0,\"\\u00e9\"]}");
	assert_int_equal(mdev_definition_copy(definition, &copy), 0);
	assert_int_equal(mdev_definition_get_json(definition, &text), 0);
	mdev_definition_unref(definition);
	assert_int_equal(mdev_definition_get_json(copy, &copied), 0);
	assert_string_equal(copied, text);
	assert_non_null(strstr(text, "    1.0,\n    \"\xc3\xa9\"\n"));
	free(copied);
	free(text);
	mdev_definition_unref(copy);
}

static void only_auto_starts_automatically(void **state)
{
	static const char *const manual[] = { "\"manual\"", "\"Auto\"", "\"\"", "1", "true", "[]" };
	struct fixture *f = *state;
	struct mdev_definition *definition;
	char text[128];

	definition = parse(f, START "}");
	assert_int_equal(mdev_definition_get_start(definition), MDEV_START_AUTO);
	mdev_definition_unref(definition);
	for (size_t i = 0; i < ARRAY_SIZE(manual); i++) {
		snprintf(text, sizeof(text), "{\"mdev_type\":\"t\",\"start\":%s}", manual[i]);
		definition = parse(f, text);
		assert_int_equal(mdev_definition_get_start(definition), MDEV_START_MANUAL);
		mdev_definition_unref(definition);
	}
}

static void order_and_duplicates_of_attributes_are_kept(void **state)
{
	struct mdev_definition *definition =
		parse(*state, START ",\"attrs\":[{\"b\":\"1\"},{\"a\":\"2\"},{\"b\":\"\"}]}");
	const char *name, *value;

	assert_int_equal(mdev_definition_count_attrs(definition), 3);
	assert_int_equal(mdev_definition_get_attr(definition, 2, &name, &value), 0);
	assert_string_equal(name, "b");
	assert_string_equal(value, "");
	mdev_definition_unref(definition);
}

static void the_last_of_two_members_of_a_name_wins(void **state)
{
	struct mdev_definition *definition = parse(*state, START ",\"mdev_type\":\"u\"}");

	assert_string_equal(mdev_definition_get_type(definition), "u");
	mdev_definition_unref(definition);
}

static void syntax_errors_are_told_with_their_place(void **state)
{
	static const struct { const char *text, *problem; } bad[] = {
		{ "", "unexpected end of data at line 1 column 1" },
		{ " \n", "unexpected end of data at line 2 column 1" },
		{ "garbage", "unknown word, not true, false or null at line 1 column 1" },
		{ "{\"a\":1} x", "trailing characters at line 1 column 9" },
		{ "{\"a\":1}{}", "trailing characters at line 1 column 8" },
		{ "{\"a\":1,}", "trailing comma at line 1 column 8" },
		{ "{\"a\":[1,\n]}", "trailing comma at line 2 column 1" },
		{ "{\"a\"", "unexpected end of data at line 1 column 5" },
		{ "{\"a\":", "unexpected end of data at line 1 column 6" },
		{ "{\"a\":1", "unexpected end of data at line 1 column 7" },
		{ "{\"a\":[1", "unexpected end of data at line 1 column 8" },
		{ "{\"a\":[1 2]}", "',' or ']' expected at line 1 column 9" },
		{ "{\"a\":1 \"b\":2}", "',' or '}' expected at line 1 column 8" },
		{ "{\"a\" 1}", "':' expected at line 1 column 6" },
		{ "{a:1}", "a name in double quotes expected at line 1 column 2" },
		{ "{/**/}", "comments are not allowed at line 1 column 2" },
		{ "{\"a\":tru}", "unknown word, not true, false or null at line 1 column 6" },
		{ "{\"a\":True}", "unknown word, not true, false or null at line 1 column 6" },
		{ "{\"a\":.5}", "unexpected character at line 1 column 6" },
		{ "{\"a\":+1}", "a number must not begin with '+' at line 1 column 6" },
		{ "{\"a\":'1'}", "strings must be in double quotes at line 1 column 6" },
		{ "{\"a\":\"\\x\"}", "unknown escape sequence at line 1 column 8" },
		{ "{\"a", "unexpected end of data at line 1 column 4" },
		{ "{\"a\\u1", "unexpected end of data at line 1 column 7" },
		{ "{\"a\xff\":1}", "invalid UTF-8 at line 1 column 4" },
		{ "\v{}", "unexpected character at line 1 column 1" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_refused(*state, bad[i].text, strlen(bad[i].text), bad[i].problem);
	assert_refused(*state, "{}\0", 3, "trailing characters at line 1 column 3");
}

static void what_a_definition_lacks_is_told(void **state)
{
	static const struct { const char *text, *problem; } bad[] = {
		{ "[]", "invalid json: not an object" },
		{ "\"x\"", "invalid json: not an object" },
		{ "null", "invalid json: not an object" },
		{ "1", "invalid json: not an object" },
		{ "{}", "invalid json: 'mdev_type' is missing" },
		{ "{\"mdev_type\":null,\"start\":\"auto\"}", "invalid json: 'mdev_type' is missing" },
		{ "{\"mdev_type\":\"t\"}", "invalid json: 'start' is missing" },
		{ "{\"mdev_type\":\"t\",\"start\":null}", "invalid json: 'start' is missing" },
		{ "{\"mdev_type\":1,\"start\":\"auto\"}", "invalid json: 'mdev_type' is not a string" },
		{ "{\"mdev_type\":\"../t\",\"start\":\"auto\"}",
		  "invalid json: '../t' is not the name of a type" },
		{ "{\"mdev_type\":\"t\\u0000\",\"start\":\"auto\"}",
		  "invalid json: 'mdev_type' has a NUL character" },
		{ "{\"mdev_type\\u0000\":\"t\",\"start\":\"auto\"}",
		  "invalid json: 'mdev_type' is missing" },
		{ START ",\"attrs\":{}}", "attributes field is not an array" },
		{ START ",\"attrs\":\"x\"}", "attributes field is not an array" },
		{ START ",\"attrs\":[1]}", "invalid JSON format for attribute: not an object" },
		{ START ",\"attrs\":[null]}", "invalid JSON format for attribute: not an object" },
		{ START ",\"attrs\":[{}]}", "invalid JSON format for attribute: no field" },
		{ START ",\"attrs\":[{\"a\":\"1\",\"b\":\"2\"}]}",
		  "invalid JSON format for attribute: too many fields" },
		{ START ",\"attrs\":[{\"a\":1}]}",
		  "invalid JSON format for attribute 'a': value must be of type str" },
		{ START ",\"attrs\":[{\"a\":\"\\u0000\"}]}",
		  "invalid JSON format for attribute 'a': the value has a NUL character" },
		{ START ",\"attrs\":[{\"a\\u0000/../x\":\"1\"}]}",
		  "invalid json: the name 'a\\u0000...' has a NUL character" },
		{ START ",\"attrs\":[{\"../a\":\"1\"}]}", "Invalid attribute '../a'" },
		{ START ",\"attrs\":[{\"/a\":\"1\"}]}", "Invalid attribute '/a'" },
		{ START ",\"attrs\":[{\"\":\"1\"}]}", "Invalid attribute ''" },
		{ START ",\"attrs\":[{\"a\\u001bb/c\":\"1\"}]}", "Invalid attribute 'a?b/c'" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_refused(*state, bad[i].text, strlen(bad[i].text), bad[i].problem);
}

/* @depth arrays inside of the object, and @inner in them */
static void nest(char *text, size_t depth, const char *inner)
{
	strcpy(text, START ",\"x\":");
	memset(text + strlen(text), '[', depth);
	strcpy(text + strlen(START ",\"x\":") + depth, inner);
	for (size_t i = 0; i < depth; i++)
		strcat(text, "]");
	strcat(text, "}");
}

static void nesting_is_limited_as_in_serde_json(void **state)
{
	char text[512] = "";

	for (size_t depth = 1; depth <= 126; depth++) {
		nest(text, depth, "1");
		mdev_definition_unref(parse(*state, text));
	}
	nest(text, 127, "");
	assert_refused(*state, text, strlen(text),
		       "nested more than 127 levels deep at line 1 column 163");
}

static void a_value_may_be_large(void **state)
{
	struct mdev_definition *definition;
	enum { SIZE = 1000000 };
	char *text = malloc(SIZE + 100);
	const char *name, *value;

	assert_non_null(text);
	strcpy(text, START ",\"attrs\":[{\"a\":\"");
	memset(text + strlen(START ",\"attrs\":[{\"a\":\""), 'x', SIZE);
	strcpy(text + strlen(START ",\"attrs\":[{\"a\":\"") + SIZE, "\"}]}");
	definition = parse(*state, text);
	assert_int_equal(mdev_definition_get_attr(definition, 0, &name, &value), 0);
	assert_int_equal(strlen(value), SIZE);
	mdev_definition_unref(definition);
	free(text);
}

static void the_locale_does_not_matter(void **state)
{
	/* Without such a locale installed this tests what the others do. */
	setlocale(LC_ALL, "de_DE.UTF-8");
	assert_written(*state, START ",\"x\":1.5e300}",
		       "{\n  \"mdev_type\": \"t\",\n  \"start\": \"auto\",\n  \"attrs\": [],\n"
		       "  \"x\": 1.5e300\n}");
	setlocale(LC_ALL, "C");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		fixture_test(the_bytes_are_those_of_mdevctl),
		fixture_test(no_attributes_are_an_empty_array),
		fixture_test(strings_are_escaped_as_mdevctl_does),
		fixture_test(unknown_members_are_kept_as_they_were),
		fixture_test(members_that_resemble_ours_are_unknown),
		fixture_test(a_new_text_keeps_unknown_members_that_it_does_not_have),
		fixture_test(many_unknown_members_are_merged),
		fixture_test(a_copy_has_the_unknown_members),
		fixture_test(only_auto_starts_automatically),
		fixture_test(order_and_duplicates_of_attributes_are_kept),
		fixture_test(the_last_of_two_members_of_a_name_wins),
		fixture_test(syntax_errors_are_told_with_their_place),
		fixture_test(what_a_definition_lacks_is_told),
		fixture_test(nesting_is_limited_as_in_serde_json),
		fixture_test(a_value_may_be_large),
		fixture_test(the_locale_does_not_matter),
	};

	return cmocka_run_group_tests_name("config-json", tests, NULL, NULL);
}
