// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The grammar of all that is read: texts, each with its form when it is written again, or with
 * what is wrong with it; and that definitions, lists and scripts' answers are read by it.
 */
#include <errno.h>
#include <string.h>

#include "fixture.h"
#include "../../lib/config.h"
#include "util/json_reader.h"
#include "util/json_writer.h"

#define REPLACEMENT "\xef\xbf\xbd"

struct text {
	const char *text;
	size_t length;
	const char *written;	/* NULL if it is refused */
	const char *problem;
};

#define GOOD(text_, written_) { .text = text_, .length = sizeof(text_) - 1, .written = written_ }
#define SAME(text_)           GOOD(text_, text_)
#define BAD(text_, problem_)  { .text = text_, .length = sizeof(text_) - 1, .problem = problem_ }

static const struct text texts[] = {
	/* White space */
	GOOD(" \t\r\n1 \t\r\n", "1"),
	GOOD("\n[\n]\n", "[]"),
	GOOD("{ \"a\" :\t1 ,\r\n\"b\" : 2 }", "{\n  \"a\": 1,\n  \"b\": 2\n}"),
	BAD("", "unexpected end of data at 1:1"),
	BAD(" \n\t", "unexpected end of data at 2:2"),
	BAD("\f1", "unexpected character at 1:1"),
	BAD("\v1", "unexpected character at 1:1"),
	BAD("\xc2\xa0" "1", "unexpected character at 1:1"),
	BAD("[1,\xe2\x80\x82" "2]", "unexpected character at 1:4"),
	BAD("\xef\xbb\xbf" "1", "byte order mark before the text at 1:1"),
	BAD(" \xef\xbb\xbf" "1", "unexpected character at 1:2"),
	BAD("\xff\xfe{\0}\0", "unexpected character at 1:1"),
	BAD("\0", "unexpected character at 1:1"),
	BAD("1\0", "trailing characters at 1:2"),
	BAD("[1\0]", "',' or ']' expected at 1:3"),

	/* Words */
	SAME("null"),
	SAME("true"),
	SAME("false"),
	BAD("Null", "unknown word, not true, false or null at 1:1"),
	BAD("TRUE", "unknown word, not true, false or null at 1:1"),
	BAD("tru", "unknown word, not true, false or null at 1:1"),
	BAD("truer", "unknown word, not true, false or null at 1:1"),
	BAD("true1", "unknown word, not true, false or null at 1:1"),
	BAD("[nul]", "unknown word, not true, false or null at 1:2"),
	BAD("None", "unknown word, not true, false or null at 1:1"),
	BAD("undefined", "unknown word, not true, false or null at 1:1"),
	BAD("NaN", "NaN and Infinity are not numbers of JSON at 1:1"),
	BAD("nan", "unknown word, not true, false or null at 1:1"),
	BAD("[Infinity]", "NaN and Infinity are not numbers of JSON at 1:2"),
	BAD("-Infinity", "NaN and Infinity are not numbers of JSON at 1:2"),
	BAD("-NaN", "NaN and Infinity are not numbers of JSON at 1:2"),
	BAD("-null", "unknown word, not true, false or null at 1:2"),

	/* Numbers stay as they are written */
	SAME("0"),
	SAME("-0"),
	SAME("-1"),
	SAME("10"),
	SAME("1.0"),
	SAME("1.50"),
	SAME("-0.0"),
	SAME("0.1e-7"),
	SAME("1e5"),
	SAME("1E5"),
	SAME("1E+05"),
	SAME("0e0"),
	SAME("1e400"),
	SAME("1E400"),
	SAME("-1e-400"),
	SAME("9007199254740993"),
	SAME("9223372036854775807"),
	SAME("-9223372036854775808"),
	SAME("9223372036854775808"),
	SAME("18446744073709551615"),
	SAME("18446744073709551616"),
	SAME("-9223372036854775809"),
	SAME("123456789012345678901234567890"),
	SAME("-123456789012345678901234567890.123456789012345678901234567890e1234567890"),
	SAME("0.1000000000000000055511151231257827"),
	BAD("00", "digit after a leading zero at 1:2"),
	BAD("01", "digit after a leading zero at 1:2"),
	BAD("-01", "digit after a leading zero at 1:3"),
	BAD("+1", "a number must not begin with '+' at 1:1"),
	BAD("-", "unexpected end of data at 1:2"),
	BAD("[-]", "digit expected at 1:3"),
	BAD("--1", "digit expected at 1:2"),
	BAD("-+1", "digit expected at 1:2"),
	BAD("- 1", "digit expected at 1:2"),
	BAD("1.", "unexpected end of data at 1:3"),
	BAD("[1.]", "digit expected at 1:4"),
	BAD("[1.e5]", "digit expected at 1:4"),
	BAD("[.5]", "unexpected character at 1:2"),
	BAD("-.5", "digit expected at 1:2"),
	BAD("1e", "unexpected end of data at 1:3"),
	BAD("[1e]", "digit expected at 1:4"),
	BAD("[1e+]", "digit expected at 1:5"),
	BAD("[1e+-1]", "digit expected at 1:5"),
	BAD("1e1.5", "trailing characters at 1:4"),
	BAD("1.2.3", "trailing characters at 1:4"),
	BAD("0x10", "trailing characters at 1:2"),
	BAD("[0x10]", "',' or ']' expected at 1:3"),
	BAD("1_000", "trailing characters at 1:2"),
	BAD("[1 000]", "',' or ']' expected at 1:4"),
	BAD("[1L]", "',' or ']' expected at 1:3"),
	BAD("\xd9\xa1", "unexpected character at 1:1"),

	/* Strings */
	SAME("\"\""),
	SAME("\"text\""),
	SAME("\"'\""),
	GOOD("\"/\\/\"", "\"//\""),
	SAME("\"\\\"\\\\\\b\\f\\n\\r\\t\""),
	GOOD("\"\\u0008\\u0009\\u000a\\u000C\\u000d\"", "\"\\b\\t\\n\\f\\r\""),
	GOOD("\"\\u001F\\u0001\"", "\"\\u001f\\u0001\""),
	GOOD("\"\\u0022\\u005c\\u002F\"", "\"\\\"\\\\/\""),
	GOOD("\"\\u0041\\u007f\"", "\"A\x7f\""),
	SAME("\"\x7f\""),
	SAME("\"\\u0000\""),
	SAME("\"a\\u0000b\""),
	GOOD("\"\\u0080\\u07ff\"", "\"\xc2\x80\xdf\xbf\""),
	GOOD("\"\\u0800\\uFFFF\"", "\"\xe0\xa0\x80\xef\xbf\xbf\""),
	GOOD("\"\\ud800\\udc00\\uDBFF\\uDFFF\"", "\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\""),
	GOOD("\"\\uD83D\\uDE00 \\u00e9\\u20ac\"", "\"\xf0\x9f\x98\x80 \xc3\xa9\xe2\x82\xac\""),
	SAME("\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\""),
	SAME("\"\xef\xbb\xbf\xe2\x80\xa8\xe2\x80\xa9\xee\x80\x80\""),
	SAME("\"" REPLACEMENT "\""),
	BAD("\"a\tb\"", "a control character in a string must be escaped at 1:3"),
	BAD("\"a\nb\"", "a control character in a string must be escaped at 1:3"),
	BAD("\"\0\"", "a control character in a string must be escaped at 1:2"),
	BAD("\"\x1f\"", "a control character in a string must be escaped at 1:2"),
	BAD("\"", "unexpected end of data at 1:2"),
	BAD("\"abc", "unexpected end of data at 1:5"),
	BAD("\"abc\\", "unexpected end of data at 1:6"),
	BAD("\"abc\\\"", "unexpected end of data at 1:7"),
	BAD("'a'", "strings must be in double quotes at 1:1"),
	BAD("['a']", "strings must be in double quotes at 1:2"),
	BAD("\"\\'\"", "unknown escape sequence at 1:3"),
	BAD("\"\\x41\"", "unknown escape sequence at 1:3"),
	BAD("\"\\v\"", "unknown escape sequence at 1:3"),
	BAD("\"\\0\"", "unknown escape sequence at 1:3"),
	BAD("\"\\\n\"", "unknown escape sequence at 1:3"),
	BAD("\"\\\0\"", "unknown escape sequence at 1:3"),
	BAD("\"\\U0041\"", "unknown escape sequence at 1:3"),
	BAD("\"\\u\"", "\\u must be followed by four hexadecimal digits at 1:4"),
	BAD("\"\\u004\"", "\\u must be followed by four hexadecimal digits at 1:7"),
	BAD("\"\\u00g0\"", "\\u must be followed by four hexadecimal digits at 1:6"),
	BAD("\"\\u+041\"", "\\u must be followed by four hexadecimal digits at 1:4"),
	BAD("\"\\u004", "unexpected end of data at 1:7"),
	BAD("\"\\ud800\"", "half of a surrogate pair at 1:2"),
	BAD("\"\\udc00\"", "half of a surrogate pair at 1:2"),
	BAD("\"a\\ud800b\"", "half of a surrogate pair at 1:3"),
	BAD("\"\\ud800\\n\"", "half of a surrogate pair at 1:2"),
	BAD("\"\\ud800\\u0041\"", "half of a surrogate pair at 1:2"),
	BAD("\"\\ud800\\ud800\"", "half of a surrogate pair at 1:2"),
	BAD("\"\\udc00\\ud800\"", "half of a surrogate pair at 1:2"),
	BAD("\"\\ud83d\\u\"", "\\u must be followed by four hexadecimal digits at 1:10"),

	/* UTF-8: RFC 3629, and columns are characters */
	BAD("\"\xff\"", "invalid UTF-8 at 1:2"),
	BAD("\"\x80\"", "invalid UTF-8 at 1:2"),
	BAD("\"\xc3\xa9\xc3\"", "invalid UTF-8 at 1:3"),
	BAD("\"\xc0\x80\"", "invalid UTF-8 at 1:2"),
	BAD("\"\xc1\xbf\"", "invalid UTF-8 at 1:2"),
	BAD("\"\xe0\x9f\xbf\"", "invalid UTF-8 at 1:2"),
	BAD("\"\xe2\x82\"", "invalid UTF-8 at 1:2"),
	BAD("\"\xed\xa0\x80\"", "invalid UTF-8 at 1:2"),
	BAD("\"\xed\xbf\xbf\"", "invalid UTF-8 at 1:2"),
	BAD("\"\xf0\x8f\xbf\xbf\"", "invalid UTF-8 at 1:2"),
	BAD("\"\xf4\x90\x80\x80\"", "invalid UTF-8 at 1:2"),
	BAD("\"\xf8\x88\x80\x80\x80\"", "invalid UTF-8 at 1:2"),
	BAD("\"\xe2\x82", "invalid UTF-8 at 1:2"),
	BAD("{\"a\xff\":1}", "invalid UTF-8 at 1:4"),
	BAD("[\"\xe2\x82\xac\xf0\x9f\x98\x80\"x]", "',' or ']' expected at 1:6"),
	BAD("[\"\xe2\x82\xac\",\n \"\xf0\x9f\x98\x80\",}", "value expected at 2:6"),

	/* Arrays */
	SAME("[]"),
	GOOD("[1]", "[\n  1\n]"),
	GOOD("[1,[],[[]],{}]", "[\n  1,\n  [],\n  [\n    []\n  ],\n  {}\n]"),
	GOOD("[null,\"a\",{\"b\":[true]}]",
	     "[\n  null,\n  \"a\",\n  {\n    \"b\": [\n      true\n    ]\n  }\n]"),
	BAD("[", "unexpected end of data at 1:2"),
	BAD("[1", "unexpected end of data at 1:3"),
	BAD("[1,", "unexpected end of data at 1:4"),
	BAD("[1,]", "trailing comma at 1:4"),
	BAD("[1,\n]", "trailing comma at 2:1"),
	BAD("[,1]", "value expected at 1:2"),
	BAD("[1,,2]", "value expected at 1:4"),
	BAD("[1 2]", "',' or ']' expected at 1:4"),
	BAD("[1;2]", "',' or ']' expected at 1:3"),
	BAD("[1}", "',' or ']' expected at 1:3"),
	BAD("[\"a\":1]", "',' or ']' expected at 1:5"),
	BAD("]", "value expected at 1:1"),
	BAD("[]]", "trailing characters at 1:3"),
	BAD("[/* none */]", "comments are not allowed at 1:2"),
	BAD("[1 // one\n]", "comments are not allowed at 1:4"),
	BAD("[1, # one\n 2]", "unexpected character at 1:5"),

	/* Objects */
	SAME("{}"),
	GOOD("{\"\":0}", "{\n  \"\": 0\n}"),
	GOOD("{\"b\":1,\"a\":{\"d\":[],\"c\":{}}}",
	     "{\n  \"b\": 1,\n  \"a\": {\n    \"d\": [],\n    \"c\": {}\n  }\n}"),
	GOOD("{\"\\u00e9\\n\":\"\\u00e9\"}", "{\n  \"\xc3\xa9\\n\": \"\xc3\xa9\"\n}"),
	BAD("{", "unexpected end of data at 1:2"),
	BAD("{\"a\"", "unexpected end of data at 1:5"),
	BAD("{\"a\":", "unexpected end of data at 1:6"),
	BAD("{\"a\":1", "unexpected end of data at 1:7"),
	BAD("{\"a\":1,", "unexpected end of data at 1:8"),
	BAD("{\"a", "unexpected end of data at 1:4"),
	BAD("{\"a\":1,}", "trailing comma at 1:8"),
	BAD("{,}", "a name in double quotes expected at 1:2"),
	BAD("{a:1}", "a name in double quotes expected at 1:2"),
	BAD("{1:1}", "a name in double quotes expected at 1:2"),
	BAD("{null:1}", "a name in double quotes expected at 1:2"),
	BAD("{'a':1}", "strings must be in double quotes at 1:2"),
	BAD("{\"a\" 1}", "':' expected at 1:6"),
	BAD("{\"a\"=1}", "':' expected at 1:5"),
	BAD("{\"a\",1}", "':' expected at 1:5"),
	BAD("{\"a\"::1}", "value expected at 1:6"),
	BAD("{\"a\":}", "value expected at 1:6"),
	BAD("{\"a\":1 \"b\":2}", "',' or '}' expected at 1:8"),
	BAD("{\"a\":1]", "',' or '}' expected at 1:7"),
	BAD("{\"a\":1,,\"b\":2}", "a name in double quotes expected at 1:8"),
	BAD("{/**/}", "comments are not allowed at 1:2"),
	BAD("{\"a\":/*1*/2}", "comments are not allowed at 1:6"),
	BAD("{\"a\"/**/:2}", "comments are not allowed at 1:5"),
	BAD("{}{}", "trailing characters at 1:3"),
	BAD("{} // x", "comments are not allowed at 1:4"),
	BAD("1 2", "trailing characters at 1:3"),
	BAD("\"a\" \"b\"", "trailing characters at 1:5"),
	BAD("}", "value expected at 1:1"),

	/* The last member of a name counts, in the place of the first */
	GOOD("{\"a\":1,\"a\":2}", "{\n  \"a\": 2\n}"),
	GOOD("{\"a\":1,\"b\":2,\"\\u0061\":3}", "{\n  \"a\": 3,\n  \"b\": 2\n}"),
	GOOD("{\"a\":[1,2],\"b\":{\"a\":0},\"a\":{\"c\":[3],\"c\":[4,5]},\"d\":[6]}",
	     "{\n  \"a\": {\n    \"c\": [\n      4,\n      5\n    ]\n  },\n"
	     "  \"b\": {\n    \"a\": 0\n  },\n  \"d\": [\n    6\n  ]\n}"),
	GOOD("{\"a\":1,\"b\":1,\"a\":[2],\"b\":{},\"a\":3,\"ab\":4}",
	     "{\n  \"a\": 3,\n  \"b\": {},\n  \"ab\": 4\n}"),
	GOOD("[{\"a\":{\"x\":1},\"a\":{\"y\":2}},3]",
	     "[\n  {\n    \"a\": {\n      \"y\": 2\n    }\n  },\n  3\n]"),
	/* A NUL in a name does not end it */
	GOOD("{\"a\\u0000b\":1,\"a\":2,\"a\\u0000\":3,\"a\\u0000c\":4}",
	     "{\n  \"a\\u0000b\": 1,\n  \"a\": 2,\n  \"a\\u0000\": 3,\n  \"a\\u0000c\": 4\n}"),
	GOOD("{\"\\u0000\":1,\"\":2,\"\\u0000\":3}", "{\n  \"\\u0000\": 3,\n  \"\": 2\n}"),
};

