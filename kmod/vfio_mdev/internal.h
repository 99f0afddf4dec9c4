/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the toolkit share.
 *
 * Locking inside the toolkit, outermost first:
 *
 *	lock of the driver's registers (in .read, .write, .reset)
 *	vfio_mdev_config.lock, a mutex: the image of the configuration space
 *	vfio_mdev_irqs.lock, a mutex: which eventfds are set; VFIO_DEVICE_SET_IRQS and close
 *	vfio_mdev_irqs.state_lock, a spinlock: levels, masks and trigger eventfds
 *	the wait queue of an eventfd, with interrupts off
 *
 * The first three are never held together; each is held while the fourth is taken.
 */
#ifndef VFIO_MDEV_INTERNAL_H
#define VFIO_MDEV_INTERNAL_H

#include "compat.h"
#include "vfio_mdev.h"

struct vfio_mdev_irqfd;
struct vfio_mdev_vector;

/* desc.c: is a description one that the rest can rely on? */
int vfio_mdev_desc_check(struct device *dev, const struct vfio_mdev_desc *desc);

/* region.c: regions as the user sees them */
int vfio_mdev_region_info(struct vfio_device *vfio, struct vfio_region_info *info,
			  struct vfio_info_cap *caps);
ssize_t vfio_mdev_region_read(struct vfio_device *vfio, char __user *buf, size_t count,
			      loff_t *ppos);
ssize_t vfio_mdev_region_write(struct vfio_device *vfio, const char __user *buf, size_t count,
			       loff_t *ppos);

/* config.c: PCI configuration space */
struct vfio_mdev_config *vfio_mdev_config_new(const struct vfio_mdev_desc *desc);
void vfio_mdev_config_free(struct vfio_mdev_config *config);
void vfio_mdev_config_reset(struct vfio_mdev_device *vdev);
u64 vfio_mdev_config_read(struct vfio_mdev_device *vdev, u64 offset, unsigned int size);
void vfio_mdev_config_write(struct vfio_mdev_device *vdev, u64 offset, unsigned int size,
			    u64 value);

/* irq.c: interrupts */
struct vfio_mdev_irqs *vfio_mdev_irqs_new(const struct vfio_mdev_desc *desc);
void vfio_mdev_irqs_free(struct vfio_mdev_irqs *irqs);
void vfio_mdev_irqs_reset(struct vfio_mdev_irqs *irqs);
void vfio_mdev_irqs_close(struct vfio_mdev_irqs *irqs);
int vfio_mdev_irqs_info(struct vfio_mdev_irqs *irqs, struct vfio_irq_info *info);
int vfio_mdev_irqs_set(struct vfio_mdev_irqs *irqs, const struct vfio_irq_set __user *arg);
bool vfio_mdev_intx_asserted(struct vfio_mdev_irqs *irqs);
void vfio_mdev_intx_disable(struct vfio_mdev_irqs *irqs, bool disable);

/* irqfd.c: an eventfd by which the user acts on a vector */
struct vfio_mdev_irqfd *vfio_mdev_irqfd_new(int fd, struct vfio_mdev_vector *vector,
					    void (*action)(struct vfio_mdev_vector *vector));
void vfio_mdev_irqfd_free(struct vfio_mdev_irqfd *irqfd);

static inline struct vfio_mdev_device *to_vfio_mdev(struct vfio_device *vfio)
{
	return container_of(vfio, struct vfio_mdev_device, vfio);
}

#endif /* VFIO_MDEV_INTERNAL_H */
