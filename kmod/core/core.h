/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the mediated device core know of each other.
 *
 * Includes <linux/mdev.h> and nothing else, and has to stay so. The version of an
 * exported symbol is computed from the types that are complete where it is exported:
 * with one include more or less driver.c and parent.c would export versions that differ
 * from the in-tree core's, and vendor drivers built for that one would refuse to load.
 * tests/kmod/modules.bats compares them.
 */
#ifndef MDEV_CORE_H
#define MDEV_CORE_H

#include <linux/mdev.h>

/* bus.c: the "mdev" bus and the links in /sys/class/mdev_bus */
extern struct bus_type mdev_bus_type;
int mdev_bus_init(void);
void mdev_bus_exit(void);
int mdev_bus_link_create(struct device *parent);
void mdev_bus_link_remove(struct device *parent);

/* type.c: mdev_supported_types below a parent */
int mdev_types_add(struct mdev_parent *parent);
void mdev_types_remove(struct mdev_parent *parent);

/* device.c: the life of a mediated device */
int mdev_device_create(struct mdev_type *type, const guid_t *uuid);
void mdev_device_remove_all(struct mdev_parent *parent);
void mdev_device_exit(void);

/* index.c: the UUIDs in use, over all parents */
struct mdev_instance;
int mdev_index_init(void);
void mdev_index_exit(void);
int mdev_index_insert(struct mdev_instance *instance);
void mdev_index_remove(struct mdev_instance *instance);

/* usage.c: who uses a registered parent or driver */
struct mdev_usage;
int mdev_usage_register(const void *object);
void mdev_usage_unregister(const void *object);
struct mdev_usage *mdev_usage_get(const void *object);
void mdev_usage_put(struct mdev_usage *usage);

/* trace.c: events of objects whose files cannot include the tracepoints */
void mdev_trace_parent_register(struct mdev_parent *parent, int result);
void mdev_trace_parent_unregister(struct mdev_parent *parent);

#endif /* MDEV_CORE_H */
