// SPDX-License-Identifier: GPL-2.0-only
/* bus_type.match takes a const driver (Linux 6.11). */
#include <linux/device.h>

int probe(struct device *dev, const struct device_driver *drv);

int probe(struct device *dev, const struct device_driver *drv)
{
	const struct bus_type bus = { .match = probe };

	return bus.match(dev, drv);
}
