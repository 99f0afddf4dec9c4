// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The file system: what sysfs does, with a test's rules around each operation. The kernel names
 * nodes by number, not by path, so that a directory that is open stays the one that it was when
 * another one takes its name.
 */
#include "fs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include "mem.h"

/* sysfs tells this size for every file and hands on no more of one write. */
#define SYSFS_PAGE 4096

/* Result of start(): a rule wants the operation to succeed without being done. */
#define IGNORED 1

static bool is_control(const char *path)
{
	return !strncmp(path, CONTROL_DIR, strlen(CONTROL_DIR));
}

/* Operations, and the rules around them ------------------------------------- */

/* How often a delay looks whether it is over, as the orders were cleared. */
#define SLICE_MS 50

static void wait_ms(struct sim *sim, unsigned int ms)
{
	unsigned int cleared = rules_count_cleared(sim->rules);

	while (ms > 0 && rules_count_cleared(sim->rules) == cleared) {
		unsigned int slice = ms < SLICE_MS ? ms : SLICE_MS;
		struct timespec time = { .tv_nsec = slice * 1000000L };

		pthread_mutex_unlock(&sim->lock);
		nanosleep(&time, NULL);
		pthread_mutex_lock(&sim->lock);
		ms -= slice;
	}
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

/* An operation on @path, under the lock. */
struct operation {
	struct sim *sim;
	enum op op;
	char *path;
	int rc;		/* what the rules before it want */
};

/* @path is taken over. */
static struct operation start(fuse_req_t request, enum op op, char *path)
{
	struct operation now = { .sim = fuse_req_userdata(request), .op = op, .path = path };

	now.rc = obey_rules(now.sim, BEFORE, op, path);
	return now;
}

/* Ends it, lets the lock go, and gives its result. */
static int finish(struct operation *now, int result)
{
	int rc = obey_rules(now->sim, AFTER, now->op, now->path);

	pthread_mutex_unlock(&now->sim->lock);
	free(now->path);
	return rc < 0 ? rc : result;
}

static void lock(fuse_req_t request)
{
	struct sim *sim = fuse_req_userdata(request);

	pthread_mutex_lock(&sim->lock);
}

/* The path of a node, to be freed; what is gone has an empty one, which no rule is about. */
static char *path_of(fuse_ino_t ino)
{
	struct node *node = node_by_ino(ino);

	return node ? node_path(node) : mem_strdup("");
}

/* The node, unless it is gone, or hidden. */
static struct node *visible(const struct operation *now, struct node *node, bool lookup)
{
	return rules_hidden(now->sim->rules, now->path, lookup) ? NULL : node;
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

static int fill_found(const struct operation *now, struct node *node, struct stat *st)
{
	node = visible(now, node, true);
	if (now->rc < 0)
		return now->rc;
	if (!node)
		return -ENOENT;
	fill_stat(node, st);
	return 0;
}

/* Nothing is remembered, the timeouts being 0: a device may go at any time. */
static void fs_lookup(fuse_req_t request, fuse_ino_t up, const char *name)
{
	struct fuse_entry_param entry = { 0 };
	struct operation now;
	struct node *dir;
	char *path;
	int rc;

	lock(request);
	path = path_of(up);
	now = start(request, OP_LOOKUP, mem_printf("%s%s%s", path, *path ? "/" : "", name));
	free(path);
	dir = node_by_ino(up);
	rc = finish(&now, fill_found(&now, dir ? node_child(dir, name) : NULL, &entry.attr));
	entry.ino = entry.attr.st_ino;
	if (rc < 0)
		fuse_reply_err(request, -rc);
	else
		fuse_reply_entry(request, &entry);
}

static void fs_getattr(fuse_req_t request, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct operation now;
	struct stat st;
	int rc;

	(void)fi;
	lock(request);
	now = start(request, OP_LOOKUP, path_of(ino));
	rc = finish(&now, fill_found(&now, node_by_ino(ino), &st));
	if (rc < 0)
		fuse_reply_err(request, -rc);
	else
		fuse_reply_attr(request, &st, 0);
}

static void fs_readlink(fuse_req_t request, fuse_ino_t ino)
{
	struct operation now;
	struct node *node;
	char *text = NULL;
	int rc;

	lock(request);
	now = start(request, OP_READLINK, path_of(ino));
	rc = now.rc;
	node = visible(&now, node_by_ino(ino), false);
	if (rc >= 0) {
		rc = node ? 0 : -ENOENT;
		text = node ? mem_strdup(node->text) : NULL;
	}
	rc = finish(&now, rc);
	if (rc < 0)
		fuse_reply_err(request, -rc);
	else
		fuse_reply_readlink(request, text);
	free(text);
}

/* Directories ---------------------------------------------------------------- */

/* What an open directory showed when it was read last from its beginning. */
struct listing {
	char *bytes;
	size_t size;
};

static void listing_add(fuse_req_t request, struct listing *listing, const char *name,
			const struct stat *st)
{
	size_t size = fuse_add_direntry(request, NULL, 0, name, NULL, 0), at = listing->size;

	listing->size += size;
	listing->bytes = mem_resize(listing->bytes, listing->size);
	fuse_add_direntry(request, listing->bytes + at, size, name, st, (off_t)listing->size);
}

static void listing_make(fuse_req_t request, const struct sim *sim, const struct node *dir,
			 struct listing *listing)
{
	struct stat st = { .st_mode = S_IFDIR };

	listing_add(request, listing, ".", &st);
	listing_add(request, listing, "..", &st);
	for (size_t i = 0; i < dir->count; i++) {
		const struct node *node = dir->children[i];
		char *path = node_path(node);

		if (strcmp(path, CONTROL_DIR) && !rules_hidden(sim->rules, path, false)) {
			fill_stat(node, &st);
			listing_add(request, listing, node->name, &st);
		}
		free(path);
	}
}

static void fs_opendir(fuse_req_t request, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct listing *listing = mem_zero(sizeof(*listing));

	(void)ino;
	fi->fh = (uintptr_t)listing;
	fuse_reply_open(request, fi);
}

static void fs_releasedir(fuse_req_t request, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct listing *listing = (struct listing *)(uintptr_t)fi->fh;

	(void)ino;
	free(listing->bytes);
	free(listing);
	fuse_reply_err(request, 0);
}

/* Reads the directory anew. */
static int read_directory(fuse_req_t request, fuse_ino_t ino, struct listing *listing)
{
	struct operation now;
	struct node *node;
	int rc;

	lock(request);
	free(listing->bytes);
	*listing = (struct listing){ 0 };
	now = start(request, OP_READDIR, path_of(ino));
	rc = now.rc;
	node = visible(&now, node_by_ino(ino), false);
	if (rc >= 0) {
		rc = node ? 0 : -ENOENT;
		if (node)
			listing_make(request, now.sim, node, listing);
	}
	return finish(&now, rc);
}

static void fs_readdir(fuse_req_t request, fuse_ino_t ino, size_t size, off_t offset,
		       struct fuse_file_info *fi)
{
	struct listing *listing = (struct listing *)(uintptr_t)fi->fh;
	size_t from = (size_t)offset, left;
	int rc = from ? 0 : read_directory(request, ino, listing);

	if (rc < 0) {
		fuse_reply_err(request, -rc);
		return;
	}
	left = from < listing->size ? listing->size - from : 0;
	fuse_reply_buf(request, left ? listing->bytes + from : NULL, left < size ? left : size);
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

/* An open file keeps its path, for the log, when its node has gone. */
static void fs_open(fuse_req_t request, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct operation now;
	struct node *node;
	int rc;

	lock(request);
	now = start(request, OP_OPEN, path_of(ino));
	rc = now.rc;
	node = visible(&now, node_by_ino(ino), false);
	if (rc >= 0)
		rc = node ? check_mode(node, fi->flags) : -ENOENT;
	if (rc == 0)
		rc = node_open(node);
	fi->fh = (uintptr_t)mem_strdup(now.path);
	fi->direct_io = 1; /* the size is not that of the text */
	rc = finish(&now, rc);
	if (rc == 0 && fuse_reply_open(request, fi) == 0)
		return;
	free((char *)(uintptr_t)fi->fh);
	if (rc < 0)
		fuse_reply_err(request, -rc);
}

static void fs_release(fuse_req_t request, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct sim *sim = fuse_req_userdata(request);
	struct node *node;

	lock(request);
	node = node_by_ino(ino);
	if (node)
		node_close(node);
	pthread_mutex_unlock(&sim->lock);
	free((char *)(uintptr_t)fi->fh);
	fuse_reply_err(request, 0);
}

static struct operation start_on_file(fuse_req_t request, enum op op,
				      const struct fuse_file_info *fi)
{
	lock(request);
	return start(request, op, mem_strdup((const char *)(uintptr_t)fi->fh));
}

/* A file that is open when its node goes away gives ENODEV. */
static void fs_read(fuse_req_t request, fuse_ino_t ino, size_t size, off_t offset,
		    struct fuse_file_info *fi)
{
	struct operation now = start_on_file(request, OP_READ, fi);
	struct node *node = visible(&now, node_by_ino(ino), false);
	size_t from = (size_t)offset, length = 0;
	char *text = NULL;
	int rc = now.rc;

	if (rc == 0 && !node)
		rc = -ENODEV;
	if (rc == 0) {
		text = node_read(node);
		rc = text ? 0 : -errno;
		length = text ? strlen(text) : 0;
	}
	rc = finish(&now, rc);
	length = from < length ? length - from : 0;
	if (rc < 0)
		fuse_reply_err(request, -rc);
	else
		fuse_reply_buf(request, length ? text + from : NULL, length < size ? length : size);
	free(text);
}

/* Others go on while the file waits, and may remove it. */
static int write_file(const struct operation *now, fuse_ino_t ino, const char *bytes, size_t size)
{
	struct node *node = visible(now, node_by_ino(ino), false);
	unsigned int ms = node ? node_wait(node, bytes, size) : 0;

	if (ms) {
		wait_ms(now->sim, ms);
		node = node_by_ino(ino);
	}
	return node ? node_write(node, bytes, size) : -ENODEV;
}

static void fs_write(fuse_req_t request, fuse_ino_t ino, const char *bytes, size_t size,
		     off_t offset, struct fuse_file_info *fi)
{
	struct operation now = start_on_file(request, OP_WRITE, fi);
	int rc = now.rc;

	(void)offset;
	if (size > SYSFS_PAGE && !is_control(now.path))
		size = SYSFS_PAGE;
	if (!rc)
		rc = write_file(&now, ino, bytes, size);
	if (!is_control(now.path))
		record_add(now.sim->record, now.path, bytes, size, rc);
	rc = finish(&now, rc);
	if (rc < 0)
		fuse_reply_err(request, -rc);
	else
		fuse_reply_write(request, size);
}

/* What sysfs accepts and does nothing with, and what it refuses --------------- */

static void fs_setattr(fuse_req_t request, fuse_ino_t ino, struct stat *wanted, int what,
		       struct fuse_file_info *fi)
{
	(void)wanted;
	if (what & FUSE_SET_ATTR_SIZE)
		fs_getattr(request, ino, fi);
	else
		fuse_reply_err(request, ENOSYS);
}

static void fs_create(fuse_req_t request, fuse_ino_t up, const char *name, mode_t mode,
		      struct fuse_file_info *fi)
{
	(void)up;
	(void)name;
	(void)mode;
	(void)fi;
	fuse_reply_err(request, EACCES);
}

static void fs_mkdir(fuse_req_t request, fuse_ino_t up, const char *name, mode_t mode)
{
	(void)up;
	(void)name;
	(void)mode;
	fuse_reply_err(request, EPERM);
}

static void fs_unlink(fuse_req_t request, fuse_ino_t up, const char *name)
{
	(void)up;
	(void)name;
	fuse_reply_err(request, EPERM);
}

const struct fuse_lowlevel_ops fs_operations = {
	.lookup = fs_lookup,
	.getattr = fs_getattr,
	.readlink = fs_readlink,
	.opendir = fs_opendir,
	.releasedir = fs_releasedir,
	.readdir = fs_readdir,
	.open = fs_open,
	.release = fs_release,
	.read = fs_read,
	.write = fs_write,
	.setattr = fs_setattr,
	.create = fs_create,
	.mkdir = fs_mkdir,
	.unlink = fs_unlink,
	.rmdir = fs_unlink,
};
