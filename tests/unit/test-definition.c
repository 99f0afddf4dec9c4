// SPDX-License-Identifier: LGPL-2.1-or-later
/* Definitions as objects, and finding the stored ones. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"

#define GOOD "{\"mdev_type\":\"mtty-1\",\"start\":\"auto\"}"

/* "<parent>/<uuid> " for each definition found. */
static void assert_list(struct fixture *f, const char *uuid, const char *parent,
			const char *expected)
{
	struct mdev_definition **list;
	char found[1024] = "";

	assert_int_equal(mdev_definition_list(f->ctx, UUID(uuid), parent, &list), 0);
	for (size_t i = 0; list[i]; i++) {
		strcat(found, mdev_definition_get_parent(list[i]));
		strcat(found, "/");
		strcat(found, mdev_definition_get_uuid(list[i])->text);
		strcat(found, " ");
	}
	mdev_definition_list_free(list);
	assert_string_equal(found, expected);
}

static void assert_warned(struct fixture *f, const char *part)
{
	if (!strstr(f->warnings, part))
		assert_string_equal(f->warnings, part);
}

static int lookup(struct fixture *f, const char *uuid, const char *parent)
{
	struct mdev_definition *definition = NULL;
	int r = mdev_definition_lookup(f->ctx, UUID(uuid), parent, &definition);

	assert_true((r == 0) == (definition != NULL));
	mdev_definition_unref(definition);
	return r;
}

static void a_new_definition_is_empty_and_manual(void **state)
{
	struct mdev_definition *definition;
	struct fixture *f = *state;

	assert_int_equal(mdev_definition_new(f->ctx, UUID("{" U1 "}"), &definition), 0);
	assert_string_equal(mdev_definition_get_uuid(definition)->text, U1);
	assert_null(mdev_definition_get_parent(definition));
	assert_null(mdev_definition_get_type(definition));
	assert_null(mdev_definition_get_type_name(definition));
	assert_int_equal(mdev_definition_get_start(definition), MDEV_START_MANUAL);
	assert_int_equal(mdev_definition_count_attrs(definition), 0);
	mdev_definition_unref(definition);
}

static void a_definition_without_uuid_gets_a_random_one(void **state)
{
	struct mdev_definition *a, *b;
	struct fixture *f = *state;

	assert_int_equal(mdev_definition_new(f->ctx, NULL, &a), 0);
	assert_int_equal(mdev_definition_new(f->ctx, NULL, &b), 0);
	assert_int_equal(mdev_definition_get_uuid(a)->text[14], '4');
	assert_string_not_equal(mdev_definition_get_uuid(a)->text, mdev_definition_get_uuid(b)->text);
	mdev_definition_unref(a);
	mdev_definition_unref(b);
}

static void impossible_names_are_refused(void **state)
{
	static const char *const bad[] = { "", ".", "..", "a/b", "/etc" };
	struct mdev_definition *definition;
	struct fixture *f = *state;

	definition = new_definition(f, U1, "mtty", "mtty-1", NULL);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(mdev_definition_set_parent(definition, bad[i]), -EINVAL);
		assert_error_has(f, "Invalid parent name '");
		assert_int_equal(mdev_definition_set_type(definition, bad[i]), -EINVAL);
		assert_error_has(f, "Invalid type name '");
	}
	assert_int_equal(mdev_definition_set_type(definition, "\xff"), -EINVAL);
	assert_string_equal(mdev_definition_get_parent(definition), "mtty");
	assert_string_equal(mdev_definition_get_type(definition), "mtty-1");
	mdev_definition_unref(definition);
}

