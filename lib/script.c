// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "script.h"
#include "util/buffer.h"
#include "util/clock.h"
#include "util/io.h"

extern char **environ;

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8U	/* Linux 6.3 */
#endif

/* The most bytes that a program may write to one stream. No program has that much to say. */
#define MAX_OUTPUT (16 * 1024 * 1024)

/* How much of standard error is kept. */
#define MAX_KEPT (64 * 1024)

/* How often mdev_ctx_cancel() is looked for: it may be called in a signal handler. */
#define CANCEL_MS 100

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
static int script_open_input(const char *input, int *fd)
{
	_cleanup_close_ int file = -1;
	int r;

	/* Newer kernels warn without this flag, older ones do not know it. */
	file = memfd_create("callout-input", MFD_CLOEXEC | MFD_NOEXEC_SEAL);
	if (file < 0 && errno == EINVAL)
		file = memfd_create("callout-input", MFD_CLOEXEC);
	if (file < 0)
		return -errno;
	r = write_all(file, input, strlen(input));
	if (r < 0)
		return r;
	if (lseek(file, 0, SEEK_SET) < 0)
		return -errno;
	*fd = TAKE_FD(file);
	return 0;
}

/* The end that is ours, [0], does not block. */
static int script_open_output(int pipe[2])
{
	if (pipe2(pipe, O_CLOEXEC) < 0)
		return -errno;
	return fcntl(pipe[0], F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

/*
 * Applications ignore or block signals for reasons of their own, which must not affect the program.
 * In its own process group it can be killed with all its children.
 */
static int script_isolate(posix_spawnattr_t *attributes)
{
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	return -posix_spawnattr_setsigmask(attributes, &none) ?:
	       -posix_spawnattr_setsigdefault(attributes, &all) ?:
	       -posix_spawnattr_setpgroup(attributes, 0) ?:
	       -posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK |
						     POSIX_SPAWN_SETSIGDEF |
						     POSIX_SPAWN_SETPGROUP);
}

/* The user who runs a set-id program must not have a say in what its scripts do. */
static char *const *script_environment(void)
{
	static const char *const safe[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };

	return getauxval(AT_SECURE) ? (char *const *)safe : environ;
}

static int script_spawn(const char *const argv[], int in, int out, int err, pid_t *pid)
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
	    script_isolate(&attributes) ?:
	    -posix_spawn(pid, argv[0], &actions, &attributes, (char *const *)argv,
			 script_environment());
	posix_spawnattr_destroy(&attributes);
out_actions:
	posix_spawn_file_actions_destroy(&actions);
	return r;
}

/* What comes from a program. */
struct stream {
	int fd;			/* -1 after its end */
	struct buffer text;
	size_t total, kept;	/* bytes that came, and how many of them are kept at most */
};

/* Reads no more than a pipe can hold: the program may write faster than this reads. */
static int stream_drain(struct stream *stream)
{
	char bytes[65536];
	size_t room;
	ssize_t n;

	if (stream->fd < 0)
		return 0;
	n = read(stream->fd, bytes, sizeof(bytes));
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (n == 0)
		util_close(TAKE_FD(stream->fd));
	room = stream->kept - stream->text.length;
	buffer_add(&stream->text, bytes, (size_t)n < room ? (size_t)n : room);
	stream->total += n;
	return stream->total > MAX_OUTPUT ? -EFBIG : 0;
}

/* A program that runs. */
struct program {
	pid_t pid;
	int pidfd;	/* can be read when it has ended */
	struct stream out, err;
	uint64_t deadline;
	struct interrupt *interrupt;
	bool interrupted;	/* it has been asked to end */
};

/* The descriptors of poll(), in the order of its array. */
enum { ENDED, SIGNALLED, OUT, ERR };

/* Has it end, too, with a little time left to clean up. */
static void program_interrupt(struct program *program)
{
	if (!program->interrupt->is_ending)
		interrupt_pass_on(program->interrupt, program->pid);
	program->interrupted = true;
	if (program->deadline > clock_ms() + SCRIPT_GRACE_MS)
		program->deadline = clock_ms() + SCRIPT_GRACE_MS;
}

