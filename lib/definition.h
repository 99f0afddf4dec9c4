/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A definition as the operations see it. Hides how it is put together. */
#ifndef LIB_DEFINITION_H
#define LIB_DEFINITION_H

#include "ctx.h"
#include "config.h"
#include "store.h"

struct mdev_ctx *definition_ctx(const struct mdev_definition *definition);

static inline void definition_unrefp(struct mdev_definition **definition)
{
	mdev_definition_unref(*definition);
}

const struct config *definition_config(const struct mdev_definition *definition);

/* What is known of its file: what that said when it was read or stored last. */
const struct store_text *definition_stored(const struct mdev_definition *definition);

/*
 * Notes what is known of its file now; @text is taken over. Storing a definition does not change
 * it, but it can be stored again.
 */
void definition_remember(const struct mdev_definition *definition, struct store_text *text);

/*
 * Reads the definition of a UUID.
 *
 * Return: 0, -ENOENT, unreported, if there is none, other -errno reported.
 */
_must_check_ int definition_find(struct mdev_ctx *ctx, const char *parent,
				  const struct mdev_uuid *uuid, struct mdev_definition **definition);

/*
 * All definitions that are stored, or those of @uuid and @parent, unless they are NULL. What
 * cannot be read is listed as well, without a type; why is said at @level. @n_lost: gets how many
 * parents' directories could not be read; or NULL.
 */
_must_check_ int definition_list_all(struct mdev_ctx *ctx, const struct mdev_uuid *uuid,
				      const char *parent, enum mdev_log_level level,
				      struct mdev_definition ***definitions, size_t *n_lost);

/* What the vendor calls the type. Return: 0, -ENOMEM reported. */
_must_check_ int definition_set_type_name(struct mdev_definition *definition, const char *name);

/* A definition of all its parts; takes over @config, which is empty afterwards. */
_must_check_ int definition_make(struct mdev_ctx *ctx, const char *parent,
				  const struct mdev_uuid *uuid, struct config *config,
				  struct mdev_definition **definition);

static inline void definition_list_freep(struct mdev_definition ***definitions)
{
	mdev_definition_list_free(*definitions);
}

/*
 * Fails with -EINVAL, reported to @ctx, which need not be the definition's, unless parent and
 * type are chosen.
 */
_must_check_ int definition_check_place(struct mdev_ctx *ctx,
					const struct mdev_definition *definition);

/*
 * Fails with @r, reported, if an attribute can be none: its name is no file below a device's
 * directory, has control characters, or is the kernel's. Files may have such names: they are
 * still listed, but can neither be started nor stored again.
 */
_must_check_ int definition_check_attrs(struct mdev_ctx *ctx, const struct config *config, int r);

/* Both in the definition's own context: whether it can be started and stored. */
_must_check_ int definition_check_complete(const struct mdev_definition *definition);

#endif
