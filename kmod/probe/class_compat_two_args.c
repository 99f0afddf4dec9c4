// SPDX-License-Identifier: GPL-2.0-only
/* class_compat_create_link() has lost its third argument (after Linux 6.12). */
#include <linux/device.h>

int probe(struct class_compat *compat, struct device *dev);

int probe(struct class_compat *compat, struct device *dev)
{
	return class_compat_create_link(compat, dev);
}
