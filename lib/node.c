// SPDX-License-Identifier: LGPL-2.1-or-later
/* The VFIO nodes of an active device: whose they are, and who can open them. */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "access.h"
#include "definition.h"
#include "device.h"
#include "device_info.h"
#include "node.h"
#include "operation.h"
#include "pci.h"
#include "sysfs.h"
#include "util/buffer.h"
#include "util/io.h"
#include "util/text.h"
#include "vfio_node.h"

/* There while udevd runs, which gives nodes their permissions. */
#define UDEVD_SOCKET "/run/udev/control"

/* The device of a node -------------------------------------------------------------- */

struct node_search {
	struct device_sink sink;
	struct mdev_ctx *ctx;
	const char *function;
	struct mdev_device *device;
};

/* Whether the device is the function: the list of a physical one has those of all its functions. */
static int node_is_device(const char *function, const struct mdev_device *device)
{
	_cleanup_handle_ struct handle handle = HANDLE_NONE;
	_cleanup_free_ char *path = NULL;
	int r = device_locate(device, &handle, &path);

	return r < 0 ? r : strcmp(path_base(path), function) == 0;
}

static int node_take_device(struct device_sink *sink, const struct mdev_uuid *uuid,
			    const char *parent, const char *type)
{
	struct node_search *search = (struct node_search *)sink;
	_cleanup_(device_unrefp) struct mdev_device *device = NULL;
	int r;

	(void)parent;
	(void)type;
	r = search->device ? -ENODEV : device_find(search->ctx, uuid, &device);
	if (r == 0)
		r = node_is_device(search->function, device);
	if (r > 0)
		search->device = TAKE_PTR(device);
	return r == -ENOMEM ? r : 0;
}

static void node_drop_device(struct device_sink *sink)
{
	mdev_device_unref(TAKE_PTR(((struct node_search *)sink)->device));
}

/* Return: as node_find_named(). */
static int node_find_function(struct mdev_ctx *ctx, const char *name, struct mdev_device **device)
{
	struct node_search search = {
		.sink = { .add = node_take_device, .restart = node_drop_device },
		.ctx = ctx,
		.function = name,
	};
	int r = 0;

	for (const struct backend *const *row = backends; r == 0 && *row; row++)
		if ((*row)->is_pci)
			r = (*row)->list_devices(ctx, name, &search.sink);
	if (r == 0 && search.device) {
		*device = search.device;
		return 0;
	}
	mdev_device_unref(search.device);
	return r < 0 ? r : -ENODEV;
}

/*
 * @name: of the directory of a device: the UUID of a mediated one, the address of a function. Return:
 * 0, -ENODEV if it is another device, other -errno.
 */
static int node_find_named(struct mdev_ctx *ctx, const char *name, struct mdev_device **device)
{
	struct mdev_uuid uuid;

	if (mdev_uuid_parse(name, &uuid) == 0)
		return device_find(ctx, &uuid, device);
	return pci_is_name(name) ? node_find_function(ctx, name, device) : -ENODEV;
}

struct group_search {
	struct mdev_ctx *ctx;
	struct mdev_device *device;
};

static int node_find_device(void *data, int dir, const struct dirent64 *entry)
{
	struct group_search *search = data;
	int r = node_find_named(search->ctx, entry->d_name, &search->device);

	(void)dir;
	return r == 0 ? 1 : r == -ENODEV ? 0 : r;
}

/* Return: 0, -ENODEV or -ENOENT if there is none, -ENOMEM; unreported. */
static int node_find_in_group(struct mdev_ctx *ctx, const char *name, struct mdev_device **device)
{
	struct group_search search = { .ctx = ctx };
	_cleanup_close_ int dir = -1;
	int r;

	r = sysfs_open(ctx, &dir, "kernel/iommu_groups/%s/devices", name);
	if (r == 0)
		r = walk_directory(dir, node_find_device, &search);
	if (r <= 0)
		return r < 0 ? r : -ENODEV;
	*device = search.device;
	return 0;
}

static int node_find_owner(struct mdev_ctx *ctx, const char *name, struct mdev_device **device)
{
	_cleanup_free_ char *link = NULL;
	_cleanup_close_ int dir = -1;
	int r;

	r = sysfs_open(ctx, &dir, "class/vfio-dev/%s", name);
	if (r == 0)
		r = sysfs_read_link_base(dir, "device", &link);
	return r < 0 ? r : node_find_named(ctx, link, device);
}

