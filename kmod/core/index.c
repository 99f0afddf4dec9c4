// SPDX-License-Identifier: GPL-2.0-only
/*
 * Index of the UUIDs in use. A UUID names one device of the machine, whatever its
 * parent, and finding a duplicate has to cost the same with ten devices and with
 * fifty thousand, without parents waiting for each other: hence a hash table that
 * grows and locks by bucket.
 */
#include <linux/rhashtable.h>

#include "instance.h"

static struct rhashtable mdev_index;

static const struct rhashtable_params mdev_index_params = {
	.key_offset = offsetof(struct mdev_instance, mdev.uuid),
	.key_len = sizeof_field(struct mdev_instance, mdev.uuid),
	.head_offset = offsetof(struct mdev_instance, node),
	.automatic_shrinking = true,
};

int mdev_index_init(void)
{
	return rhashtable_init(&mdev_index, &mdev_index_params);
}

void mdev_index_exit(void)
{
	rhashtable_destroy(&mdev_index);
}

/* -EEXIST when another instance has the UUID. */
int mdev_index_insert(struct mdev_instance *instance)
{
	return rhashtable_lookup_insert_fast(&mdev_index, &instance->node, mdev_index_params);
}

void mdev_index_remove(struct mdev_instance *instance)
{
	rhashtable_remove_fast(&mdev_index, &instance->node, mdev_index_params);
}
