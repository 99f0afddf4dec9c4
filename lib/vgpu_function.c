// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which functions of the PCI bus can be vGPUs, and giving and taking their types. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "lock.h"
#include "log.h"
#include "pci.h"
#include "sysfs.h"
#include "util/io.h"
#include "util/text.h"
#include "vgpu.h"

#define DEVICES "bus/pci/devices"
#define DRIVERS "bus/pci/drivers"

const struct vgpu_transport *const vgpu_transports[] = {
	&vgpu_sysfs,
	&vgpu_xe,
	NULL,
};

/* Functions --------------------------------------------------------------------- */

void vgpu_function_close(struct vgpu_function *function)
{
	free(function->name);
	free(function->physical);
	util_close(function->dir);
	*function = (struct vgpu_function)VGPU_FUNCTION_NONE;
}

static const struct vgpu_transport *vgpu_find_transport(struct mdev_ctx *ctx,
							const struct backend *backend, int dir)
{
	for (const struct vgpu_transport *const *row = ctx->transports; *row; row++)
		if ((!backend || (*row)->backend == backend) && (*row)->offers(ctx, dir))
			return *row;
	return NULL;
}

/* A physical function may have the files, too, but is none that gets a type. */
static int vgpu_look(struct vgpu_function *function, const struct backend *backend)
{
	int r;

	function->transport = vgpu_find_transport(function->ctx, backend, function->dir);
	if (!function->transport)
		return -ENODEV;
	r = sysfs_read_link_base(function->dir, "physfn", &function->physical);
	if (r < 0)
		return r == -ENOENT ? -ENODEV : r;
	return pci_is_name(function->physical) ? 0 : -ENODEV;
}

int vgpu_open_again(struct mdev_ctx *ctx, const struct backend *backend, const char *name, int dir,
		    struct vgpu_function *function)
{
	_cleanup_vgpu_function_ struct vgpu_function new = { .ctx = ctx, .dir = -1 };
	int r;

	new.dir = fcntl(dir, F_DUPFD_CLOEXEC, 0);
	if (new.dir < 0)
		return -errno;
	r = vgpu_look(&new, backend);
	if (r < 0)
		return r;
	new.name = strdup(name);
	if (!new.name)
		return -ENOMEM;
	*function = new;
	new = (struct vgpu_function)VGPU_FUNCTION_NONE;
	return 0;
}

int vgpu_open(struct mdev_ctx *ctx, const struct backend *backend, const char *name,
	      struct vgpu_function *function)
{
	_cleanup_close_ int dir = -1;
	int r;

	if (!pci_is_name(name))
		return -ENODEV;
	r = sysfs_open(ctx, &dir, DEVICES "/%s", name);
	if (r < 0)
		return r == -ENOENT ? -ENODEV : r;
	return vgpu_open_again(ctx, backend, name, dir, function);
}

int vgpu_has_functions(struct mdev_ctx *ctx, const struct backend *backend, const char *name,
		       int dir)
{
	_cleanup_strings_ struct strings names = { 0 };
	int r;

	log_quietly(ctx);
	r = pci_list_functions_of(ctx, name, dir, &names);
	if (r < 0)
		return r;
	for (size_t i = 0; i < names.count; i++) {
		_cleanup_vgpu_function_ struct vgpu_function function = VGPU_FUNCTION_NONE;

		/* One that cannot be read is one all the same: what is done with it says why. */
		r = vgpu_open(ctx, backend, names.items[i], &function);
		if (r != -ENODEV)
			return r == -ENOMEM ? r : 1;
	}
	return 0;
}

/* Physical functions -------------------------------------------------------------- */

static int vgpu_is_driver(void *data, int dir, const struct dirent64 *entry)
{
	static const char *const words[] = { "nvidia", "nova" };

	(void)data;
	(void)dir;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strstr(entry->d_name, words[i]))
			return 1;
	return 0;
}

