// SPDX-License-Identifier: GPL-2.0-only
/* Documentation/fault-injection/fault-injection.rst: the file fail-nth of a task. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fail-nth.h"

#define OF_THREAD "/proc/thread-self/fail-nth"

/* Larger than what any operation needs: one that never succeeds is not tried forever. */
#define MANY 20000

static void __attribute__((noreturn)) die(const char *what, int error)
{
	fprintf(stderr, "Error: %s: %s\n", what, strerror(error));
	exit(1);
}

static int open_own(void)
{
	int fd = open(OF_THREAD, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		die(OF_THREAD, errno);
	return fd;
}

static int write_number(int fd, unsigned int n)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%u", n);

	return pwrite(fd, text, length, 0) == length ? 0 : -errno;
}

/* The descriptor waits in a variable, as to open it is an allocation. */
static __thread int own = -1;

void fail_nth_begin(unsigned int n)
{
	int ret;

	if (own < 0)
		own = open_own();
	ret = write_number(own, n);
	if (ret)
		die(OF_THREAD, -ret);
}

/* It counts down to 0. Both system calls may themselves be what fails: EFAULT. */
bool fail_nth_end(void)
{
	char left[16] = "";
	bool failed = pread(own, left, sizeof(left) - 1, 0) > 0 && left[0] == '0';

	if (write_number(own, 0) && write_number(own, 0))
		die(OF_THREAD, errno);
	return failed;
}

static bool is_worker(const char *pid)
{
	char path[64], name[32] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%.20s/comm", pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	(void)!fgets(name, sizeof(name), file);
	fclose(file);
	return strncmp(name, "kworker/", 8) == 0;
}

/* A worker may go away meanwhile. */
static void set_worker(const char *pid, unsigned int n)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%.20s/task/%.20s/fail-nth", pid, pid);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	write_number(fd, n);
	close(fd);
}

void fail_nth_in_workers(unsigned int n)
{
	DIR *processes = opendir("/proc");
	struct dirent *entry;

	if (!processes)
		die("/proc", errno);
	while ((entry = readdir(processes)))
		if (isdigit((unsigned char)entry->d_name[0]) && is_worker(entry->d_name))
			set_worker(entry->d_name, n);
	closedir(processes);
}

static bool is_expected(const struct fault_test *test, int result)
{
	return !result || result == -ENOMEM || result == -EFAULT || result == -test->other;
}

unsigned int fail_each(const struct fault_test *test, void *data)
{
	unsigned int n;
	bool failed;
	int ret;

	for (n = 1; n < MANY; n++) {
		fail_nth_begin(n);
		ret = test->operate(data);
		failed = fail_nth_end();
		if (failed ? !is_expected(test, ret) : ret) {
			fprintf(stderr, "allocation %u %s: ", n, failed ? "fails" : "is not one");
			die("result", -ret);
		}
		test->settle(data, ret);
		if (!failed)
			break;
	}
	if (n == 1 || n == MANY)
		die("allocations of the operation", ERANGE);
	return n - 1;
}
