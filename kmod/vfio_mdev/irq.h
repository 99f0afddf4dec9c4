/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How interrupts are kept: for irq.c, which says when they are signalled, and irq_set.c, which
 * does what the user asks.
 */
#ifndef VFIO_MDEV_IRQ_H
#define VFIO_MDEV_IRQ_H

#include <linux/mutex.h>
#include <linux/nospec.h>
#include <linux/spinlock.h>

#include "internal.h"

/**
 * struct vfio_mdev_vector - one interrupt
 * @irqs: the device's interrupts, for the lock
 * @trigger: what is signalled; NULL: nobody listens
 * @mask_fd: eventfd by which the user masks; under vfio_mdev_irqs.lock
 * @unmask_fd: eventfd by which the user unmasks; under vfio_mdev_irqs.lock
 * @automask: delivery masks; constant
 * @level: the device asserts it
 * @pending: it was raised for once and has not been delivered
 * @masked: by the user or by delivery. An eventfd of the user's changes it without the lock.
 * @unended: by delivery, and not unmasked since. Changes like @masked.
 * @disabled: by the guest, in the device's registers
 * @keeps: it stays pending while nobody listens
 * @held: the device is stopped
 *
 * What has no other lock is under vfio_mdev_irqs.state_lock.
 */
struct vfio_mdev_vector {
	struct vfio_mdev_irqs *irqs;
	struct eventfd_ctx *trigger;
	struct vfio_mdev_irqfd *mask_fd;
	struct vfio_mdev_irqfd *unmask_fd;
	bool automask;
	bool level;
	bool pending;
	bool masked;
	bool unended;
	bool disabled;
	bool keeps;
	bool held;
};

/**
 * struct vfio_mdev_irq - the interrupts of one index
 * @flags: VFIO_IRQ_INFO_*
 * @count: how many vectors, 0 if the device has no such interrupts
 * @enabled: the user has set eventfds, and not disabled the index since; under
 *	vfio_mdev_irqs.lock
 * @vectors: the vectors
 */
struct vfio_mdev_irq {
	u32 flags;
	u32 count;
	bool enabled;
	struct vfio_mdev_vector *vectors;
};

/**
 * struct vfio_mdev_irqs - all interrupts of a device
 * @lock: lets one VFIO_DEVICE_SET_IRQS change eventfds at a time
 * @state_lock: protects the state of the vectors
 * @index: by VFIO_PCI_*_IRQ_INDEX
 * @msix: the table of MSI-X, NULL if there is none; under @state_lock
 * @device_vectors: how many belong to the device, which are the first: INTx, MSI, MSI-X.
 *	The others tell the user something about the device.
 * @vectors: those of all indexes
 */
struct vfio_mdev_irqs {
	struct mutex lock; /* eventfds */
	spinlock_t state_lock; /* vectors */
	struct vfio_mdev_irq index[VFIO_PCI_NUM_IRQS];
	struct vfio_mdev_msix *msix;
	unsigned int device_vectors;
	struct vfio_mdev_vector vectors[];
};

static inline struct vfio_mdev_irq *vfio_mdev_find_irq(struct vfio_mdev_irqs *irqs, u32 index)
{
	if (index >= VFIO_PCI_NUM_IRQS)
		return NULL;
	return &irqs->index[array_index_nospec(index, VFIO_PCI_NUM_IRQS)];
}

/*
 * In a walk over many vectors, under the lock and @flags, behind vector @i: each may signal an
 * eventfd, and interrupts are off. Lets others have the lock now and then. Sleeps.
 */
void vfio_mdev_irqs_pause(struct vfio_mdev_irqs *irqs, unsigned int i, unsigned long *flags);
/* Signals the user if there is something to signal and nothing against it. Under the lock. */
void vfio_mdev_vector_deliver(struct vfio_mdev_vector *vector);
void vfio_mdev_vector_raise(struct vfio_mdev_vector *vector);
/* The user plays the device: signals the vector's own eventfd, and leaves no trace without one. */
void vfio_mdev_vector_loop_back(struct vfio_mdev_vector *vector);
void vfio_mdev_vector_mask(struct vfio_mdev_vector *vector);
void vfio_mdev_vector_unmask(struct vfio_mdev_vector *vector);
/*
 * The same without a lock, for eventfds, and without a signal: true if the caller has to see to it
 * that vfio_mdev_vector_redeliver() is called, by somebody who may signal.
 */
bool vfio_mdev_vector_mask_at_once(struct vfio_mdev_vector *vector);
bool vfio_mdev_vector_unmask_at_once(struct vfio_mdev_vector *vector);
void vfio_mdev_vector_redeliver(struct vfio_mdev_vector *vector);
/* Exchanges the eventfd, and gives back the old one for the caller to put. */
struct eventfd_ctx *vfio_mdev_vector_set_trigger(struct vfio_mdev_vector *vector,
						 struct eventfd_ctx *trigger);
/* Back to how it was before the user set anything. What the device says stays. */
void vfio_mdev_irq_release(struct vfio_mdev_irq *irq);

#endif /* VFIO_MDEV_IRQ_H */
