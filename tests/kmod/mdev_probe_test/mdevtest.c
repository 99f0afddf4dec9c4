// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vendor driver whose devices do nothing, for testing the mediated device core.
 *
 * Parents /sys/devices/virtual/mdevtest/mdevtest<n>:
 *	0, 1	types plain and bare; max_instances devices each; with a description
 *	2	type counted; the driver counts its devices itself; no description
 *
 * Writing 0 or 1 to a parent's "registered" unregisters or registers it, and to "drivers" of
 * any parent both drivers. What a test wants probe and remove to do is said by the module's
 * parameters. With parents_first the module goes the way of Intel's GVT-g: parents are
 * registered before their drivers, and the drivers are unregistered before the parents.
 */
#include <linux/device.h>
#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "compat.h"

static unsigned int max_instances = 8;
module_param(max_instances, uint, 0444);
MODULE_PARM_DESC(max_instances, "devices that each parent can have");

static bool parents_first;
module_param(parents_first, bool, 0444);
MODULE_PARM_DESC(parents_first, "register parents before drivers, unregister drivers before parents");

static int probe_error;
module_param(probe_error, int, 0644);
MODULE_PARM_DESC(probe_error, "errno that probe fails with, 0 to succeed");

static int bound;
static atomic_t bound_count = ATOMIC_INIT(0);
static int waiting;
static atomic_t waiting_count = ATOMIC_INIT(0);

static int get_count(char *buf, const struct kernel_param *kp)
{
	const atomic_t *count = kp->arg == &bound ? &bound_count : &waiting_count;

	return sysfs_emit(buf, "%d\n", atomic_read(count));
}

static const struct kernel_param_ops count_ops = { .get = get_count };

module_param_cb(bound, &count_ops, &bound, 0444);
MODULE_PARM_DESC(bound, "devices between probe and remove");
module_param_cb(waiting, &count_ops, &waiting, 0444);
MODULE_PARM_DESC(waiting, "probes and removes held");

/* Gates, for tests that want to see what happens meanwhile. */
static DECLARE_WAIT_QUEUE_HEAD(gates);

static int set_gate(const char *value, const struct kernel_param *kp)
{
	int ret = param_set_bool(value, kp);

	wake_up_all(&gates);
	return ret;
}

static const struct kernel_param_ops gate_ops = { .set = set_gate, .get = param_get_bool };

static bool hold_probe;
module_param_cb(hold_probe, &gate_ops, &hold_probe, 0644);
MODULE_PARM_DESC(hold_probe, "probe waits until this is cleared");
static bool hold_remove;
module_param_cb(hold_remove, &gate_ops, &hold_remove, 0644);
MODULE_PARM_DESC(hold_remove, "remove waits until this is cleared");

static void pass_gate(bool *held)
{
	atomic_inc(&waiting_count);
	wait_event(gates, !READ_ONCE(*held));
	atomic_dec(&waiting_count);
}

/* A reference that outlives the device, for as long as keep_reference is set. */
static struct device *kept;

static int set_keep_reference(const char *value, const struct kernel_param *kp)
{
	int ret = param_set_bool(value, kp);

	if (!ret && !*(bool *)kp->arg)
		put_device(xchg(&kept, NULL));
	return ret;
}

static const struct kernel_param_ops keep_ops = {
	.set = set_keep_reference,
	.get = param_get_bool,
};

static bool keep_reference;
module_param_cb(keep_reference, &keep_ops, &keep_reference, 0644);
MODULE_PARM_DESC(keep_reference, "keep a reference on the next device until this is cleared");

static atomic_t counted_left;

static bool is_counted(struct mdev_device *mdev);

static int mdevtest_probe(struct mdev_device *mdev)
{
	struct device *dev = mdev_dev(mdev);

	pass_gate(&hold_probe);
	if (probe_error)
		return -probe_error;
	if (is_counted(mdev) && !atomic_add_unless(&counted_left, -1, 0))
		return -ENOSPC;
	if (keep_reference && !cmpxchg(&kept, NULL, dev))
		get_device(dev);
	atomic_inc(&bound_count);
	return 0;
}

static void mdevtest_remove(struct mdev_device *mdev)
{
	pass_gate(&hold_remove);
	if (is_counted(mdev))
		atomic_inc(&counted_left);
	atomic_dec(&bound_count);
}

static ssize_t mdevtest_description(struct mdev_type *type, char *buf)
{
	return sysfs_emit(buf, "does nothing, as %s\n", type->sysfs_name);
}