/* What comes of @text: its other form, or what is wrong with it. To be freed. */
static char *rewrite(const char *text, size_t length)
{
	_cleanup_(tree_clear) struct json_tree tree = { 0 };
	_cleanup_free_ char *copy = malloc(length ? length : 1);
	struct buffer buffer = { 0 };
	struct json_writer writer = { .buffer = &buffer };
	struct json_problem problem;
	char *result;
	int r;

	/* In a block of its own size, so that a sanitizer sees its end. */
	assert_non_null(copy);
	memcpy(copy, text, length);
	r = read_json(copy, length, &tree, &problem);
	if (r == 0)
		writer_value(&writer, tree.values);
	else
		buffer_add_format(&buffer, "%s at %zu:%zu", problem.what, problem.line,
				  problem.column);
	assert_int_equal(buffer_take(&buffer, &result), 0);
	assert_int_equal(r, result && tree.values ? 0 : -EBADMSG);
	return result;
}

static void each_text_has_its_verdict(void **state)
{
	(void)state;
	assert_true(ARRAY_SIZE(texts) >= 120);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const struct text *text = &texts[i];
		char *found = rewrite(text->text, text->length);

		if (strcmp(found, text->written ? text->written : text->problem) != 0)
			fail_msg("%s\nbecomes %s", text->text, found);
		free(found);
	}
}