static void attributes_are_inserted_and_removed_by_position(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *definition =
		new_definition(f, U1, "mtty", "mtty-1", "a", "1", "c", "3", NULL);
	const char *name, *value;

	assert_int_equal(mdev_definition_insert_attr(definition, 1, "b", "2"), 0);
	assert_int_equal(mdev_definition_insert_attr(definition, 3, "d", "4"), 0);
	assert_int_equal(mdev_definition_insert_attr(definition, 5, "e", "5"), -ERANGE);
	assert_int_equal(mdev_definition_remove_attr(definition, 0), 0);
	assert_int_equal(mdev_definition_remove_attr(definition, MDEV_ATTR_END), 0);
	assert_int_equal(mdev_definition_remove_attr(definition, 2), -ENOENT);
	assert_error_has(f, "Attribute index 2 is invalid");
	assert_int_equal(mdev_definition_count_attrs(definition), 2);
	assert_int_equal(mdev_definition_get_attr(definition, 0, &name, &value), 0);
	assert_string_equal(name, "b");
	assert_int_equal(mdev_definition_get_attr(definition, 1, &name, &value), 0);
	assert_string_equal(value, "3");
	assert_int_equal(mdev_definition_get_attr(definition, 2, &name, &value), -ENOENT);
	mdev_definition_unref(definition);
}

static void there_is_nothing_to_remove_from_no_attributes(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *definition = new_definition(f, U1, "mtty", "mtty-1", NULL);

	assert_int_equal(mdev_definition_remove_attr(definition, MDEV_ATTR_END), -ENOENT);
	assert_error(f, "Device " U1 " has no attributes");
	mdev_definition_unref(definition);
}

static void attribute_names_stay_in_the_device(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *definition = new_definition(f, U1, "mtty", "mtty-1", NULL);

	assert_int_equal(mdev_definition_insert_attr(definition, 0, "mdev/aggregation", "2"), 0);
	assert_int_equal(mdev_definition_insert_attr(definition, 0, "vgpu.params", "2"), 0);
	assert_int_equal(mdev_definition_insert_attr(definition, 0, "../x", "2"), -EINVAL);
	assert_int_equal(mdev_definition_insert_attr(definition, 0, "/etc/x", "2"), -EINVAL);
	assert_int_equal(mdev_definition_insert_attr(definition, 0, "a/../../x", "2"), -EINVAL);
	assert_error(f, "Invalid attribute 'a/../../x'");
	assert_int_equal(mdev_definition_insert_attr(definition, 0, "a", "\xff"), -EINVAL);
	mdev_definition_unref(definition);
}

/* A line of a list, a terminal's order, and what takes the device away. */
static const char *const bad_names[] = { "a\nb",
					 "\x1b[2J",
					 "a\x7f",
					 "a/\t",
					 "\xc2\x9b"
					 "2J",
					 "remove" };

static void names_of_attributes_that_no_driver_has_are_refused(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *definition = new_definition(f, U1, "mtty", "mtty-1", NULL);
	static const char *const json[] = {
		"{\"mdev_type\":\"t\",\"start\":\"auto\",\"attrs\":[{\"a\\u000ab\":\"1\"}]}",
		"{\"mdev_type\":\"t\",\"start\":\"auto\",\"attrs\":[{\"\\u001b[2J\":\"1\"}]}",
		"{\"mdev_type\":\"t\",\"start\":\"auto\",\"attrs\":[{\"\\u009b2J\":\"1\"}]}",
		"{\"mdev_type\":\"t\",\"start\":\"auto\",\"attrs\":[{\"remove\":\"1\"}]}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad_names); i++) {
		assert_int_equal(mdev_definition_insert_attr(definition, 0, bad_names[i], "1"),
				 -EINVAL);
		assert_int_equal(mdev_definition_set_attr(definition, bad_names[i], "1"), -EINVAL);
		assert_string_equal(mdev_ctx_last_error_attr(f->ctx), bad_names[i]);
	}
	assert_error(f, "Attribute 'remove' cannot be set: with it the kernel removes the device");
	for (size_t i = 0; i < ARRAY_SIZE(json); i++)
		assert_int_equal(mdev_definition_set_json(definition, json[i], strlen(json[i])),
				 -EBADMSG);
	assert_string_equal(mdev_definition_get_type(definition), "mtty-1");
	assert_int_equal(mdev_definition_count_attrs(definition), 0);
	assert_int_equal(mdev_definition_set_attr(definition, "a/remove", "1"), 0);
	mdev_definition_unref(definition);
}