/* The rest of @node after @prefix and @directory; NULL if it is elsewhere. */
static const char *node_name(const struct mdev_ctx *ctx, const char *node, const char *directory)
{
	size_t prefix = strlen(ctx->prefix), length = strlen(directory);

	if (strncmp(node, ctx->prefix, prefix) != 0 ||
	    strncmp(node + prefix, directory, length) != 0)
		return NULL;
	node += prefix + length;
	return name_is_valid(node) ? node : NULL;
}

MDEV_EXPORT int mdev_device_lookup_node(struct mdev_ctx *ctx, const char *node,
					struct mdev_device **device)
{
	const char *group, *own;
	int r = -ENODEV;

	if (ANY_NULL(ctx, node, device))
		return log_null(ctx);
	log_call(ctx, .file = node);
	own = node_name(ctx, node, DEVICE_NODES "/");
	group = own ? NULL : node_name(ctx, node, GROUP_NODES "/");
	if (own)
		r = node_find_owner(ctx, own, device);
	else if (group)
		r = node_find_in_group(ctx, group, device);
	if (r == -ENODEV || r == -ENOENT)
		return log_fail(ctx, -ENODEV, "%s is not the node of a mediated device", node);
	if (r == -ENOMEM)
		return log_no_memory(ctx);
	return r < 0 ? log_fail_kernel(ctx, r, "Failed to find the device of %s: " OS_ERROR, node,
				       OS_ERROR_ARGS(r)) : 0;
}

/* Who can open them ----------------------------------------------------------------- */

struct node_wait {
	const struct mdev_device *device;
	const char *who;
	struct access_person person;
	struct buffer reason;	/* why they cannot be opened yet */
};

static void node_wait_clear(struct node_wait *wait)
{
	access_person_clear(&wait->person);
	buffer_clear(&wait->reason);
}

/* @person: an empty one */
static int node_find_person(struct mdev_ctx *ctx, const char *text, struct access_person *person)
{
	_cleanup_(access_clear) struct access who = { 0 };
	const char *unknown, *colon = strchr(text, ':');
	int r;

	/* A mode is nothing that a person has. */
	r = colon && strchr(colon + 1, ':') ? -EINVAL : access_parse(text, &who);
	if (r == -EINVAL)
		return log_fail(ctx, r, "'%s' is neither USER nor USER:GROUP nor :GROUP", text);
	if (r == 0)
		r = access_find_person(&who, person, &unknown);
	if (r == -ESRCH)
		return log_fail(ctx, r, "There is no %s '%s'", unknown,
				*unknown == 'u' ? who.user : who.group);
	if (r == -ENOMEM)
		return log_no_memory(ctx);
	return r < 0 ? log_fail_kernel(ctx, r, "Failed to look up '%s': " OS_ERROR, text,
				       OS_ERROR_ARGS(r)) : 0;
}

MDEV_EXPORT int mdev_ctx_check_who(struct mdev_ctx *ctx, const char *who)
{
	_cleanup_(access_person_clear) struct access_person person = { 0 };

	if (ANY_NULL(ctx, who))
		return log_null(ctx);
	log_call(ctx, .uuid = NULL);
	return node_find_person(ctx, who, &person);
}

/* Return: 0, 1 if it cannot be opened, -errno unreported. @node: NULL for none. */
static int node_check(struct node_wait *wait, const char *node)
{
	int r = node ? access_check(&wait->person, node) : 0;

	if (r == 0 || r == -EPERM || r == -ENOMEM || r == -EAGAIN)
		return r;
	buffer_add_format(&wait->reason, "%s %s (", node,
			  r == -ENOENT ? "does not exist" : "cannot be opened");
	access_describe(&wait->reason, node);
	buffer_add_string(&wait->reason, ")");
	return 1;
}

/* Return: 0, 1 if not all nodes can be opened, -ENODEV if the device has gone, other -errno. */
static int node_check_all(struct node_wait *wait)
{
	_cleanup_(device_info_unrefp) struct mdev_device_info *info = NULL;
	const char *group, *own;
	int r;

	buffer_clear(&wait->reason);
	r = device_info_get(wait->device, &info);
	if (r < 0)
		return r;
	group = mdev_device_info_get_group_node(info);
	own = mdev_device_info_get_vfio_node(info);
	if (!group && !own) {
		buffer_add_string(&wait->reason, mdev_device_info_get_driver(info) ?
				  "its driver has made no node" : "no driver is bound to it");
		return 1;
	}
	r = node_check(wait, group);
	return r ? r : node_check(wait, own);
}

