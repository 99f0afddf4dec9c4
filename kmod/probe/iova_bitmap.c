// SPDX-License-Identifier: GPL-2.0-only
/*
 * The vfio core can report what a device has written. Since Linux 6.10 it can only where the kernel
 * has iommufd: elsewhere iova_bitmap_set() is an empty inline function, and so cannot be defined.
 */
#include <linux/iova_bitmap.h>

void iova_bitmap_set(struct iova_bitmap *bitmap, unsigned long iova, size_t length)
{
}