/* Nothing of it is lost, and it can be repaired; but it is neither started nor stored. */
static void stored_names_that_are_refused_are_listed(void **state)
{
	struct mdev_definition **list, *definition;
	struct fixture *f = *state;
	char *text;

	make_file(f, DEFS "/mtty/" U1,
		  "{\"mdev_type\":\"mtty-1\",\"start\":\"auto\",\"attrs\":"
		  "[{\"a\":\"1\"},{\"remove\":\"1\"},{\"b\\n\":\"2\"}]}");
	assert_int_equal(mdev_definition_list(f->ctx, NULL, NULL, &list), 0);
	assert_non_null(list[0]);
	assert_string_equal(f->warnings, "");
	assert_int_equal(mdev_definition_list_format(f->ctx, list, &text), 0);
	assert_non_null(strstr(text, "\"remove\": \"1\""));
	mdev_definition_list_free(list);
	assert_int_equal(mdev_definition_list_parse(f->ctx, text, strlen(text), &list), 0);
	mdev_definition_list_free(list);
	free(text);

	assert_int_equal(mdev_definition_lookup(f->ctx, UUID(U1), NULL, &definition), 0);
	assert_int_equal(mdev_start(definition, 0), -EINVAL);
	assert_error_has(f, "Attribute 'remove' cannot be set");
	assert_int_equal(mdev_modify(definition, 0), -EINVAL);
	assert_int_equal(mdev_definition_unset_attr(definition, "remove"), 0);
	assert_int_equal(mdev_modify(definition, 0), -EINVAL);
	assert_error_has(f, "Invalid attribute 'b?'");
	assert_int_equal(mdev_definition_unset_attr(definition, "b\n"), 0);
	assert_int_equal(mdev_modify(definition, 0), 0);
	mdev_definition_unref(definition);
}

static void json_needs_a_type(void **state)
{
	struct mdev_definition *definition;
	struct fixture *f = *state;
	char *text = NULL;

	assert_int_equal(mdev_definition_new(f->ctx, UUID(U1), &definition), 0);
	assert_int_equal(mdev_definition_get_json(definition, &text), -EINVAL);
	assert_error(f, "No type specified for device " U1);
	assert_null(text);
	mdev_definition_unref(definition);
}

static void no_directory_is_an_empty_list(void **state)
{
	assert_list(*state, NULL, NULL, "");
	assert_list(*state, U1, NULL, "");
	assert_list(*state, NULL, "mtty", "");
	assert_list(*state, NULL, "../mtty", "");
}

static void the_list_is_sorted_and_filtered(void **state)
{
	struct fixture *f = *state;

	make_definition(f, "mtty", U2);
	make_definition(f, "mtty", U1);
	make_definition(f, "0000:00:02.0", UA);
	make_definition(f, "0000:00:02.0", U2);
	assert_list(f, NULL, NULL,
		    "0000:00:02.0/" U2 " 0000:00:02.0/" UA " mtty/" U1 " mtty/" U2 " ");
	assert_list(f, U2, NULL, "0000:00:02.0/" U2 " mtty/" U2 " ");
	assert_list(f, NULL, "mtty", "mtty/" U1 " mtty/" U2 " ");
	assert_list(f, "urn:uuid:" U2, "mtty", "mtty/" U2 " ");
	assert_list(f, UA, "mtty", "");
	assert_string_equal(f->warnings, "");
}

static void a_broken_file_is_named_and_skipped(void **state)
{
	struct fixture *f = *state;

	make_definition(f, "mtty", U1);
	make_file(f, DEFS "/mtty/" U2, "{\"mdev_type\":\"t\",");
	make_file(f, DEFS "/mtty/" UA, "");
	assert_list(f, NULL, NULL, "mtty/" U1 " ");
	assert_warned(f, DEFS "/mtty/" U2 ": unexpected end of data at line 1 column 18\n");
	assert_warned(f, DEFS "/mtty/" UA ": unexpected end of data at line 1 column 1\n");
	assert_error(f, "");
}

static void what_cannot_be_read_is_among_all_of_them(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition **all;

	make_definition(f, "mtty", U1);
	make_file(f, DEFS "/mtty/" U2, "{");
	make_dir(f, "elsewhere");
	make_link(f, DEFS "/mtty/" UA, "../../../elsewhere");
	assert_int_equal(mdev_definition_list_all(f->ctx, NULL, NULL, &all), 0);
	assert_string_equal(mdev_definition_get_type(all[0]), "mtty-1");
	assert_null(mdev_definition_get_type(all[1]));
	assert_string_equal(mdev_definition_get_uuid(all[2])->text, UA);
	assert_null(mdev_definition_get_type(all[2]));
	assert_null(all[3]);
	assert_string_equal(f->warnings, "");
	mdev_definition_list_free(all);
}