static unsigned int counted_available(struct mdev_type *type)
{
	return atomic_read(&counted_left);
}

static struct mdev_driver mdevtest_driver = {
	.device_api = "vfio-test",
	.probe = mdevtest_probe,
	.remove = mdevtest_remove,
	.show_description = mdevtest_description,
	.driver = { .name = "mdevtest", .owner = THIS_MODULE, .mod_name = KBUILD_MODNAME },
};

static struct mdev_driver counted_driver = {
	.device_api = "vfio-counted",
	.probe = mdevtest_probe,
	.remove = mdevtest_remove,
	.get_available = counted_available,
	.driver = { .name = "mdevtest_counted", .owner = THIS_MODULE, .mod_name = KBUILD_MODNAME },
};

static bool is_counted(struct mdev_device *mdev)
{
	return mdev->type->parent->mdev_driver == &counted_driver;
}

/* Both drivers, which a test may take away and bring back under their parents. */
static DEFINE_MUTEX(drivers_lock);
static bool drivers_registered;

static int test_drivers_register(void)
{
	int ret;

	ret = mdev_register_driver(&mdevtest_driver);
	if (ret)
		return ret;
	ret = mdev_register_driver(&counted_driver);
	if (ret) {
		mdev_unregister_driver(&mdevtest_driver);
		return ret;
	}
	drivers_registered = true;
	return 0;
}

static void test_drivers_unregister(void)
{
	if (!drivers_registered)
		return;
	mdev_unregister_driver(&counted_driver);
	mdev_unregister_driver(&mdevtest_driver);
	drivers_registered = false;
}

/* Of every parent, and no parameter: those share a lock, which a gate needs to be opened. */
static ssize_t drivers_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", READ_ONCE(drivers_registered));
}

static ssize_t drivers_store(struct device *dev, struct device_attribute *attr, const char *buf,
			     size_t count)
{
	bool wanted;
	int ret;

	ret = kstrtobool(buf, &wanted);
	if (ret)
		return ret;

	mutex_lock(&drivers_lock);
	if (!wanted)
		test_drivers_unregister();
	else if (!drivers_registered)
		ret = test_drivers_register();
	mutex_unlock(&drivers_lock);
	return ret ? ret : count;
}
static DEVICE_ATTR_RW(drivers);

struct test_parent {
	struct device *dev;
	struct mdev_driver *driver;
	struct mdev_parent parent;
	struct mdev_type types[2];
	struct mdev_type *type_pointers[2];
	unsigned int nr_types;
	struct mutex lock;	/* of registered */
	bool registered;
};

static int test_parent_register(struct test_parent *test)
{
	int ret;

	if (test->registered)
		return 0;
	ret = mdev_register_parent(&test->parent, test->dev, test->driver, test->type_pointers,
				   test->nr_types);
	test->registered = !ret;
	return ret;
}

/* Poisoned, to find whoever still looks at what unregistration handed back. */
static void test_parent_unregister(struct test_parent *test)
{
	unsigned int i;

	if (!test->registered)
		return;
	mdev_unregister_parent(&test->parent);
	test->registered = false;
	memset(&test->parent, 0x5a, sizeof(test->parent));
	for (i = 0; i < test->nr_types; i++)
		memset(&test->types[i].kobj, 0x5a, sizeof(test->types[i].kobj));
}

static ssize_t registered_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct test_parent *test = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%d\n", READ_ONCE(test->registered));
}

static ssize_t registered_store(struct device *dev, struct device_attribute *attr,
				const char *buf, size_t count)
{
	struct test_parent *test = dev_get_drvdata(dev);
	bool wanted;
	int ret;

	ret = kstrtobool(buf, &wanted);
	if (ret)
		return ret;

	mutex_lock(&test->lock);
	if (wanted)
		ret = test_parent_register(test);
	else
		test_parent_unregister(test);
	mutex_unlock(&test->lock);
	return ret ? ret : count;
}
static DEVICE_ATTR_RW(registered);

static struct attribute *test_parent_attrs[] = {
	&dev_attr_drivers.attr,
	&dev_attr_registered.attr,
	NULL
};
ATTRIBUTE_GROUPS(test_parent);

static struct class *test_class;
static struct test_parent *parents[3];

static void test_parent_add_type(struct test_parent *test, const char *name, const char *pretty)
{
	struct mdev_type *type = &test->types[test->nr_types];

	type->sysfs_name = name;
	type->pretty_name = pretty;
	test->type_pointers[test->nr_types++] = type;
}

