// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the user asks about interrupts and does with them: VFIO_DEVICE_GET_IRQ_INFO and
 * VFIO_DEVICE_SET_IRQS. The only place that checks such requests.
 */
#include <linux/eventfd.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "irq.h"

int vfio_mdev_irqs_info(struct vfio_mdev_irqs *irqs, struct vfio_irq_info *info)
{
	const struct vfio_mdev_irq *irq = vfio_mdev_find_irq(irqs, info->index);

	/* Like vfio-pci for a device without error reporting: QEMU warns of a count of 0. */
	if (!irq || (info->index == VFIO_PCI_ERR_IRQ_INDEX && !irq->count))
		return -EINVAL;
	info->flags = irq->flags;
	info->count = irq->count;
	return 0;
}

static void eventfds_put(struct eventfd_ctx **eventfds, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++) {
		if (eventfds[i])
			eventfd_ctx_put(eventfds[i]);
	}
}

/*
 * A device interrupts in one way at a time: by INTx, MSI or MSI-X. To go over to another one, the
 * user disables the first. vfio-pci has the same rule.
 */
static bool irq_may_enable(const struct vfio_mdev_irqs *irqs, u32 index)
{
	u32 other;

	if (index > VFIO_PCI_MSIX_IRQ_INDEX)
		return true;
	for (other = VFIO_PCI_INTX_IRQ_INDEX; other <= VFIO_PCI_MSIX_IRQ_INDEX; other++) {
		if (other != index && irqs->index[other].enabled)
			return false;
	}
	return true;
}

/* All of the eventfds are got before the first is set, so that an error changes nothing. */
static int eventfds_get(struct eventfd_ctx **eventfds, const s32 *fds, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++) {
		struct eventfd_ctx *eventfd = fds[i] < 0 ? NULL : eventfd_ctx_fdget(fds[i]);

		if (IS_ERR(eventfd)) {
			eventfds_put(eventfds, i);
			return PTR_ERR(eventfd);
		}
		eventfds[i] = eventfd;
	}
	return 0;
}

static int irq_set_triggers(struct vfio_mdev_vector *vectors, const s32 *fds, u32 count)
{
	struct eventfd_ctx **eventfds;
	int ret;
	u32 i;

	eventfds = kcalloc(count, sizeof(*eventfds), GFP_KERNEL);
	if (!eventfds)
		return -ENOMEM;

	ret = eventfds_get(eventfds, fds, count);
	if (!ret) {
		for (i = 0; i < count; i++)
			eventfds[i] = vfio_mdev_vector_set_trigger(&vectors[i], eventfds[i]);
		eventfds_put(eventfds, count);
	}
	kfree(eventfds);
	return ret;
}

/* Only INTx can be masked, so there is one vector, and no half-done work to undo. */
static int irq_set_irqfd(struct vfio_mdev_vector *vector, u32 action, int fd)
{
	bool mask = action == VFIO_IRQ_SET_ACTION_MASK;
	struct vfio_mdev_irqfd **slot = mask ? &vector->mask_fd : &vector->unmask_fd;
	struct vfio_mdev_irqfd *irqfd;

	irqfd = vfio_mdev_irqfd_new(fd, vector,
				    mask ? vfio_mdev_vector_mask_at_once :
					   vfio_mdev_vector_unmask_at_once);
	if (IS_ERR(irqfd))
		return PTR_ERR(irqfd);
	swap(*slot, irqfd);
	vfio_mdev_irqfd_free(irqfd);
	return 0;
}

/* Does the action at once. Without data on every vector, else where the data says so. */
static void irq_act(struct vfio_mdev_vector *vectors, u32 action, const u8 *which, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++) {
		if (which && !which[i])
			continue;
		if (action == VFIO_IRQ_SET_ACTION_TRIGGER)
			vfio_mdev_vector_loop_back(&vectors[i]);
		else if (action == VFIO_IRQ_SET_ACTION_MASK)
			vfio_mdev_vector_mask(&vectors[i]);
		else
			vfio_mdev_vector_unmask(&vectors[i]);
	}
}

/* @set has been checked against @irq; @data is as long as it says. */
static int irq_set(struct vfio_mdev_irqs *irqs, struct vfio_mdev_irq *irq,
		   const struct vfio_irq_set *set, const void *data)
{
	struct vfio_mdev_vector *vectors = irq->vectors + set->start;
	u32 action = set->flags & VFIO_IRQ_SET_ACTION_TYPE_MASK;
	u32 type = set->flags & VFIO_IRQ_SET_DATA_TYPE_MASK;
	bool trigger = action == VFIO_IRQ_SET_ACTION_TRIGGER;
	bool enable = trigger && type == VFIO_IRQ_SET_DATA_EVENTFD;
	int ret;

	if (!trigger && !(irq->flags & VFIO_IRQ_INFO_MASKABLE))
		return -ENOTTY;

	if (!set->count) {
		if (!trigger || type != VFIO_IRQ_SET_DATA_NONE)
			return -EINVAL;
		vfio_mdev_irq_release(irq);
		return 0;
	}
	if (enable ? !irq_may_enable(irqs, set->index) : !irq->enabled)
		return -EINVAL;
	if (enable) {
		ret = irq_set_triggers(vectors, data, set->count);
		irq->enabled |= !ret;
		return ret;
	}
	if (type == VFIO_IRQ_SET_DATA_EVENTFD)
		return irq_set_irqfd(vectors, action, *(const s32 *)data);
	irq_act(vectors, action, data, set->count);
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

	irq = vfio_mdev_find_irq(irqs, set.index);
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
	ret = irq_set(irqs, irq, &set, data);
	mutex_unlock(&irqs->lock);
	kfree(data);
	return ret;
}
