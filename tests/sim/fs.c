// SPDX-License-Identifier: LGPL-2.1-or-later
/* The file system: what sysfs does, with a test's rules around each operation. */
#define FUSE_USE_VERSION 312

#include "sim.h"

#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "mem.h"

/* sysfs tells this size for every file and hands on no more of one write. */
#define SYSFS_PAGE 4096

#define CONTROL_DIR ".sim"

/* Result of start(): a rule wants the operation to succeed without being done. */
#define IGNORED 1

static struct sim *the_sim(void)
{
	return fuse_get_context()->private_data;
}

static bool is_control(const char *path)
{
	return !strncmp(path, CONTROL_DIR, strlen(CONTROL_DIR));
}

/* Operations, and the rules around them ------------------------------------- */

static void wait_ms(struct sim *sim, unsigned int ms)
{
	struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	pthread_mutex_unlock(&sim->lock);
	nanosleep(&time, NULL);
	pthread_mutex_lock(&sim->lock);
}

static int obey_rules(struct sim *sim, enum when when, enum op op, const char *path)
{
	struct outcome outcome;
	int rc;

	if (is_control(path))
		return 0;
	outcome = rules_match(sim->rules, when, op, path);
	if (outcome.delay)
		wait_ms(sim, outcome.delay);
	for (char **command = outcome.commands; command && *command; command++)
		control_run(sim, *command);
	rc = outcome.error ? -outcome.error : outcome.ignore ? IGNORED : 0;
	outcome_free(&outcome);
	return rc;
}

static int start(struct sim *sim, enum op op, const char *path)
{
	pthread_mutex_lock(&sim->lock);
	return obey_rules(sim, BEFORE, op, path);
}

static int finish(struct sim *sim, enum op op, const char *path, int result)
{
	int rc = obey_rules(sim, AFTER, op, path);

	pthread_mutex_unlock(&sim->lock);
	return rc < 0 ? rc : result;
}

static struct node *visible(struct sim *sim, const char *path, bool lookup)
{
	return rules_hidden(sim->rules, path, lookup) ? NULL
						      : node_find(model_root(sim->model), path);
}

/* Names -------------------------------------------------------------------- */

/* Links and directories have size 0 in sysfs, and a directory's link count
 * tells how many directories it has. */
static void fill_stat(const struct node *node, struct stat *st)
{
	memset(st, 0, sizeof(*st));
	st->st_ino = node->ino;
	st->st_mode = node->mode;
	st->st_nlink = S_ISDIR(node->mode) ? 2 + node_count_dirs(node) : 1;
	st->st_size = S_ISREG(node->mode) ? SYSFS_PAGE : 0;
	st->st_blksize = SYSFS_PAGE;
}

static int fs_getattr(const char *path, struct stat *st, struct fuse_file_info *fi)
{
	struct sim *sim = the_sim();
	int rc = start(sim, OP_LOOKUP, ++path);
	struct node *node = visible(sim, path, true);

	(void)fi;
	if (rc >= 0) {
		rc = node ? 0 : -ENOENT;
		if (node)
			fill_stat(node, st);
	}
	return finish(sim, OP_LOOKUP, path, rc);
}

static int fs_readlink(const char *path, char *buffer, size_t size)
{
	struct sim *sim = the_sim();
	int rc = start(sim, OP_READLINK, ++path);
	struct node *node = visible(sim, path, false);

	if (rc >= 0) {
		rc = node ? 0 : -ENOENT;
		if (node)
			snprintf(buffer, size, "%s", node->text);
	}
	return finish(sim, OP_READLINK, path, rc);
}

static void list_directory(struct sim *sim, const struct node *dir, void *buffer,
			   fuse_fill_dir_t fill)
{
	struct stat st;

	fill(buffer, ".", NULL, 0, 0);
	fill(buffer, "..", NULL, 0, 0);
	for (size_t i = 0; i < dir->count; i++) {
		const struct node *node = dir->children[i];
		char *path = node_path(node);

		if (!is_control(path) && !rules_hidden(sim->rules, path, false)) {
			fill_stat(node, &st);
			fill(buffer, node->name, &st, 0, 0);
		}
		free(path);
	}
}

