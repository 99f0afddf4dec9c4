// SPDX-License-Identifier: LGPL-2.1-or-later
/* Changing definitions, by attribute and in the store. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "fixture.h"

#define STORED "{\"mdev_type\":\"mtty-1\",\"start\":\"manual\",\"attrs\":[],\"owner\":\"me\"}"
#define AUTO "{\n  \"mdev_type\": \"mtty-1\",\n  \"start\": \"auto\",\n  \"attrs\": [],\n" \
	     "  \"owner\": \"me\"\n}"

static void assert_attrs(const struct mdev_definition *definition, const char *expected)
{
	char text[256] = "";
	const char *name, *value;

	for (size_t i = 0; i < mdev_definition_count_attrs(definition); i++) {
		size_t used = strlen(text);

		assert_int_equal(mdev_definition_get_attr(definition, i, &name, &value), 0);
		snprintf(text + used, sizeof(text) - used, "%s=%s;", name, value);
	}
	assert_string_equal(text, expected);
}

static void an_attribute_is_set_by_its_name(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *definition =
		new_definition(f, U1, "mtty", "mtty-1", "a", "1", "b", "2", "a", "3", "c", "4", NULL);

	assert_int_equal(mdev_definition_set_attr(definition, "a", "5"), 0);
	assert_attrs(definition, "a=5;b=2;c=4;");
	assert_int_equal(mdev_definition_set_attr(definition, "d", "6"), 0);
	assert_attrs(definition, "a=5;b=2;c=4;d=6;");
	assert_int_equal(mdev_definition_set_attr(definition, "../d", "6"), -EINVAL);
	assert_int_equal(mdev_definition_set_attr(definition, "a", "\xff"), -EINVAL);
	assert_attrs(definition, "a=5;b=2;c=4;d=6;");
	mdev_definition_unref(definition);
}

static void an_attribute_can_be_set_to_a_string_of_its_own(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *definition =
		new_definition(f, U1, "mtty", "mtty-1", "a", "1", "a", "2", NULL);
	const char *name, *value;

	assert_int_equal(mdev_definition_get_attr(definition, 1, &name, &value), 0);
	assert_int_equal(mdev_definition_set_attr(definition, name, value), 0);
	assert_attrs(definition, "a=2;");
	mdev_definition_unref(definition);
}

static void attributes_are_unset_by_their_name(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *definition =
		new_definition(f, U1, "mtty", "mtty-1", "a", "1", "b", "2", "a", "3", NULL);

	assert_int_equal(mdev_definition_unset_attr(definition, "a"), 0);
	assert_attrs(definition, "b=2;");
	assert_int_equal(mdev_definition_unset_attr(definition, "a"), -ENOENT);
	assert_error(f, "Device " U1 " has no attribute 'a'");
	mdev_definition_clear_attrs(definition);
	assert_attrs(definition, "");
	mdev_definition_unref(definition);
}

static void attributes_are_unset_by_a_name_of_their_own(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < 3; i++) {
		struct mdev_definition *definition = new_definition(
			f, U1, "mtty", "mtty-1", "a", "1", "a", "2", "b", "3", "a", "4", NULL);
		const char *name, *value;

		assert_int_equal(
			mdev_definition_get_attr(definition, i == 2 ? 3 : i, &name, &value), 0);
		assert_int_equal(mdev_definition_unset_attr(definition, name), 0);
		assert_attrs(definition, "b=3;");
		mdev_definition_unref(definition);
	}
}

static void every_setter_takes_strings_of_the_same_definition(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *definition = new_definition(
		f, U1, "mtty", "mtty-1", "a", "{\"mdev_type\":\"t\",\"start\":\"auto\"}", NULL);
	const char *name, *value;

	assert_int_equal(
		mdev_definition_set_parent(definition, mdev_definition_get_parent(definition)), 0);
	assert_string_equal(mdev_definition_get_parent(definition), "mtty");
	assert_int_equal(mdev_definition_set_type(definition, mdev_definition_get_type(definition)),
			 0);
	assert_string_equal(mdev_definition_get_type(definition), "mtty-1");
	assert_int_equal(mdev_definition_get_attr(definition, 0, &name, &value), 0);
	assert_int_equal(mdev_definition_insert_attr(definition, 0, value, name), 0);
	assert_int_equal(mdev_definition_get_attr(definition, 1, &name, &value), 0);
	assert_int_equal(mdev_definition_set_json(definition, value, strlen(value)), 0);
	assert_string_equal(mdev_definition_get_type(definition), "t");
	assert_attrs(definition, "");
	mdev_definition_unref(definition);
}

/* Stored -------------------------------------------------------------------- */

