// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mediated device core: loading and unloading.
 *
 * The interface is the kernel's own <linux/mdev.h>, so that this module stands in
 * for the in-tree mdev.ko under every vendor driver.
 */
#include <linux/module.h>

#include "core.h"

static int __init mdev_init(void)
{
	int ret;

	ret = mdev_index_init();
	if (ret)
		return ret;

	ret = mdev_bus_init();
	if (ret)
		mdev_index_exit();
	return ret;
}

static void __exit mdev_exit(void)
{
	mdev_bus_exit();
	mdev_device_exit();
	mdev_index_exit();
}

module_init(mdev_init)
module_exit(mdev_exit)

MODULE_DESCRIPTION("Mediated device core");
MODULE_AUTHOR("The libmdev authors");
MODULE_VERSION("0.1.0");
MODULE_LICENSE("GPL");
