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
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "script.h"
#include "util/buffer.h"

extern char **environ;

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8U	/* Linux 6.3 */
#endif

/* What a program may write to one stream. None has that much to say. */
#define MAX_OUTPUT (16 * 1024 * 1024)

/* How long a program may go on after a signal that ends its caller. */
#define GRACE_MS 5000

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

/*
 * Applications ignore or block signals for reasons that are none of the program's. A
 * process group of its own lets it be killed with all that it has started.
 */
static int isolate(posix_spawnattr_t *attributes)
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
	    isolate(&attributes) ?:
	    -posix_spawn(pid, argv[0], &actions, &attributes, (char *const *)argv,
			 environ);
	posix_spawnattr_destroy(&attributes);
out_actions:
	posix_spawn_file_actions_destroy(&actions);
	return r;
}

/* Signals that end the caller, held back in this thread. */
struct held {
	sigset_t signals, mask;	/* those, and what was blocked before */
	int fd;			/* can be read when one has come */
};

/*
 * In its own process group the program does not get what a terminal, or a service
 * manager, sends to the caller: it has to be passed on. Signals that the caller ignores
 * or has blocked are none of ours.
 */
static int hold_signals(struct held *held)
{
	static const int ending[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	struct sigaction action;

	*held = (struct held){ .fd = -1 };
	sigemptyset(&held->signals);
	pthread_sigmask(SIG_BLOCK, NULL, &held->mask);
	for (size_t i = 0; i < ARRAY_SIZE(ending); i++)
		if (sigaction(ending[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN &&
		    !sigismember(&held->mask, ending[i]))
			sigaddset(&held->signals, ending[i]);
	held->fd = signalfd(-1, &held->signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (held->fd < 0)
		return -errno;
	pthread_sigmask(SIG_BLOCK, &held->signals, NULL);
	return 0;
}

/* Those that have come do now to the caller what they would have done. */
static void release_signals(struct held *held)
{
	if (held->fd >= 0)
		pthread_sigmask(SIG_SETMASK, &held->mask, NULL);
	util_close(held->fd);
}

/* They stay pending for the caller, as nothing is read from the descriptor. */
static void pass_on_signals(const struct held *held, pid_t group)
{
	sigset_t pending;

	sigpending(&pending);
	for (int number = 1; number < NSIG; number++)
		if (sigismember(&held->signals, number) == 1 &&
		    sigismember(&pending, number) == 1)
			kill(-group, number);
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

/* A program that runs. */
struct program {
	pid_t pid;
	int pidfd;	/* can be read when it has ended */
	int out, err;
	uint64_t deadline;
	const struct held *held;
};

/* What it is waited for, in the order of the array that poll() gets. */
enum { ENDED, SIGNALLED, OUT, ERR };

/*
 * Until the program has ended. After a signal to the caller it has a little time left
 * to clean up.
 */
static int collect(struct program *program, struct buffer text[2])
{
	struct pollfd polled[] = {
		[ENDED] = { .fd = program->pidfd, .events = POLLIN },
		[SIGNALLED] = { .fd = program->held->fd, .events = POLLIN },
		[OUT] = { .events = POLLIN },
		[ERR] = { .events = POLLIN },
	};
	bool ended = false;
	int r = 0, late = -ETIMEDOUT;

	while (r == 0 && !ended) {
		uint64_t now = now_ms();
		uint64_t left = program->deadline > now ? program->deadline - now : 0;

		polled[OUT].fd = program->out;
		polled[ERR].fd = program->err;
		if (poll(polled, ARRAY_SIZE(polled), left < INT_MAX ? left : INT_MAX) < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		if (polled[SIGNALLED].revents) {
			pass_on_signals(program->held, program->pid);
			polled[SIGNALLED].fd = -1;
			if (program->deadline > now_ms() + GRACE_MS) {
				program->deadline = now_ms() + GRACE_MS;
				late = -EINTR;
			}
			continue;
		}
		ended = polled[ENDED].revents;
		r = drain(&program->out, &text[0]) ?: drain(&program->err, &text[1]);
		if (r == 0 && !ended && left == 0)
			r = late;
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

static int run(const char *const argv[], int in, int out[2], int err[2],
	       struct program *program, struct buffer text[2], int *status)
{
	_cleanup_close_ int pidfd = -1;
	int r;

	r = spawn(argv, in, out[1], err[1], &program->pid);
	if (r < 0)
		return r;
	/* Ours would keep the streams from ending. */
	util_close(TAKE_FD(out[1]));
	util_close(TAKE_FD(err[1]));

	program->pidfd = pidfd = pidfd_open(program->pid, 0);
	program->out = out[0];
	program->err = err[0];
	r = pidfd < 0 ? -errno : collect(program, text);
	out[0] = program->out;
	err[0] = program->err;
	/* Until it is waited for, no other group can have its number. */
	if (r < 0)
		kill(-program->pid, SIGKILL);
	*status = wait_for(program->pid);
	return r < 0 ? r : *status < 0 ? *status : 0;
}

int script_run(const char *const argv[], const char *input, unsigned int timeout_ms,
	       struct script_result *result)
{
	_cleanup_script_result_ struct script_result found = { 0 };
	struct buffer text[2] = { { 0 }, { 0 } };
	int in = -1, out[2] = { -1, -1 }, err[2] = { -1, -1 };
	struct held held = { .fd = -1 };
	struct program program = { .deadline = now_ms() + timeout_ms, .held = &held };
	int r;

	r = open_input(input, &in) ?: open_output(out) ?: open_output(err) ?: hold_signals(&held);
	if (r == 0)
		r = run(argv, in, out, err, &program, text, &found.status);
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
	release_signals(&held);
	return r;
}
