// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts: who is signalled, and when.
 *
 * Every interrupt of every kind is a vector, and one rule says when its eventfd is
 * signalled: vfio_mdev_vector_deliver(). INTx is a vector with a level that masks itself
 * when it has been delivered; MSI is one that is pending for a moment, MSI-X one that may
 * stay so. tests/models/irq.pml goes through the orders in which INTx can be raised, masked,
 * unmasked, disabled and given up.
 */
#include <linux/eventfd.h>
#include <linux/slab.h>

#include "irq.h"

static u32 vectors_of(const struct vfio_mdev_desc *desc, unsigned int index)
{
	switch (index) {
	case VFIO_PCI_INTX_IRQ_INDEX:
		return desc->id.pin ? 1 : 0;
	case VFIO_PCI_MSI_IRQ_INDEX:
		return desc->nr_msi;
	case VFIO_PCI_MSIX_IRQ_INDEX:
		return desc->msix.vectors;
	case VFIO_PCI_ERR_IRQ_INDEX:
		return desc->pcie ? 1 : 0;
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

	irqs = kvzalloc(struct_size(irqs, vectors, total), GFP_KERNEL);
	if (!irqs)
		return NULL;

	if (desc->msix.vectors) {
		irqs->msix = vfio_mdev_msix_new(desc->msix.vectors);
		if (!irqs->msix)
			goto err_free;
	}
	mutex_init(&irqs->lock);
	spin_lock_init(&irqs->state_lock);
	irqs->device_vectors = vectors_of(desc, VFIO_PCI_INTX_IRQ_INDEX) + desc->nr_msi +
			       desc->msix.vectors;
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

err_free:
	kvfree(irqs);
	return NULL;
}

/* After vfio_mdev_irqs_close(). */
void vfio_mdev_irqs_free(struct vfio_mdev_irqs *irqs)
{
	if (!irqs)
		return;
	mutex_destroy(&irqs->lock);
	vfio_mdev_msix_free(irqs->msix);
	kvfree(irqs);
}

void vfio_mdev_vector_deliver(struct vfio_mdev_vector *vector)
{
	lockdep_assert_held(&vector->irqs->state_lock);

	/* Pairs with the one in vfio_mdev_vector_unmask_at_once(). */
	smp_mb();
	if (!(vector->level || vector->pending) || READ_ONCE(vector->masked) ||
	    vector->disabled || vector->held || !vector->trigger)
		return;
	WRITE_ONCE(vector->pending, false);
	WRITE_ONCE(vector->masked, vector->automask);
	WRITE_ONCE(vector->unended, vector->automask);
	compat_eventfd_signal(vector->trigger);
}

void vfio_mdev_vector_raise(struct vfio_mdev_vector *vector)
{
	unsigned long flags;

	spin_lock_irqsave(&vector->irqs->state_lock, flags);
	WRITE_ONCE(vector->pending, vector->trigger || vector->keeps);
	vfio_mdev_vector_deliver(vector);
	spin_unlock_irqrestore(&vector->irqs->state_lock, flags);
}

void vfio_mdev_vector_loop_back(struct vfio_mdev_vector *vector)
{
	unsigned long flags;

	spin_lock_irqsave(&vector->irqs->state_lock, flags);
	if (vector->trigger) {
		WRITE_ONCE(vector->pending, true);
		vfio_mdev_vector_deliver(vector);
	}
	spin_unlock_irqrestore(&vector->irqs->state_lock, flags);
}

/* Only the driver, which calls in order, and a reset change the level; .reset sets it anew then. */
static void vector_set_level(struct vfio_mdev_vector *vector, bool level)
{
	unsigned long flags;

	if (READ_ONCE(vector->level) == level)
		return;
	spin_lock_irqsave(&vector->irqs->state_lock, flags);
	WRITE_ONCE(vector->level, level);
	vfio_mdev_vector_deliver(vector);
	spin_unlock_irqrestore(&vector->irqs->state_lock, flags);
}

static void vector_set_disabled(struct vfio_mdev_vector *vector, bool disabled)
{
	unsigned long flags;

	spin_lock_irqsave(&vector->irqs->state_lock, flags);
	vector->disabled = disabled;
	vfio_mdev_vector_deliver(vector);
	spin_unlock_irqrestore(&vector->irqs->state_lock, flags);
}

static void vector_end(struct vfio_mdev_vector *vector)
{
	WRITE_ONCE(vector->unended, false);
	/*
	 * Pairs with the control dependency in vfio_mdev_vector_deliver(): if that sees the vector
	 * unmasked, its @unended comes after the one above and is not overwritten.
	 */
	smp_store_release(&vector->masked, false);
}

void vfio_mdev_vector_mask(struct vfio_mdev_vector *vector)
{
	unsigned long flags;

	spin_lock_irqsave(&vector->irqs->state_lock, flags);
	WRITE_ONCE(vector->masked, true);
	spin_unlock_irqrestore(&vector->irqs->state_lock, flags);
}

void vfio_mdev_vector_unmask(struct vfio_mdev_vector *vector)
{
	unsigned long flags;

	spin_lock_irqsave(&vector->irqs->state_lock, flags);
	vector_end(vector);
	vfio_mdev_vector_deliver(vector);
	spin_unlock_irqrestore(&vector->irqs->state_lock, flags);
}

bool vfio_mdev_vector_mask_at_once(struct vfio_mdev_vector *vector)
{
	WRITE_ONCE(vector->masked, true);
	return false;
}

/* Nearly always the guest has served the device before it unmasks, and nothing is left to do. */
bool vfio_mdev_vector_unmask_at_once(struct vfio_mdev_vector *vector)
{
	vector_end(vector);
	/*
	 * Pairs with the one in vfio_mdev_vector_deliver(): if that still sees the mask, what it
	 * was called for is seen here.
	 */
	smp_mb();
	return READ_ONCE(vector->level) || READ_ONCE(vector->pending);
}

void vfio_mdev_vector_redeliver(struct vfio_mdev_vector *vector)
{
	unsigned long flags;

	spin_lock_irqsave(&vector->irqs->state_lock, flags);
	vfio_mdev_vector_deliver(vector);
	spin_unlock_irqrestore(&vector->irqs->state_lock, flags);
}

struct eventfd_ctx *vfio_mdev_vector_set_trigger(struct vfio_mdev_vector *vector,
						 struct eventfd_ctx *trigger)
{
	unsigned long flags;

	spin_lock_irqsave(&vector->irqs->state_lock, flags);
	swap(vector->trigger, trigger);
	if (!vector->trigger && !vector->keeps)
		WRITE_ONCE(vector->pending, false);
	vfio_mdev_vector_deliver(vector);
	spin_unlock_irqrestore(&vector->irqs->state_lock, flags);
	return trigger;
}

static void vector_release(struct vfio_mdev_vector *vector)
{
	struct eventfd_ctx *trigger = vfio_mdev_vector_set_trigger(vector, NULL);

	lockdep_assert_held(&vector->irqs->lock);
	if (trigger)
		eventfd_ctx_put(trigger);
	vfio_mdev_irqfd_free(vector->mask_fd);
	vfio_mdev_irqfd_free(vector->unmask_fd);
	vector->mask_fd = NULL;
	vector->unmask_fd = NULL;
	vfio_mdev_vector_unmask(vector);
}

void vfio_mdev_irq_release(struct vfio_mdev_irq *irq)
{
	unsigned int i;

	for (i = 0; i < irq->count; i++)
		vector_release(&irq->vectors[i]);
	irq->enabled = false;
}

void vfio_mdev_irqs_close(struct vfio_mdev_irqs *irqs)
{
	unsigned int index;

	mutex_lock(&irqs->lock);
	for (index = 0; index < VFIO_PCI_NUM_IRQS; index++)
		vfio_mdev_irq_release(&irqs->index[index]);
	mutex_unlock(&irqs->lock);
}

/* Nothing is pending any more. Eventfds and masks are the user's and stay. */
void vfio_mdev_irqs_reset(struct vfio_mdev_irqs *irqs)
{
	unsigned long flags;
	unsigned int i;

	spin_lock_irqsave(&irqs->state_lock, flags);
	for (i = 0; i < irqs->device_vectors; i++) {
		WRITE_ONCE(irqs->vectors[i].level, false);
		WRITE_ONCE(irqs->vectors[i].pending, false);
	}
	vfio_mdev_msix_reset(irqs);
	spin_unlock_irqrestore(&irqs->state_lock, flags);
}

#define VECTORS_AT_ONCE 64

void vfio_mdev_irqs_pause(struct vfio_mdev_irqs *irqs, unsigned int i, unsigned long *flags)
	__must_hold(&irqs->state_lock)
{
	if ((i + 1) % VECTORS_AT_ONCE)
		return;
	spin_unlock_irqrestore(&irqs->state_lock, *flags);
	cond_resched();
	spin_lock_irqsave(&irqs->state_lock, *flags);
}

/* What a stopped device raises, its user hears when it runs again, here or elsewhere. */
void vfio_mdev_irqs_hold(struct vfio_mdev_irqs *irqs, bool hold)
{
	unsigned long flags;
	unsigned int i;

	spin_lock_irqsave(&irqs->state_lock, flags);
	for (i = 0; i < irqs->device_vectors; i++) {
		irqs->vectors[i].held = hold;
		vfio_mdev_vector_deliver(&irqs->vectors[i]);
		vfio_mdev_irqs_pause(irqs, i, &flags);
	}
	spin_unlock_irqrestore(&irqs->state_lock, flags);
}

/*
 * In a saved state, a byte of these for each vector of the device, then the table of MSI-X. The
 * user's eventfds and masks are not part of it: another user has other ones. INTx that was
 * delivered and is still asserted is delivered again, as its new user has not heard of it.
 *
 * So is INTx that was served, but not unmasked yet. A virtual machine that is moved between the two
 * takes along the line that the signal has raised, and lowers it when a signal comes to its end:
 * there has to be one. Without it the guest is interrupted for ever. One too many, the guest takes
 * for that of another device on the line.
 */
#define SAVED_LEVEL BIT(0)
#define SAVED_PENDING BIT(1)

size_t vfio_mdev_irqs_state_size(const struct vfio_mdev_irqs *irqs)
{
	return irqs->device_vectors + vfio_mdev_msix_state_size(irqs);
}

void vfio_mdev_irqs_save(struct vfio_mdev_irqs *irqs, u8 *state)
{
	unsigned long flags;
	unsigned int i;

	spin_lock_irqsave(&irqs->state_lock, flags);
	for (i = 0; i < irqs->device_vectors; i++) {
		state[i] = (irqs->vectors[i].level ? SAVED_LEVEL : 0) |
			   (irqs->vectors[i].pending || READ_ONCE(irqs->vectors[i].unended) ?
				    SAVED_PENDING : 0);
	}
	vfio_mdev_msix_save(irqs, state + i);
	spin_unlock_irqrestore(&irqs->state_lock, flags);
}

bool vfio_mdev_irqs_state_is_valid(const struct vfio_mdev_irqs *irqs, const u8 *state)
{
	unsigned int i;

	for (i = 0; i < irqs->device_vectors; i++) {
		u8 allowed = SAVED_PENDING | (irqs->vectors[i].automask ? SAVED_LEVEL : 0);

		if (state[i] & ~allowed)
			return false;
	}
	return vfio_mdev_msix_state_is_valid(irqs, state + i);
}

/* After a reset and the configuration space, of a device that is stopped. */
void vfio_mdev_irqs_load(struct vfio_mdev_irqs *irqs, const u8 *state)
{
	unsigned long flags;
	unsigned int i;

	spin_lock_irqsave(&irqs->state_lock, flags);
	for (i = 0; i < irqs->device_vectors; i++) {
		WRITE_ONCE(irqs->vectors[i].level, state[i] & SAVED_LEVEL);
		WRITE_ONCE(irqs->vectors[i].pending, state[i] & SAVED_PENDING);
	}
	vfio_mdev_msix_load(irqs, state + i);
	spin_unlock_irqrestore(&irqs->state_lock, flags);
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
	struct vfio_mdev_irq *irq = vfio_mdev_find_irq(vdev->irqs, index);

	if (WARN_ON_ONCE(!irq || !irq->count || !irq->vectors->automask))
		return;
	vector_set_level(irq->vectors, level);
}
EXPORT_SYMBOL_GPL(vfio_mdev_irq_set_level);

void vfio_mdev_irq_trigger(struct vfio_mdev_device *vdev, unsigned int index, unsigned int vector)
{
	struct vfio_mdev_irq *irq = vfio_mdev_find_irq(vdev->irqs, index);

	if (irq && vector < irq->count)
		vfio_mdev_vector_raise(&irq->vectors[array_index_nospec(vector, irq->count)]);
}
EXPORT_SYMBOL_GPL(vfio_mdev_irq_trigger);
