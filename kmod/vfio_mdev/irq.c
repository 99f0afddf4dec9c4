// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts: who is signalled, and when.
 *
 * Every interrupt of every kind is a vector, and one rule says when its eventfd is
 * signalled: deliver(). INTx is a vector with a level that masks itself when it has
 * been delivered; MSI is one that is pending for a moment.
 */
#include <linux/eventfd.h>
#include <linux/mutex.h>
#include <linux/nospec.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>

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
 * @masked: by the user or by delivery
 * @disabled: by the guest, in the device's registers
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
	bool disabled;
};

/**
 * struct vfio_mdev_irq - the interrupts of one index
 * @flags: VFIO_IRQ_INFO_*
 * @count: how many vectors, 0 if the device has no such interrupts
 * @vectors: the vectors
 */
struct vfio_mdev_irq {
	u32 flags;
	u32 count;
	struct vfio_mdev_vector *vectors;
};

/**
 * struct vfio_mdev_irqs - all interrupts of a device
 * @lock: lets one VFIO_DEVICE_SET_IRQS change eventfds at a time
 * @state_lock: protects the state of the vectors
 * @index: by VFIO_PCI_*_IRQ_INDEX
 * @vectors: those of all indexes
 */
struct vfio_mdev_irqs {
	struct mutex lock; /* eventfds */
	spinlock_t state_lock; /* vectors */
	struct vfio_mdev_irq index[VFIO_PCI_NUM_IRQS];
	struct vfio_mdev_vector vectors[];
};

/* MSI-X is offered by no device yet, and there is nothing to report by ERR. */
static u32 vectors_of(const struct vfio_mdev_desc *desc, unsigned int index)
{
	switch (index) {
	case VFIO_PCI_INTX_IRQ_INDEX:
		return desc->id.pin ? 1 : 0;
	case VFIO_PCI_MSI_IRQ_INDEX:
		return desc->nr_msi;
	case VFIO_PCI_REQ_IRQ_INDEX:
		return 1;
	default:
		return 0;
	}
}

struct vfio_mdev_irqs *vfio_mdev_irqs_new(const struct vfio_mdev_desc *desc)
{
	struct vfio_mdev_vector *vector;
	struct vfio_mdev_irqs *irqs;
	unsigned int index, i;
	size_t total = 0;

	for (index = 0; index < VFIO_PCI_NUM_IRQS; index++)
		total += vectors_of(desc, index);

	irqs = kzalloc(struct_size(irqs, vectors, total), GFP_KERNEL);
	if (!irqs)
		return NULL;

	mutex_init(&irqs->lock);
	spin_lock_init(&irqs->state_lock);
	vector = irqs->vectors;
	for (index = 0; index < VFIO_PCI_NUM_IRQS; index++) {
		struct vfio_mdev_irq *irq = &irqs->index[index];

		irq->count = vectors_of(desc, index);
		irq->vectors = vector;
		if (irq->count)
			irq->flags = VFIO_IRQ_INFO_EVENTFD;
		if (irq->count && index == VFIO_PCI_INTX_IRQ_INDEX)
			irq->flags |= VFIO_IRQ_INFO_MASKABLE | VFIO_IRQ_INFO_AUTOMASKED;
		for (i = 0; i < irq->count; i++, vector++) {
			vector->irqs = irqs;
			vector->automask = irq->flags & VFIO_IRQ_INFO_AUTOMASKED;
		}
	}
	return irqs;
}

/* After vfio_mdev_irqs_close(). */
void vfio_mdev_irqs_free(struct vfio_mdev_irqs *irqs)
{
	if (!irqs)
		return;
	mutex_destroy(&irqs->lock);
	kfree(irqs);
}

/* Signals the user if there is something to signal and nothing against it. */
static void deliver(struct vfio_mdev_vector *vector)
{
	lockdep_assert_held(&vector->irqs->state_lock);

	if (!(vector->level || vector->pending) || vector->masked || vector->disabled ||
	    !vector->trigger)
		return;
	vector->pending = false;
	vector->masked = vector->automask;
	compat_eventfd_signal(vector->trigger);
}

static void vector_raise(struct vfio_mdev_vector *vector)
{
	unsigned long flags;

	spin_lock_irqsave(&vector->irqs->state_lock, flags);
	vector->pending = !!vector->trigger;
	deliver(vector);
	spin_unlock_irqrestore(&vector->irqs->state_lock, flags);
}

static void vector_set_level(struct vfio_mdev_vector *vector, bool level)
{
	unsigned long flags;

	spin_lock_irqsave(&vector->irqs->state_lock, flags);
	vector->level = level;
	deliver(vector);
	spin_unlock_irqrestore(&vector->irqs->state_lock, flags);
}

static void vector_set_disabled(struct vfio_mdev_vector *vector, bool disabled)
{
	unsigned long flags;

	spin_lock_irqsave(&vector->irqs->state_lock, flags);
	vector->disabled = disabled;
	deliver(vector);
	spin_unlock_irqrestore(&vector->irqs->state_lock, flags);
}

