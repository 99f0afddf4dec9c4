/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Devices that are virtual functions, whichever driver hands them out: found by the notes of
 * vgpu_record.h, and made and removed by a transport. What is here has the place of the members of
 * struct backend with these names, for the interface that the transport belongs to.
 */
#ifndef LIB_VGPU_DEVICE_H
#define LIB_VGPU_DEVICE_H

#include "vgpu_view.h"

/*
 * Opens a parent, whose cache becomes a view of it. @look: whether the PCI device is one: 0,
 * -ENODEV, -errno.
 */
_must_check_ int vgpu_parent_open(struct mdev_ctx *ctx, const struct backend *backend,
				  const char *name,
				  int (*look)(struct mdev_ctx *ctx, const char *name, int dir),
				  struct handle *parent);

_must_check_ int vgpu_device_resolve(struct mdev_ctx *ctx, const char *name, char **path);

/* The function that a device is. Return: as vgpu_open(). */
_must_check_ int vgpu_device_open(const struct handle *device, struct vgpu_function *function);

_must_check_ int vgpu_device_list(struct mdev_ctx *ctx, const struct backend *backend,
				  const char *parent, struct device_sink *sink);
/* Of any interface that is reached by a transport. */
_must_check_ int vgpu_device_find(struct mdev_ctx *ctx, const struct mdev_uuid *uuid,
				  struct device_place *place, struct handle *device);
bool vgpu_device_is_alive(const struct handle *device);

/* Gives the first function of the parent that can have it the type @id. */
_must_check_ int vgpu_device_create(const struct handle *parent,
				    const struct device_request *request, unsigned int id,
				    struct handle *device);
_must_check_ int vgpu_device_remove(const struct handle *device, const struct mdev_uuid *uuid);

/* Whether the event is of a PCI device of the vendor: "10DE". */
bool vgpu_may_change(const struct uevent *uevent, const char *vendor);

#endif
