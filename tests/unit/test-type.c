// SPDX-License-Identifier: LGPL-2.1-or-later
/* Parents and their types. */
#include <errno.h>
#include <string.h>

#include "fixture.h"

#define TYPES MTTY "/mdev_supported_types"

static struct mdev_parent *get_parent(struct fixture *f, const char *name)
{
	struct mdev_parent *parent;

	assert_int_equal(mdev_parent_lookup(f->ctx, name, &parent), 0);
	return parent;
}

static int lookup(struct fixture *f, const char *parent_name, const char *id)
{
	struct mdev_parent *parent = get_parent(f, parent_name);
	struct mdev_type *type = NULL;
	int r = mdev_type_lookup(parent, id, &type);

	assert_true((r == 0) == (type != NULL));
	mdev_type_unref(type);
	mdev_parent_unref(parent);
	return r;
}

static void assert_types(struct fixture *f, const char *expected)
{
	struct mdev_parent *parent = get_parent(f, "mtty");
	struct mdev_type **types;
	char found[256] = "";

	assert_int_equal(mdev_type_list(parent, &types), 0);
	for (size_t i = 0; types[i]; i++) {
		strcat(found, mdev_type_get_id(types[i]));
		strcat(found, " ");
	}
	mdev_type_list_free(types);
	mdev_parent_unref(parent);
	assert_string_equal(found, expected);
}

static void no_mdev_bus_means_no_parents(void **state)
{
	struct mdev_parent **parents;
	struct fixture *f = *state;

	assert_int_equal(mdev_parent_list(f->ctx, &parents), 0);
	assert_null(parents[0]);
	mdev_parent_list_free(parents);
	mdev_parent_list_free(NULL);
}

static void parents_are_sorted_by_name(void **state)
{
	struct mdev_parent **parents;
	struct fixture *f = *state;

	make_parent(f, "mtty");
	make_parent(f, "0000:00:02.0");
	assert_int_equal(mdev_parent_list(f->ctx, &parents), 0);
	assert_string_equal(mdev_parent_get_name(parents[0]), "0000:00:02.0");
	assert_string_equal(mdev_parent_get_name(parents[1]), "mtty");
	assert_null(parents[2]);
	mdev_parent_list_free(parents);
}

static void an_unreadable_mdev_bus_is_an_error(void **state)
{
	struct mdev_parent **parents = NULL;
	struct fixture *f = *state;

	make_file(f, "sys/class/mdev_bus", "");
	assert_int_equal(mdev_parent_list(f->ctx, &parents), -ENOTDIR);
	assert_error_has(f, "class/mdev_bus: Not a directory (os error 20)");
	assert_null(parents);
}

static void an_unknown_parent_is_named(void **state)
{
	struct mdev_parent *parent = NULL;
	struct fixture *f = *state;

	make_parent(f, "mtty");
	assert_int_equal(mdev_parent_lookup(f->ctx, "mdpy", &parent), -ENODEV);
	assert_error(f, "Unable to find parent device 'mdpy'");
	assert_null(parent);
}

static void a_similar_parent_is_suggested(void **state)
{
	struct mdev_parent *parent;
	struct fixture *f = *state;

	make_parent(f, "matrix");
	make_parent(f, "0000:0a:02.0");
	assert_int_equal(mdev_parent_lookup(f->ctx, "MATRIX", &parent), -ENODEV);
	assert_error(f, "Unable to find parent device 'MATRIX'. Did you mean 'matrix'?");
	assert_int_equal(mdev_parent_lookup(f->ctx, "0A:02.0", &parent), -ENODEV);
	assert_error(f, "Unable to find parent device '0A:02.0'. Did you mean '0000:0a:02.0'?");
}

static void an_impossible_parent_is_refused(void **state)
{
	struct mdev_parent *parent;
	struct fixture *f = *state;

	make_parent(f, "mtty");
	assert_int_equal(mdev_parent_lookup(f->ctx, "../mdev_bus/mtty", &parent), -EINVAL);
	assert_int_equal(mdev_parent_lookup(f->ctx, "", &parent), -EINVAL);
	assert_error(f, "Invalid parent name ''");
}

static void a_type_tells_all_its_files(void **state)
{
	struct fixture *f = *state;
	struct mdev_parent *parent;
	struct mdev_type *type;

	make_parent(f, "mtty");
	make_type(f, "mtty", "mtty-2", "12\n");
	make_file(f, TYPES "/mtty-2/name", "Dual port serial\n");
	make_file(f, TYPES "/mtty-2/description", "ports: 2\nfifo: 16\n");
	make_device(f, "mtty", "mtty-2", U1);
	make_device(f, "mtty", "mtty-2", UA);
	parent = get_parent(f, "mtty");
	assert_int_equal(mdev_type_lookup(parent, "mtty-2", &type), 0);
	mdev_parent_unref(parent);
	assert_string_equal(mdev_type_get_id(type), "mtty-2");
	assert_string_equal(mdev_type_get_name(type), "Dual port serial");
	assert_string_equal(mdev_type_get_description(type), "ports: 2\nfifo: 16");
	assert_string_equal(mdev_type_get_device_api(type), "vfio-pci");
	assert_int_equal(mdev_type_get_available_instances(type), 12);
	assert_int_equal(mdev_type_get_used_instances(type), 2);
	mdev_type_unref(mdev_type_ref(type));
	mdev_type_unref(type);
}