static void vector_set_masked(struct vfio_mdev_vector *vector, bool masked)
{
	unsigned long flags;

	spin_lock_irqsave(&vector->irqs->state_lock, flags);
	vector->masked = masked;
	deliver(vector);
	spin_unlock_irqrestore(&vector->irqs->state_lock, flags);
}

static void vector_mask(struct vfio_mdev_vector *vector)
{
	vector_set_masked(vector, true);
}

static void vector_unmask(struct vfio_mdev_vector *vector)
{
	vector_set_masked(vector, false);
}

/* Exchanges the eventfd, and gives back the old one for the caller to put. */
static struct eventfd_ctx *vector_set_trigger(struct vfio_mdev_vector *vector,
					      struct eventfd_ctx *trigger)
{
	unsigned long flags;

	spin_lock_irqsave(&vector->irqs->state_lock, flags);
	swap(vector->trigger, trigger);
	if (!vector->trigger)
		vector->pending = false;
	deliver(vector);
	spin_unlock_irqrestore(&vector->irqs->state_lock, flags);
	return trigger;
}

/* Back to how it was before the user set anything. What the device says stays. */
static void vector_release(struct vfio_mdev_vector *vector)
{
	struct eventfd_ctx *trigger = vector_set_trigger(vector, NULL);

	lockdep_assert_held(&vector->irqs->lock);
	if (trigger)
		eventfd_ctx_put(trigger);
	vfio_mdev_irqfd_free(vector->mask_fd);
	vfio_mdev_irqfd_free(vector->unmask_fd);
	vector->mask_fd = NULL;
	vector->unmask_fd = NULL;
	vector_unmask(vector);
}

static void irq_release(struct vfio_mdev_irq *irq)
{
	unsigned int i;

	for (i = 0; i < irq->count; i++)
		vector_release(&irq->vectors[i]);
}

void vfio_mdev_irqs_close(struct vfio_mdev_irqs *irqs)
{
	unsigned int index;

	mutex_lock(&irqs->lock);
	for (index = 0; index < VFIO_PCI_NUM_IRQS; index++)
		irq_release(&irqs->index[index]);
	mutex_unlock(&irqs->lock);
}

/* Nothing is pending any more. Eventfds and masks are the user's and stay. */
void vfio_mdev_irqs_reset(struct vfio_mdev_irqs *irqs)
{
	unsigned int index, i;
	unsigned long flags;

	spin_lock_irqsave(&irqs->state_lock, flags);
	for (index = 0; index < VFIO_PCI_NUM_IRQS; index++) {
		for (i = 0; i < irqs->index[index].count; i++) {
			irqs->index[index].vectors[i].level = false;
			irqs->index[index].vectors[i].pending = false;
		}
	}
	spin_unlock_irqrestore(&irqs->state_lock, flags);
}

static struct vfio_mdev_irq *find_irq(struct vfio_mdev_irqs *irqs, u32 index)
{
	if (index >= VFIO_PCI_NUM_IRQS)
		return NULL;
	return &irqs->index[array_index_nospec(index, VFIO_PCI_NUM_IRQS)];
}

int vfio_mdev_irqs_info(struct vfio_mdev_irqs *irqs, struct vfio_irq_info *info)
{
	const struct vfio_mdev_irq *irq = find_irq(irqs, info->index);

	/* Like vfio-pci for a device without error reporting: QEMU warns of a count of 0. */
	if (!irq || info->index == VFIO_PCI_ERR_IRQ_INDEX)
		return -EINVAL;
	info->flags = irq->flags;
	info->count = irq->count;
	return 0;
}

static void put_eventfds(struct eventfd_ctx **eventfds, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++) {
		if (eventfds[i])
			eventfd_ctx_put(eventfds[i]);
	}
}

/* All of the eventfds are got before the first is set, so that an error changes nothing. */
static int get_eventfds(struct eventfd_ctx **eventfds, const s32 *fds, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++) {
		struct eventfd_ctx *eventfd = fds[i] == -1 ? NULL : eventfd_ctx_fdget(fds[i]);

		if (IS_ERR(eventfd)) {
			put_eventfds(eventfds, i);
			return PTR_ERR(eventfd);
		}
		eventfds[i] = eventfd;
	}
	return 0;
}

static int set_triggers(struct vfio_mdev_vector *vectors, const s32 *fds, u32 count)
{
	struct eventfd_ctx **eventfds;
	int ret;
	u32 i;

	eventfds = kcalloc(count, sizeof(*eventfds), GFP_KERNEL);
	if (!eventfds)
		return -ENOMEM;

	ret = get_eventfds(eventfds, fds, count);
	if (!ret) {
		for (i = 0; i < count; i++)
			eventfds[i] = vector_set_trigger(&vectors[i], eventfds[i]);
		put_eventfds(eventfds, count);
	}
	kfree(eventfds);
	return ret;
}

