// SPDX-License-Identifier: LGPL-2.1-or-later
/* Storing and removing definitions: whole or not at all, and only one winner. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"

#define STORED "{\n  \"mdev_type\": \"mtty-1\",\n  \"start\": \"manual\",\n  \"attrs\": []\n}"

static int define(struct fixture *f, const char *uuid, const char *parent)
{
	struct mdev_definition *definition = new_definition(f, uuid, parent, "mtty-1", NULL);
	int r = mdev_define(definition, 0);

	mdev_definition_unref(definition);
	return r;
}

static int undefine(struct fixture *f, const char *uuid, const char *parent)
{
	struct mdev_definition *definition = new_definition(f, uuid, parent, "mtty-1", NULL);
	int r = mdev_undefine(definition, 0);

	mdev_definition_unref(definition);
	return r;
}

/* Entries of a directory below the root. */
static size_t count_entries(struct fixture *f, const char *path)
{
	struct dirent *entry;
	size_t count = 0;
	char full[256];
	DIR *dir;

	snprintf(full, sizeof(full), "%s/%s", f->root, path);
	dir = opendir(full);
	assert_non_null(dir);
	while ((entry = readdir(dir)))
		count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(dir);
	return count;
}

static mode_t mode_of(struct fixture *f, const char *path)
{
	struct stat st;
	char full[256];

	snprintf(full, sizeof(full), "%s/%s", f->root, path);
	assert_int_equal(stat(full, &st), 0);
	return st.st_mode & 07777;
}

static void a_definition_is_stored_byte_by_byte(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(define(f, U1, "mtty"), 0);
	assert_file(f, DEFS "/mtty/" U1, STORED);
	assert_int_equal(count_entries(f, DEFS), 1);
	assert_int_equal(count_entries(f, DEFS "/mtty"), 1);
}

static void modes_follow_the_umask(void **state)
{
	struct fixture *f = *state;
	mode_t before = umask(027);

	assert_int_equal(define(f, U1, "mtty"), 0);
	umask(before);
	assert_int_equal(mode_of(f, DEFS), 0750);
	assert_int_equal(mode_of(f, DEFS "/mtty"), 0750);
	assert_int_equal(mode_of(f, DEFS "/mtty/" U1), 0640);
}

