// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "callout.h"
#include "definition.h"
#include "log.h"
#include "operation.h"
#include "store.h"

/* The stored form of what an operation is about. */
struct storing {
	const struct mdev_definition *definition;
	struct callout_subject subject;
	struct config config;	/* with what is adopted */
};

static int store_new(struct mdev_ctx *ctx, void *data, unsigned int flags)
{
	struct storing *new = data;
	const struct callout_subject *subject = &new->subject;
	size_t n_attrs = new->config.n_attrs, length;
	_cleanup_free_ char *text = NULL;
	int r = 0;

	if ((flags & MDEV_OP_ADOPT) && !(flags & MDEV_OP_NO_CALLOUTS))
		r = callout_get_attrs(ctx, subject, &new->config);
	if (r == 0)
		r = definition_check_attrs(ctx, &new->config, -EBADMSG);
	if (r < 0) {
		/* Half an answer is not what "post" is told of. */
		while (new->config.n_attrs > n_attrs)
			cfg_remove_attr(&new->config, new->config.n_attrs - 1);
		return r;
	}
	if (cfg_format(&new->config, &text) < 0)
		return log_no_memory(ctx);
	length = strlen(text);
	r = store_create(ctx, subject->parent, subject->uuid, text);
	if (r == -EEXIST)
		return log_fail(ctx, r, "Device %s on %s already defined", subject->uuid,
				subject->parent);
	/* What was adopted is not in the definition: it is not what is stored. */
	if (r == 0)
		definition_remember(new->definition,
				    new->config.n_attrs > n_attrs ? NULL : TAKE_PTR(text), length);
	return r;
}

/* Scripts are not bothered with what cannot be stored. */
static int check_new(struct mdev_ctx *ctx, const struct callout_subject *subject)
{
	int r = store_exists(ctx, subject->parent, subject->uuid);

	if (r > 0)
		return log_fail(ctx, -EEXIST, "Device %s on %s already defined", subject->uuid,
				subject->parent);
	return r;
}

MDEV_EXPORT int mdev_define(const struct mdev_definition *definition, unsigned int flags)
{
	struct mdev_ctx *ctx = definition_ctx(definition);
	struct storing new = {
		.definition = definition, .subject = operation_subject(definition),
	};
	int r;

	if (!definition)
		return -EINVAL;
	operation_about(ctx, &new.subject);
	r = operation_check_flags(ctx, flags, MDEV_OP_NO_CALLOUTS | MDEV_OP_FORCE | MDEV_OP_ADOPT);
	if (r == 0)
		r = definition_check_complete(definition);
	if (r == 0)
		r = check_new(ctx, &new.subject);
	if (r < 0)
		return r;
	if (cfg_copy(definition_config(definition), &new.config) < 0)
		return log_no_memory(ctx);
	new.subject.config = &new.config;
	r = callout_around(ctx, &new.subject, CALLOUT_DEFINE, flags, store_new, &new);
	cfg_clear(&new.config);
	return r;
}

static int fail_undefined(struct mdev_ctx *ctx, const struct callout_subject *subject)
{
	return log_fail(ctx, -ENOENT, "Mediated device %s/%s is not defined", subject->parent,
			subject->uuid);
}

static int remove_stored(struct mdev_ctx *ctx, void *data, unsigned int flags)
{
	const struct callout_subject *subject = data;
	int r;

	(void)flags;
	r = store_remove(ctx, subject->parent, subject->uuid);
	return r == -ENOENT ? fail_undefined(ctx, subject) : r;
}

/* That it is malformed does not make it less there. */
static int find_stored(struct mdev_ctx *ctx, const struct callout_subject *subject,
		       struct mdev_definition **stored)
{
	log_about(ctx, .level = MDEV_LOG_DEBUG);
	return definition_find(ctx, subject->parent, subject->uuid, stored);
}

MDEV_EXPORT int mdev_undefine(const struct mdev_definition *definition, unsigned int flags)
{
	_cleanup_(definition_unrefp) struct mdev_definition *stored = NULL;
	struct callout_subject subject = operation_subject(definition);
	struct mdev_ctx *ctx = definition_ctx(definition);
	int r;

	if (!definition)
		return -EINVAL;
	operation_about(ctx, &subject);
	r = operation_check_flags(ctx, flags, MDEV_OP_NO_CALLOUTS | MDEV_OP_FORCE);
	if (r < 0)
		return r;
	if (!subject.parent)
		return log_fail(ctx, -EINVAL, "No parent specified for device %s", subject.uuid);
	/* Scripts get what the file says, whatever the caller knows of it. */
	r = find_stored(ctx, &subject, &stored);
	if (r == -ENOENT)
		return fail_undefined(ctx, &subject);
	if (r == -ENOMEM)
		return r;
	if (r == 0)
		subject = operation_subject(stored);
	/* It is malformed: no script can be asked, as they are found by the type. */
	if (!subject.type)
		flags |= MDEV_OP_NO_CALLOUTS;
	return callout_around(ctx, &subject, CALLOUT_UNDEFINE, flags, remove_stored, &subject);
}

static int replace_stored(struct mdev_ctx *ctx, void *data, unsigned int flags)
{
	const struct storing *new = data;
	const struct callout_subject *subject = &new->subject;
	_cleanup_free_ char *text = NULL;
	size_t length;
	int r;

	(void)flags;
	if (cfg_format(subject->config, &text) < 0)
		return log_no_memory(ctx);
	length = strlen(text);
	r = store_replace(ctx, subject->parent, subject->uuid, text,
			  definition_stored(new->definition));
	if (r == 0)
		definition_remember(new->definition, TAKE_PTR(text), length);
	return r == -ENOENT ? fail_undefined(ctx, subject) : r;
}

MDEV_EXPORT int mdev_modify(const struct mdev_definition *definition, unsigned int flags)
{
	struct storing new = {
		.definition = definition, .subject = operation_subject(definition),
	};
	struct mdev_ctx *ctx = definition_ctx(definition);
	int r;

	if (!definition)
		return -EINVAL;
	operation_about(ctx, &new.subject);
	r = operation_check_flags(ctx, flags, MDEV_OP_NO_CALLOUTS | MDEV_OP_FORCE);
	if (r == 0)
		r = definition_check_complete(definition);
	if (r < 0)
		return r;
	/* Scripts are not bothered with what will be refused. */
	r = store_check(ctx, new.subject.parent, new.subject.uuid, definition_stored(definition));
	if (r < 0)
		return r == -ENOENT ? fail_undefined(ctx, &new.subject) : r;
	return callout_around(ctx, &new.subject, CALLOUT_MODIFY, flags, replace_stored, &new);
}
