// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fixture.h"

static void an_array_grows_without_losing_elements(void **state)
{
	int *array = NULL;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(array_reserve(&array, i, sizeof(*array)), 0);
		array[i] = i;
		array[i + 1] = -1;
	}
	for (int i = 0; i < 1000; i++)
		assert_int_equal(array[i], i);
	assert_int_equal(array[1000], -1);
	free(array);
}

static void an_array_that_is_too_large_is_refused(void **state)
{
	int *array = NULL;

	(void)state;
	assert_int_equal(array_reserve(&array, SIZE_MAX / 4, sizeof(*array)), -ENOMEM);
	assert_null(array);
}

static void strings_are_copied_ended_by_null_and_sorted(void **state)
{
	struct strings strings = { 0 };
	char text[] = "b";

	(void)state;
	assert_int_equal(strings_add(&strings, text), 0);
	text[0] = 'x';
	assert_int_equal(strings_add(&strings, "a"), 0);
	strings_sort(&strings);
	assert_string_equal(strings.items[0], "a");
	assert_string_equal(strings.items[1], "b");
	assert_null(strings.items[2]);
	strings_clear(&strings);
	strings_sort(&strings);
	assert_int_equal(strings.count, 0);
}

static void a_buffer_keeps_every_byte(void **state)
{
	struct buffer buffer = { 0 };
	char *text;

	(void)state;
	for (int i = 0; i < 1000; i++)
		buffer_add_format(&buffer, "%03d", i);
	buffer_add(&buffer, "\0", 1);
	buffer_add_string(&buffer, "end");
	assert_int_equal(buffer.length, 3004);
	assert_int_equal(buffer_take(&buffer, &text), 0);
	assert_memory_equal(text + 2997, "999\0end", 8);
	free(text);
}

static void an_empty_buffer_gives_an_empty_string(void **state)
{
	struct buffer buffer = { 0 };
	char *text;

	(void)state;
	assert_int_equal(buffer_take(&buffer, &text), 0);
	assert_string_equal(text, "");
	free(text);
}

static void names_cannot_leave_their_directory(void **state)
{
	char longest[NAME_MAX + 2];

	(void)state;
	assert_true(name_is_valid("0000:00:02.0"));
	assert_true(name_is_valid("..."));
	assert_true(name_is_valid(".x"));
	assert_false(name_is_valid(""));
	assert_false(name_is_valid("."));
	assert_false(name_is_valid(".."));
	assert_false(name_is_valid("a/b"));
	assert_false(name_is_valid("/"));
	memset(longest, 'x', sizeof(longest));
	longest[NAME_MAX + 1] = '\0';
	assert_false(name_is_valid(longest));
	longest[NAME_MAX] = '\0';
	assert_true(name_is_valid(longest));
}

static void paths_stay_below_their_directory(void **state)
{
	static const char *const bad[] = {
		"", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/..", "a/../b", "./a", "a/.",
	};

	(void)state;
	assert_true(path_is_below("mdev/aggregation"));
	assert_true(path_is_below("a.b"));
	assert_true(path_is_below("..a/b.."));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(path_is_below(bad[i]));
}

static void utf8_is_told_from_other_bytes(void **state)
{
	static const char *const bad[] = {
		"\x80", "\xc0\xaf", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
		"\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xc3", "\xe2\x82", "\xf0\x9f\x98", "\xc3(",
	};

	(void)state;
	assert_true(utf8_is_valid(""));
	assert_true(utf8_is_valid("a\x7f\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf"));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(utf8_is_valid(bad[i]));
	assert_int_equal(utf8_prefix("ab\xff", 3), 2);
	assert_int_equal(utf8_prefix("a\xc3\xa9", 2), 1);
}

static void the_last_component_of_a_path_is_found(void **state)
{
	(void)state;
	assert_string_equal(path_base("../../mtty-2"), "mtty-2");
	assert_string_equal(path_base("mtty-2"), "mtty-2");
	assert_string_equal(path_base("a/"), "");
}

static void closing_keeps_errno(void **state)
{
	(void)state;
	errno = ENOSPC;
	util_close(-1);
	util_close(1000000);
	assert_int_equal(errno, ENOSPC);
}

static void a_file_of_any_size_is_read_whole(void **state)
{
	struct fixture *f = *state;
	enum { SIZE = 300000 };
	char *text, *found;

	text = malloc(SIZE + 1);
	assert_non_null(text);
	memset(text, 'x', SIZE);
	text[SIZE] = '\0';
	make_file(f, "file", text);
	found = read_text(f, "file");
	assert_string_equal(found, text);
	free(found);
	free(text);
}

/* A file that is being written, and a value of sysfs, have another size than they say. */
static void a_file_of_another_size_is_read_whole(void **state)
{
	static const char text[] = "A file that has a few more bytes than it said.";
	const size_t sizes[] = { 0, 1, 7, sizeof(text) - 2, sizeof(text), 4096 };
	int fd = memfd_create("file", MFD_CLOEXEC);

	(void)state;
	assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		char *found = NULL;
		size_t length = 0;

		assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
		assert_int_equal(read_all(fd, sizes[i], 4096, &found, &length), 0);
		assert_int_equal(length, sizeof(text) - 1);
		assert_string_equal(found, text);
		free(found);
	}
	close(fd);
}

static void reading_reports_what_failed(void **state)
{
	char *text = NULL;
	size_t length = 7;
	int fd;

	(void)state;
	fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(read_all(fd, 0, 4096, &text, &length), -EISDIR);
	close(fd);
	assert_int_equal(walk_directory(-1, NULL, NULL), -EBADF);
	assert_null(text);
	assert_int_equal(length, 7);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_array_grows_without_losing_elements),
		cmocka_unit_test(an_array_that_is_too_large_is_refused),
		cmocka_unit_test(strings_are_copied_ended_by_null_and_sorted),
		cmocka_unit_test(a_buffer_keeps_every_byte),
		cmocka_unit_test(an_empty_buffer_gives_an_empty_string),
		cmocka_unit_test(names_cannot_leave_their_directory),
		cmocka_unit_test(paths_stay_below_their_directory),
		cmocka_unit_test(utf8_is_told_from_other_bytes),
		cmocka_unit_test(the_last_component_of_a_path_is_found),
		cmocka_unit_test(closing_keeps_errno),
		fixture_test(a_file_of_any_size_is_read_whole),
		cmocka_unit_test(a_file_of_another_size_is_read_whole),
		cmocka_unit_test(reading_reports_what_failed),
	};

	return cmocka_run_group_tests_name("util", tests, NULL, NULL);
}
