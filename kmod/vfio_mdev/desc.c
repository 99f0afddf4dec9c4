// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks of what a driver says about its devices, so that no other file needs any.
 */
#include <linux/log2.h>

#include "internal.h"

#define REGION_FLAGS (VFIO_MDEV_READ | VFIO_MDEV_WRITE | VFIO_MDEV_MMAP | VFIO_MDEV_IO | \
		      VFIO_MDEV_64BIT | VFIO_MDEV_PREFETCH)

/*
 * What is for mapping is in pages of this size, whatever the kernel's: a description is valid on
 * every machine or on none.
 */
#define MAP_UNIT SZ_4K

/* A page of what the user maps is never shared with what is not for mapping. */
static bool areas_are_valid(const struct vfio_mdev_region *region)
{
	u64 end = 0;
	unsigned int i;

	if (!(region->flags & VFIO_MDEV_MMAP))
		return !region->nr_areas;
	/* The page tables have no write-only pages. */
	if (region->flags & VFIO_MDEV_IO || !(region->flags & VFIO_MDEV_READ) ||
	    !IS_ALIGNED(region->size, MAP_UNIT))
		return false;
	for (i = 0; i < region->nr_areas; i++) {
		const struct vfio_region_sparse_mmap_area *area = &region->areas[i];

		if (!IS_ALIGNED(area->offset, MAP_UNIT) || !IS_ALIGNED(area->size, MAP_UNIT) ||
		    !area->size || area->offset < end || area->offset > region->size ||
		    area->size > region->size - area->offset)
			return false;
		end = area->offset + area->size;
	}
	return true;
}

/* Where pages are larger than the parts for mapping, the region is not mapped but accessed. */
bool vfio_mdev_region_maps(const struct vfio_mdev_region *region)
{
	unsigned int i;

	for (i = 0; i < region->nr_areas; i++) {
		if (!PAGE_ALIGNED(region->areas[i].offset) || !PAGE_ALIGNED(region->areas[i].size))
			return false;
	}
	return region->flags & VFIO_MDEV_MMAP && PAGE_ALIGNED(region->size);
}

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
	if (!areas_are_valid(region))
		return false;
	/*
	 * The smallest sizes are those that the flag bits of a BAR leave room for; the largest in
	 * I/O space is what PCI allows a BAR there.
	 */
	if (!is_power_of_2(region->size) || region->size < (io ? 4 : 16) ||
	    region->size > (io ? SZ_256 : wide ? SZ_1T / 2 : SZ_2G))
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

const struct vfio_mdev_region *vfio_mdev_find_bar(const struct vfio_mdev_desc *desc, u64 index)
{
	unsigned int i;

	for (i = 0; i < desc->nr_regions; i++) {
		if (desc->regions[i].index == index)
			return &desc->regions[i];
	}
	return NULL;
}

/* Can the user map a part of what is between @start and @end? */
static bool maps_any(const struct vfio_mdev_region *region, u64 start, u64 end)
{
	unsigned int i;

	for (i = 0; i < region->nr_areas; i++) {
		if (region->areas[i].offset < end &&
		    start < region->areas[i].offset + region->areas[i].size)
			return true;
	}
	return region->flags & VFIO_MDEV_MMAP && !region->nr_areas;
}

static bool msix_part_is_valid(const struct vfio_mdev_region *bar, u64 offset, u64 size)
{
	return IS_ALIGNED(offset, 8) && offset + size <= bar->size &&
	       !maps_any(bar, offset, offset + size);
}

static bool msix_is_valid(const struct vfio_mdev_desc *desc)
{
	const struct vfio_mdev_msix_desc *msix = &desc->msix;
	const struct vfio_mdev_region *bar = vfio_mdev_find_bar(desc, msix->bar);
	u64 table = VFIO_MDEV_MSIX_TABLE(msix->vectors), pba = VFIO_MDEV_MSIX_PBA(msix->vectors);

	if (!msix->vectors)
		return true;
	if (msix->vectors > PCI_MSIX_FLAGS_QSIZE + 1 || !bar || bar->flags & VFIO_MDEV_IO ||
	    (bar->flags & VFIO_MDEV_MEM_RW) != VFIO_MDEV_MEM_RW)
		return false;
	return msix_part_is_valid(bar, msix->table, table) &&
	       msix_part_is_valid(bar, msix->pba, pba) &&
	       (msix->table + table <= msix->pba || msix->pba + pba <= msix->table);
}

static bool irqs_are_valid(const struct vfio_mdev_desc *desc)
{
	return desc->id.pin <= 4 && desc->nr_msi <= 32 &&
	       (!desc->nr_msi || is_power_of_2(desc->nr_msi)) && msix_is_valid(desc);
}

static bool has_ops(const struct vfio_mdev_desc *desc, const struct vfio_mdev_ops *ops)
{
	unsigned int i;

	for (i = 0; i < desc->nr_regions; i++) {
		if (desc->regions[i].flags & VFIO_MDEV_MMAP && !ops->page)
			return false;
	}
	return !desc->state_size || (ops->save && ops->load);
}

int vfio_mdev_desc_check(struct device *dev, const struct vfio_mdev_desc *desc,
			 const struct vfio_mdev_ops *ops)
{
	unsigned int i;

	if (!desc) {
		dev_err(dev, "the type has no description\n");
		return -EINVAL;
	}
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
	if (!irqs_are_valid(desc)) {
		dev_err(dev, "interrupts of the description are invalid\n");
		return -EINVAL;
	}
	if (!has_ops(desc, ops) || desc->state_size > VFIO_MDEV_STATE_MAX) {
		dev_err(dev, "the description has what the driver has no operation for\n");
		return -EINVAL;
	}
	return 0;
}
