// SPDX-License-Identifier: LGPL-2.1-or-later
/* Rows as text and JSON, and a standard output that does not take them. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../cli/cleanup.h"
#include "../../cli/out.h"

enum { GROUP, NAME, KIND, COUNT, NOTE, PAIRS, COLUMNS };

/* An array of names and values, up to a NULL. */
static bool pair_at(const void *object, size_t index, const char **name, const char **value)
{
	const char *const *pairs = object;

	if (!pairs[2 * index])
		return false;
	*name = pairs[2 * index];
	*value = pairs[2 * index + 1];
	return true;
}

static const struct out_column columns[COLUMNS] = {
	[GROUP] = { .group = 1 },
	[NAME] = { .group = 2 },
	[KIND] = { .key = "kind", .label = "Kind" },
	[COUNT] = { .kind = OUT_NUMBER, .key = "count", .label = "Count" },
	[NOTE] = { .kind = OUT_JOINED, .key = "note", .label = "Note" },
	[PAIRS] = { .kind = OUT_PAIRS, .key = "pairs", .label = "Pairs", .pair = pair_at },
};

static const struct out_column line_columns[] = {
	{ .group = 2 },
	{ .group = 1 },
	{ .key = "kind" },
	{ .kind = OUT_PAIRS, .key = "pairs", .label = "Pairs", .pair = pair_at },
};

static const char *const no_pairs[] = { NULL };
static const char *const two_pairs[] = { "a", "1", "b/c", "x y", NULL };

static void add(struct out *out, const char *group, const char *name, const char *kind)
{
	const union out_cell row[COLUMNS] = {
		[GROUP].string = group, [NAME].string = name,	   [KIND].string = kind,
		[COUNT].number = 7,	[PAIRS].object = no_pairs,
	};

	assert_int_equal(out_add(out, row), 0);
}