static void what_was_written_stays_as_it_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		char *again;

		if (!texts[i].written)
			continue;
		again = rewrite(texts[i].written, strlen(texts[i].written));
		assert_string_equal(again, texts[i].written);
		free(again);
	}
}

/* Every beginning of what is right ends too early, but for numbers. */
static void a_text_that_ends_early_is_refused(void **state)
{
	static const char text[] = "{\"a\":[1,-2.5e3,\"\\ud83d\\ude00\xc3\xa9\\n\",null,true],"
				   "\"b\":{}}";

	(void)state;
	for (size_t length = 0; length < sizeof(text) - 1; length++) {
		char *found = rewrite(text, length);

		assert_true(found[0] != '{');
		free(found);
	}
}

/* @text between @before and @after. */
static char *embed(const char *before, const struct text *text, const char *after, size_t *length)
{
	struct buffer buffer = { 0 };
	char *all;

	buffer_add_string(&buffer, before);
	buffer_add(&buffer, text->text, text->length);
	buffer_add_string(&buffer, after);
	*length = buffer.length;
	assert_int_equal(buffer_take(&buffer, &all), 0);
	return all;
}

/* A definition's text with the member x. */
static char *definition_with(const char *x)
{
	struct buffer buffer = { 0 };
	char *text;

	buffer_add_string(&buffer, "{\n  \"mdev_type\": \"t\",\n  \"start\": \"auto\",\n"
			  "  \"attrs\": [],\n  \"x\": ");
	for (; *x; x++) {
		buffer_add(&buffer, x, 1);
		if (*x == '\n')
			buffer_add_string(&buffer, "  ");
	}
	buffer_add_string(&buffer, "\n}");
	assert_int_equal(buffer_take(&buffer, &text), 0);
	return text;
}