static int make_auto(struct fixture *f)
{
	struct mdev_definition *definition;
	int r;

	assert_int_equal(mdev_definition_lookup(f->ctx, UUID(U1), "mtty", &definition), 0);
	mdev_definition_set_start(definition, MDEV_START_AUTO);
	r = mdev_modify(definition, 0);
	mdev_definition_unref(definition);
	return r;
}

static void a_stored_definition_is_replaced_with_what_is_unknown_kept(void **state)
{
	struct fixture *f = *state;

	make_file(f, DEFS "/mtty/" U1, STORED);
	assert_int_equal(make_auto(f), 0);
	assert_file(f, DEFS "/mtty/" U1, AUTO);
	assert_false(exists(f, DEFS "/.new"));
}

static struct mdev_definition *look_up(struct fixture *f)
{
	struct mdev_definition *definition;

	assert_int_equal(mdev_definition_lookup(f->ctx, UUID(U1), "mtty", &definition), 0);
	return definition;
}

static void what_changed_since_it_was_read_is_not_overwritten(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *first, *second, **list, *copy;

	make_file(f, DEFS "/mtty/" U1, STORED);
	first = look_up(f);
	second = look_up(f);
	assert_int_equal(mdev_definition_list(f->ctx, NULL, NULL, &list), 0);
	assert_int_equal(mdev_definition_copy(second, &copy), 0);
	assert_int_equal(mdev_definition_set_attr(first, "a", "1"), 0);
	assert_int_equal(mdev_modify(first, 0), 0);
	mdev_definition_set_start(second, MDEV_START_AUTO);
	assert_int_equal(mdev_modify(second, 0), -ESTALE);
	assert_error_has(f, DEFS "/mtty/" U1 ": changed since it was read");
	assert_int_equal(mdev_ctx_last_error_domain(f->ctx), MDEV_DOMAIN_LIBRARY);
	assert_string_equal(mdev_ctx_last_error_uuid(f->ctx)->text, U1);
	assert_int_equal(mdev_modify(list[0], 0), -ESTALE);
	assert_int_equal(mdev_modify(copy, 0), -ESTALE);
	/* It stays so until it is read again. */
	assert_int_equal(mdev_modify(second, 0), -ESTALE);
	mdev_definition_unref(second);
	second = look_up(f);
	assert_attrs(second, "a=1;");
	mdev_definition_set_start(second, MDEV_START_AUTO);
	assert_int_equal(mdev_modify(second, 0), 0);
	mdev_definition_unref(first);
	mdev_definition_unref(second);
	mdev_definition_unref(copy);
	mdev_definition_list_free(list);
}

static void whoever_stored_it_knows_what_is_stored(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *definition = new_definition(f, U1, "mtty", "mtty-1", NULL);

	assert_int_equal(mdev_define(definition, 0), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(mdev_definition_insert_attr(definition, 0, "a", "1"), 0);
		assert_int_equal(mdev_modify(definition, 0), 0);
	}
	make_file(f, DEFS "/mtty/" U1, STORED);
	assert_int_equal(mdev_modify(definition, 0), -ESTALE);
	mdev_definition_unref(definition);
}

static void what_was_not_read_replaces_whatever_is_stored(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *definition = new_definition(f, U1, "mtty", "mtty-1", NULL);
	struct mdev_definition *other;

	make_file(f, DEFS "/mtty/" U1, "malformed");
	assert_int_equal(mdev_modify(definition, 0), 0);
	mdev_definition_unref(definition);
	/* One that was read elsewhere, as well. */
	make_file(f, DEFS "/mtty/" U1, STORED);
	make_file(f, DEFS "/mtty2/" U1, AUTO);
	other = look_up(f);
	assert_int_equal(mdev_definition_set_parent(other, "mtty"), 0);
	assert_int_equal(mdev_definition_set_parent(other, "mtty2"), 0);
	assert_int_equal(mdev_modify(other, 0), 0);
	mdev_definition_unref(other);
}