/* What keeps nodes from being as somebody waits for them. */
static void node_add_causes(struct node_wait *wait)
{
	const struct mdev_device *device = wait->device;
	_cleanup_(definition_unrefp) struct mdev_definition *definition = NULL;
	struct mdev_ctx *ctx = device_ctx(device);
	_cleanup_buffer_ struct buffer udev = { 0 };
	const char *given;

	log_quietly(ctx);
	buffer_add_format(&udev, "%s" UDEVD_SOCKET, ctx->prefix);
	if (!udev.failed && access(udev.text, F_OK) < 0)
		buffer_add_string(&wait->reason, "; udev, which sets permissions, is not running");
	if (definition_find(ctx, mdev_device_get_parent(device), mdev_device_get_uuid(device),
			    &definition) < 0)
		return;
	given = mdev_definition_get_access(definition);
	if (given)
		buffer_add_format(&wait->reason, "; its definition gives access to %s", given);
	else
		buffer_add_string(&wait->reason, "; its definition gives access to nobody");
}

static int node_fail(struct node_wait *wait, int r)
{
	const struct mdev_device *device = wait->device;
	struct mdev_ctx *ctx = device_ctx(device);

	if (r == -ENODEV)
		return device_fail(device, r, "wait for the nodes of");
	if (r == -EPERM)
		return log_fail(ctx, r, "Only root can look whether %s can open the nodes of device "
				"%s", wait->who, mdev_device_get_uuid(device)->text);
	if (r < 0)
		return log_fail_kernel(ctx, r, "Failed to look whether %s can open the nodes of "
				       "device %s: " OS_ERROR, wait->who,
				       mdev_device_get_uuid(device)->text, OS_ERROR_ARGS(r));
	if (wait_is_interrupted(ctx))
		return log_fail(ctx, -EINTR, "Interrupted before %s could open the nodes of device "
				"%s", wait->who, mdev_device_get_uuid(device)->text);
	node_add_causes(wait);
	if (wait->reason.failed)
		return log_no_memory(ctx);
	return log_fail(ctx, -ETIMEDOUT, "%s cannot use device %s on %s yet: %s", wait->who,
			mdev_device_get_uuid(device)->text, mdev_device_get_parent(device),
			wait->reason.text);
}

MDEV_EXPORT int mdev_device_wait_access(const struct mdev_device *device, const char *who,
					unsigned int flags)
{
	_cleanup_(node_wait_clear) struct node_wait nodes = { .device = device, .who = who };
	_cleanup_operation_ struct operation operation =
		operation_of_device(OPERATION_DESCRIBE, device, flags);
	struct wait wait = {
		.ctx = operation.ctx, .never = flags & MDEV_OP_NO_WAIT,
	};
	int r;

	if (ANY_NULL(device, who))
		return log_null(operation.ctx);
	operation_call(&operation);
	r = operation_check_flags(&operation, MDEV_OP_NO_WAIT);
	if (r == 0)
		r = node_find_person(operation.ctx, who, &nodes.person);
	if (r == 0)
		r = operation_hold(&operation);
	if (r < 0)
		return r;
	wait_begin(&wait, "the nodes of device %s", operation.uuid->text);
	do
		r = node_check_all(&nodes);
	while (r > 0 && wait_a_little(&wait));
	wait_end(&wait);
	return r == 0 ? 0 : node_fail(&nodes, r);
}

/* Renewal ---------------------------------------------------------------------------- */

int node_renew_access(const struct mdev_device *device)
{
	_cleanup_handle_ struct handle handle = HANDLE_NONE;
	int r = device_reopen(device, &handle);

	if (r == 0)
		r = vfio_node_announce(handle.ctx, handle.dir);
	return r < 0 ? device_fail(device, r, "renew the permissions of") : 0;
}

MDEV_EXPORT int mdev_device_renew_access(const struct mdev_device *device)
{
	if (!device)
		return -EINVAL;
	log_call(device_ctx(device), .uuid = mdev_device_get_uuid(device)->text,
		 .parent = mdev_device_get_parent(device));
	return node_renew_access(device);
}