/* Only INTx can be masked, so there is one vector, and no half-done work to undo. */
static int set_irqfd(struct vfio_mdev_vector *vector, u32 action, int fd)
{
	bool mask = action == VFIO_IRQ_SET_ACTION_MASK;
	struct vfio_mdev_irqfd **slot = mask ? &vector->mask_fd : &vector->unmask_fd;
	struct vfio_mdev_irqfd *irqfd;

	irqfd = vfio_mdev_irqfd_new(fd, vector, mask ? vector_mask : vector_unmask);
	if (IS_ERR(irqfd))
		return PTR_ERR(irqfd);
	swap(*slot, irqfd);
	vfio_mdev_irqfd_free(irqfd);
	return 0;
}

/* Does the action at once. Without data on every vector, else where the data says so. */
static void act(struct vfio_mdev_vector *vectors, u32 action, const u8 *which, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++) {
		if (which && !which[i])
			continue;
		if (action == VFIO_IRQ_SET_ACTION_TRIGGER)
			vector_raise(&vectors[i]);
		else
			vector_set_masked(&vectors[i], action == VFIO_IRQ_SET_ACTION_MASK);
	}
}

/* @set has been checked against @irq; @data is as long as it says. */
static int set_irq(struct vfio_mdev_irq *irq, const struct vfio_irq_set *set, const void *data)
{
	struct vfio_mdev_vector *vectors = irq->vectors + set->start;
	u32 action = set->flags & VFIO_IRQ_SET_ACTION_TYPE_MASK;
	u32 type = set->flags & VFIO_IRQ_SET_DATA_TYPE_MASK;
	bool trigger = action == VFIO_IRQ_SET_ACTION_TRIGGER;

	if (!trigger && !(irq->flags & VFIO_IRQ_INFO_MASKABLE))
		return -ENOTTY;

	if (!set->count) {
		if (!trigger || type != VFIO_IRQ_SET_DATA_NONE)
			return -EINVAL;
		irq_release(irq);
		return 0;
	}
	if (type == VFIO_IRQ_SET_DATA_EVENTFD) {
		return trigger ? set_triggers(vectors, data, set->count) :
				 set_irqfd(vectors, action, *(const s32 *)data);
	}
	act(vectors, action, data, set->count);
	return 0;
}

int vfio_mdev_irqs_set(struct vfio_mdev_irqs *irqs, const struct vfio_irq_set __user *arg)
{
	unsigned long minsz = offsetofend(struct vfio_irq_set, count);
	struct vfio_mdev_irq *irq;
	struct vfio_irq_set set;
	void *data = NULL;
	size_t size;
	int ret;

	if (copy_from_user(&set, arg, minsz))
		return -EFAULT;

	irq = find_irq(irqs, set.index);
	if (!irq || hweight32(set.flags & VFIO_IRQ_SET_ACTION_TYPE_MASK) != 1)
		return -EINVAL;
	ret = vfio_set_irqs_validate_and_prepare(&set, irq->count, VFIO_PCI_NUM_IRQS, &size);
	if (ret)
		return ret;

	if (size) {
		data = memdup_user(arg->data, size);
		if (IS_ERR(data))
			return PTR_ERR(data);
	}
	mutex_lock(&irqs->lock);
	ret = set_irq(irq, &set, data);
	mutex_unlock(&irqs->lock);
	kfree(data);
	return ret;
}

/* PCI says that the status bit shows the device's wish, whether it is disabled or not. */
bool vfio_mdev_intx_asserted(struct vfio_mdev_irqs *irqs)
{
	struct vfio_mdev_irq *intx = &irqs->index[VFIO_PCI_INTX_IRQ_INDEX];
	unsigned long flags;
	bool asserted;

	if (!intx->count)
		return false;
	spin_lock_irqsave(&irqs->state_lock, flags);
	asserted = intx->vectors->level || intx->vectors->pending;
	spin_unlock_irqrestore(&irqs->state_lock, flags);
	return asserted;
}

void vfio_mdev_intx_disable(struct vfio_mdev_irqs *irqs, bool disable)
{
	struct vfio_mdev_irq *intx = &irqs->index[VFIO_PCI_INTX_IRQ_INDEX];

	if (intx->count)
		vector_set_disabled(intx->vectors, disable);
}

void vfio_mdev_irq_set_level(struct vfio_mdev_device *vdev, unsigned int index, bool level)
{
	struct vfio_mdev_irq *irq = find_irq(vdev->irqs, index);

	if (WARN_ON_ONCE(!irq || !irq->count || !irq->vectors->automask))
		return;
	vector_set_level(irq->vectors, level);
}
EXPORT_SYMBOL_GPL(vfio_mdev_irq_set_level);

void vfio_mdev_irq_trigger(struct vfio_mdev_device *vdev, unsigned int index, unsigned int vector)
{
	struct vfio_mdev_irq *irq = find_irq(vdev->irqs, index);

	if (irq && vector < irq->count)
		vector_raise(&irq->vectors[vector]);
}
EXPORT_SYMBOL_GPL(vfio_mdev_irq_trigger);
