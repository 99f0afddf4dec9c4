// SPDX-License-Identifier: LGPL-2.1-or-later
/* The definition directory while others change it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"
#include "../../lib/store.h"

static void a_file_that_went_since_it_was_listed_is_no_fault(void **state)
{
	struct fixture *f = *state;
	char *text = NULL;
	size_t length;
	int dir;

	make_definition(f, "mtty", U1);
	assert_int_equal(store_open_parent(f->ctx, "mtty", &dir), 0);
	assert_int_equal(store_read(f->ctx, dir, "mtty", &(struct store_entry){ .other = (char *)U2 },
				    &text, &length), -ENOENT);
	assert_null(text);
	assert_string_equal(f->warnings, "");
	close(dir);
}

static void a_link_to_nowhere_is_a_fault(void **state)
{
	struct fixture *f = *state;
	char *text = NULL;
	size_t length;
	int dir;

	make_link(f, DEFS "/mtty/" U1, "/nowhere");
	assert_int_equal(store_open_parent(f->ctx, "mtty", &dir), 0);
	assert_int_equal(store_read(f->ctx, dir, "mtty", &(struct store_entry){ .other = (char *)U1 },
				    &text, &length), -ENOENT);
	assert_string_not_equal(f->warnings, "");
	close(dir);
}

static void a_directory_that_went_since_it_was_opened_is_empty(void **state)
{
	struct store_entries entries = { 0 };
	struct fixture *f = *state;
	int dir;

	make_dir(f, DEFS "/mtty");
	assert_int_equal(store_open_parent(f->ctx, "mtty", &dir), 0);
	remove_tree(f, DEFS "/mtty");
	assert_int_equal(store_list(f->ctx, dir, "mtty", NULL, &entries), 0);
	assert_int_equal(entries.count, 0);
	assert_string_equal(f->warnings, "");
	close(dir);
}

/* Opening may do something: watchdogs, tapes. */
static void what_is_no_file_is_not_even_opened(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition **list;
	char path[256], event[512];
	int watch;

	make_dir(f, DEFS "/mtty");
	snprintf(path, sizeof(path), "%s/" DEFS "/mtty/" U1, f->root);
	assert_int_equal(mkfifo(path, 0600), 0);
	watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	assert_true(inotify_add_watch(watch, path, IN_OPEN) >= 0);
	assert_int_equal(mdev_definition_list(f->ctx, NULL, NULL, &list), 0);
	assert_null(list[0]);
	mdev_definition_list_free(list);
	assert_non_null(strstr(f->warnings, DEFS "/mtty/" U1 ": not a regular file"));
	assert_int_equal(read(watch, event, sizeof(event)), -1);
	assert_int_equal(errno, EAGAIN);
	close(watch);
}

/* A file of that size, most of which is a hole. */
static void make_big(struct fixture *f, const char *path, off_t size)
{
	char full[256];

	make_file(f, path, "{");
	snprintf(full, sizeof(full), "%s/%s", f->root, path);
	assert_int_equal(truncate(full, size), 0);
}

static void a_big_file_is_left_out_and_can_be_removed(void **state)
{
	struct mdev_definition **list, *definition = NULL;
	struct fixture *f = *state;

	make_big(f, DEFS "/bad/" U2, (off_t)1 << 40);
	make_big(f, DEFS "/mtty/" U2, 1024 * 1024 + 1);
	make_definition(f, "mtty", U1);
	assert_int_equal(mdev_definition_list(f->ctx, NULL, NULL, &list), 0);
	assert_string_equal(mdev_definition_get_uuid(list[0])->text, U1);
	assert_null(list[1]);
	mdev_definition_list_free(list);
	assert_non_null(strstr(f->warnings, DEFS "/bad/" U2 ": too large (limit 1 MiB)"));
	assert_non_null(strstr(f->warnings, DEFS "/mtty/" U2 ": too large (limit 1 MiB)"));
	assert_int_equal(mdev_ctx_last_error_number(f->ctx), 0);
	assert_int_equal(mdev_definition_lookup(f->ctx, UUID(U2), "bad", &definition), -EBADMSG);
	assert_error_has(f, DEFS "/bad/" U2 ": too large (limit 1 MiB)");

	assert_int_equal(mdev_definition_new(f->ctx, UUID(U2), &definition), 0);
	assert_int_equal(mdev_definition_set_parent(definition, "bad"), 0);
	assert_int_equal(mdev_undefine(definition, 0), 0);
	assert_false(exists(f, DEFS "/bad"));
	mdev_definition_unref(definition);
}

