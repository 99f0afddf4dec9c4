// SPDX-License-Identifier: GPL-2.0-only
/*
 * An eventfd by which the user acts on a vector: each signal masks or unmasks it, before the
 * signal returns. Only what that lets through is left to a worker.
 *
 * The core's virqfd does the same, but is a module of its own in Linux 6.1, and gives
 * itself up asynchronously when the eventfd is closed. Here the eventfd stays
 * referenced until the user sets another one or closes the device, so that its end
 * needs no attention: nobody is left who could signal it.
 */
#include <linux/eventfd.h>
#include <linux/file.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "irq.h"

struct vfio_mdev_irqfd {
	struct eventfd_ctx *eventfd;
	wait_queue_entry_t wait;
	struct work_struct work;
	struct vfio_mdev_vector *vector;
	bool (*action)(struct vfio_mdev_vector *vector);
};

/* To find the wait queue, which poll() tells nobody but its callback. */
struct irqfd_poll {
	poll_table table;
	struct vfio_mdev_irqfd *irqfd;
	wait_queue_head_t *queue;
};

static void irqfd_work(struct work_struct *work)
{
	struct vfio_mdev_irqfd *irqfd = container_of(work, struct vfio_mdev_irqfd, work);

	vfio_mdev_vector_redeliver(irqfd->vector);
}

/*
 * Under the lock of the wait queue, which is below that of the vectors: a signal sent under that
 * may end here. Another signal is not allowed inside of this one.
 */
static void irqfd_take(struct vfio_mdev_irqfd *irqfd)
{
	u64 count;

	eventfd_ctx_do_read(irqfd->eventfd, &count);
	if (irqfd->action(irqfd->vector))
		schedule_work(&irqfd->work);
}

static int irqfd_wake(wait_queue_entry_t *wait, unsigned int mode, int sync, void *key)
{
	if (key_to_poll(key) & EPOLLIN)
		irqfd_take(container_of(wait, struct vfio_mdev_irqfd, wait));
	return 0;
}

static void irqfd_enqueue(struct file *file, wait_queue_head_t *queue, poll_table *table)
{
	struct irqfd_poll *poll = container_of(table, struct irqfd_poll, table);

	poll->queue = queue;
	add_wait_queue(queue, &poll->irqfd->wait);
}

/* Takes over the reference to @eventfd. */
static struct vfio_mdev_irqfd *irqfd_attach(struct file *file, struct eventfd_ctx *eventfd,
					    struct vfio_mdev_vector *vector,
					    bool (*action)(struct vfio_mdev_vector *vector))
{
	struct vfio_mdev_irqfd *irqfd;
	struct irqfd_poll poll;

	irqfd = kzalloc(sizeof(*irqfd), GFP_KERNEL_ACCOUNT);
	if (!irqfd) {
		eventfd_ctx_put(eventfd);
		return ERR_PTR(-ENOMEM);
	}
	irqfd->eventfd = eventfd;
	irqfd->vector = vector;
	irqfd->action = action;
	INIT_WORK(&irqfd->work, irqfd_work);
	init_waitqueue_func_entry(&irqfd->wait, irqfd_wake);

	poll.irqfd = irqfd;
	init_poll_funcptr(&poll.table, irqfd_enqueue);
	/* A signal from before counts too. */
	if (vfs_poll(file, &poll.table) & EPOLLIN) {
		spin_lock_irq(&poll.queue->lock);
		irqfd_take(irqfd);
		spin_unlock_irq(&poll.queue->lock);
	}
	return irqfd;
}

/* A negative fd gives NULL: no eventfd. */
struct vfio_mdev_irqfd *vfio_mdev_irqfd_new(int fd, struct vfio_mdev_vector *vector,
					    bool (*action)(struct vfio_mdev_vector *vector))
{
	struct vfio_mdev_irqfd *irqfd;
	struct eventfd_ctx *eventfd;
	struct file *file;

	if (fd < 0)
		return NULL;

	file = eventfd_fget(fd);
	if (IS_ERR(file))
		return ERR_CAST(file);

	eventfd = eventfd_ctx_fileget(file);
	if (IS_ERR(eventfd))
		irqfd = ERR_CAST(eventfd);
	else
		irqfd = irqfd_attach(file, eventfd, vector, action);
	fput(file);
	return irqfd;
}

/* Waits for a delivery under way, so not to be called with the lock of the vectors. */
void vfio_mdev_irqfd_free(struct vfio_mdev_irqfd *irqfd)
{
	u64 count;

	if (!irqfd)
		return;

	eventfd_ctx_remove_wait_queue(irqfd->eventfd, &irqfd->wait, &count);
	/* Flushed, not cancelled: what the user has unmasked is delivered. */
	flush_work(&irqfd->work);
	eventfd_ctx_put(irqfd->eventfd);
	kfree(irqfd);
}
