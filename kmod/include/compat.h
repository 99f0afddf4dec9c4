/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Differences between the kernels the modules are built for, Linux 6.1 to 7.2,
 * kept here and nowhere else. The HAVE_* come from the headers themselves: see
 * probe.sh and the sources in probe/.
 *
 * A wrapper has a name of its own (compat_*) and takes the arguments of the newest
 * kernel: a macro named like a kernel function would change the kernel's headers.
 */
#ifndef LIBMDEV_COMPAT_H
#define LIBMDEV_COMPAT_H

#include <linux/device.h>
#include <linux/eventfd.h>
#include <linux/mm.h>
#include <linux/vfio.h>

#include "compat_probed.h"

/* Qualifies the driver that bus_type.match gets. */
#ifdef HAVE_BUS_MATCH_CONST
#define COMPAT_MATCH_CONST const
#else
#define COMPAT_MATCH_CONST
#endif

static inline int compat_class_link_create(struct class_compat *class, struct device *dev)
{
#ifdef HAVE_CLASS_COMPAT_TWO_ARGS
	return class_compat_create_link(class, dev);
#else
	return class_compat_create_link(class, dev, NULL);
#endif
}

static inline void compat_class_link_remove(struct class_compat *class, struct device *dev)
{
#ifdef HAVE_CLASS_COMPAT_TWO_ARGS
	class_compat_remove_link(class, dev);
#else
	class_compat_remove_link(class, dev, NULL);
#endif
}

/* A macro: before 6.4 class_create() keeps a static lock key per call site. */
#ifdef HAVE_CLASS_CREATE_ONE_ARG
#define compat_class_create(name) class_create(name)
#else
#define compat_class_create(name) class_create(THIS_MODULE, name)
#endif

static inline void compat_eventfd_signal(struct eventfd_ctx *ctx)
{
#ifdef HAVE_EVENTFD_SIGNAL_ONE_ARG
	eventfd_signal(ctx);
#else
	eventfd_signal(ctx, 1);
#endif
}

static inline void compat_vm_flags_set(struct vm_area_struct *vma, vm_flags_t flags)
{
#ifdef HAVE_VM_FLAGS_SET
	vm_flags_set(vma, flags);
#else
	vma->vm_flags |= flags;
#endif
}

static inline void compat_vm_flags_clear(struct vm_area_struct *vma, vm_flags_t flags)
{
#ifdef HAVE_VM_FLAGS_SET
	vm_flags_clear(vma, flags);
#else
	vma->vm_flags &= ~flags;
#endif
}

/* What tty_operations.write takes and gives. */
#ifdef HAVE_TTY_WRITE_SSIZE
#define compat_tty_ssize ssize_t
#define compat_tty_size size_t
#else
#define compat_tty_ssize int
#define compat_tty_size int
#endif

/* What tty_operations.send_xchar takes. */
#ifdef HAVE_TTY_XCHAR_U8
#define compat_tty_char u8
#else
#define compat_tty_char char
#endif

/* What tty_port_operations say yes and no with. */
#ifdef HAVE_TTY_PORT_BOOL
#define compat_tty_bool bool
#else
#define compat_tty_bool int
#endif

/* The last thing in vfio_device_ops.release: since 6.2 the core frees by itself. */
static inline void compat_vfio_device_free(struct vfio_device *vdev)
{
#ifdef HAVE_VFIO_FREE_DEVICE
	vfio_free_device(vdev);
#endif
}

/*
 * Members of vfio_device_ops that an emulated device must have where they exist:
 * with CONFIG_IOMMUFD registration fails when one is missing.
 */
#ifdef HAVE_VFIO_DETACH_IOAS
#define COMPAT_VFIO_DETACH_IOAS .detach_ioas = vfio_iommufd_emulated_detach_ioas,
#else
#define COMPAT_VFIO_DETACH_IOAS
#endif

#ifdef HAVE_VFIO_IOMMUFD_OPS
#define COMPAT_VFIO_IOMMUFD_OPS				\
	.bind_iommufd = vfio_iommufd_emulated_bind,		\
	.unbind_iommufd = vfio_iommufd_emulated_unbind,		\
	.attach_ioas = vfio_iommufd_emulated_attach_ioas,	\
	COMPAT_VFIO_DETACH_IOAS
#else
#define COMPAT_VFIO_IOMMUFD_OPS
#endif

/*
 * Where the vfio core has .get_region_info_caps, VFIO_DEVICE_GET_REGION_INFO never
 * reaches .ioctl, and a driver without the operation loses its regions with no
 * complaint from the compiler. Define the operation with the signature
 *
 *	int fn(struct vfio_device *, struct vfio_region_info *, struct vfio_info_cap *);
 *
 * name it here, and call it from .ioctl when HAVE_VFIO_REGION_INFO_CAPS is unset.
 */
#ifdef HAVE_VFIO_REGION_INFO_CAPS
#define COMPAT_VFIO_REGION_INFO_OP(fn) .get_region_info_caps = (fn),
#else
#define COMPAT_VFIO_REGION_INFO_OP(fn)
#endif

/*
 * Where the kernel cannot report what a device has written, to offer it would let a migration start
 * that fails later. The function that reports is in a namespace of symbols since Linux 6.10.
 */
#ifdef HAVE_IOVA_BITMAP
#define COMPAT_LOG_OPS(ops) (ops)
#else
#define COMPAT_LOG_OPS(ops) NULL
#endif

#ifdef HAVE_IMPORT_NS_TOKEN
#define COMPAT_IMPORT_NS_IOMMUFD MODULE_IMPORT_NS(IOMMUFD)
#else
#define COMPAT_IMPORT_NS_IOMMUFD MODULE_IMPORT_NS("IOMMUFD")
#endif

/* Where pre-copy migration is unknown, no device gets into its states. */
#ifdef VFIO_MIGRATION_PRE_COPY
#define COMPAT_MIGRATION_PRE_COPY VFIO_MIGRATION_PRE_COPY
#define COMPAT_DEVICE_STATE_PRE_COPY VFIO_DEVICE_STATE_PRE_COPY
#define COMPAT_DEVICE_STATE_PRE_COPY_P2P VFIO_DEVICE_STATE_PRE_COPY_P2P
#else
#define COMPAT_MIGRATION_PRE_COPY 0
#define COMPAT_DEVICE_STATE_PRE_COPY 6
#define COMPAT_DEVICE_STATE_PRE_COPY_P2P 7

struct vfio_precopy_info {
	__u32 argsz;
	__u32 flags;
	__aligned_u64 initial_bytes;
	__aligned_u64 dirty_bytes;
};

#define VFIO_MIG_GET_PRECOPY_INFO _IO(VFIO_TYPE, VFIO_BASE + 21)
#endif

/*
 * A member that a device with migration must have where it exists. Elsewhere the vfio core does not
 * know the feature, and leaves it to the operation for those of the driver.
 */
#ifdef HAVE_VFIO_MIGRATION_DATA_SIZE
#define COMPAT_VFIO_MIGRATION_DATA_SIZE_OP(fn) .migration_get_data_size = (fn),
#define COMPAT_VFIO_DEVICE_FEATURE_OP(fn)
#else
#define COMPAT_VFIO_MIGRATION_DATA_SIZE_OP(fn)
#define COMPAT_VFIO_DEVICE_FEATURE_OP(fn) .device_feature = (fn),
#define VFIO_DEVICE_FEATURE_MIG_DATA_SIZE 9

struct vfio_device_feature_mig_data_size {
	__aligned_u64 stop_copy_length;
};
#endif

#endif /* LIBMDEV_COMPAT_H */
