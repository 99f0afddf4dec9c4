// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "attempt.h"
#include "backend.h"
#include "callout.h"
#include "define.h"
#include "definition.h"
#include "explain_parent.h"
#include "log.h"
#include "parent.h"
#include "store.h"
#include "type.h"

/* Appends what scripts report of the active device; what precedes a failure goes again. */
static int define_adopt(struct operation *define, struct config *config)
{
	size_t n_attrs = config->n_attrs;
	int r;

	if (!(define->flags & MDEV_OP_ADOPT) || (define->flags & MDEV_OP_NO_CALLOUTS))
		return 0;
	r = callout_get_attrs(define, config);
	if (r == 0)
		r = definition_check_attrs(define->ctx, config, -EBADMSG);
	/* "post" must not get half an answer. */
	while (r < 0 && config->n_attrs > n_attrs)
		cfg_remove_attr(config, config->n_attrs - 1);
	return r;
}

/* Of a type that is not listed now: what was asked for may be the name itself. */
static int define_name_unlisted(const struct operation *define, struct config *config)
{
	enum type_guess guess;

	if (explain_is_disabled(define->ctx, define->parent))
		guess = backend_guess_type(define->ctx, config->type);
	else
		guess = type_guess_unlisted(define->ctx, define->parent, config->type);
	if (guess == TYPE_NUMBER)
		log_warning(define->ctx, "The name of type %s of %s cannot be read now: the device will "
			    "start by the number, which another release of the driver may give to "
			    "another type", config->type, define->parent);
	if (guess != TYPE_NAME)
		return 0;
	config->type_name = strdup(config->type);
	return config->type_name ? 0 : log_no_memory(define->ctx);
}

/*
 * Of a type whose id may be another one's after the driver's next release, the definition also
 * gets the name; that alone was enough to choose it. A parent that is not there cannot tell.
 */
static int define_name_type(struct operation *define, struct config *config)
{
	_cleanup_free_ char *id = NULL, *name = NULL;
	int r;

	if (config->type_name)
		return 0;
	r = type_name(define->ctx, define->parent, config->type, &id, &name);
	if (r < 0)
		return log_no_memory(define->ctx);
	if (!id)
		return define_name_unlisted(define, config);
	free(config->type);
	config->type = TAKE_PTR(id);
	config->type_name = TAKE_PTR(name);
	define->type = config->type;
	return 0;
}

/* Whether the stored definition says more than the caller's. */
static bool define_has_added(const struct operation *define, const struct config *config)
{
	const struct config *asked = definition_config(define->definition);

	return config->n_attrs > asked->n_attrs ||
	       (config->type_name && !asked->type_name);
}

static int define_fail_defined(const struct operation *define)
{
	return log_fail(define->ctx, -EEXIST, "Device %s on %s already defined", define->uuid->text,
			define->parent);
}

/* The text to store, which must not be too large. */
static int define_format(const struct operation *operation, const struct config *config,
			 struct store_text *text)
{
	if (cfg_format(config, &text->bytes) < 0)
		return log_no_memory(operation->ctx);
	text->known = true;
	text->length = strlen(text->bytes);
	return store_check_size(operation->ctx, operation->parent, operation->uuid->text, text->length);
}

static int define_store(struct operation *define, struct config *config)
{
	_cleanup_(store_text_clear) struct store_text text = { 0 };
	int r;

	r = define_adopt(define, config);
	if (r == 0)
		r = define_format(define, config, &text);
	if (r < 0)
		return r;
	r = store_create(define->ctx, define->parent, define->uuid, text.bytes);
	if (r < 0)
		return r == -EEXIST ? define_fail_defined(define) : r;
	/* The stored definition has the adopted attributes and the name, @definition does not. */
	if (define_has_added(define, config))
		free(TAKE_PTR(text.bytes));
	definition_remember(define->definition, &text);
	return 0;
}

/* Scripts are not bothered with what cannot be stored. */
static int define_check_new(const struct operation *define)
{
	_cleanup_(store_text_clear) struct store_text text = { 0 };
	int r;

	if (!store_is_parent(define->parent))
		return log_fail(define->ctx, -EINVAL, "Invalid parent name '%s'", define->parent);
	r = store_exists(define->ctx, define->parent, define->uuid);
	if (r > 0)
		return define_fail_defined(define);
	return r < 0 ? r : define_format(define, define->config, &text);
}

/* A parent that is not there may have the type when it comes. */
static int define_check_type(const struct operation *define)
{
	const char *name = define->config->type_name;
	_cleanup_(parent_unrefp) struct mdev_parent *parent = NULL;
	unsigned int count;

	if (!(define->flags & MDEV_OP_STRICT) || (define->flags & MDEV_OP_FORCE) ||
	    !parent_exists(define->ctx, define->parent)) {
		type_warn_if_doubtful(define->ctx, define->parent, define->type, name);
		return 0;
	}
	if (parent_find(define->ctx, define->parent, &parent) < 0)
		return 0;
	return type_count_available(parent, define->type, name, &count);
}

