/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the kernel does not keep of a vGPU: its UUID, and who started it as what. A file in
 * <root>/run/mdevctl for each that this library has started, readable for everybody.
 */
#ifndef LIB_VGPU_RECORD_H
#define LIB_VGPU_RECORD_H

#include "vgpu.h"

struct vgpu_record {
	struct mdev_uuid uuid;
	char *function;		/* its address */
	char *parent, *type;	/* as they were asked for */
	unsigned int id;	/* of the type that the function was given */
	char *name;		/* the vendor's name of it; empty if it is not known */
	char *owner;		/* of the definition; empty if it has none */
	char *identity;		/* which boot and registration it is of */
};

struct vgpu_records {
	struct vgpu_record *items;
	size_t count;
};

void vgpu_record_clear(struct vgpu_record *record);
void vgpu_records_clear(struct vgpu_records *records);

#define _cleanup_vgpu_record_  _cleanup_(vgpu_record_clear)
#define _cleanup_vgpu_records_ _cleanup_(vgpu_records_clear)

/*
 * Notes that @function is about to become this vGPU; any other record of the function is removed.
 * Under the lock of vgpu_lock(). Return: 0, -ENOLCK if there is no place for it, -errno.
 */
_must_check_ int vgpu_record_write(const struct vgpu_function *function,
				   const struct vgpu_record *record);

void vgpu_record_remove(struct mdev_ctx *ctx, const struct mdev_uuid *uuid);

/*
 * Reads that of a UUID. It may be about a function that has been reset, or given away, since:
 * vgpu_record_holds() tells. Return: 0, -ENODEV without a record, -ENOMEM.
 */
_must_check_ int vgpu_record_read(struct mdev_ctx *ctx, const struct mdev_uuid *uuid,
				  struct vgpu_record *record);

/* All that there are, in no order; -ENOMEM. What cannot be read is left out. */
_must_check_ int vgpu_records_read(struct mdev_ctx *ctx, struct vgpu_records *records);

/*
 * Whether the function, which has the type @current, is still what was started: not if the machine
 * has booted, or the function has gone and come, or another program has given it another type.
 * Return: 1, 0, -ENOMEM.
 */
_must_check_ int vgpu_record_holds(const struct vgpu_record *record, const struct vgpu_function *function,
		       unsigned int current);

/*
 * The UUID of a vGPU that another program has started: the same as long as it is there, and one that
 * is not made in any other way. Return: 0, -errno.
 */
_must_check_ int vgpu_make_uuid(const struct vgpu_function *function, unsigned int current,
				struct mdev_uuid *uuid);
bool vgpu_is_made_uuid(const struct mdev_uuid *uuid);

#endif