/* Another process does; whether it waits for @fd is seen by what it has not written yet. */
static void assert_waits_for_lock(struct fixture *f, int fd, int (*work)(struct fixture *))
{
	struct pollfd done = { .events = POLLIN };
	int pipes[2], status;
	pid_t child;

	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(pipe(pipes), 0);
	child = fork();
	if (child == 0) {
		int r = work(f);

		_exit(write(pipes[1], "", 1) == 1 && r == 0 ? 0 : 1);
	}
	done.fd = pipes[0];
	assert_int_equal(poll(&done, 1, 200), 0);
	/* A lock belongs to the open file, which the child has, too. */
	assert_int_equal(flock(fd, LOCK_UN), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	close(pipes[0]);
	close(pipes[1]);
	close(fd);
}

static int open_below(struct fixture *f, const char *path, int flags)
{
	char full[256];

	snprintf(full, sizeof(full), "%s/%s", f->root, path);
	return open(full, flags | O_CLOEXEC);
}

static int define_u2(struct fixture *f)
{
	return define(f, U2, "mtty");
}

static int undefine_u2(struct fixture *f)
{
	return undefine(f, U2, "mtty");
}

static void writers_lock_a_file_in_run_that_no_other_user_can_open(void **state)
{
	struct fixture *f = *state;
	mode_t before = umask(0);

	make_dir(f, "run");
	assert_int_equal(define(f, U1, "mtty"), 0);
	umask(before);
	assert_int_equal(mode_of(f, "run/mdevctl"), 0755);
	assert_int_equal(mode_of(f, "run/mdevctl/definitions"), 0600);
	assert_int_equal(count_entries(f, DEFS), 1);
	assert_waits_for_lock(f, open_below(f, "run/mdevctl/definitions", O_RDWR), define_u2);
	assert_waits_for_lock(f, open_below(f, "run/mdevctl/definitions", O_RDWR), undefine_u2);
}

static void any_reader_of_the_directory_holds_no_writer_up(void **state)
{
	struct fixture *f = *state;
	int fd;

	make_dir(f, "run");
	make_dir(f, DEFS);
	fd = open_below(f, DEFS, O_RDONLY);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(define(f, U1, "mtty"), 0);
	close(fd);
}

static void writers_lock_the_directory_where_there_is_no_run(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(define(f, U1, "mtty"), 0);
	assert_false(exists(f, "run"));
	assert_int_equal(count_entries(f, DEFS), 1);
	assert_waits_for_lock(f, open_below(f, DEFS, O_RDONLY), define_u2);
	assert_waits_for_lock(f, open_below(f, DEFS, O_RDONLY), undefine_u2);
}

static void a_lock_that_cannot_be_opened_is_an_error(void **state)
{
	struct fixture *f = *state;

	make_dir(f, "run/mdevctl/definitions");
	assert_int_equal(define(f, U1, "mtty"), -EISDIR);
	assert_error_has(f, "run/mdevctl/definitions: Is a directory (os error 21)");
	assert_int_equal(count_entries(f, DEFS), 0);
}

static void defining_never_overwrites(void **state)
{
	struct fixture *f = *state;

	make_file(f, DEFS "/mtty/" U1, "anything");
	make_dir(f, DEFS "/mtty/" U2);
	make_link(f, DEFS "/mtty/" UA, "nowhere");
	assert_int_equal(define(f, U1, "mtty"), -EEXIST);
	assert_error(f, "Device " U1 " on mtty already defined");
	assert_int_equal(define(f, U2, "mtty"), -EEXIST);
	assert_int_equal(define(f, UA, "mtty"), -EEXIST);
	assert_file(f, DEFS "/mtty/" U1, "anything");
	assert_int_equal(count_entries(f, DEFS), 1);
}

static void a_name_in_capitals_is_the_same_definition(void **state)
{
	struct fixture *f = *state;

	make_definition(f, "mtty", "AAAAAAAA-AAAA-AAAA-AAAA-AAAAAAAAAAAA");
	assert_int_equal(define(f, UA, "mtty"), -EEXIST);
	assert_int_equal(undefine(f, UA, "mtty"), 0);
	assert_false(exists(f, DEFS "/mtty"));
}

static void the_same_uuid_may_be_defined_on_two_parents(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(define(f, U1, "a"), 0);
	assert_int_equal(define(f, U1, "b"), 0);
}

static void the_last_definition_takes_its_directory_along(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(define(f, U1, "mtty"), 0);
	assert_int_equal(define(f, U2, "mtty"), 0);
	assert_int_equal(undefine(f, U1, "mtty"), 0);
	assert_true(exists(f, DEFS "/mtty/" U2));
	assert_int_equal(undefine(f, U2, "mtty"), 0);
	assert_false(exists(f, DEFS "/mtty"));
	assert_true(exists(f, DEFS));
}

static void a_directory_with_other_things_stays(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(define(f, U1, "mtty"), 0);
	make_file(f, DEFS "/mtty/README", "mine");
	assert_int_equal(undefine(f, U1, "mtty"), 0);
	assert_file(f, DEFS "/mtty/README", "mine");
}

static void all_forms_of_a_name_are_removed(void **state)
{
	struct fixture *f = *state;

	make_definition(f, "mtty", "AAAAAAAA-AAAA-AAAA-AAAA-AAAAAAAAAAAA");
	make_definition(f, "mtty", UA);
	assert_int_equal(undefine(f, UA, "mtty"), 0);
	assert_false(exists(f, DEFS "/mtty"));
}

static void a_broken_definition_can_be_removed(void **state)
{
	struct fixture *f = *state;

	make_file(f, DEFS "/mtty/" U1, "broken");
	assert_int_equal(undefine(f, U1, "mtty"), 0);
	assert_false(exists(f, DEFS "/mtty/" U1));
}

static void what_is_not_defined_cannot_be_removed(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(undefine(f, U1, "mtty"), -ENOENT);
	assert_error(f, "Mediated device mtty/" U1 " is not defined");
	assert_int_equal(define(f, U2, "mtty"), 0);
	assert_int_equal(undefine(f, U1, "mtty"), -ENOENT);
	assert_true(exists(f, DEFS "/mtty/" U2));
}

static void parent_and_type_must_be_chosen(void **state)
{
	struct mdev_definition *definition;
	struct fixture *f = *state;

	assert_int_equal(mdev_definition_new(f->ctx, UUID(U1), &definition), 0);
	assert_int_equal(mdev_define(definition, 0), -EINVAL);
	assert_error(f, "No parent specified for device " U1);
	assert_int_equal(mdev_undefine(definition, 0), -EINVAL);
	assert_int_equal(mdev_definition_set_parent(definition, "mtty"), 0);
	assert_int_equal(mdev_define(definition, 0), -EINVAL);
	assert_error(f, "No type specified for device " U1);
	assert_false(exists(f, DEFS));
	mdev_definition_unref(definition);
}

static void unknown_flags_are_refused(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *definition = new_definition(f, U1, "mtty", "mtty-1", NULL);

	assert_int_equal(mdev_define(definition, 1u << 31), -EINVAL);
	assert_int_equal(mdev_undefine(definition, 1u << 31), -EINVAL);
	assert_error(f, "Unknown flags 0x80000000");
	mdev_definition_unref(definition);
}

static void the_directory_of_scripts_is_no_parent(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(define(f, U1, "scripts.d"), -EINVAL);
	assert_error(f, "Invalid parent name 'scripts.d'");
	assert_false(exists(f, DEFS "/scripts.d"));
}

static void a_linked_parent_directory_is_honoured(void **state)
{
	struct fixture *f = *state;

	make_dir(f, "elsewhere");
	make_link(f, DEFS "/mtty", "../../elsewhere");
	assert_int_equal(define(f, U1, "mtty"), 0);
	assert_file(f, "elsewhere/" U1, STORED);
	assert_int_equal(undefine(f, U1, "mtty"), 0);
	assert_int_equal(count_entries(f, "elsewhere"), 0);
	assert_true(exists(f, DEFS "/mtty"));
}

static void a_parent_directory_on_another_file_system_works(void **state)
{
	struct fixture *f = *state;
	char path[256];

	make_dir(f, DEFS "/mtty");
	snprintf(path, sizeof(path), "%s/" DEFS "/mtty", f->root);
	if (mount("none", path, "tmpfs", 0, "mode=755,size=64k") < 0)
		skip();
	assert_int_equal(define(f, U1, "mtty"), 0);
	assert_file(f, DEFS "/mtty/" U1, STORED);
	assert_int_equal(count_entries(f, DEFS "/mtty"), 1);
	assert_int_equal(count_entries(f, DEFS), 1);
	assert_int_equal(umount(path), 0);
}

static void a_full_disk_leaves_nothing_behind(void **state)
{
	struct fixture *f = *state;
	char path[256], big[70000];

	snprintf(path, sizeof(path), "%s/etc", f->root);
	make_dir(f, "etc");
	if (mount("none", path, "tmpfs", 0, "size=64k") < 0)
		skip();
	make_definition(f, "mtty", U2);
	memset(big, 'x', sizeof(big));
	big[sizeof(big) - 1] = '\0';

	struct mdev_definition *definition = new_definition(f, U1, "new", "t", "a", big, NULL);

	assert_int_equal(mdev_define(definition, 0), -ENOSPC);
	assert_error_has(f, DEFS "/new/" U1 ": No space left on device (os error 28)");
	assert_int_equal(count_entries(f, DEFS), 1);
	assert_int_equal(count_entries(f, DEFS "/mtty"), 1);
	assert_int_equal(define(f, U1, "mtty"), 0);
	mdev_definition_unref(definition);
	assert_int_equal(umount(path), 0);
}

static void a_file_that_cannot_be_written_whole_does_not_appear(void **state)
{
	struct rlimit limit, small = { .rlim_cur = 10 };
	struct fixture *f = *state;
	int r;

	getrlimit(RLIMIT_FSIZE, &limit);
	small.rlim_max = limit.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &small);
	r = define(f, U1, "mtty");
	setrlimit(RLIMIT_FSIZE, &limit);
	assert_int_equal(r, -EFBIG);
	assert_error_has(f, DEFS "/mtty/" U1 ": File too large (os error 27)");
	assert_int_equal(count_entries(f, DEFS), 0);
}

