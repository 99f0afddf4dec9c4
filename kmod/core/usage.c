// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who uses a registered object, a parent or a vendor driver, found by its address.
 *
 * <linux/mdev.h> leaves the core no room for a count in the objects themselves, and their
 * owners free them once they are unregistered. So the count is here: its memory stays until
 * the last user has let go of it, and unregistration waits for the users only, not for a
 * grace period. Users never wait: neither for each other nor for an unregistration, which
 * may itself wait for the sysfs file that they are called from.
 */
#include <linux/completion.h>
#include <linux/hashtable.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "core.h"

/**
 * struct mdev_usage - the users of a registered object
 * @node: place in the table
 * @object: address of the object, which is not looked into
 * @users: its users, and one for being registered
 * @unused: completed by the last of @users
 * @rcu: a search may still walk over a usage that left the table
 */
struct mdev_usage {
	struct hlist_node node;
	const void *object;
	refcount_t users;
	struct completion unused;
	struct rcu_head rcu;
};

static DEFINE_HASHTABLE(mdev_usages, 8);
/* Of changes to the table; searches need RCU only. */
static DEFINE_SPINLOCK(mdev_usages_lock);

/* Called with mdev_usages_lock held, or under RCU. */
static struct mdev_usage *mdev_usage_find(const void *object)
{
	struct mdev_usage *usage;

	hash_for_each_possible_rcu(mdev_usages, usage, node, (unsigned long)object,
				   lockdep_is_held(&mdev_usages_lock)) {
		if (usage->object == object)
			return usage;
	}
	return NULL;
}

/**
 * mdev_usage_register - from here on @object can be used
 * @object: the object, which is not registered
 *
 * Context: Process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int mdev_usage_register(const void *object)
{
	struct mdev_usage *usage;

	usage = kzalloc(sizeof(*usage), GFP_KERNEL);
	if (!usage)
		return -ENOMEM;

	usage->object = object;
	refcount_set(&usage->users, 1);
	init_completion(&usage->unused);
	spin_lock(&mdev_usages_lock);
	hash_add_rcu(mdev_usages, &usage->node, (unsigned long)object);
	spin_unlock(&mdev_usages_lock);
	return 0;
}

/**
 * mdev_usage_unregister - let nobody use @object any more, and wait for those who do
 * @object: given to mdev_usage_register(); nothing happens if it was not
 *
 * Context: Process context, sleeps. The caller is no user.
 */
void mdev_usage_unregister(const void *object)
{
	struct mdev_usage *usage;

	spin_lock(&mdev_usages_lock);
	usage = mdev_usage_find(object);
	if (usage)
		hash_del_rcu(&usage->node);
	spin_unlock(&mdev_usages_lock);
	if (!usage)
		return;

	mdev_usage_put(usage);
	wait_for_completion(&usage->unused);
	kfree_rcu(usage, rcu);
}

/**
 * mdev_usage_get - use an object
 * @object: perhaps registered
 *
 * Context: Any.
 * Return: to be given to mdev_usage_put(), or NULL if the object is not registered or being
 * unregistered.
 */
struct mdev_usage *mdev_usage_get(const void *object)
{
	struct mdev_usage *usage;

	rcu_read_lock();
	usage = mdev_usage_find(object);
	if (usage && !refcount_inc_not_zero(&usage->users))
		usage = NULL;
	rcu_read_unlock();
	return usage;
}

/**
 * mdev_usage_put - use an object no longer
 * @usage: from mdev_usage_get(); object and usage may be freed before this returns
 *
 * Context: Any.
 */
void mdev_usage_put(struct mdev_usage *usage)
{
	if (refcount_dec_and_test(&usage->users))
		complete(&usage->unused);
}
