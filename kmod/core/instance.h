/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the core keeps about a mediated device beyond the public struct mdev_device.
 */
#ifndef MDEV_INSTANCE_H
#define MDEV_INSTANCE_H

#include <linux/rcupdate.h>
#include <linux/rhashtable-types.h>

#include "core.h"

/**
 * struct mdev_instance - a mediated device as the core allocates it
 * @mdev: what vendor drivers see
 * @node: place in the index, keyed by mdev.uuid
 * @rcu: readers of the index may still walk over an instance that left it
 */
struct mdev_instance {
	struct mdev_device mdev;
	struct rhash_head node;
	struct rcu_head rcu;
};

static inline struct mdev_instance *to_mdev_instance(struct mdev_device *mdev)
{
	return container_of(mdev, struct mdev_instance, mdev);
}

#endif /* MDEV_INSTANCE_H */