/* Puts a file in the place of standard output until it is given back; -1 closes it. */
static int replace_stdout(int fd)
{
	int saved = dup(STDOUT_FILENO);

	assert_true(saved > STDERR_FILENO);
	if (fd < 0)
		close(STDOUT_FILENO);
	else
		assert_int_equal(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
	return saved;
}

static void give_back_stdout(int saved)
{
	dup2(saved, STDOUT_FILENO);
	close(saved);
}

static void assert_prints(const struct out *out, enum out_format format, const char *expected)
{
	FILE *file = tmpfile();
	char text[4096];
	size_t length;
	int saved, r;

	assert_non_null(file);
	fflush(stdout);
	saved = replace_stdout(fileno(file));
	r = out_print(out, format);
	give_back_stdout(saved);
	assert_int_equal(r, 0);
	rewind(file);
	length = fread(text, 1, sizeof(text) - 1, file);
	text[length] = '\0';
	fclose(file);
	assert_string_equal(text, expected);
}

static void nothing_is_an_empty_text_or_array(void **state)
{
	struct out out = OUT_NEW(columns);

	(void)state;
	assert_prints(&out, OUT_LINES, "");
	assert_prints(&out, OUT_TREE, "");
	assert_prints(&out, OUT_JSON, "[]");
	assert_prints(&out, OUT_JSON_SINGLE, "[]");
}

static void lines_have_cells_and_pairs_below(void **state)
{
	_cleanup_(out_clear) struct out out = OUT_NEW(line_columns);

	(void)state;
	out_add(&out, (union out_cell[]){ { "u1" }, { "p" }, { "k" }, { .object = two_pairs } });
	out_add(&out, (union out_cell[]){ { "u2" }, { "p" }, { NULL }, { .object = no_pairs } });
	out_add(&out, (union out_cell[]){ { "u3" }, { "p" }, { "k" }, { .object = NULL } });
	assert_prints(&out, OUT_LINES,
		      "u1 p k\n  Pairs:\n    @{0}: {\"a\":\"1\"}\n    @{1}: {\"b/c\":\"x y\"}\n"
		      "u2 p\n"
		      "u3 p k\n");
}

static void a_tree_names_each_group_once(void **state)
{
	_cleanup_(out_clear) struct out out = OUT_NEW(columns);

	(void)state;
	add(&out, "g1", "a", "k");
	add(&out, "g1", "b", NULL);
	add(&out, "g2", "a", "k");
	assert_prints(&out, OUT_TREE,
		      "g1\n  a\n    Kind: k\n    Count: 7\n"
		      "  b\n    Count: 7\n"
		      "g2\n  a\n    Kind: k\n    Count: 7\n");
}

static void json_nests_by_group_and_name(void **state)
{
	_cleanup_(out_clear) struct out out = OUT_NEW(line_columns);

	(void)state;
	out_add(&out, (union out_cell[]){ { "u1" }, { "p1" }, { "k" }, { .object = two_pairs } });
	out_add(&out, (union out_cell[]){ { "u2" }, { "p1" }, { NULL }, { .object = NULL } });
	out_add(&out, (union out_cell[]){ { "u1" }, { "p2" }, { "k" }, { .object = no_pairs } });
	assert_prints(&out, OUT_JSON,
		      "[\n"
		      "  {\n"
		      "    \"p1\": [\n"
		      "      {\n"
		      "        \"u1\": {\n"
		      "          \"kind\": \"k\",\n"
		      "          \"pairs\": [\n"
		      "            {\n"
		      "              \"a\": \"1\"\n"
		      "            },\n"
		      "            {\n"
		      "              \"b/c\": \"x y\"\n"
		      "            }\n"
		      "          ]\n"
		      "        }\n"
		      "      },\n"
		      "      {\n"
		      "        \"u2\": {\n"
		      "          \"pairs\": []\n"
		      "        }\n"
		      "      }\n"
		      "    ],\n"
		      "    \"p2\": [\n"
		      "      {\n"
		      "        \"u1\": {\n"
		      "          \"kind\": \"k\",\n"
		      "          \"pairs\": []\n"
		      "        }\n"
		      "      }\n"
		      "    ]\n"
		      "  }\n"
		      "]");
}

static void a_single_row_stands_alone_and_more_do_not(void **state)
{
	_cleanup_(out_clear) struct out out = OUT_NEW(columns);

	(void)state;
	add(&out, "g1", "a", "k");
	assert_prints(&out, OUT_JSON_SINGLE,
		      "{\n  \"kind\": \"k\",\n  \"count\": 7,\n  \"pairs\": []\n}");
	add(&out, "g2", "a", NULL);
	assert_prints(
		&out, OUT_JSON_SINGLE,
		"[\n  {\n    \"g1\": [\n      {\n        \"a\": {\n          \"kind\": \"k\",\n"
		"          \"count\": 7,\n          \"pairs\": []\n        }\n      }\n    ],\n"
		"    \"g2\": [\n      {\n        \"a\": {\n          \"count\": 7,\n"
		"          \"pairs\": []\n        }\n      }\n    ]\n  }\n]");
}

static void json_strings_are_escaped_and_stay_utf8(void **state)
{
	_cleanup_(out_clear) struct out out = OUT_NEW(columns);

	(void)state;
	add(&out, "g", "n", "\"\\/\b\f\n\r\t\x01\x1f\x7f \xc3\xa4\xe2\x82\xac\xff\xc3(\xe2\x82");
	assert_prints(
		&out, OUT_JSON_SINGLE,
		"{\n  \"kind\": \"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f \xc3\xa4\xe2\x82\xac"
		"\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\",\n"
		"  \"count\": 7,\n  \"pairs\": []\n}");
}

static void lines_of_a_joined_string_get_commas(void **state)
{
	_cleanup_(out_clear) struct out out = OUT_NEW(columns);
	const union out_cell row[COLUMNS] = { { "g" }, { "n" }, [NOTE].string = "a: 1\nb: 2\n\nc" };

	(void)state;
	assert_int_equal(out_add(&out, row), 0);
	assert_prints(&out, OUT_TREE, "g\n  n\n    Count: 0\n    Note: a: 1, b: 2, , c\n");
	assert_prints(&out, OUT_JSON_SINGLE,
		      "{\n  \"count\": 0,\n  \"note\": \"a: 1, b: 2, , c\",\n  \"pairs\": []\n}");
}

static void rows_without_groups_have_lines_below_and_are_an_array(void **state)
{
	static const struct out_column below_columns[] = {
		{ .key = "name" }, { .kind = OUT_BELOW, .key = "why" },
	};
	const union out_cell one[] = { { .string = "a" }, { .string = NULL } };
	const union out_cell two[] = { { .string = "b" }, { .string = "not \"c\"" } };
	_cleanup_(out_clear) struct out out = OUT_NEW(below_columns);

	(void)state;
	assert_prints(&out, OUT_JSON_ROWS, "[]");
	assert_int_equal(out_add(&out, one), 0);
	assert_int_equal(out_add(&out, two), 0);
	assert_prints(&out, OUT_LINES, "a\nb\n  not \"c\"\n");
	assert_prints(&out, OUT_JSON_ROWS, "[\n  {\n    \"name\": \"a\"\n  },\n  {\n    \"name\": "
		      "\"b\",\n    \"why\": \"not \\\"c\\\"\"\n  }\n]");
}

static void many_rows_keep_their_order(void **state)
{
	_cleanup_(out_clear) struct out out = OUT_NEW(columns);
	char names[1000][8];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(names[i], sizeof(names[i]), "%zu", i);
		add(&out, "g", names[i], NULL);
	}
	assert_int_equal(out.row_count, ARRAY_SIZE(names));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_ptr_equal(out.cells[i * COLUMNS + NAME].string, names[i]);
}

