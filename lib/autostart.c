// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "definition.h"
#include "device.h"
#include "log.h"
#include "module.h"
#include "operation.h"
#include "parent.h"
#include "sysfs.h"
#include "type.h"

#define LOCKS "run/mdevctl"

struct autostart {
	struct mdev_ctx *ctx;
	unsigned int flags;
	mdev_autostart_fn *fn;
	void *data;
	const char *parent;	/* whose definitions are being started; lives in a place */
	int lock;		/* its lock, -1 if there is none */
	unsigned int waited;	/* for all parents, as all become late together */
	size_t n_failed;
};

/*
 * Keeps other runs for the parent away until the lock is closed. Where this cannot
 * be, starting is only less quiet: the kernel lets one of two win.
 */
static int lock_parent(struct mdev_ctx *ctx, const char *parent, int *lock)
{
	_cleanup_free_ char *dir = NULL, *path = NULL;
	int fd;

	if (asprintf(&dir, "%s/" LOCKS, ctx->prefix) < 0)
		dir = NULL;
	if (!dir || asprintf(&path, "%s/%s.lock", dir, parent) < 0) {
		path = NULL;
		return log_no_memory(ctx);
	}
	/* Its mode keeps other users from holding up the administrator. */
	if (mkdir(dir, 0755) < 0 && errno != EEXIST)
		fd = -1;
	else
		fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0) {
		log_info(ctx, "Failed to lock %s: " OS_ERROR, path, OS_ERROR_ARGS(-errno));
		return 0;
	}
	while (flock(fd, LOCK_EX) < 0 && errno == EINTR)
		;
	*lock = fd;
	return 0;
}

/* Return: 1 if it is active as it is defined, 0 if not. */
static int is_active(struct mdev_ctx *ctx, const struct mdev_definition *wanted)
{
	_cleanup_(device_unrefp) struct mdev_device *device = NULL;
	int r;

	r = device_find(ctx, mdev_definition_get_uuid(wanted), &device);
	if (r < 0)
		return r == -ENODEV ? 0 : r;
	return strcmp(mdev_device_get_parent(device), mdev_definition_get_parent(wanted)) == 0 &&
	       strcmp(mdev_device_get_type(device), mdev_definition_get_type(wanted)) == 0;
}

/* Drivers register parents, types and instances in their own time. */
static void wait_for_type(struct autostart *run, const char *type)
{
	while (!(run->flags & MDEV_OP_NO_WAIT) &&
	       !type_is_available(run->ctx, run->parent, type) &&
	       sysfs_wait(run->ctx, &run->waited))
		;
}

static int start(struct autostart *run, const struct mdev_definition *definition)
{
	int r;

	r = is_active(run->ctx, definition);
	if (r != 0)
		return r < 0 ? r : -EALREADY;
	wait_for_type(run, mdev_definition_get_type(definition));
	r = mdev_start(definition, run->flags);
	/* Somebody who does not take the lock was faster. */
	if (r == -EEXIST && is_active(run->ctx, definition) == 1)
		return -EALREADY;
	return r;
}

static int start_and_tell(struct autostart *run, const struct mdev_definition *definition)
{
	int r = start(run, definition);

	if (r < 0 && r != -EALREADY)
		run->n_failed++;
	if (run->fn)
		run->fn(run->data, definition, r,
			r < 0 && r != -EALREADY ? mdev_ctx_last_error(run->ctx) : "");
	return r == -ENOMEM ? r : 0;
}

/* Another parent than before. */
static int begin_parent(struct autostart *run, const char *parent)
{
	_cleanup_free_ char *note = NULL;
	int r;

	util_close(TAKE_FD(run->lock));
	run->parent = parent;
	r = lock_parent(run->ctx, parent, &run->lock);
	if (r < 0 || (run->flags & MDEV_OP_NO_MODULE) || parent_exists(run->ctx, parent))
		return r;
	/* What is in the way is told when the start fails. */
	r = module_load_for_parent(run->ctx, parent, &note);
	return r < 0 ? r : 0;
}

static int start_place(struct autostart *run, const struct mdev_definition *place)
{
	_cleanup_(definition_unrefp) struct mdev_definition *definition = NULL;
	const char *parent = mdev_definition_get_parent(place);
	int r;

	r = definition_find(run->ctx, MDEV_LOG_WARNING, parent, mdev_definition_get_uuid(place),
			    &definition);
	if (r == -ENOMEM || r == -ENOENT)
		return r == -ENOENT ? 0 : r;
	/* It may be one to start: nobody knows. */
	if (r < 0)
		run->n_failed++;
	if (r < 0 || mdev_definition_get_start(definition) != MDEV_START_AUTO)
		return 0;
	if (!run->parent || strcmp(run->parent, parent) != 0)
		r = begin_parent(run, parent);
	return r < 0 ? r : start_and_tell(run, definition);
}

MDEV_EXPORT int mdev_autostart(struct mdev_ctx *ctx, const char *parent, unsigned int flags,
			       mdev_autostart_fn *fn, void *data)
{
	_cleanup_(definition_list_freep) struct mdev_definition **places = NULL;
	struct autostart run = { .ctx = ctx, .flags = flags, .fn = fn, .data = data, .lock = -1 };
	int r;

	if (!ctx)
		return -EINVAL;
	r = operation_check_flags(ctx, flags, MDEV_OP_NO_MODULE | MDEV_OP_NO_CALLOUTS |
				  MDEV_OP_NO_WAIT);
	if (r == 0)
		r = mdev_definition_list_places(ctx, NULL, parent, &places);
	for (size_t i = 0; r == 0 && places[i]; i++)
		r = start_place(&run, places[i]);
	util_close(run.lock);
	if (r < 0)
		return r;
	if (run.n_failed == 0)
		return 0;
	r = log_fail(ctx, -ECANCELED, "%zu of the devices%s%s could not be started", run.n_failed,
		     parent ? " of parent " : "", parent ? parent : "");
	return log_about(ctx, r, .parent = parent);
}
