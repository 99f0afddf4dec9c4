// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"

static int open_root(struct fixture *f)
{
	int dir = -1;

	make_dir(f, "sys/d");
	assert_int_equal(sysfs_open(f->ctx, &dir, "%s", "d"), 0);
	return dir;
}

static void a_value_is_read_without_its_newlines(void **state)
{
	struct fixture *f = *state;
	int dir = open_root(f);
	char *value;

	make_file(f, "sys/d/a", "two\nlines\n\n");
	make_file(f, "sys/d/empty", "\n");
	assert_int_equal(sysfs_read(f->ctx, dir, "a", &value), 0);
	assert_string_equal(value, "two\nlines");
	free(value);
	assert_int_equal(sysfs_read(f->ctx, dir, "empty", &value), 0);
	assert_string_equal(value, "");
	free(value);
	close(dir);
}

static void reading_reports_what_failed_and_leaves_the_result_alone(void **state)
{
	struct fixture *f = *state;
	char *value = (char *)"before";
	int dir = open_root(f), other = -1;

	assert_int_equal(sysfs_read(f->ctx, dir, "missing", &value), -ENOENT);
	make_dir(f, "sys/d/sub");
	assert_int_equal(sysfs_read(f->ctx, dir, "sub", &value), -EISDIR);
	assert_string_equal(value, "before");
	assert_int_equal(sysfs_open(f->ctx, &other, "nowhere"), -ENOENT);
	assert_int_equal(sysfs_open_at(f->ctx, dir, "missing", &other), -ENOENT);
	assert_int_equal(other, -1);
	close(dir);
}

static void descriptors_are_not_inherited(void **state)
{
	struct fixture *f = *state;
	int dir = open_root(f);

	assert_int_equal(fcntl(dir, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	close(dir);
}

static void a_value_is_written_in_one_call_and_an_empty_one_as_a_line(void **state)
{
	struct fixture *f = *state;
	int dir = open_root(f);

	make_file(f, "sys/d/mdev/aggregation", "");
	assert_int_equal(sysfs_write_below(f->ctx, dir, "mdev/aggregation", "2"), 0);
	assert_int_equal(sysfs_write_below(f->ctx, dir, "mdev/aggregation", ""), 0);
	assert_string_equal(f->written, "aggregation=2;aggregation=\n;");
	close(dir);
}

static void nothing_is_written_through_a_link(void **state)
{
	struct fixture *f = *state;
	int dir = open_root(f);

	make_file(f, "sys/other/file", "");
	make_link(f, "sys/d/device", "../other");
	make_link(f, "sys/d/file", "../other/file");
	assert_int_equal(sysfs_write_below(f->ctx, dir, "device/file", "1"), -ENOTDIR);
	assert_int_equal(sysfs_write_below(f->ctx, dir, "file", "1"), -ELOOP);
	assert_int_equal(sysfs_write_below(f->ctx, dir, "missing/file", "1"), -ENOENT);
	assert_string_equal(f->written, "");
	close(dir);
}

static ssize_t write_half(void *data, int fd, const char *bytes, size_t length)
{
	(void)data, (void)fd, (void)bytes;
	return length / 2;
}

static void a_value_taken_in_part_is_an_error(void **state)
{
	struct fixture *f = *state;
	struct sysfs_ops ops = *f->ctx->sysfs;
	int dir = open_root(f);

	ops.write = write_half;
	f->ctx->sysfs = &ops;
	make_file(f, "sys/d/a", "");
	assert_int_equal(sysfs_write(f->ctx, dir, "a", "12"), -EIO);
	close(dir);
}

static void links_are_read_as_they_are_written(void **state)
{
	struct fixture *f = *state;
	int dir = open_root(f);
	char *target;

	make_link(f, "sys/d/link", "../some/where");
	assert_int_equal(sysfs_read_link(dir, "link", &target), 0);
	assert_string_equal(target, "../some/where");
	free(target);
	assert_int_equal(sysfs_read_link(dir, "missing", &target), -ENOENT);
	close(dir);
}

static void the_real_operations_read_and_write_files(void **state)
{
	struct fixture *f = *state;
	int dir = open_root(f);

	f->ctx->sysfs = &sysfs_kernel_ops;
	make_file(f, "sys/d/a", "");
	assert_int_equal(sysfs_write(f->ctx, dir, "a", "value"), 0);
	assert_file(f, "sys/d/a", "value");
	assert_int_equal(sysfs_write(f->ctx, dir, "missing", "value"), -ENOENT);
	sysfs_kernel_ops.sleep(NULL, 1);
	close(dir);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		fixture_test(a_value_is_read_without_its_newlines),
		fixture_test(reading_reports_what_failed_and_leaves_the_result_alone),
		fixture_test(descriptors_are_not_inherited),
		fixture_test(a_value_is_written_in_one_call_and_an_empty_one_as_a_line),
		fixture_test(nothing_is_written_through_a_link),
		fixture_test(a_value_taken_in_part_is_an_error),
		fixture_test(links_are_read_as_they_are_written),
		fixture_test(the_real_operations_read_and_write_files),
	};

	return cmocka_run_group_tests_name("sysfs", tests, NULL, NULL);
}