static void a_definition_keeps_every_text_that_is_right(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		_cleanup_free_ char *all = NULL, *written = NULL, *expected = NULL;
		struct mdev_definition *definition;
		size_t length;
		int r;

		all = embed("{\"mdev_type\":\"t\",\"start\":\"auto\",\"x\":", &texts[i], "}",
			    &length);
		assert_int_equal(mdev_definition_new(f->ctx, UUID(U1), &definition), 0);
		r = mdev_definition_set_json(definition, all, length);
		if (r != (texts[i].written ? 0 : -EBADMSG))
			fail_msg("%s: %s", all, mdev_ctx_last_error(f->ctx));
		if (texts[i].written) {
			expected = definition_with(texts[i].written);
			assert_int_equal(mdev_definition_get_json(definition, &written), 0);
			assert_string_equal(written, expected);
		}
		mdev_definition_unref(definition);
	}
}

static void a_list_is_read_by_the_same_grammar(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		_cleanup_free_ char *all = NULL;
		struct mdev_definition **list;
		size_t length;
		int r;

		all = embed("[{\"p\":[{\"" U1 "\":{\"mdev_type\":\"t\",\"start\":\"auto\",\"x\":",
			    &texts[i], "}}]}]", &length);
		r = mdev_definition_list_parse(f->ctx, all, length, &list);
		assert_int_equal(r, texts[i].written ? 0 : -EBADMSG);
		if (r == 0)
			mdev_definition_list_free(list);
	}
}

