// SPDX-License-Identifier: LGPL-2.1-or-later
/* The definition directory while others change it. */
#include <errno.h>
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
	assert_int_equal(store_read(f->ctx, dir, "mtty", U2, &text, &length),
			 -ENOENT);
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
	assert_int_equal(store_read(f->ctx, dir, "mtty", U1, &text, &length),
			 -ENOENT);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(a_file_that_went_since_it_was_listed_is_no_fault),
		fixture_test(a_link_to_nowhere_is_a_fault),
		fixture_test(a_directory_that_went_since_it_was_opened_is_empty),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
