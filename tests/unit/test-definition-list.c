// SPDX-License-Identifier: LGPL-2.1-or-later
/* Definitions compared and copied, and lists of them as text. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"

#define LIST                                            \
	"[\n"                                           \
	"  {\n"                                         \
	"    \"0000:00:02.0\": [\n"                     \
	"      {\n"                                     \
	"        \"" UA "\": {\n"                       \
	"          \"mdev_type\": \"i915-GVTg_V5_4\",\n" \
	"          \"start\": \"manual\",\n"            \
	"          \"attrs\": []\n"                     \
	"        }\n"                                   \
	"      }\n"                                     \
	"    ],\n"                                      \
	"    \"mtty\": [\n"                             \
	"      {\n"                                     \
	"        \"" U1 "\": {\n"                       \
	"          \"mdev_type\": \"mtty-1\",\n"        \
	"          \"start\": \"auto\",\n"              \
	"          \"attrs\": [\n"                      \
	"            {\n"                               \
	"              \"a\": \"1\"\n"                  \
	"            },\n"                              \
	"            {\n"                               \
	"              \"b\": \"\\\"2\\\"\"\n"          \
	"            }\n"                               \
	"          ]\n"                                 \
	"        }\n"                                   \
	"      },\n"                                    \
	"      {\n"                                     \
	"        \"" U2 "\": {\n"                       \
	"          \"mdev_type\": \"mtty-2\",\n"        \
	"          \"start\": \"manual\",\n"            \
	"          \"attrs\": []\n"                     \
	"        }\n"                                   \
	"      }\n"                                     \
	"    ]\n"                                       \
	"  }\n"                                         \
	"]"

static struct mdev_definition **parse(struct fixture *f, const char *text)
{
	struct mdev_definition **list;

	assert_int_equal(mdev_definition_list_parse(f->ctx, text, strlen(text), &list), 0);
	return list;
}

static void a_list_is_written_as_the_command_prints_it(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *list[] = {
		new_definition(f, U2, "mtty", "mtty-2", NULL),
		new_definition(f, U1, "mtty", "mtty-1", "a", "1", "b", "\"2\"", NULL),
		new_definition(f, UA, "0000:00:02.0", "i915-GVTg_V5_4", NULL),
		NULL,
	};
	char *text;

	mdev_definition_set_start(list[1], MDEV_START_AUTO);
	assert_int_equal(mdev_definition_list_format(f->ctx, list, &text), 0);
	assert_string_equal(text, LIST);
	free(text);
	assert_int_equal(mdev_definition_list_format(f->ctx, list + 3, &text), 0);
	assert_string_equal(text, "[]");
	free(text);
	for (size_t i = 0; list[i]; i++)
		mdev_definition_unref(list[i]);
}

/* A directory may be called like that: the text is JSON all the same. */
static void a_name_that_is_no_utf8_is_written_as_the_command_prints_it(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition **list;
	char *text;

	make_definition(f, "p\xff\xe2\x82", U1);
	assert_int_equal(mdev_definition_list(f->ctx, NULL, NULL, &list), 0);
	assert_non_null(list[0]);
	assert_int_equal(mdev_definition_list_format(f->ctx, list, &text), 0);
	assert_non_null(strstr(text, "\"p\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\": ["));
	free(text);
	mdev_definition_list_free(list);
}

static void a_list_is_read_in_its_order(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition **list = parse(f, LIST), *wanted;
	char *text;

	wanted = new_definition(f, U1, "mtty", "mtty-1", "a", "1", "b", "\"2\"", NULL);
	mdev_definition_set_start(wanted, MDEV_START_AUTO);
	assert_string_equal(mdev_definition_get_uuid(list[0])->text, UA);
	assert_string_equal(mdev_definition_get_parent(list[0]), "0000:00:02.0");
	assert_true(mdev_definition_equal(list[1], wanted));
	assert_string_equal(mdev_definition_get_uuid(list[2])->text, U2);
	assert_null(list[3]);
	assert_int_equal(mdev_definition_list_format(f->ctx, list, &text), 0);
	assert_string_equal(text, LIST);
	free(text);
	mdev_definition_unref(wanted);
	mdev_definition_list_free(list);
}