static struct test_parent *test_parent_new(unsigned int number)
{
	struct test_parent *test;
	int ret;

	test = kzalloc(sizeof(*test), GFP_KERNEL);
	if (!test)
		return ERR_PTR(-ENOMEM);

	mutex_init(&test->lock);
	if (number == 2) {
		test->driver = &counted_driver;
		test_parent_add_type(test, "counted", NULL);
	} else {
		test->driver = &mdevtest_driver;
		test_parent_add_type(test, "plain", "Plain test device");
		test_parent_add_type(test, "bare", NULL);
	}

	test->dev = device_create_with_groups(test_class, NULL, 0, test, test_parent_groups,
					      "mdevtest%u", number);
	if (IS_ERR(test->dev)) {
		ret = PTR_ERR(test->dev);
		goto err_free;
	}
	ret = test_parent_register(test);
	if (ret)
		goto err_device;
	return test;

err_device:
	device_unregister(test->dev);
err_free:
	kfree(test);
	return ERR_PTR(ret);
}

static void test_parent_free(struct test_parent *test)
{
	device_remove_file(test->dev, &dev_attr_drivers);
	device_remove_file(test->dev, &dev_attr_registered);
	test_parent_unregister(test);
	device_unregister(test->dev);
	kfree(test);
}

static void test_parents_free(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(parents) && parents[i]; i++)
		test_parent_free(parents[i]);
}

static int test_parents_new(void)
{
	struct test_parent *test;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(parents); i++) {
		test = test_parent_new(i);
		if (IS_ERR(test)) {
			test_parents_free();
			return PTR_ERR(test);
		}
		parents[i] = test;
	}
	return 0;
}

/*
 * As vfio_ccw, with a parent for each of hundreds of subchannels: writing a number to "many"
 * registers and unregisters so many parents; what each pass took, in nanoseconds, is read from it.
 */
static u64 many_register_ns, many_unregister_ns;

static int many_new(struct test_parent **many, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		many[i] = test_parent_new(3 + i);
		if (IS_ERR(many[i]))
			return i;
	}
	return count;
}

static int many_set(const char *value, const struct kernel_param *kp)
{
	struct test_parent **many;
	unsigned int wanted, count, i;
	u64 start;
	int ret;

	ret = kstrtouint(value, 0, &wanted);
	if (ret)
		return ret;
	many = kvcalloc(wanted, sizeof(*many), GFP_KERNEL);
	if (!many)
		return -ENOMEM;

	start = ktime_get_ns();
	count = many_new(many, wanted);
	many_register_ns = ktime_get_ns() - start;
	start = ktime_get_ns();
	for (i = 0; i < count; i++)
		test_parent_unregister(many[i]);
	many_unregister_ns = ktime_get_ns() - start;

	for (i = 0; i < count; i++)
		test_parent_free(many[i]);
	kvfree(many);
	return count == wanted ? 0 : -ENOMEM;
}

static int many_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%llu %llu\n", many_register_ns, many_unregister_ns);
}

static const struct kernel_param_ops many_ops = { .set = many_set, .get = many_get };
module_param_cb(many, &many_ops, NULL, 0644);
MODULE_PARM_DESC(many, "number of parents to register and unregister");

static int test_register_all(void)
{
	int ret;

	ret = parents_first ? test_parents_new() : test_drivers_register();
	if (ret)
		return ret;
	ret = parents_first ? test_drivers_register() : test_parents_new();
	if (!ret)
		return 0;

	if (parents_first)
		test_parents_free();
	else
		test_drivers_unregister();
	return ret;
}

static int __init mdevtest_init(void)
{
	int ret;

	mdevtest_driver.max_instances = max_instances;
	atomic_set(&counted_left, max_instances);

	test_class = compat_class_create("mdevtest");
	if (IS_ERR(test_class))
		return PTR_ERR(test_class);
	ret = test_register_all();
	if (ret)
		class_destroy(test_class);
	return ret;
}

static void __exit mdevtest_exit(void)
{
	if (parents_first)
		test_drivers_unregister();
	test_parents_free();
	test_drivers_unregister();
	class_destroy(test_class);
	put_device(kept);
}

module_init(mdevtest_init)
module_exit(mdevtest_exit)

MODULE_DESCRIPTION("Test driver for the mediated device core");
MODULE_LICENSE("GPL");
