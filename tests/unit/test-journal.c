// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "../../lib/device.h"
#include "../../lib/journal.h"

#define NOTE "run/mdevctl/" U1 ".start"

static void make_machine(struct fixture *f)
{
	make_dir(f, "run");
	make_parent(f, "mtty");
	make_type(f, "mtty", "mtty-1", "4");
	make_device(f, "mtty", "mtty-1", U1);
}

static void open_device(struct fixture *f, struct handle *handle)
{
	struct mdev_device *device;

	assert_int_equal(mdev_device_lookup(f->ctx, UUID(U1), &device), 0);
	assert_int_equal(device_reopen(device, handle), 0);
	mdev_device_unref(device);
}

/* What the notes say of U1, which is looked at as a device of @type. */
static enum journal_state look(struct fixture *f, const char *type)
{
	_cleanup_handle_ struct handle handle = HANDLE_NONE;
	struct journal journal = { 0 };
	enum journal_state state;

	open_device(f, &handle);
	assert_int_equal(journal_look(f->ctx, UUID(U1), "mtty", type, &handle, &journal, &state), 0);
	journal_close(&journal);
	return state;
}

/* Notes the start of U1 in a process that is killed then; also the device, if @handle is given. */
static void begin_and_die(struct fixture *f, const struct handle *handle)
{
	struct journal journal = { 0 };
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		journal_begin(f->ctx, UUID(U1), "mtty", "mtty-1", &journal);
		if (handle)
			journal_add_device(&journal, handle);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* The same by a look that must change nothing. */
static enum journal_state peek(struct fixture *f, const char *type)
{
	_cleanup_handle_ struct handle handle = HANDLE_NONE;
	enum journal_state state;
	bool noted = exists(f, NOTE);

	open_device(f, &handle);
	assert_int_equal(journal_peek(f->ctx, UUID(U1), "mtty", type, &handle, &state), 0);
	assert_int_equal(exists(f, NOTE), noted);
	return state;
}

static void a_look_changes_nothing(void **state)
{
	struct journal journal = { 0 };
	struct fixture *f = *state;

	make_machine(f);
	assert_int_equal(peek(f, "mtty-1"), JOURNAL_WHOLE);
	journal_begin(f->ctx, UUID(U1), "mtty", "mtty-1", &journal);
	assert_int_equal(peek(f, "mtty-1"), JOURNAL_STARTING);
	assert_int_equal(peek(f, "mtty-2"), JOURNAL_WHOLE);
	journal.stays = false;
	journal_close(&journal);
	begin_and_die(f, NULL);
	assert_int_equal(peek(f, "mtty-1"), JOURNAL_LEFT);
	assert_int_equal(peek(f, "mtty-2"), JOURNAL_WHOLE);
	assert_int_equal(look(f, "mtty-1"), JOURNAL_LEFT);
}

static void what_is_not_noted_is_whole(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	assert_int_equal(look(f, "mtty-1"), JOURNAL_WHOLE);
	assert_false(exists(f, "run/mdevctl"));
	journal_forget(f->ctx, UUID(U1));
}

static void a_note_lasts_as_long_as_the_start(void **state)
{
	struct journal journal = { 0 };
	struct fixture *f = *state;

	make_machine(f);
	journal_begin(f->ctx, UUID(U1), "mtty", "mtty-1", &journal);
	assert_true(exists(f, NOTE));
	assert_int_equal(look(f, "mtty-1"), JOURNAL_STARTING);
	journal.stays = false;
	journal_close(&journal);
	assert_false(exists(f, NOTE));
	journal_close(&journal);
}

static void what_was_left_is_known_until_it_is_dealt_with(void **state)
{
	_cleanup_handle_ struct handle handle = HANDLE_NONE;
	struct fixture *f = *state;

	make_machine(f);
	begin_and_die(f, NULL);
	assert_int_equal(look(f, "mtty-1"), JOURNAL_LEFT);
	open_device(f, &handle);
	begin_and_die(f, &handle);
	for (int i = 0; i < 2; i++)
		assert_int_equal(look(f, "mtty-1"), JOURNAL_LEFT);
	journal_forget(f->ctx, UUID(U1));
	assert_false(exists(f, NOTE));
	assert_int_equal(look(f, "mtty-1"), JOURNAL_WHOLE);
}

static void another_device_is_not_meant(void **state)
{
	_cleanup_handle_ struct handle handle = HANDLE_NONE;
	struct fixture *f = *state;

	make_machine(f);
	begin_and_die(f, NULL);
	assert_int_equal(look(f, "mtty-2"), JOURNAL_WHOLE);
	assert_false(exists(f, NOTE));
	/* Its directory is still open: no other one gets the number. */
	open_device(f, &handle);
	begin_and_die(f, &handle);
	remove_device(f, "mtty", U1);
	make_device(f, "mtty", "mtty-1", U1);
	assert_int_equal(look(f, "mtty-1"), JOURNAL_WHOLE);
	assert_false(exists(f, NOTE));
}

/* The disk became full, or the process was killed, in the middle of the number. */
static void a_note_that_was_cut_off_is_about_any_device(void **state)
{
	static const char *const texts[] = { "mtty\nmtty-1\n", "mtty\nmtty-1\n1" };
	struct fixture *f = *state;

	make_machine(f);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		make_file(f, NOTE, texts[i]);
		assert_int_equal(look(f, "mtty-1"), JOURNAL_LEFT);
	}
}

static void what_is_no_note_says_nothing(void **state)
{
	static const char *const texts[] = { "", "x", "mtty\nmtty-1", "mtty\nmtty-1\n0\n\n" };
	struct fixture *f = *state;

	make_machine(f);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		make_file(f, NOTE, texts[i]);
		assert_int_equal(look(f, "mtty-1"), JOURNAL_WHOLE);
	}
	make_link(f, NOTE, "/dev/zero");
	assert_int_equal(look(f, "mtty-1"), JOURNAL_WHOLE);
	assert_string_equal(f->warnings, "");
}

static void without_a_place_there_are_no_notes(void **state)
{
	struct journal journal = { 0 };
	struct fixture *f = *state;

	make_machine(f);
	remove_tree(f, "run");
	journal_begin(f->ctx, UUID(U1), "mtty", "mtty-1", &journal);
	assert_int_equal(look(f, "mtty-1"), JOURNAL_WHOLE);
	journal_close(&journal);
	assert_string_equal(f->warnings, "");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		fixture_test(what_is_not_noted_is_whole),
		fixture_test(a_look_changes_nothing),
		fixture_test(a_note_lasts_as_long_as_the_start),
		fixture_test(what_was_left_is_known_until_it_is_dealt_with),
		fixture_test(another_device_is_not_meant),
		fixture_test(a_note_that_was_cut_off_is_about_any_device),
		fixture_test(what_is_no_note_says_nothing),
		fixture_test(without_a_place_there_are_no_notes),
	};

	return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