static int fs_readdir(const char *path, void *buffer, fuse_fill_dir_t fill, off_t offset,
		      struct fuse_file_info *fi, enum fuse_readdir_flags flags)
{
	struct sim *sim = the_sim();
	int rc = start(sim, OP_READDIR, ++path);
	struct node *node = visible(sim, path, false);

	(void)offset;
	(void)fi;
	(void)flags;
	if (rc >= 0) {
		rc = node ? 0 : -ENOENT;
		if (node)
			list_directory(sim, node, buffer, fill);
	}
	return finish(sim, OP_READDIR, path, rc);
}

/* Contents ----------------------------------------------------------------- */

/* sysfs lets nobody, not even root, open a file in a way its mode has no bit for. */
static int check_mode(const struct node *node, int flags)
{
	int access = flags & O_ACCMODE;

	if (access != O_WRONLY && !(node->mode & 0444))
		return -EACCES;
	if (access != O_RDONLY && !(node->mode & 0222))
		return -EACCES;
	return 0;
}

static int fs_open(const char *path, struct fuse_file_info *fi)
{
	struct sim *sim = the_sim();
	int rc = start(sim, OP_OPEN, ++path);
	struct node *node = visible(sim, path, false);

	if (rc >= 0)
		rc = node ? check_mode(node, fi->flags) : -ENOENT;
	fi->direct_io = 1; /* the size is not that of the text */
	return finish(sim, OP_OPEN, path, rc);
}

static int read_node(const struct node *node, char *buffer, size_t size, off_t offset)
{
	char *text = node_read(node);
	size_t length = strlen(text), from = (size_t)offset;
	size_t bytes = from >= length ? 0 : length - from;

	if (bytes > size)
		bytes = size;
	if (bytes)
		memcpy(buffer, text + from, bytes);
	free(text);
	return (int)bytes;
}

/* A file that is open when its node goes away gives ENODEV. */
static int fs_read(const char *path, char *buffer, size_t size, off_t offset,
		   struct fuse_file_info *fi)
{
	struct sim *sim = the_sim();
	int rc = start(sim, OP_READ, ++path);
	struct node *node = visible(sim, path, false);

	(void)fi;
	if (rc == IGNORED)
		rc = 0;
	else if (!rc)
		rc = node ? read_node(node, buffer, size, offset) : -ENODEV;
	return finish(sim, OP_READ, path, rc);
}

static void log_bytes(FILE *log, const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if (c == '\n')
			fputs("\\n", log);
		else if (c < ' ' || c > '~')
			fprintf(log, "\\x%02x", c);
		else
			fprintf(log, "%s%c", c == '"' || c == '\\' ? "\\" : "", c);
	}
}

static void log_write(struct sim *sim, const char *path, const char *bytes, size_t size, int rc)
{
	char *text = NULL;
	size_t length;
	FILE *log = open_memstream(&text, &length);

	if (!log)
		err(1, "no memory");
	fprintf(log, "%swrite %s \"", sim->log, path);
	log_bytes(log, bytes, size);
	fprintf(log, rc < 0 ? "\" %s\n" : "\"\n", strerrorname_np(-rc));
	if (fclose(log))
		err(1, "no memory");
	free(sim->log);
	sim->log = text;
}

static int fs_write(const char *path, const char *bytes, size_t size, off_t offset,
		    struct fuse_file_info *fi)
{
	struct sim *sim = the_sim();
	int rc = start(sim, OP_WRITE, ++path);
	struct node *node = visible(sim, path, false);