static void what_a_crash_left_does_no_harm(void **state)
{
	struct fixture *f = *state;
	char from[256], to[256];

	/* Between link() and unlink() the temporary file is a definition. */
	assert_int_equal(define(f, U1, "mtty"), 0);
	snprintf(from, sizeof(from), "%s/" DEFS "/mtty/" U1, f->root);
	snprintf(to, sizeof(to), "%s/" DEFS "/.new", f->root);
	assert_int_equal(link(from, to), 0);
	assert_int_equal(define(f, U2, "mtty"), 0);
	assert_file(f, DEFS "/mtty/" U1, STORED);
	assert_file(f, DEFS "/mtty/" U2, STORED);
	assert_int_equal(count_entries(f, DEFS), 1);
}

static void what_is_in_the_way_of_the_temporary_file_is_named(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *definition = new_definition(f, U1, "mtty", "mtty-1", NULL);

	make_dir(f, DEFS "/.new");
	assert_int_equal(mdev_define(definition, 0), -EISDIR);
	assert_error_has(f, DEFS "/.new: Is a directory (os error 21)");
	assert_non_null(strstr(mdev_ctx_last_error_file(f->ctx), DEFS "/.new"));
	assert_false(exists(f, DEFS "/mtty"));
	make_definition(f, "mtty", U1);
	assert_int_equal(mdev_modify(definition, 0), -EISDIR);
	assert_error_has(f, DEFS "/.new: Is a directory (os error 21)");
	mdev_definition_unref(definition);
}