MDEV_EXPORT int mdev_define(const struct mdev_definition *definition, unsigned int flags)
{
	_cleanup_operation_ struct operation define =
		operation_of_definition(OPERATION_DEFINE, definition, flags);
	_cleanup_(cfg_clear) struct config config = { 0 };
	int r;

	if (!definition)
		return -EINVAL;
	operation_call(&define);
	r = operation_check_flags(&define, MDEV_OP_NO_CALLOUTS | MDEV_OP_FORCE | MDEV_OP_ADOPT |
				  MDEV_OP_STRICT);
	if (r == 0)
		r = definition_check_complete(definition);
	if (r == 0)
		r = define_check_new(&define);
	if (r < 0)
		return r;
	if (cfg_copy(define.config, &config) < 0)
		return log_no_memory(define.ctx);
	/* "post" gets the adopted attributes, too. */
	define.config = &config;
	r = define_name_type(&define, &config);
	if (r == 0)
		r = define_check_type(&define);
	if (r < 0)
		return r;
	r = callout_begin(&define);
	if (r == 0)
		r = define_store(&define, &config);
	return callout_end(&define, r);
}

static int define_fail_undefined(const struct operation *operation)
{
	return log_fail(operation->ctx, -ENOENT, "Mediated device %s/%s is not defined",
			operation->parent, operation->uuid->text);
}

static int undefine_stored(struct operation *undefine)
{
	const struct store_text any = { 0 };
	int r;

	r = store_remove(undefine->ctx, undefine->parent, undefine->uuid,
			 undefine->only_known ? definition_stored(undefine->definition) : &any);
	if (r == 0)
		attempt_forget(undefine->ctx, undefine->uuid, undefine->parent);
	return r == -ENOENT ? define_fail_undefined(undefine) : r;
}

/* That it is malformed does not make it less there. */
static int undefine_find(const struct operation *undefine, struct mdev_definition **stored)
{
	log_about(undefine->ctx, .level = MDEV_LOG_DEBUG);
	return definition_find(undefine->ctx, undefine->parent, undefine->uuid, stored);
}

MDEV_EXPORT int mdev_undefine(const struct mdev_definition *definition, unsigned int flags)
{
	_cleanup_(definition_unrefp) struct mdev_definition *stored = NULL;
	_cleanup_operation_ struct operation undefine =
		operation_of_definition(OPERATION_UNDEFINE, definition, flags);
	int r;

	if (!definition)
		return -EINVAL;
	operation_call(&undefine);
	r = operation_check_flags(&undefine, MDEV_OP_NO_CALLOUTS | MDEV_OP_FORCE);
	if (r < 0)
		return r;
	if (!undefine.parent)
		return log_fail(undefine.ctx, -EINVAL, "No parent specified for device %s",
				undefine.uuid->text);
	r = undefine_find(&undefine, &stored);
	if (r == -ENOENT)
		return define_fail_undefined(&undefine);
	if (r == -ENOMEM)
		return r;
	/* Scripts get the contents of the file, whatever the caller knows of them. */
	if (r == 0)
		undefine = operation_of_definition(OPERATION_UNDEFINE, stored, flags);
	/* It is malformed: no script can be asked, as they are found by the type. */
	if (!undefine.type)
		undefine.flags |= MDEV_OP_NO_CALLOUTS;
	return callout_run(&undefine, undefine_stored);
}

static int modify_stored(struct operation *modify)
{
	_cleanup_(store_text_clear) struct store_text text = { 0 };
	int r;

	r = define_format(modify, modify->config, &text);
	if (r < 0)
		return r;
	r = store_replace(modify->ctx, modify->parent, modify->uuid, text.bytes,
			  definition_stored(modify->definition));
	if (r < 0)
		return r == -ENOENT ? define_fail_undefined(modify) : r;
	if (define_has_added(modify, modify->config))
		free(TAKE_PTR(text.bytes));
	definition_remember(modify->definition, &text);
	return 0;
}

/* Scripts are not bothered with what will be refused. */
static int modify_check(const struct operation *modify)
{
	_cleanup_(store_text_clear) struct store_text text = { 0 };
	int r;

	r = store_check(modify->ctx, modify->parent, modify->uuid,
			definition_stored(modify->definition));
	if (r < 0)
		return r == -ENOENT ? define_fail_undefined(modify) : r;
	return define_format(modify, modify->config, &text);
}

int define_remove_known(const struct mdev_definition *definition, unsigned int flags)
{
	_cleanup_operation_ struct operation undefine =
		operation_of_definition(OPERATION_UNDEFINE, definition, flags);
	int r;

	undefine.only_known = true;
	operation_call(&undefine);
	r = store_check(undefine.ctx, undefine.parent, undefine.uuid, definition_stored(definition));
	if (r < 0)
		return r == -ENOENT ? define_fail_undefined(&undefine) : r;
	return callout_run(&undefine, undefine_stored);
}

MDEV_EXPORT int mdev_modify(const struct mdev_definition *definition, unsigned int flags)
{
	_cleanup_operation_ struct operation modify =
		operation_of_definition(OPERATION_MODIFY, definition, flags);
	_cleanup_(cfg_clear) struct config config = { 0 };
	int r;

	if (!definition)
		return -EINVAL;
	operation_call(&modify);
	r = operation_check_flags(&modify, MDEV_OP_NO_CALLOUTS | MDEV_OP_FORCE);
	if (r == 0)
		r = definition_check_complete(definition);
	if (r == 0)
		r = modify_check(&modify);
	if (r < 0)
		return r;
	if (cfg_copy(modify.config, &config) < 0)
		return log_no_memory(modify.ctx);
	modify.config = &config;
	r = define_name_type(&modify, &config);
	return r < 0 ? r : callout_run(&modify, modify_stored);
}