static void assert_refused(int fd, int error)
{
	struct out out = OUT_NEW(columns);
	int saved, probed, printed, line;

	fflush(stdout);
	saved = replace_stdout(fd);
	probed = out_probe();
	printed = out_print(&out, OUT_JSON);
	line = out_print_line("x");
	give_back_stdout(saved);
	assert_int_equal(probed, error);
	assert_int_equal(printed, error);
	assert_int_equal(line, error);
}

static void a_closed_output_is_an_error_beforehand(void **state)
{
	(void)state;
	assert_refused(-1, -EBADF);
}

static void an_output_that_can_only_be_read_is_an_error_beforehand(void **state)
{
	int fd = open("/dev/null", O_RDONLY);

	(void)state;
	assert_refused(fd, -EBADF);
	close(fd);
}

static void a_full_device_is_an_error_beforehand(void **state)
{
	int fd = open("/dev/full", O_WRONLY);

	(void)state;
	assert_refused(fd, -ENOSPC);
	close(fd);
}

static void a_pipe_that_nobody_reads_is_an_error_beforehand(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	assert_refused(ends[1], -EPIPE);
	close(ends[1]);
}

static void a_probe_writes_nothing(void **state)
{
	FILE *file = tmpfile();
	int saved, r;

	(void)state;
	fflush(stdout);
	saved = replace_stdout(fileno(file));
	r = out_probe();
	give_back_stdout(saved);
	assert_int_equal(r, 0);
	assert_int_equal(lseek(fileno(file), 0, SEEK_END), 0);
	fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_an_empty_text_or_array),
		cmocka_unit_test(lines_have_cells_and_pairs_below),
		cmocka_unit_test(a_tree_names_each_group_once),
		cmocka_unit_test(json_nests_by_group_and_name),
		cmocka_unit_test(a_single_row_stands_alone_and_more_do_not),
		cmocka_unit_test(json_strings_are_escaped_and_stay_utf8),
		cmocka_unit_test(lines_of_a_joined_string_get_commas),
		cmocka_unit_test(rows_without_groups_have_lines_below_and_are_an_array),
		cmocka_unit_test(many_rows_keep_their_order),
		cmocka_unit_test(a_closed_output_is_an_error_beforehand),
		cmocka_unit_test(an_output_that_can_only_be_read_is_an_error_beforehand),
		cmocka_unit_test(a_full_device_is_an_error_beforehand),
		cmocka_unit_test(a_pipe_that_nobody_reads_is_an_error_beforehand),
		cmocka_unit_test(a_probe_writes_nothing),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