static void a_directory_in_the_way_is_an_error(void **state)
{
	struct fixture *f = *state;

	make_file(f, "etc", "not a directory");
	assert_int_equal(define(f, U1, "mtty"), -ENOTDIR);
	assert_error_has(f, DEFS ": Not a directory (os error 20)");
}

static void of_many_that_define_at_once_one_wins(void **state)
{
	enum { ROUNDS = 5, PROCESSES = 8 };
	struct fixture *f = *state;

	for (int round = 0; round < ROUNDS; round++) {
		int pipes[2], won = 0, lost = 0;

		assert_int_equal(pipe(pipes), 0);
		for (int i = 0; i < PROCESSES; i++) {
			char byte;

			if (fork() > 0)
				continue;
			/* All wait for the writer to be closed. */
			close(pipes[1]);
			if (read(pipes[0], &byte, 1) != 0)
				_exit(99);
			_exit(-define(f, U1, "mtty"));
		}
		close(pipes[0]);
		close(pipes[1]);
		for (int i = 0; i < PROCESSES; i++) {
			int status;

			assert_true(wait(&status) > 0);
			won += WEXITSTATUS(status) == 0 && WIFEXITED(status);
			lost += WEXITSTATUS(status) == EEXIST;
		}
		assert_int_equal(won, 1);
		assert_int_equal(lost, PROCESSES - 1);
		assert_file(f, DEFS "/mtty/" U1, STORED);
		assert_int_equal(undefine(f, U1, "mtty"), 0);
	}
}

static void defining_and_undefining_at_once_do_not_disturb_each_other(void **state)
{
	enum { TIMES = 30 };
	static const char *const uuids[] = { U1, U2, UA };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(uuids); i++) {
		if (fork() > 0)
			continue;
		for (int n = 0; n < TIMES; n++)
			if (define(f, uuids[i], "mtty") < 0 || undefine(f, uuids[i], "mtty") < 0)
				_exit(1);
		_exit(0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(uuids); i++) {
		int status;

		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(count_entries(f, DEFS), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		fixture_test(a_definition_is_stored_byte_by_byte),
		fixture_test(modes_follow_the_umask),
		fixture_test(writers_lock_a_file_in_run_that_no_other_user_can_open),
		fixture_test(any_reader_of_the_directory_holds_no_writer_up),
		fixture_test(writers_lock_the_directory_where_there_is_no_run),
		fixture_test(a_lock_that_cannot_be_opened_is_an_error),
		fixture_test(defining_never_overwrites),
		fixture_test(a_name_in_capitals_is_the_same_definition),
		fixture_test(the_same_uuid_may_be_defined_on_two_parents),
		fixture_test(the_last_definition_takes_its_directory_along),
		fixture_test(a_directory_with_other_things_stays),
		fixture_test(all_forms_of_a_name_are_removed),
		fixture_test(a_broken_definition_can_be_removed),
		fixture_test(what_is_not_defined_cannot_be_removed),
		fixture_test(parent_and_type_must_be_chosen),
		fixture_test(unknown_flags_are_refused),
		fixture_test(the_directory_of_scripts_is_no_parent),
		fixture_test(a_linked_parent_directory_is_honoured),
		fixture_test(a_parent_directory_on_another_file_system_works),
		fixture_test(a_full_disk_leaves_nothing_behind),
		fixture_test(a_file_that_cannot_be_written_whole_does_not_appear),
		fixture_test(what_a_crash_left_does_no_harm),
		fixture_test(what_is_in_the_way_of_the_temporary_file_is_named),
		fixture_test(a_directory_in_the_way_is_an_error),
		fixture_test(of_many_that_define_at_once_one_wins),
		fixture_test(defining_and_undefining_at_once_do_not_disturb_each_other),
	};

	return cmocka_run_group_tests_name("define", tests, NULL, NULL);
}
