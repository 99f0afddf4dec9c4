// SPDX-License-Identifier: LGPL-2.1-or-later
/* The control directory, mounting and serving. */
#include "fs.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "mem.h"

static int store_control(struct node *node, const char *bytes, size_t size)
{
	char *text = mem_printf("%.*s", (int)size, bytes);
	int rc = control_run(node->object, text);

	free(text);
	return rc;
}

static char *show_log(const struct node *node)
{
	const struct sim *sim = node->object;

	return mem_strdup(record_text(sim->record));
}

static char *show_error(const struct node *node)
{
	const struct sim *sim = node->object;

	return mem_strdup(sim->error);
}

static char *show_devices(const struct node *node)
{
	const struct sim *sim = node->object;

	return model_show_devices(sim->model);
}

static char *show_vgpus(const struct node *node)
{
	const struct sim *sim = node->object;

	return gpus_show(sim->gpus);
}

static const struct node_ops control_ops = { .store = store_control };
static const struct node_ops log_ops = { .show = show_log };
static const struct node_ops error_ops = { .show = show_error };
static const struct node_ops devices_ops = { .show = show_devices };
static const struct node_ops vgpus_ops = { .show = show_vgpus };

static void add_control_file(struct sim *sim, const char *name, mode_t mode,
			     const struct node_ops *ops)
{
	struct node *dir = node_path_dir(model_root(sim->model), CONTROL_DIR);
	struct node *file = node_file(dir, name, mode, "");

	file->ops = ops;
	file->object = sim;
}

/* Mounting ------------------------------------------------------------------- */

/* Ends the file system when the process is gone that @data, a pidfd, stands for. */
static void *watch(void *data)
{
	struct pollfd process = { .fd = *(int *)data, .events = POLLIN };

	while (poll(&process, 1, -1) < 0 && errno == EINTR)
		;
	kill(getpid(), SIGTERM);
	return NULL;
}

static int serve(struct fuse_session *session, int pidfd)
{
	pthread_t watcher;
	int rc;

	if (pidfd >= 0 && pthread_create(&watcher, NULL, watch, &pidfd))
		return 1;
	rc = fuse_session_loop_mt(session, NULL);
	if (pidfd >= 0) {
		pthread_cancel(watcher);
		pthread_join(watcher, NULL);
	}
	return rc < 0;
}

static int mount_and_serve(struct fuse_session *session, const char *mountpoint, int pidfd,
			   bool foreground)
{
	int rc = 1;

	if (fuse_session_mount(session, mountpoint))
		return 1;
	if (!fuse_daemonize(foreground) && !fuse_set_signal_handlers(session)) {
		rc = serve(session, pidfd);
		fuse_remove_signal_handlers(session);
	}
	fuse_session_unmount(session);
	return rc;
}

int mount_run(struct sim *sim, const char *directory, pid_t watched, bool foreground)
{
	/* The path must still lead there when the process has become a daemon in "/". */
	char *mountpoint = realpath(directory, NULL);
	struct fuse_args args = FUSE_ARGS_INIT(0, NULL);
	int pidfd = watched ? pidfd_open(watched, 0) : -1;
	struct fuse_session *session;
	int rc;

	if (!mountpoint || (watched && pidfd < 0)) {
		warn("%s", mountpoint ? "watched process" : directory);
		free(mountpoint);
		return 1;
	}
	add_control_file(sim, "control", 0200, &control_ops);
	add_control_file(sim, "log", 0444, &log_ops);
	add_control_file(sim, "error", 0444, &error_ops);
	add_control_file(sim, "devices", 0444, &devices_ops);
	add_control_file(sim, "vgpus", 0444, &vgpus_ops);
	fuse_opt_add_arg(&args, "mdev-sim");
	fuse_opt_add_arg(&args, "-ofsname=mdev-sim,default_permissions");
	if (!geteuid()) /* others may look, as they may in /sys; only root can allow it */
		fuse_opt_add_arg(&args, "-oallow_other");
	session = fuse_session_new(&args, &fs_operations, sizeof(fs_operations), sim);
	rc = session ? mount_and_serve(session, mountpoint, pidfd, foreground) : 1;
	if (session)
		fuse_session_destroy(session);
	fuse_opt_free_args(&args);
	free(mountpoint);
	if (pidfd >= 0)
		close(pidfd);
	return rc;
}