static struct mdev_definition *look_up_any(struct fixture *f)
{
	struct mdev_definition **all, *definition;

	assert_int_equal(mdev_definition_list_all(f->ctx, UUID(U1), "mtty", &all), 0);
	definition = mdev_definition_ref(all[0]);
	mdev_definition_list_free(all);
	assert_int_equal(mdev_definition_set_type(definition, "mtty-1"), 0);
	return definition;
}

static void what_is_malformed_is_repaired_once(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *first, *second;

	make_file(f, DEFS "/mtty/" U1, "malformed");
	first = look_up_any(f);
	second = look_up_any(f);
	assert_int_equal(mdev_modify(first, 0), 0);
	assert_int_equal(mdev_modify(second, 0), -ESTALE);
	assert_error_has(f, DEFS "/mtty/" U1 ": changed since it was read");
	mdev_definition_unref(first);
	mdev_definition_unref(second);
}

static void what_is_no_file_is_replaced_while_it_is_none(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *definition;

	make_link(f, DEFS "/mtty/" U1, "/dev/null");
	definition = look_up_any(f);
	remove_tree(f, DEFS "/mtty/" U1);
	make_file(f, DEFS "/mtty/" U1, STORED);
	assert_int_equal(mdev_modify(definition, 0), -ESTALE);
	assert_file(f, DEFS "/mtty/" U1, STORED);
	remove_tree(f, DEFS "/mtty/" U1);
	assert_int_equal(mdev_modify(definition, 0), -ENOENT);
	mdev_definition_unref(definition);
}

static void what_went_or_is_no_file_any_more_is_not_overwritten(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *definition;

	make_file(f, DEFS "/mtty/" U1, STORED);
	definition = look_up(f);
	remove_tree(f, DEFS "/mtty/" U1);
	make_dir(f, DEFS "/mtty/" U1);
	assert_int_equal(mdev_modify(definition, 0), -EBADMSG);
	assert_error_has(f, DEFS "/mtty/" U1 ": not a regular file");
	remove_tree(f, DEFS "/mtty/" U1);
	assert_int_equal(mdev_modify(definition, 0), -ENOENT);
	make_file(f, DEFS "/mtty/" U1, STORED " ");
	assert_int_equal(mdev_modify(definition, 0), -ESTALE);
	/* To be removed is what it says, whatever it says now. */
	assert_int_equal(mdev_undefine(definition, 0), 0);
	mdev_definition_unref(definition);
}

/* Changed between the check before the scripts and the one under the lock. */
static void a_change_while_scripts_run_is_seen(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *definition;
	char script[512];

	if (!scripts_can_run())
		return;
	make_file(f, DEFS "/mtty/" U1, STORED);
	definition = look_up(f);
	snprintf(script, sizeof(script),
		 "#!/bin/sh\n[ $4 = pre ] && echo >> %s/" DEFS "/mtty/" U1 "\n"
		 "exit 0\n",
		 f->root);
	make_file(f, "usr/lib/mdevctl/scripts.d/callouts/a", script);
	snprintf(script, sizeof(script), "%s/usr/lib/mdevctl/scripts.d/callouts/a", f->root);
	assert_int_equal(chmod(script, 0700), 0);
	mdev_definition_set_start(definition, MDEV_START_AUTO);
	assert_int_equal(mdev_modify(definition, 0), -ESTALE);
	assert_file(f, DEFS "/mtty/" U1, STORED "\n");
	mdev_definition_unref(definition);
}

static void mode_and_name_of_the_file_stay(void **state)
{
	static const char upper[] = DEFS "/mtty/11111111111111111111111111111111";
	struct fixture *f = *state;
	char path[256];
	struct stat st;

	make_file(f, upper, STORED);
	snprintf(path, sizeof(path), "%s/%s", f->root, upper);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(make_auto(f), 0);
	assert_file(f, upper, AUTO);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
}

