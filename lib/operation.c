// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>

#include "definition.h"
#include "device.h"
#include "operation.h"

struct operation operation_of_definition(enum operation_kind kind,
					 const struct mdev_definition *definition,
					 unsigned int flags)
{
	if (!definition)
		return (struct operation){ .handle = HANDLE_NONE };
	return (struct operation){
		.ctx = definition_ctx(definition),
		.kind = kind,
		.flags = flags,
		.uuid = mdev_definition_get_uuid(definition),
		.parent = mdev_definition_get_parent(definition),
		.type = mdev_definition_get_type(definition),
		.config = definition_config(definition),
		.definition = definition,
		.handle = HANDLE_NONE,
	};
}

struct operation operation_of_device(enum operation_kind kind, const struct mdev_device *device,
				     unsigned int flags)
{
	if (!device)
		return (struct operation){ .handle = HANDLE_NONE };
	return (struct operation){
		.ctx = device_ctx(device),
		.kind = kind,
		.flags = flags,
		.uuid = mdev_device_get_uuid(device),
		.parent = mdev_device_get_parent(device),
		.type = mdev_device_get_type(device),
		.device = device,
		.handle = HANDLE_NONE,
	};
}

int operation_check_flags(const struct operation *operation, unsigned int known)
{
	unsigned int unknown = operation->flags & ~known;

	return unknown ? log_fail(operation->ctx, -EINVAL, "Unknown flags %#x", unknown) : 0;
}

int operation_hold(struct operation *operation)
{
	struct mdev_ctx *ctx = operation->ctx;
	int r;

	if (ctx->interrupt)
		return 0;
	r = interrupt_hold(&operation->interrupt, &ctx->cancelled);
	if (r < 0)
		return log_fail_kernel(ctx, r, "Failed to hold signals: " OS_ERROR,
				       OS_ERROR_ARGS(r));
	operation->holds = true;
	ctx->interrupt = &operation->interrupt;
	return 0;
}

int operation_check_interrupt(const struct operation *operation)
{
	if (!wait_is_interrupted(operation->ctx))
		return 0;
	return log_fail(operation->ctx, -EINTR, "Interrupted before device %s on %s was finished",
			operation->uuid->text, operation->parent);
}

struct interrupt *operation_shield(struct mdev_ctx *ctx)
{
	/* The next operation holds the signals anew, and those are blocked already. */
	__atomic_store_n(&ctx->cancelled, 0, __ATOMIC_RELAXED);
	return TAKE_PTR(ctx->interrupt);
}

void operation_unshield(struct mdev_ctx *ctx, struct interrupt *shielded)
{
	ctx->interrupt = shielded;
}

void operation_close(struct operation *operation)
{
	journal_close(&operation->journal);
	handle_close(&operation->handle);
	scripts_close(&operation->scripts);
	free(TAKE_PTR(operation->found_type));
	if (!operation->ctx || operation->ctx->interrupt != (operation->holds ?
							     &operation->interrupt : NULL))
		return;
	/* The outermost operation has ended, and with it the cancellation. */
	__atomic_store_n(&operation->ctx->cancelled, 0, __ATOMIC_RELAXED);
	if (!operation->holds)
		return;
	operation->holds = false;
	operation->ctx->interrupt = NULL;
	interrupt_release(&operation->interrupt);
}
