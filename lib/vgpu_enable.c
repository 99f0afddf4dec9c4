// SPDX-License-Identifier: LGPL-2.1-or-later
/* How many virtual functions a GPU of Intel's has: PCI changes that from 0 and to 0 only. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lock.h"
#include "log.h"
#include "pci.h"
#include "store.h"
#include "sysfs.h"
#include "vgpu_xe.h"

#define COUNT	  "sriov_numvfs"
#define TOTAL	  "sriov_totalvfs"
#define AUTOPROBE "sriov_drivers_autoprobe"

/* An inode is all that is in the note; more is another file. */
#define NOTE_SIZE_MAX 64

/* The name of a file in run/mdevctl about a physical function; NULL without memory, to be freed. */
static char *count_file(const char *name, const char *suffix)
{
	char *file;

	return asprintf(&file, "%s.%s", name, suffix) < 0 ? NULL : file;
}

int xe_lock(struct mdev_ctx *ctx, const char *name, int *lock)
{
	_cleanup_free_ char *file = count_file(name, "xe-lock");

	return file ? lock_take_quietly(ctx, file, lock) : -ENOMEM;
}

int xe_read_count(struct mdev_ctx *ctx, int physical, struct xe_count *count)
{
	int r = sysfs_read_number(ctx, physical, COUNT, &count->enabled);

	return r < 0 ? r : sysfs_read_number(ctx, physical, TOTAL, &count->total);
}

/* Virtual functions that definitions name: how many, and the number of the last one. */
struct count_named {
	size_t count;
	unsigned int last;
};

static void count_find_named(struct mdev_ctx *ctx, const char *name, int physical,
			     const struct mdev_uuid *uuid, struct count_named *named)
{
	_cleanup_strings_ struct strings parents = { 0 };
	struct pci_layout layout;

	log_quietly(ctx);
	if (pci_read_layout(ctx, physical, &layout) < 0 || store_list_parents(ctx, &parents) < 0)
		return;
	for (size_t i = 0; i < parents.count; i++) {
		unsigned int number = pci_find_number(parents.items[i], name, &layout);

		if (number == 0 || store_count_others(ctx, parents.items[i], uuid) == 0)
			continue;
		named->count++;
		if (number > named->last)
			named->last = number;
	}
}

/*
 * What is being started, which may be defined, and what else is defined or will be started. A
 * function that a definition names cannot be had without those before it.
 */
static size_t count_wanted(struct mdev_ctx *ctx, const char *name, int physical,
			   const struct device_request *request)
{
	struct count_named named = { 0 };
	size_t count;

	count_find_named(ctx, name, physical, request->uuid, &named);
	count = 1 + request->more + store_count_others(ctx, name, request->uuid) + named.count;
	return count > named.last ? count : named.last;
}

/* Which functions are enabled now, as text: others after the next time. */
static int count_identify(int physical, char **text)
{
	uint64_t inode;
	int r = sysfs_get_inode(physical, "virtfn0/vendor", &inode);

	if (r < 0)
		return r;
	return asprintf(text, "%ju\n", (uintmax_t)inode) < 0 ? -ENOMEM : 0;
}

/* Without the note they stay enabled when the last device stops. */
static void count_note(struct mdev_ctx *ctx, const char *name, int physical)
{
	_cleanup_free_ char *file = count_file(name, "xe-enabled"), *text = NULL;

	if (file && count_identify(physical, &text) == 0 && lock_replace(ctx, file, 0644, text) < 0)
		log_debug(ctx, "The virtual functions of %s will stay enabled", name);
}

static bool count_is_noted(struct mdev_ctx *ctx, const char *name, int physical)
{
	_cleanup_free_ char *file = count_file(name, "xe-enabled"), *text = NULL, *noted = NULL;
	size_t length;

	return file && count_identify(physical, &text) == 0 &&
	       lock_read(ctx, file, NOTE_SIZE_MAX, &noted, &length) == 0 &&
	       strcmp(text, noted) == 0;
}

/* The host's driver would take the functions otherwise. */
static int count_write(struct mdev_ctx *ctx, int physical, unsigned int count)
{
	_cleanup_free_ char *probes = NULL;
	char text[sizeof("4294967295")];
	int r;

	snprintf(text, sizeof(text), "%u", count);
	r = sysfs_read(ctx, physical, AUTOPROBE, &probes);
	if (r == 0 && strcmp(probes, "0") != 0)
		r = sysfs_write(ctx, physical, AUTOPROBE, "0");
	if (r < 0 && r != -ENOENT)
		return r;
	r = sysfs_write(ctx, physical, COUNT, text);
	if (probes && strcmp(probes, "0") != 0 && sysfs_write(ctx, physical, AUTOPROBE, probes) < 0)
		log_debug(ctx, "Failed to restore " AUTOPROBE);
	return r;
}

int xe_enable(struct mdev_ctx *ctx, const char *name, int physical,
	      const struct device_request *request)
{
	struct xe_count count;
	size_t wanted;
	int r;

	r = xe_read_count(ctx, physical, &count);
	if (r < 0 || count.enabled > 0)
		return r;
	wanted = count_wanted(ctx, name, physical, request);
	if (wanted > count.total)
		wanted = count.total;
	r = count_write(ctx, physical, wanted);
	if (r < 0)
		return r == -ENOENT ? -EOPNOTSUPP : r;
	r = xe_read_count(ctx, physical, &count);
	if (r == 0 && count.enabled == 0)
		r = -EIO;
	if (r == 0)
		count_note(ctx, name, physical);
	return r;
}

static bool count_is_used(struct mdev_ctx *ctx, const char *name, int physical)
{
	_cleanup_strings_ struct strings names = { 0 };

	if (pci_list_functions_of(ctx, name, physical, &names) < 0)
		return true;
	for (size_t i = 0; i < names.count; i++) {
		_cleanup_free_ char *driver = NULL;
		_cleanup_close_ int dir = -1;

		if (sysfs_open(ctx, &dir, "bus/pci/devices/%s", names.items[i]) < 0 ||
		    xe_read_driver(dir, &driver) < 0 || driver)
			return true;
	}
	return false;
}

void xe_disable_unused(struct mdev_ctx *ctx, const char *name, int physical)
{
	_cleanup_free_ char *file = NULL;
	int r;

	if (!count_is_noted(ctx, name, physical) || count_is_used(ctx, name, physical))
		return;
	r = sysfs_write(ctx, physical, COUNT, "0");
	if (r < 0) {
		log_warning(ctx, "Failed to disable the virtual functions of %s: " OS_ERROR, name,
			    OS_ERROR_ARGS(r));
		return;
	}
	file = count_file(name, "xe-enabled");
	if (file)
		lock_remove(ctx, file);
}
