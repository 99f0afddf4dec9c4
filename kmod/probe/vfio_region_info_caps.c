// SPDX-License-Identifier: GPL-2.0-only
/*
 * The vfio core answers VFIO_DEVICE_GET_REGION_INFO through an operation of its
 * own and no longer hands it to .ioctl (after Linux 6.12).
 */
#include <linux/vfio.h>

int probe(struct vfio_device *vdev, struct vfio_region_info *info, struct vfio_info_cap *caps);

int probe(struct vfio_device *vdev, struct vfio_region_info *info, struct vfio_info_cap *caps)
{
	const struct vfio_device_ops ops = { .get_region_info_caps = probe };

	return ops.get_region_info_caps(vdev, info, caps);
}