static void name_and_description_are_optional(void **state)
{
	struct fixture *f = *state;
	struct mdev_parent *parent;
	struct mdev_type *type;

	make_parent(f, "mtty");
	make_type(f, "mtty", "mtty-2", "65536");
	make_file(f, TYPES "/mtty-2/description", "\n");
	remove_tree(f, TYPES "/mtty-2/devices");
	parent = get_parent(f, "mtty");
	assert_int_equal(mdev_type_lookup(parent, "mtty-2", &type), 0);
	assert_int_equal(mdev_type_get_used_instances(type), 0);
	assert_null(mdev_type_get_name(type));
	assert_null(mdev_type_get_description(type));
	assert_int_equal(mdev_type_get_available_instances(type), 65536);
	mdev_type_unref(type);
	mdev_parent_unref(parent);
}

static void types_are_sorted_by_id(void **state)
{
	struct fixture *f = *state;

	make_parent(f, "mtty");
	make_type(f, "mtty", "mtty-2", "1");
	make_type(f, "mtty", "mtty-1", "1");
	make_type(f, "mtty", "mtty-10", "1");
	assert_types(f, "mtty-1 mtty-10 mtty-2 ");
	assert_string_equal(f->warnings, "");
}

static void a_type_that_cannot_be_read_is_named_and_skipped(void **state)
{
	struct fixture *f = *state;

	make_parent(f, "mtty");
	make_type(f, "mtty", "good", "1");
	make_type(f, "mtty", "minus", "-1");
	make_type(f, "mtty", "empty", "");
	make_type(f, "mtty", "large", "4294967296");
	make_type(f, "mtty", "words", "3 left");
	make_dir(f, TYPES "/bare");
	assert_types(f, "good ");
	assert_non_null(strstr(f->warnings, "available_instances of type minus of mtty: "
					    "'-1' is not a count\n"));
	assert_non_null(strstr(f->warnings, "type empty of mtty: '' is not a count\n"));
	assert_non_null(strstr(f->warnings, "type large of mtty: '4294967296' is not a count\n"));
	assert_non_null(strstr(f->warnings, "type words of mtty: '3 left' is not a count\n"));
	assert_non_null(strstr(f->warnings, "Failed to read device_api of type bare of mtty: "
					    "No such file or directory (os error 2)\n"));
}

static void the_count_that_cannot_be_read_fails_the_lookup(void **state)
{
	struct fixture *f = *state;

	make_parent(f, "mtty");
	make_type(f, "mtty", "minus", "-1");
	assert_int_equal(lookup(f, "mtty", "minus"), -EBADMSG);
	assert_error_has(f, "'-1' is not a count");
}

static void a_parent_that_vanished_has_no_types(void **state)
{
	struct mdev_parent *parent;
	struct mdev_type **types, *type;
	struct fixture *f = *state;

	make_parent(f, "mtty");
	parent = get_parent(f, "mtty");
	remove_tree(f, "sys/class/mdev_bus/mtty");
	assert_int_equal(mdev_type_list(parent, &types), 0);
	assert_null(types[0]);
	assert_int_equal(mdev_type_lookup(parent, "mtty-1", &type), -ENODEV);
	mdev_type_list_free(types);
	mdev_parent_unref(parent);
	assert_string_equal(f->warnings, "Parent mtty is not currently registered for mdev support\n");
}

static void an_unsupported_type_is_named(void **state)
{
	struct fixture *f = *state;

	make_parent(f, "mtty");
	make_type(f, "mtty", "mtty-1", "1");
	assert_int_equal(lookup(f, "mtty", "mtty-3"), -ENOENT);
	assert_error(f, "Parent mtty does not support mdev type mtty-3; it has 'mtty-1'");
	assert_int_equal(lookup(f, "mtty", "../mdev_supported_types/mtty-1"), -EINVAL);
	assert_int_equal(lookup(f, "mtty", ".."), -EINVAL);
}

static void a_parent_without_types_is_not_registered(void **state)
{
	struct fixture *f = *state;

	make_parent(f, "mtty");
	remove_tree(f, TYPES);
	assert_int_equal(lookup(f, "mtty", "mtty-1"), -ENODEV);
	assert_error(f, "Parent mtty is not currently registered for mdev support");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		fixture_test(no_mdev_bus_means_no_parents),
		fixture_test(parents_are_sorted_by_name),
		fixture_test(an_unreadable_mdev_bus_is_an_error),
		fixture_test(an_unknown_parent_is_named),
		fixture_test(a_similar_parent_is_suggested),
		fixture_test(an_impossible_parent_is_refused),
		fixture_test(a_type_tells_all_its_files),
		fixture_test(name_and_description_are_optional),
		fixture_test(types_are_sorted_by_id),
		fixture_test(a_type_that_cannot_be_read_is_named_and_skipped),
		fixture_test(the_count_that_cannot_be_read_fails_the_lookup),
		fixture_test(a_parent_that_vanished_has_no_types),
		fixture_test(an_unsupported_type_is_named),
		fixture_test(a_parent_without_types_is_not_registered),
	};

	return cmocka_run_group_tests_name("type", tests, NULL, NULL);
}
