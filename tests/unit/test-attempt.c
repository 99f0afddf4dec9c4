// SPDX-License-Identifier: LGPL-2.1-or-later
/* Records of automatic starts; tests/cli/status.bats shows those that cannot be understood. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "../../lib/attempt.h"

#define RECORD	   "run/mdevctl/" U1 ".mtty.autostart"
#define DEFINITION "{\"mdev_type\":\"mtty-1\"}"

static struct attempt read_attempt(struct fixture *f, const char *definition)
{
	struct attempt attempt;

	assert_int_equal(attempt_read(f->ctx, UUID(U1), "mtty", definition, &attempt), 0);
	return attempt;
}

static void assert_none(struct fixture *f, const char *definition)
{
	struct attempt attempt = read_attempt(f, definition);

	assert_null(attempt.error);
	assert_int_equal(attempt.result, 0);
	attempt_clear(&attempt);
}

static void record(struct fixture *f, int result, const char *error)
{
	attempt_record(f->ctx, UUID(U1), "mtty", DEFINITION, result, error);
}

static void what_is_recorded_is_read(void **state)
{
	struct fixture *f = *state;
	struct attempt attempt;

	make_dir(f, "run");
	assert_none(f, DEFINITION);
	record(f, -ENOSPC, "no\nroom");
	attempt = read_attempt(f, DEFINITION);
	assert_int_equal(attempt.result, -ENOSPC);
	assert_string_equal(attempt.error, "no?room");
	assert_int_equal(strlen(attempt.time), strlen("2026-11-29T16:54:58Z"));
	assert_true(*attempt.by);
	attempt_clear(&attempt);
	/* Earlier versions recorded successes, too: these say nothing of a failure. */
	record(f, 0, "");
	assert_none(f, DEFINITION);
}

static void another_definition_is_not_meant(void **state)
{
	struct fixture *f = *state;
	struct attempt attempt;

	make_dir(f, "run");
	record(f, -EIO, "broken");
	assert_none(f, DEFINITION " ");
	assert_int_equal(attempt_read(f->ctx, UUID(U1), "other", DEFINITION, &attempt), 0);
	assert_null(attempt.error);
	assert_int_equal(attempt_read(f->ctx, UUID(U2), "mtty", DEFINITION, &attempt), 0);
	assert_null(attempt.error);
}

static void a_long_error_is_cut(void **state)
{
	struct fixture *f = *state;
	struct attempt attempt;
	char error[20001];

	/* Characters of two bytes: none is halved. */
	for (size_t i = 0; i + 1 < sizeof(error); i += 2)
		memcpy(error + i, "\xc3\xa4", 2);
	error[0] = 'x';
	error[1] = 'y';
	error[2] = 'z';
	error[3] = '-';
	error[sizeof(error) - 1] = '\0';
	make_dir(f, "run");
	record(f, -EIO, error + 1);
	attempt = read_attempt(f, DEFINITION);
	assert_non_null(attempt.error);
	assert_true(utf8_is_valid(attempt.error));
	assert_int_equal(strlen(attempt.error), 8191);
	attempt_clear(&attempt);
}

static void a_record_is_forgotten(void **state)
{
	struct fixture *f = *state;

	make_dir(f, "run");
	attempt_forget(f->ctx, UUID(U1), "mtty");
	record(f, -EIO, "broken");
	assert_true(exists(f, RECORD));
	attempt_forget(f->ctx, UUID(U1), "mtty");
	assert_false(exists(f, RECORD));
	assert_none(f, DEFINITION);
}

static void without_a_place_there_is_no_record(void **state)
{
	struct fixture *f = *state;

	record(f, -EIO, "broken");
	assert_none(f, DEFINITION);
	attempt_forget(f->ctx, UUID(U1), "mtty");
	make_file(f, "run", "");
	record(f, -EIO, "broken");
	assert_none(f, DEFINITION);
	assert_string_equal(f->warnings, "");
	assert_error(f, "");
}

/* Whoever reads while others write gets one record or another, and nothing stays but one file. */
static void records_are_replaced_whole(void **state)
{
	struct fixture *f = *state;
	char path[128];
	pid_t pid;
	int status;

	make_dir(f, "run");
	record(f, -EIO, "first");
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		for (int i = 0; i < 300; i++)
			record(f, -EIO, i % 2 ? "odd" : "even, and a little longer");
		_exit(0);
	}
	do {
		struct attempt attempt = read_attempt(f, DEFINITION);

		assert_non_null(attempt.error);
		attempt_clear(&attempt);
		record(f, -EIO, "from here");
	} while (waitpid(pid, &status, WNOHANG) == 0);
	assert_int_equal(status, 0);
	attempt_forget(f->ctx, UUID(U1), "mtty");
	snprintf(path, sizeof(path), "%s/run/mdevctl", f->root);
	assert_int_equal(rmdir(path), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		fixture_test(what_is_recorded_is_read),
		fixture_test(another_definition_is_not_meant),
		fixture_test(a_long_error_is_cut),
		fixture_test(a_record_is_forgotten),
		fixture_test(without_a_place_there_is_no_record),
		fixture_test(records_are_replaced_whole),
	};

	return cmocka_run_group_tests_name("attempt", tests, NULL, NULL);
}
