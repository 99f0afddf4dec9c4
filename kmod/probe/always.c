// SPDX-License-Identifier: GPL-2.0-only
/* Compiles on every kernel; if it does not, no other answer can be trusted. */
#include <linux/device.h>
#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/vfio.h>

int probe(struct vfio_device *vdev);

int probe(struct vfio_device *vdev)
{
	return vfio_register_emulated_iommu_dev(vdev);
}
