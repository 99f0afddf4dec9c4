// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "device.h"
#include "device_info.h"
#include "explain.h"
#include "log.h"
#include "removal.h"
#include "sysfs.h"

/* Nobody wonders earlier who keeps the kernel waiting, and to find out takes a while. */
#define WONDER_MS 1000

#define MS_PER_SECOND 1000.0

/* How the process is called by ps(1) as long as the kernel waits. */
#define PROCESS_NAME "mdev-remove"

/* Behind the standard streams. */
#define FIRST_FD (STDERR_FILENO + 1)

struct removal removal_of(const struct handle *handle, const struct mdev_uuid *uuid,
			  const struct mdev_device *device, unsigned int limit_ms)
{
	struct removal removal = {
		.handle = handle,
		.uuid = uuid,
		.device = device,
		.wait = { .ctx = handle->ctx, .limit_ms = limit_ms },
	};

	log_quietly(handle->ctx);
	/* Without it the users are not named. */
	if (device && device_info_get(device, &removal.info) < 0)
		removal.info = NULL;
	return removal;
}

void removal_clear(struct removal *removal)
{
	mdev_device_info_unref(removal->info);
	free(removal->users);
	free(removal->reason);
}

/*
 * Leaves everything behind that others wait for as long as a process has it: the streams of a
 * pipeline, locks, the terminal, the working directory.
 */
static int removal_leave(int dir, int report)
{
	int low = dir < report ? dir : report, high = dir < report ? report : dir;
	/* Not writable, whoever writes to it. */
	int nothing = open("/", O_PATH | O_DIRECTORY);

	if (nothing < 0 || chdir("/") < 0)
		return -errno;
	setsid();
	for (int fd = 0; fd < FIRST_FD; fd++)
		dup2(nothing, fd);
	if (low > FIRST_FD)
		close_range(FIRST_FD, low - 1, 0);
	if (high > low + 1)
		close_range(low + 1, high - 1, 0);
	close_range(high + 1, ~0U, 0);
	return 0;
}

/* In the process. What it says of a failure, the caller does: only the number is reported. */
static void removal_work(const struct removal *removal, int report)
{
	struct handle handle = *removal->handle;
	int r;

	handle.ctx->log = NULL;
	prctl(PR_SET_NAME, PROCESS_NAME);
	handle.dir = fcntl(handle.dir, F_DUPFD_CLOEXEC, FIRST_FD);
	report = fcntl(report, F_DUPFD_CLOEXEC, FIRST_FD);
	if (handle.dir < 0 || report < 0)
		return;
	r = removal_leave(handle.dir, report);
	if (r == 0)
		r = handle.backend->remove(&handle, removal->uuid);
	/* If nobody is left to read this, it is over, too. */
	if (write(report, &r, sizeof(r)) < 0)
		return;
}

/*
 * Starts the process as nobody's child: the application need not wait for it, and may have ended.
 * After fork() the C library lets it allocate memory even if there were other threads.
 */
static int removal_start(const struct removal *removal, int report)
{
	int status = 0;
	pid_t pid;

	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		pid = fork();
		if (pid == 0)
			removal_work(removal, report);
		_exit(pid < 0 ? errno : 0);
	}
	while (waitpid(pid, &status, 0) < 0)
		/* The application may reap all children itself; then the status is lost. */
		if (errno != EINTR)
			return 0;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EINTR;
}

static void removal_find_users(struct removal *removal)
{
	if (!removal->info)
		return;
	free(removal->users);
	removal->users = explain_users(removal->device, removal->info);
	if (removal->users)
		wait_name(&removal->wait, "%s to release the device",
			  removal->users + strlen(EXPLAIN_BY));
}

/* A driver gets its time even if the application has none: it has begun. */
static int removal_extend(struct removal *removal)
{
	removal_find_users(removal);
	if (removal->users || removal->wait.used_ms >= REMOVAL_MS)
		return -ETIMEDOUT;
	removal->wait.limit_ms = REMOVAL_MS;
	return 0;
}

/* Return: 1 if the process has ended, -ETIMEDOUT, -EINTR. */
static int removal_wait(struct removal *removal, int report)
{
	bool wondered = false;
	int r;

	wait_begin(&removal->wait, "the kernel to remove the device");
	do {
		r = wait_for_input(&removal->wait, report);
		if (r == -ETIMEDOUT) {
			r = removal_extend(removal);
		} else if (r == 0 && !wondered && removal->wait.used_ms >= WONDER_MS) {
			removal_find_users(removal);
			wondered = true;
		}
	} while (r == 0);
	wait_end(&removal->wait);
	return r;
}

static int removal_read(int report)
{
	ssize_t n;
	int r;

	do
		n = read(report, &r, sizeof(r));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	/* Else it was killed. */
	return n == sizeof(r) ? r : -ECANCELED;
}

static int removal_run_apart(struct removal *removal)
{
	_cleanup_close_ int report = -1;
	int r, ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	report = ends[0];
	r = removal_start(removal, ends[1]);
	util_close(ends[1]);
	if (r == 0)
		r = removal_wait(removal, report);
	return r > 0 ? removal_read(report) : r;
}

int removal_run(struct removal *removal)
{
	const struct handle *handle = removal->handle;

	/* What stands in for the kernel waits for nobody, and is in this process. */
	if (handle->ctx->sysfs != &sysfs_kernel_ops)
		return handle->backend->remove(handle, removal->uuid);
	return removal_run_apart(removal);
}

char *removal_explain(struct removal *removal, int r)
{
	_cleanup_buffer_ struct buffer out = { 0 };

	if (r == -ETIMEDOUT && removal->users) {
		buffer_add_format(&out,
				  "Device %s is in use%s, and was not released within %g s; "
				  "the kernel removes it when it is",
				  removal->uuid->text, removal->users,
				  removal->wait.used_ms / MS_PER_SECOND);
	} else if (r == -ETIMEDOUT) {
		buffer_add_format(&out,
				  "The kernel has not removed device %s within %g s; it does "
				  "when nobody uses it",
				  removal->uuid->text, removal->wait.used_ms / MS_PER_SECOND);
	} else if (r == -EINTR) {
		buffer_add_format(&out,
				  "Interrupted while device %s was being removed; the kernel "
				  "removes it when nobody uses it",
				  removal->uuid->text);
	} else {
		free(removal->reason);
		removal->reason = explain_remove(removal->handle, r, removal->device);
		buffer_add_format(&out, "Error removing device %s: " OS_ERROR "%s",
				  removal->uuid->text, OS_ERROR_ARGS(r),
				  removal->reason ? removal->reason : "");
	}
	return buffer_take_note(&out);
}