/* "{...}" and white space up to @length bytes. */
static char *make_json(size_t length)
{
	static const char json[] = "{\"mdev_type\":\"mtty-2\",\"start\":\"auto\"}";
	char *text = malloc(length + 1);

	memset(text, ' ', length);
	memcpy(text, json, strlen(json));
	text[length] = '\0';
	return text;
}

static void texts_have_the_same_limit(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *definition = new_definition(f, U1, "mtty", "mtty-1", NULL);
	char *text = make_json(MDEV_JSON_SIZE_MAX + 1);

	assert_int_equal(mdev_definition_set_json(definition, text, MDEV_JSON_SIZE_MAX + 1),
			 -EBADMSG);
	assert_error_has(f, "too large (limit 1 MiB)");
	assert_string_equal(mdev_definition_get_type(definition), "mtty-1");
	assert_int_equal(mdev_definition_set_json(definition, text, MDEV_JSON_SIZE_MAX), 0);
	assert_string_equal(mdev_definition_get_type(definition), "mtty-2");
	text[MDEV_JSON_SIZE_MAX] = '\0';
	make_file(f, DEFS "/mtty/" U2, text);
	mdev_definition_unref(definition);
	assert_int_equal(mdev_definition_lookup(f->ctx, UUID(U2), "mtty", &definition), 0);
	mdev_definition_unref(definition);
	free(text);
}

static void a_list_has_a_limit_too(void **state)
{
	const size_t length = MDEV_JSON_LIST_SIZE_MAX + 1;
	struct mdev_definition **list = NULL;
	struct fixture *f = *state;
	char *text = malloc(length);

	memset(text, ' ', length);
	memcpy(text, "[]", 2);
	assert_int_equal(mdev_definition_list_parse(f->ctx, text, length, &list), -EBADMSG);
	assert_error_has(f, "too large (limit 16 MiB)");
	assert_int_equal(mdev_definition_list_parse(f->ctx, text, length - 1, &list), 0);
	mdev_definition_list_free(list);
	free(text);
}

static void what_could_not_be_read_again_is_not_stored(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *definition = new_definition(f, U1, "mtty", "mtty-1", NULL);
	char *value = make_json(MDEV_JSON_SIZE_MAX);

	assert_int_equal(mdev_definition_set_attr(definition, "a", value), 0);
	assert_int_equal(mdev_define(definition, 0), -EFBIG);
	assert_error_has(f, DEFS "/mtty/" U1 ": too large (limit 1 MiB)");
	assert_false(exists(f, DEFS "/mtty"));
	make_definition(f, "mtty", U1);
	assert_int_equal(mdev_modify(definition, 0), -EFBIG);
	assert_int_equal(mdev_definition_unset_attr(definition, "a"), 0);
	assert_int_equal(mdev_modify(definition, 0), 0);
	mdev_definition_unref(definition);
	free(value);
}

static void a_long_name_or_many_attributes_are_no_fault(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *definition = new_definition(f, U1, "mtty", "mtty-1", NULL);
	char name[258];

	memset(name, 'n', sizeof(name));
	name[256] = '\0';
	assert_int_equal(mdev_definition_set_attr(definition, name, "1"), -EINVAL);
	name[255] = '\0';
	assert_int_equal(mdev_definition_set_attr(definition, name, "1"), 0);
	for (int i = 0; i < 20000; i++)
		assert_int_equal(mdev_definition_insert_attr(definition, MDEV_ATTR_END, "a", "1"),
				 0);
	assert_int_equal(mdev_define(definition, 0), 0);
	mdev_definition_unref(definition);
	assert_int_equal(mdev_definition_lookup(f->ctx, UUID(U1), "mtty", &definition), 0);
	assert_int_equal(mdev_definition_count_attrs(definition), 20001);
	assert_int_equal(mdev_definition_unset_attr(definition, "a"), 0);
	assert_int_equal(mdev_definition_count_attrs(definition), 1);
	mdev_definition_unref(definition);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(a_file_that_went_since_it_was_listed_is_no_fault),
		fixture_test(a_link_to_nowhere_is_a_fault),
		fixture_test(a_directory_that_went_since_it_was_opened_is_empty),
		fixture_test(what_is_no_file_is_not_even_opened),
		fixture_test(a_big_file_is_left_out_and_can_be_removed),
		fixture_test(texts_have_the_same_limit),
		fixture_test(a_list_has_a_limit_too),
		fixture_test(what_could_not_be_read_again_is_not_stored),
		fixture_test(a_long_name_or_many_attributes_are_no_fault),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