/* Other hosts need not look at each device of the bus. */
static bool vgpu_has_driver(struct mdev_ctx *ctx)
{
	_cleanup_close_ int dir = -1;

	if (sysfs_open(ctx, &dir, DRIVERS) < 0)
		return true;
	return walk_directory(dir, vgpu_is_driver, NULL) != 0;
}

struct vgpu_search {
	struct mdev_ctx *ctx;
	const struct backend *backend;
	struct strings *names;
};

static int vgpu_add_physical(void *data, int dir, const struct dirent64 *entry)
{
	_cleanup_vgpu_function_ struct vgpu_function function = VGPU_FUNCTION_NONE;
	struct vgpu_search *search = data;
	int r;

	(void)dir;
	r = vgpu_open(search->ctx, search->backend, entry->d_name, &function);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	return strings_have(search->names, function.physical) ?
		       0 : strings_add(search->names, function.physical);
}

int vgpu_list_physical(struct mdev_ctx *ctx, const struct backend *backend, struct strings *names)
{
	struct vgpu_search search = { .ctx = ctx, .backend = backend, .names = names };
	_cleanup_close_ int dir = -1;
	int r;

	if (!vgpu_has_driver(ctx))
		return 0;
	r = sysfs_open(ctx, &dir, DEVICES);
	if (r == 0)
		r = walk_directory(dir, vgpu_add_physical, &search);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	strings_sort(names);
	return 0;
}

/* Types of functions ---------------------------------------------------------------- */

int vgpu_lock(const struct vgpu_function *function, int *lock)
{
	_cleanup_free_ char *name = NULL;

	if (asprintf(&name, "%s.vgpu-lock", function->physical) < 0) {
		name = NULL;
		return -ENOMEM;
	}
	return lock_take_quietly(function->ctx, name, lock);
}

int vgpu_check_free(const struct vgpu_function *function, unsigned int id, char **name)
{
	_cleanup_vgpu_types_ struct vgpu_types types = { 0 };
	const struct vgpu_type *type;
	unsigned int current;
	int r;

	r = function->transport->read_current(function, &current);
	if (r == 0 && current != 0)
		r = -EUSERS;
	/* What is given to one function changes the lists of those beside it. */
	if (r == 0)
		r = function->transport->list_types(function, &types);
	if (r < 0)
		return r;
	type = vgpu_types_find(&types, id);
	if (!type)
		return -EUSERS;
	*name = strdup(type->name);
	return *name ? 0 : -ENOMEM;
}

int vgpu_assign(const struct vgpu_function *function, unsigned int id)
{
	unsigned int current = 0;
	int r, seen;

	r = function->transport->assign(function, id);
	seen = function->transport->read_current(function, &current);
	/* A driver that was interrupted may have done it. */
	if (seen == 0 && current == id && (r == 0 || r == -EINTR))
		return 0;
	/* Another writer was faster, and what is there now is not ours, whatever the driver calls that. */
	if (seen == 0 && current != 0 && r != -EINTR)
		return -EUSERS;
	/* It does not know the type that it lists: the function itself has not gone. */
	if (r == -ENODEV && seen == 0)
		r = -EINVAL;
	if (r < 0)
		return r;
	if (seen < 0)
		(void)function->transport->take_away(function);
	return seen < 0 ? seen : -EIO;
}

int vgpu_take_away(const struct vgpu_function *function, unsigned int id)
{
	unsigned int current;
	int r, seen;

	/* To a function without a type writing 0 is an error, to that of somebody else a fault. */
	r = function->transport->read_current(function, &current);
	if (r < 0)
		return r;
	if (current != id)
		return -ENODEV;
	r = function->transport->take_away(function);
	seen = function->transport->read_current(function, &current);
	if (seen == 0 && current == 0)
		return 0;
	if (r < 0)
		return r;
	return seen < 0 ? seen : -EIO;
}