/* As acl(5) has it, in the form of the kernel's posix_acl_xattr.h: user 1 may read. */
static const unsigned char acl[] = {
	2, 0, 0,   0,	1,   0,	  6,  0, 255, 255, 255, 255, 2,	  0,   4,
	0, 1, 0,   0,	0,   4,	  0,  0, 0,   255, 255, 255, 255, 16,  0,
	4, 0, 255, 255, 255, 255, 32, 0, 0,   0,   255, 255, 255, 255,
};

static void what_else_is_attached_to_the_file_stays(void **state)
{
	static const struct {
		const char *name;
		const void *value;
		size_t size;
	} xattrs[] = {
		{ "system.posix_acl_access", acl, sizeof(acl) },
		{ "user.owner", "me", 2 },
	};
	unsigned char found[256];
	struct fixture *f = *state;
	size_t n_set = 0;
	char path[256];
	struct stat st;

	make_file(f, DEFS "/mtty/" U1, STORED);
	snprintf(path, sizeof(path), "%s/" DEFS "/mtty/" U1, f->root);
	for (size_t i = 0; i < ARRAY_SIZE(xattrs); i++)
		n_set += setxattr(path, xattrs[i].name, xattrs[i].value, xattrs[i].size, 0) == 0;
	/* Not every file system has them. */
	if (n_set < ARRAY_SIZE(xattrs))
		return;
	assert_int_equal(make_auto(f), 0);
	assert_file(f, DEFS "/mtty/" U1, AUTO);
	for (size_t i = 0; i < ARRAY_SIZE(xattrs); i++) {
		assert_int_equal(getxattr(path, xattrs[i].name, found, sizeof(found)),
				 xattrs[i].size);
		assert_memory_equal(found, xattrs[i].value, xattrs[i].size);
	}
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
}

static void a_symbolic_link_stays_one(void **state)
{
	struct fixture *f = *state;
	char path[256];
	struct stat st;

	make_file(f, "elsewhere/file", STORED);
	make_link(f, DEFS "/mtty/" U1, "../../../elsewhere/file");
	assert_int_equal(make_auto(f), 0);
	assert_file(f, "elsewhere/file", AUTO);
	snprintf(path, sizeof(path), "%s/" DEFS "/mtty/" U1, f->root);
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
}

static void what_is_not_defined_cannot_be_modified(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *definition = new_definition(f, U1, "mtty", "mtty-1", NULL);

	assert_int_equal(mdev_modify(definition, 0), -ENOENT);
	assert_error(f, "Mediated device mtty/" U1 " is not defined");
	assert_false(exists(f, DEFS));
	mdev_definition_unref(definition);
}

static void a_malformed_definition_can_be_replaced(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *definition = new_definition(f, U1, "mtty", "mtty-1", NULL);

	make_file(f, DEFS "/mtty/" U1, "garbage");
	assert_int_equal(mdev_modify(definition, 0), 0);
	assert_file(f, DEFS "/mtty/" U1,
		    "{\n  \"mdev_type\": \"mtty-1\",\n  \"start\": \"manual\",\n  \"attrs\": []\n}");
	mdev_definition_unref(definition);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		fixture_test(an_attribute_is_set_by_its_name),
		fixture_test(an_attribute_can_be_set_to_a_string_of_its_own),
		fixture_test(attributes_are_unset_by_their_name),
		fixture_test(attributes_are_unset_by_a_name_of_their_own),
		fixture_test(every_setter_takes_strings_of_the_same_definition),
		fixture_test(a_stored_definition_is_replaced_with_what_is_unknown_kept),
		fixture_test(what_changed_since_it_was_read_is_not_overwritten),
		fixture_test(whoever_stored_it_knows_what_is_stored),
		fixture_test(what_was_not_read_replaces_whatever_is_stored),
		fixture_test(what_is_malformed_is_repaired_once),
		fixture_test(what_is_no_file_is_replaced_while_it_is_none),
		fixture_test(what_went_or_is_no_file_any_more_is_not_overwritten),
		fixture_test(a_change_while_scripts_run_is_seen),
		fixture_test(mode_and_name_of_the_file_stay),
		fixture_test(what_else_is_attached_to_the_file_stays),
		fixture_test(a_symbolic_link_stays_one),
		fixture_test(what_is_not_defined_cannot_be_modified),
		fixture_test(a_malformed_definition_can_be_replaced),
	};

	return cmocka_run_group_tests_name("modify", tests, NULL, NULL);
}