/* Return: 1 if it has ended, 0 if there was something else to do, -errno. */
static int program_poll(struct program *program)
{
	struct pollfd polled[] = {
		[ENDED] = { .fd = program->pidfd, .events = POLLIN },
		[SIGNALLED] = { .fd = program->interrupted ? -1 : program->interrupt->fd,
				.events = POLLIN },
		[OUT] = { .fd = program->out.fd, .events = POLLIN },
		[ERR] = { .fd = program->err.fd, .events = POLLIN },
	};
	uint64_t now = clock_ms(),
		 left = program->deadline > now ? program->deadline - now : 0;
	int r;

	if (poll(polled, ARRAY_SIZE(polled), left < CANCEL_MS ? left : CANCEL_MS) < 0)
		return errno == EINTR ? 0 : -errno;
	if (polled[SIGNALLED].revents ||
	    (!program->interrupted && interrupt_is_cancelled(program->interrupt))) {
		program_interrupt(program);
		return 0;
	}
	r = stream_drain(&program->out) ?: stream_drain(&program->err);
	if (r < 0 || polled[ENDED].revents)
		return r < 0 ? r : 1;
	return left > 0 ? 0 : program->interrupted ? -EINTR : -ETIMEDOUT;
}

static int script_wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		/* The application may reap all children itself; then the status is lost. */
		if (errno != EINTR)
			return -errno;
	return status;
}

static int program_run(struct program *program, const char *const argv[], int in, int out,
		       int err, int *status)
{
	_cleanup_close_ int pidfd = -1;
	int r;

	r = script_spawn(argv, in, out, err, &program->pid);
	/* Ours would keep the streams from ending. */
	util_close(out);
	util_close(err);
	if (r < 0)
		return r;
	program->pidfd = pidfd = pidfd_open(program->pid, 0);
	r = pidfd < 0 ? -errno : 0;
	while (r == 0)
		r = program_poll(program);
	/* Until it is waited for, no other group can have its number. */
	if (r < 0)
		kill(-program->pid, SIGKILL);
	*status = script_wait_for(program->pid);
	return r < 0 ? r : *status < 0 ? *status : 0;
}

/* Hands over the program's output. */
static int program_take(struct program *program, struct script_result *result)
{
	result->out_length = program->out.text.length;
	result->err_length = program->err.text.length;
	result->err_left_out = program->err.total - program->err.text.length;
	return buffer_take(&program->out.text, &result->out) ?:
	       buffer_take(&program->err.text, &result->err);
}

static void program_clear(struct program *program)
{
	buffer_clear(&program->out.text);
	buffer_clear(&program->err.text);
	util_close(program->out.fd);
	util_close(program->err.fd);
}

int script_run(const char *const argv[], const char *input, unsigned int timeout_ms,
	       struct interrupt *interrupt, struct script_result *result)
{
	_cleanup_script_result_ struct script_result found = { 0 };
	_cleanup_(program_clear) struct program program = {
		.out = { .fd = -1, .kept = MAX_OUTPUT },
		.err = { .fd = -1, .kept = MAX_KEPT },
		.deadline = clock_ms() + timeout_ms,
		.interrupt = interrupt,
	};
	_cleanup_close_ int in = -1;
	int out[2] = { -1, -1 }, err[2] = { -1, -1 };
	int r;

	interrupt_rearm(interrupt);
	r = script_open_input(input, &in) ?: script_open_output(out) ?: script_open_output(err);
	program.out.fd = out[0];
	program.err.fd = err[0];
	if (r == 0) {
		r = program_run(&program, argv, in, out[1], err[1], &found.status);
	} else {
		util_close(out[1]);
		util_close(err[1]);
	}
	if (program_take(&program, &found) < 0)
		return -ENOMEM;
	if (r != -ENOMEM) {
		*result = found;
		found = (struct script_result){ 0 };
	}
	return r;
}