static void an_empty_list_is_one(void **state)
{
	static const char *const texts[] = { "[]", " [ ] \n", "[{}]", "[{\"mtty\":[]}]",
					     "[{\"mtty\":[{}]}]" };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct mdev_definition **list = parse(*state, texts[i]);

		assert_null(list[0]);
		mdev_definition_list_free(list);
	}
}

static void several_members_of_an_object_all_count(void **state)
{
	struct mdev_definition **list =
		parse(*state, "[{\"a\":[{\"" U1 "\":{\"mdev_type\":\"t\",\"start\":\"auto\"},"
			      "\"{" U2 "}\":{\"mdev_type\":\"t\",\"start\":\"auto\"}}],"
			      "\"b\":[{\"" U1 "\":{\"mdev_type\":\"u\",\"start\":\"auto\"}}]}]");

	assert_string_equal(mdev_definition_get_uuid(list[1])->text, U2);
	assert_string_equal(mdev_definition_get_parent(list[2]), "b");
	assert_null(list[3]);
	mdev_definition_list_free(list);
}

static void what_is_no_list_is_refused_with_the_place(void **state)
{
	static const struct { const char *text, *error; } cases[] = {
		{ "", "unexpected end of data at line 1 column 1" },
		{ "[", "unexpected end of data at line 1 column 2" },
		{ "{}", "invalid json: the list is not an array" },
		{ "[1]", "invalid json: element 0 of the list is not an object" },
		{ "[{\"a/b\":[]}]", "invalid json: 'a/b' is not the name of a parent" },
		{ "[{\"a\":{}}]", "invalid json: the list of a is not an array" },
		{ "[{\"a\":[{},null]}]", "invalid json: element 1 of the list of a is not an object" },
		{ "[{\"a\":[{\"x\":{}}]}]", "invalid json: 'x' of 'a' is not a UUID" },
		{ "[{\"a\\u0000\":[]}]",
		  "invalid json: the name 'a\\u0000...' has a NUL character" },
		{ "[{\"a\":[{\"" U1 "\\u0000\":{}}]}]",
		  "invalid json: the name '" U1 "\\u0000...' has a NUL character" },
		{ "[{\"a\":[{\"" U1 "\":[]}]}]", "a/" U1 ": invalid json: not an object" },
		{ "[{\"a\":[{\"" U1 "\":{\"start\":\"auto\"}}]}]",
		  "a/" U1 ": invalid json: 'mdev_type' is missing" },
		{ "[{\"a\":[{\"" U1 "\":{\"mdev_type\":\"t\",\"start\":\"auto\",\"attrs\":[{}]}}]}]",
		  "a/" U1 ": invalid JSON format for attribute: no field" },
	};
	struct mdev_definition **list = NULL;
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *text = cases[i].text;

		assert_int_equal(mdev_definition_list_parse(f->ctx, text, strlen(text), &list),
				 -EBADMSG);
		assert_error(f, cases[i].error);
		assert_null(list);
	}
}

static void an_incomplete_definition_is_not_written(void **state)
{
	struct mdev_definition *list[] = { NULL, NULL };
	struct fixture *f = *state;
	char *text = NULL;

	assert_int_equal(mdev_definition_new(f->ctx, UUID(U1), &list[0]), 0);
	assert_int_equal(mdev_definition_list_format(f->ctx, list, &text), -EINVAL);
	assert_error(f, "No parent specified for device " U1);
	assert_int_equal(mdev_definition_set_parent(list[0], "mtty"), 0);
	assert_int_equal(mdev_definition_list_format(f->ctx, list, &text), -EINVAL);
	assert_error(f, "No type specified for device " U1);
	assert_null(text);
	mdev_definition_unref(list[0]);
}