static void an_answer_of_a_script_is_read_by_the_same_grammar(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		_cleanup_free_ char *attrs = NULL, *able = NULL, *problem = NULL;
		struct capabilities capabilities = { 0 };
		struct config config = { 0 };
		size_t length;
		int r;

		attrs = embed("[{\"a\":\"1\"},{\"b\":", &texts[i], "}]", &length);
		r = cfg_parse_attrs(attrs, length, &config, &problem);
		assert_true(r == 0 || r == -EBADMSG);
		/* Nothing of an answer that is no JSON counts. */
		assert_int_equal(config.n_attrs, texts[i].written ? r == 0 ? 2 : 1 : 0);
		cfg_clear(&config);
		able = embed("{\"supports\":{\"version\":1,\"actions\":[],\"events\":[],\"x\":",
			     &texts[i], "}}", &length);
		r = cfg_parse_capabilities(able, length, &capabilities);
		assert_int_equal(r, !!texts[i].written);
		capabilities_clear(&capabilities);
	}
}

/* @depth arrays, with @inner in the last one. */
static char *nest(size_t depth, const char *inner)
{
	struct buffer buffer = { 0 };
	char *text;

	for (size_t i = 0; i < depth; i++)
		buffer_add(&buffer, "[", 1);
	buffer_add_string(&buffer, inner);
	for (size_t i = 0; i < depth; i++)
		buffer_add(&buffer, "]", 1);
	assert_int_equal(buffer_take(&buffer, &text), 0);
	return text;
}

