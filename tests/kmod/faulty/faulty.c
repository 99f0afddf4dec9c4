// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module with a mistake of each kind that the debug kernel is there for: tests/vm/self-check
 * makes them, one by one, so that "not one report" says something about the other modules.
 */
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

static char *fault = "none";
module_param(fault, charp, 0);
MODULE_PARM_DESC(fault, "the mistake to make");

struct victim {
	struct list_head list;
	struct timer_list timer;
	refcount_t count;
	int value;
};

static DEFINE_SPINLOCK(lock);

static void sleep_in_atomic(struct victim *victim)
{
	spin_lock(&lock);
	might_sleep();
	spin_unlock(&lock);
}

static void shift_out_of_bounds(struct victim *victim)
{
	int by = 64 + victim->value;

	victim->value = 1 << by;
}

static void rcu_without_lock(struct victim *victim)
{
	struct victim __rcu *pointer = (struct victim __rcu __force *)victim;

	victim->value = rcu_dereference(pointer)->value;
}

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);

static void locks_in_both_orders(struct victim *victim)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);

	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
}

static void delete_twice(struct victim *victim)
{
	LIST_HEAD(head);

	list_add(&victim->list, &head);
	list_del(&victim->list);
	list_del(&victim->list);
}

static void refcount_underflow(struct victim *victim)
{
	refcount_set(&victim->count, 1);
	victim->value = refcount_dec_and_test(&victim->count);
	victim->value = refcount_dec_and_test(&victim->count);
}

static void expire(struct timer_list *timer)
{
}

static void free_active_timer(struct victim *victim)
{
	struct victim *other = kzalloc(sizeof(*other), GFP_KERNEL);

	if (!other)
		return;
	timer_setup(&other->timer, expire, 0);
	mod_timer(&other->timer, jiffies + 600 * HZ);
	kfree(other);
}

/* The size is what tests/vm/self-check looks for. */
static void leak(struct victim *victim)
{
	victim->value = !kzalloc(8192, GFP_KERNEL);
}

static void use_after_free(struct victim *victim)
{
	struct victim *other = kzalloc(sizeof(*other), GFP_KERNEL);

	if (!other)
		return;
	kfree(other);
	victim->value = READ_ONCE(other->value);
}

static const struct {
	const char *name;
	void (*make)(struct victim *victim);
} faults[] = {
	{ "sleep_in_atomic", sleep_in_atomic },
	{ "shift_out_of_bounds", shift_out_of_bounds },
	{ "rcu_without_lock", rcu_without_lock },
	{ "locks_in_both_orders", locks_in_both_orders },
	{ "delete_twice", delete_twice },
	{ "refcount_underflow", refcount_underflow },
	{ "free_active_timer", free_active_timer },
	{ "leak", leak },
	{ "use_after_free", use_after_free },
};

/* Loads, makes it, and is not there: unloading is not needed. */
static int __init faulty_init(void)
{
	struct victim *victim = kzalloc(sizeof(*victim), GFP_KERNEL);
	unsigned int i;

	if (!victim)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		if (!strcmp(faults[i].name, fault))
			faults[i].make(victim);
	}
	kfree(victim);
	return -ENODEV;
}
module_init(faulty_init);

MODULE_DESCRIPTION("Mistakes that a debug kernel has to find");
MODULE_LICENSE("GPL");