static void equal_is_what_defines_the_same(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *a = new_definition(f, U1, "mtty", "t", "a", "1", "b", "2", NULL);
	struct mdev_definition *b = new_definition(f, U1, "mtty", "t", "a", "1", "b", "2", NULL);
	struct mdev_definition *others[] = {
		new_definition(f, U2, "mtty", "t", "a", "1", "b", "2", NULL),
		new_definition(f, U1, "other", "t", "a", "1", "b", "2", NULL),
		new_definition(f, U1, "mtty", "u", "a", "1", "b", "2", NULL),
		new_definition(f, U1, "mtty", "t", "a", "1", NULL),
		new_definition(f, U1, "mtty", "t", "b", "2", "a", "1", NULL),
		new_definition(f, U1, "mtty", "t", "a", "1", "b", "3", NULL),
	};

	assert_true(mdev_definition_equal(a, b));
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		assert_false(mdev_definition_equal(a, others[i]));
		assert_false(mdev_definition_equal(others[i], a));
		mdev_definition_unref(others[i]);
	}
	mdev_definition_set_start(b, MDEV_START_AUTO);
	assert_false(mdev_definition_equal(a, b));
	mdev_definition_unref(a);
	mdev_definition_unref(b);
}

static void what_is_not_chosen_equals_itself_only(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *a, *b;

	assert_int_equal(mdev_definition_new(f->ctx, UUID(U1), &a), 0);
	assert_int_equal(mdev_definition_new(f->ctx, UUID(U1), &b), 0);
	assert_true(mdev_definition_equal(a, b));
	assert_int_equal(mdev_definition_set_type(a, "t"), 0);
	assert_false(mdev_definition_equal(a, b));
	assert_int_equal(mdev_definition_set_type(b, "t"), 0);
	assert_int_equal(mdev_definition_set_parent(b, "mtty"), 0);
	assert_false(mdev_definition_equal(a, b));
	mdev_definition_unref(a);
	mdev_definition_unref(b);
}

static void a_copy_has_a_life_of_its_own_and_all_members(void **state)
{
	static const char text[] = "{\"mdev_type\":\"t\",\"start\":\"auto\",\"attrs\":[{\"a\":\"1\"}],"
				   "\"x\":[1]}";
	struct fixture *f = *state;
	struct mdev_definition *definition, *copy;
	char *json;

	assert_int_equal(mdev_definition_new(f->ctx, UUID(U1), &definition), 0);
	assert_int_equal(mdev_definition_copy(definition, &copy), 0);
	assert_true(mdev_definition_equal(definition, copy));
	mdev_definition_unref(copy);

	assert_int_equal(mdev_definition_set_parent(definition, "mtty"), 0);
	assert_int_equal(mdev_definition_set_json(definition, text, strlen(text)), 0);
	assert_int_equal(mdev_definition_copy(definition, &copy), 0);
	assert_true(mdev_definition_equal(definition, copy));
	mdev_definition_clear_attrs(definition);
	assert_int_equal(mdev_definition_count_attrs(copy), 1);
	mdev_definition_unref(definition);
	assert_int_equal(mdev_definition_get_json(copy, &json), 0);
	assert_non_null(strstr(json, "\"x\": ["));
	free(json);
	mdev_definition_unref(copy);
}

static void definitions_of_another_context_fail_the_one_that_was_called(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *list[2] = { NULL };
	struct mdev_ctx *other;
	char *text = NULL;

	assert_int_equal(mdev_ctx_new(&other), 0);
	assert_int_equal(mdev_definition_new(other, UUID(U1), &list[0]), 0);
	assert_int_equal(mdev_definition_list_format(f->ctx, list, &text), -EINVAL);
	assert_error(f, "No parent specified for device " U1);
	assert_string_equal(mdev_ctx_last_error_uuid(f->ctx)->text, U1);
	assert_string_equal(mdev_ctx_last_error(other), "");
	mdev_definition_unref(list[0]);
	mdev_ctx_unref(other);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		fixture_test(a_list_is_written_as_the_command_prints_it),
		fixture_test(a_name_that_is_no_utf8_is_written_as_the_command_prints_it),
		fixture_test(a_list_is_read_in_its_order),
		fixture_test(an_empty_list_is_one),
		fixture_test(several_members_of_an_object_all_count),
		fixture_test(what_is_no_list_is_refused_with_the_place),
		fixture_test(an_incomplete_definition_is_not_written),
		fixture_test(equal_is_what_defines_the_same),
		fixture_test(what_is_not_chosen_equals_itself_only),
		fixture_test(a_copy_has_a_life_of_its_own_and_all_members),
		fixture_test(definitions_of_another_context_fail_the_one_that_was_called),
	};

	return cmocka_run_group_tests_name("definition-list", tests, NULL, NULL);
}