static void there_are_127_levels(void **state)
{
	_cleanup_free_ char *most = nest(127, "1"), *more = nest(128, ""), *many = nest(100000, "");
	_cleanup_free_ char *written = rewrite(most, strlen(most));
	_cleanup_free_ char *refused = rewrite(more, strlen(more));
	_cleanup_free_ char *also = rewrite(many, strlen(many));

	(void)state;
	assert_true(written[0] == '[');
	assert_string_equal(refused, "nested more than 127 levels deep at 1:128");
	assert_string_equal(also, "nested more than 127 levels deep at 1:128");
}

/* Seconds for a reader that compares each name with all before. */
static void many_members_of_one_name_are_one(void **state)
{
	struct buffer buffer = { 0 };
	char *text, *found;

	(void)state;
	buffer_add_string(&buffer, "{\"b\":0");
	for (int i = 0; i < 200000; i++)
		buffer_add_format(&buffer, ",\"a%d\":%d", i % 1000, i);
	buffer_add_string(&buffer, ",\"b\":1}");
	assert_int_equal(buffer_take(&buffer, &text), 0);
	found = rewrite(text, strlen(text));
	free(text);
	assert_non_null(strstr(found, "{\n  \"b\": 1,\n  \"a0\": 199000,\n  \"a1\": 199001,\n"));
	assert_non_null(strstr(found, ",\n  \"a999\": 199999\n}"));
	free(found);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		fixture_test(each_text_has_its_verdict),
		fixture_test(what_was_written_stays_as_it_is),
		fixture_test(a_text_that_ends_early_is_refused),
		fixture_test(a_definition_keeps_every_text_that_is_right),
		fixture_test(a_list_is_read_by_the_same_grammar),
		fixture_test(an_answer_of_a_script_is_read_by_the_same_grammar),
		fixture_test(there_are_127_levels),
		fixture_test(many_members_of_one_name_are_one),
	};

	return cmocka_run_group_tests_name("json-reader", tests, NULL, NULL);
}
