// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks of what a driver says about its devices, so that no other file needs any.
 */
#include <linux/log2.h>

#include "internal.h"

#define REGION_FLAGS (VFIO_MDEV_READ | VFIO_MDEV_WRITE | VFIO_MDEV_IO | VFIO_MDEV_64BIT | \
		      VFIO_MDEV_PREFETCH)

static bool region_is_valid(const struct vfio_mdev_region *region)
{
	bool io = region->flags & VFIO_MDEV_IO;
	bool wide = region->flags & VFIO_MDEV_64BIT;

	if (region->index > VFIO_PCI_BAR5_REGION_INDEX || region->flags & ~REGION_FLAGS)
		return false;
	if (io && region->flags & (VFIO_MDEV_64BIT | VFIO_MDEV_PREFETCH))
		return false;
	if (wide && region->index == VFIO_PCI_BAR5_REGION_INDEX)
		return false;
	/* The smallest sizes are those that the flag bits of a BAR leave room for. */
	if (!is_power_of_2(region->size) || region->size < (io ? 4 : 16) ||
	    region->size > (wide ? SZ_1T / 2 : SZ_2G))
		return false;
	return is_power_of_2(region->width) && region->width <= sizeof(u64) &&
	       region->width <= region->size;
}

/* Each BAR once, and none in the upper half of a 64-bit one. */
static bool bars_are_apart(const struct vfio_mdev_desc *desc)
{
	unsigned long used = 0;
	unsigned int i;

	for (i = 0; i < desc->nr_regions; i++) {
		unsigned long bars = desc->regions[i].flags & VFIO_MDEV_64BIT ? 3 : 1;

		bars <<= desc->regions[i].index;
		if (used & bars)
			return false;
		used |= bars;
	}
	return true;
}

int vfio_mdev_desc_check(struct device *dev, const struct vfio_mdev_desc *desc)
{
	unsigned int i;

	for (i = 0; i < desc->nr_regions; i++) {
		if (!region_is_valid(&desc->regions[i])) {
			dev_err(dev, "region %u of the description is invalid\n",
				desc->regions[i].index);
			return -EINVAL;
		}
	}
	if (!bars_are_apart(desc)) {
		dev_err(dev, "regions of the description overlap\n");
		return -EINVAL;
	}
	if (desc->id.pin > 4 || desc->nr_msi > 32 ||
	    (desc->nr_msi && !is_power_of_2(desc->nr_msi))) {
		dev_err(dev, "interrupts of the description are invalid\n");
		return -EINVAL;
	}
	return 0;
}
