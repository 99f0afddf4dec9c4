// SPDX-License-Identifier: GPL-2.0-only
/* vfio_device_ops has the iommufd members (Linux 6.2). */
#include <linux/vfio.h>

extern const struct vfio_device_ops probe;
const struct vfio_device_ops probe = {
	.bind_iommufd = vfio_iommufd_emulated_bind,
	.unbind_iommufd = vfio_iommufd_emulated_unbind,
	.attach_ioas = vfio_iommufd_emulated_attach_ioas,
};
