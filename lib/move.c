// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "definition.h"
#include "operation.h"
#include "store.h"

static int move_fail_undefined(const struct operation *move)
{
	return log_fail(move->ctx, -ENOENT, "Mediated device %s/%s is not defined", move->parent,
			move->uuid->text);
}

/* The old definition could not be removed: the new one goes again; the failure stays the error. */
static void move_take_back(const struct operation *move, const struct mdev_definition *moved)
{
	struct interrupt *interrupt = operation_shield(move->ctx);
	_cleanup_free_ char *why = NULL;
	int r;

	{
		log_catch(move->ctx, &why);
		r = mdev_undefine(moved, (move->flags & MDEV_OP_NO_CALLOUTS) | MDEV_OP_FORCE);
	}
	operation_unshield(move->ctx, interrupt);
	if (r < 0)
		log_append(move->ctx, "; then the definition on %s could not be removed: %s",
			   mdev_definition_get_parent(moved), why ? why : strerror(ENOMEM));
}

static int move_store(const struct operation *move, const char *parent,
		      struct mdev_definition **moved)
{
	_cleanup_(definition_list_freep) struct mdev_definition **defined = NULL;
	_cleanup_(definition_unrefp) struct mdev_definition *new = NULL;
	int r;

	r = mdev_definition_copy(move->definition, &new);
	if (r == 0)
		r = mdev_definition_set_parent(new, parent);
	if (r == 0)
		r = mdev_define_instances(new, 1, move->flags | MDEV_OP_STRICT, NULL, NULL,
					  &defined);
	if (r < 0)
		return r;
	r = mdev_undefine(move->definition, move->flags);
	if (r < 0)
		move_take_back(move, defined[0]);
	else if (moved)
		*moved = mdev_definition_ref(defined[0]);
	return r;
}

MDEV_EXPORT int mdev_move(const struct mdev_definition *definition, const char *parent,
			  unsigned int flags, struct mdev_definition **moved)
{
	_cleanup_operation_ struct operation move =
		operation_of_definition(OPERATION_DEFINE, definition, flags);
	int r;

	if (ANY_NULL(definition, parent))
		return log_null(definition_ctx(definition));
	operation_call(&move);
	r = operation_check_flags(&move, MDEV_OP_NO_CALLOUTS | MDEV_OP_FORCE);
	if (r == 0)
		r = definition_check_place(move.ctx, definition);
	if (r == 0 && strcmp(parent, move.parent) == 0)
		r = log_fail(move.ctx, -EEXIST, "Device %s on %s already defined", move.uuid->text,
			     parent);
	if (r == 0)
		r = store_check(move.ctx, move.parent, move.uuid, definition_stored(definition));
	if (r == -ENOENT)
		r = move_fail_undefined(&move);
	if (r == 0)
		r = operation_hold(&move);
	return r < 0 ? r : move_store(&move, parent, moved);
}