	(void)offset;
	(void)fi;
	if (size > SYSFS_PAGE && !is_control(path))
		size = SYSFS_PAGE;
	if (!rc)
		rc = node ? node_write(node, bytes, size) : -ENODEV;
	if (!is_control(path))
		log_write(sim, path, bytes, size, rc);
	return finish(sim, OP_WRITE, path, rc < 0 ? rc : (int)size);
}

/* What sysfs accepts and does nothing with, and what it refuses --------------- */

static int fs_truncate(const char *path, off_t size, struct fuse_file_info *fi)
{
	(void)path;
	(void)size;
	(void)fi;
	return 0;
}

static int fs_create(const char *path, mode_t mode, struct fuse_file_info *fi)
{
	(void)path;
	(void)mode;
	(void)fi;
	return -EACCES;
}

static int fs_mkdir(const char *path, mode_t mode)
{
	(void)path;
	(void)mode;
	return -EPERM;
}

static int fs_unlink(const char *path)
{
	(void)path;
	return -EPERM;
}

static void *fs_init(struct fuse_conn_info *connection, struct fuse_config *config)
{
	(void)connection;
	/* Nothing is remembered: a device may go at any time. */
	config->entry_timeout = 0;
	config->attr_timeout = 0;
	config->negative_timeout = 0;
	config->use_ino = 1;
	return the_sim();
}

static const struct fuse_operations operations = {
	.init = fs_init,
	.getattr = fs_getattr,
	.readlink = fs_readlink,
	.readdir = fs_readdir,
	.open = fs_open,
	.read = fs_read,
	.write = fs_write,
	.truncate = fs_truncate,
	.create = fs_create,
	.mkdir = fs_mkdir,
	.unlink = fs_unlink,
	.rmdir = fs_unlink,
};

/* The control directory ------------------------------------------------------ */

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

	return mem_strdup(sim->log);
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

static const struct node_ops control_ops = { .store = store_control };
static const struct node_ops log_ops = { .show = show_log };
static const struct node_ops error_ops = { .show = show_error };
static const struct node_ops devices_ops = { .show = show_devices };

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

static int serve(struct fuse *fuse, int pidfd)
{
	pthread_t watcher;
	int rc;

	if (pidfd >= 0 && pthread_create(&watcher, NULL, watch, &pidfd))
		return 1;
	rc = fuse_loop_mt(fuse, NULL);
	if (pidfd >= 0) {
		pthread_cancel(watcher);
		pthread_join(watcher, NULL);
	}
	return rc < 0;
}

static int mount_and_serve(struct fuse *fuse, const char *mountpoint, int pidfd, bool foreground)
{
	struct fuse_session *session = fuse_get_session(fuse);
	int rc = 1;

	if (fuse_mount(fuse, mountpoint))
		return 1;
	if (!fuse_daemonize(foreground) && !fuse_set_signal_handlers(session)) {
		rc = serve(fuse, pidfd);
		fuse_remove_signal_handlers(session);
	}
	fuse_unmount(fuse);
	return rc;
}

int fs_run(struct sim *sim, const char *directory, pid_t watched, bool foreground)
{
	/* The path must still lead there when the process has become a daemon in "/". */
	char *mountpoint = realpath(directory, NULL);
	struct fuse_args args = FUSE_ARGS_INIT(0, NULL);
	int pidfd = watched ? pidfd_open(watched, 0) : -1;
	struct fuse *fuse;
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
	fuse_opt_add_arg(&args, "mdev-sim");
	fuse_opt_add_arg(&args, "-ofsname=mdev-sim,default_permissions");
	if (!geteuid()) /* others may look, as they may in /sys; only root can allow it */
		fuse_opt_add_arg(&args, "-oallow_other");
	fuse = fuse_new(&args, &operations, sizeof(operations), sim);
	rc = fuse ? mount_and_serve(fuse, mountpoint, pidfd, foreground) : 1;
	if (fuse)
		fuse_destroy(fuse);
	fuse_opt_free_args(&args);
	free(mountpoint);
	if (pidfd >= 0)
		close(pidfd);
	return rc;
}