static void files_that_a_filter_excludes_are_not_opened(void **state)
{
	struct fixture *f = *state;

	make_definition(f, "mtty", U1);
	make_file(f, DEFS "/mtty/" U2, "broken");
	make_file(f, DEFS "/other/" U1, "broken");
	assert_list(f, U1, "mtty", "mtty/" U1 " ");
	assert_string_equal(f->warnings, "");
}

static void foreign_files_are_named_and_skipped(void **state)
{
	struct fixture *f = *state;

	make_definition(f, "mtty", U1);
	make_file(f, DEFS "/mtty/README", "");
	make_file(f, DEFS "/mtty/\xff", "");
	make_dir(f, DEFS "/mtty/directory");
	make_dir(f, DEFS "/mtty/" U2);
	assert_list(f, NULL, NULL, "mtty/" U1 " ");
	assert_warned(f, "Can't determine uuid for file 'README' in ");
	assert_warned(f, "Can't determine uuid for file '\xff' in ");
	assert_null(strstr(f->warnings, "directory'"));
}

static void what_is_no_parent_is_passed_over_in_silence(void **state)
{
	struct fixture *f = *state;

	make_definition(f, "mtty", U1);
	make_file(f, DEFS "/" U2, GOOD);
	make_file(f, DEFS "/.lock", "");
	make_file(f, DEFS "/scripts.d/callouts/script.sh", "");
	make_file(f, DEFS "/scripts.d/script.sh", "");
	assert_list(f, NULL, NULL, "mtty/" U1 " ");
	assert_string_equal(f->warnings, "");
}

/* Lists have a line for each device. */
static void a_directory_that_is_no_parent_is_warned_about(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *definition;

	make_definition(f, "mt\nty", U1);
	make_definition(f, "mtty", U2);
	assert_list(f, NULL, NULL, "mtty/" U2 " ");
	assert_warned(f, "Ignoring ");
	assert_warned(f, DEFS "/mt?ty: not the name of a parent");
	assert_int_equal(mdev_ctx_last_error_number(f->ctx), 0);
	f->warnings[0] = '\0';
	assert_int_equal(mdev_definition_lookup(f->ctx, UUID(U2), NULL, &definition), 0);
	mdev_definition_unref(definition);
	assert_int_equal(mdev_ctx_last_error_number(f->ctx), 0);
	assert_int_equal(mdev_definition_lookup(f->ctx, UUID(U1), NULL, &definition), -ENOENT);
}

static void links_to_definitions_and_parents_are_followed(void **state)
{
	struct fixture *f = *state;

	make_file(f, "elsewhere/file", GOOD);
	make_definition(f, "mtty", U1);
	make_link(f, DEFS "/mtty/" U2, "../../../elsewhere/file");
	make_file(f, "elsewhere/parent/" UA, GOOD);
	make_link(f, DEFS "/linked", "../../elsewhere/parent");
	make_link(f, DEFS "/mtty/" UA, "nowhere");
	assert_list(f, NULL, NULL, "linked/" UA " mtty/" U1 " mtty/" U2 " ");
	assert_warned(f, DEFS "/mtty/" UA ": No such file or directory (os error 2)");
}

static void names_in_capitals_count_once(void **state)
{
	struct fixture *f = *state;

	make_definition(f, "mtty", "AAAAAAAA-AAAA-AAAA-AAAA-AAAAAAAAAAAA");
	assert_list(f, UA, NULL, "mtty/" UA " ");
	assert_int_equal(lookup(f, UA, NULL), 0);
	make_file(f, DEFS "/mtty/" UA, GOOD);
	assert_list(f, NULL, NULL, "mtty/" UA " ");
	assert_warned(f, DEFS "/mtty/AAAAAAAA-AAAA-AAAA-AAAA-AAAAAAAAAAAA: '" UA
		      "' defines the same device");
}

