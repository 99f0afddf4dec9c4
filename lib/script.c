// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "script.h"

extern char **environ;

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8U	/* Linux 6.3 */
#endif

/* What a program may write to one stream. None has that much to say. */
#define MAX_OUTPUT (16 * 1024 * 1024)

void script_result_clear(struct script_result *result)
{
	free(result->out);
	free(result->err);
	*result = (struct script_result){ 0 };
}

/*
 * A file in memory rather than a pipe: the program may read it when it likes, or
 * not at all, without blocking us or sending SIGPIPE to the application.
 */
static int open_input(const char *input, int *fd)
{
	_cleanup_close_ int file = -1;
	size_t length = strlen(input);

	/* Newer kernels want to be told that it will not be executed, older ones do not know. */
	file = memfd_create("callout-input", MFD_CLOEXEC | MFD_NOEXEC_SEAL);
	if (file < 0 && errno == EINVAL)
		file = memfd_create("callout-input", MFD_CLOEXEC);
	if (file < 0)
		return -errno;
	if (length > 0 && write(file, input, length) != (ssize_t)length)
		return -EIO;
	if (lseek(file, 0, SEEK_SET) < 0)
		return -errno;
	*fd = TAKE_FD(file);
	return 0;
}

/* The end that is ours, [0], does not block. */
static int open_output(int pipe[2])
{
	if (pipe2(pipe, O_CLOEXEC) < 0)
		return -errno;
	return fcntl(pipe[0], F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

/* Applications ignore or block signals for reasons that are none of the program's. */
static int reset_signals(posix_spawnattr_t *attributes)
{
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	return -posix_spawnattr_setsigmask(attributes, &none) ?:
	       -posix_spawnattr_setsigdefault(attributes, &all) ?:
	       -posix_spawnattr_setflags(attributes,
					 POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

static int spawn(const char *const argv[], int in, int out, int err, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int r;

	r = -posix_spawn_file_actions_init(&actions);
	if (r < 0)
		return r;
	r = -posix_spawnattr_init(&attributes);
	if (r < 0)
		goto out_actions;
	r = -posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO) ?:
	    -posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO) ?:
	    -posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO) ?:
	    reset_signals(&attributes) ?:
	    -posix_spawn(pid, argv[0], &actions, &attributes, (char *const *)argv,
			 environ);
	posix_spawnattr_destroy(&attributes);
out_actions:
	posix_spawn_file_actions_destroy(&actions);
	return r;
}

/*
 * Takes what a pipe can hold, and no more: the program may write faster than this
 * reads. *fd becomes -1 at the end of the stream.
 */
static int drain(int *fd, struct buffer *text)
{
	char bytes[65536];
	ssize_t n;

	if (*fd < 0)
		return 0;
	n = read(*fd, bytes, sizeof(bytes));
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (n == 0)
		util_close(TAKE_FD(*fd));
	if (text->length + n > MAX_OUTPUT)
		return -EFBIG;
	buffer_add(text, bytes, n);
	return 0;
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Until the program has ended, which its pidfd tells. */
static int collect(int pidfd, int *out, int *err, uint64_t deadline, struct buffer text[2])
{
	struct pollfd polled[] = {
		{ .fd = pidfd, .events = POLLIN },
		{ .fd = *out, .events = POLLIN },
		{ .fd = *err, .events = POLLIN },
	};
	bool ended = false;
	int r = 0;

	while (r == 0 && !ended) {
		uint64_t now = now_ms();
		uint64_t left = deadline > now ? deadline - now : 0;

		polled[1].fd = *out;
		polled[2].fd = *err;
		if (poll(polled, ARRAY_SIZE(polled), left < INT_MAX ? left : INT_MAX) < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		ended = polled[0].revents;
		r = drain(out, &text[0]) ?: drain(err, &text[1]);
		if (r == 0 && !ended && left == 0)
			r = -ETIMEDOUT;
	}
	return r;
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		/* The application may reap all children itself; then nobody knows. */
		if (errno != EINTR)
			return -errno;
	return status;
}

static int run(const char *const argv[], int in, int out[2], int err[2], uint64_t deadline,
	       struct buffer text[2], int *status)
{
	_cleanup_close_ int pidfd = -1;
	pid_t pid;
	int r;

	r = spawn(argv, in, out[1], err[1], &pid);
	if (r < 0)
		return r;
	/* Ours would keep the streams from ending. */
	util_close(TAKE_FD(out[1]));
	util_close(TAKE_FD(err[1]));

	pidfd = pidfd_open(pid, 0);
	r = pidfd < 0 ? -errno : collect(pidfd, &out[0], &err[0], deadline, text);
	if (r < 0)
		kill(pid, SIGKILL);
	*status = wait_for(pid);
	return r < 0 ? r : *status < 0 ? *status : 0;
}

int script_run(const char *const argv[], const char *input, unsigned int timeout_ms,
	       struct script_result *result)
{
	_cleanup_script_result_ struct script_result found = { 0 };
	struct buffer text[2] = { { 0 }, { 0 } };
	int in = -1, out[2] = { -1, -1 }, err[2] = { -1, -1 };
	int r;

	r = open_input(input, &in) ?: open_output(out) ?: open_output(err);
	if (r == 0)
		r = run(argv, in, out, err, now_ms() + timeout_ms, text, &found.status);
	found.out_length = text[0].length;
	found.err_length = text[1].length;
	if (buffer_take(&text[0], &found.out) < 0 || buffer_take(&text[1], &found.err) < 0)
		r = -ENOMEM;
	if (r != -ENOMEM) {
		*result = found;
		found = (struct script_result){ 0 };
	}
	buffer_clear(&text[0]);
	buffer_clear(&text[1]);
	util_close(in);
	util_close(out[0]);
	util_close(out[1]);
	util_close(err[0]);
	util_close(err[1]);
	return r;
}