static void a_pipe_does_not_hold_up_the_list(void **state)
{
	struct fixture *f = *state;
	char path[256];

	make_definition(f, "mtty", U1);
	snprintf(path, sizeof(path), "%s/" DEFS "/mtty/" U2, f->root);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_list(f, NULL, NULL, "mtty/" U1 " ");
	assert_warned(f, DEFS "/mtty/" U2 ": not a regular file");
}

static void a_lookup_reads_all_of_a_definition(void **state)
{
	struct mdev_definition *definition;
	struct fixture *f = *state;
	const char *name, *value;

	make_file(f, DEFS "/mtty/" U1,
		  "{\"mdev_type\":\"mtty-2\",\"start\":\"auto\",\"attrs\":[{\"a\":\"b\"}]}");
	assert_int_equal(mdev_definition_lookup(f->ctx, UUID(U1), NULL, &definition), 0);
	assert_string_equal(mdev_definition_get_uuid(definition)->text, U1);
	assert_string_equal(mdev_definition_get_parent(definition), "mtty");
	assert_string_equal(mdev_definition_get_type(definition), "mtty-2");
	assert_int_equal(mdev_definition_get_start(definition), MDEV_START_AUTO);
	assert_int_equal(mdev_definition_get_attr(definition, 0, &name, &value), 0);
	assert_string_equal(value, "b");
	mdev_definition_unref(definition);
}

static void what_is_not_defined_is_named(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(lookup(f, U1, NULL), -ENOENT);
	assert_error(f, "Mediated device " U1 " is not defined");
	assert_int_equal(lookup(f, U1, "mtty"), -ENOENT);
	assert_error(f, "Mediated device mtty/" U1 " is not defined");
	make_definition(f, "mtty", U2);
	assert_int_equal(lookup(f, U1, "mtty"), -ENOENT);
	assert_int_equal(lookup(f, U1, "../mtty"), -EINVAL);
}

static void several_definitions_need_a_parent(void **state)
{
	struct fixture *f = *state;

	make_definition(f, "a", U1);
	make_definition(f, "b", U1);
	assert_int_equal(lookup(f, U1, NULL), -ENOTUNIQ);
	assert_error(f, "Multiple definitions found for device " U1 ". Please specify a parent.");
	assert_int_equal(lookup(f, U1, "b"), 0);
}

static void a_lookup_of_a_broken_definition_names_the_file(void **state)
{
	struct fixture *f = *state;

	make_file(f, DEFS "/mtty/" U1, "[]");
	assert_int_equal(lookup(f, U1, NULL), -EBADMSG);
	assert_error_has(f, DEFS "/mtty/" U1 ": invalid json: not an object");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		fixture_test(a_new_definition_is_empty_and_manual),
		fixture_test(a_definition_without_uuid_gets_a_random_one),
		fixture_test(impossible_names_are_refused),
		fixture_test(attributes_are_inserted_and_removed_by_position),
		fixture_test(there_is_nothing_to_remove_from_no_attributes),
		fixture_test(attribute_names_stay_in_the_device),
		fixture_test(names_of_attributes_that_no_driver_has_are_refused),
		fixture_test(stored_names_that_are_refused_are_listed),
		fixture_test(a_directory_that_is_no_parent_is_warned_about),
		fixture_test(json_needs_a_type),
		fixture_test(no_directory_is_an_empty_list),
		fixture_test(the_list_is_sorted_and_filtered),
		fixture_test(a_broken_file_is_named_and_skipped),
		fixture_test(what_cannot_be_read_is_among_all_of_them),
		fixture_test(files_that_a_filter_excludes_are_not_opened),
		fixture_test(foreign_files_are_named_and_skipped),
		fixture_test(what_is_no_parent_is_passed_over_in_silence),
		fixture_test(links_to_definitions_and_parents_are_followed),
		fixture_test(names_in_capitals_count_once),
		fixture_test(a_pipe_does_not_hold_up_the_list),
		fixture_test(a_lookup_reads_all_of_a_definition),
		fixture_test(what_is_not_defined_is_named),
		fixture_test(several_definitions_need_a_parent),
		fixture_test(a_lookup_of_a_broken_definition_names_the_file),
	};

	return cmocka_run_group_tests_name("definition", tests, NULL, NULL);
}
