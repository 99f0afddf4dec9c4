// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <uuid/uuid.h>

#include "backend.h"
#include "access.h"
#include "definition.h"
#include "log.h"
#include "util/refs.h"
#include "util/text.h"

struct mdev_definition {
	struct mdev_ctx *ctx;
	unsigned int refs;
	struct mdev_uuid uuid;
	char *parent;
	struct config config;
	struct store_text *stored;
};

/* One allocation each, as lists are long; what is stored changes while a definition does not. */
struct definition_block {
	struct mdev_definition definition;
	struct store_text stored;
};

struct mdev_ctx *definition_ctx(const struct mdev_definition *definition)
{
	return definition ? definition->ctx : NULL;
}

const struct config *definition_config(const struct mdev_definition *definition)
{
	return &definition->config;
}

const struct store_text *definition_stored(const struct mdev_definition *definition)
{
	return definition->stored;
}

void definition_remember(const struct mdev_definition *definition, struct store_text *text)
{
	store_text_clear(definition->stored);
	*definition->stored = *text;
	*text = (struct store_text){ 0 };
}

/* From here on failures are about the definition. */
#define definition_about(definition)                                                               \
	log_call(definition_ctx(definition), .uuid = (definition)->uuid.text,                         \
		 .parent = (definition)->parent)

int definition_check_place(struct mdev_ctx *ctx, const struct mdev_definition *definition)
{
	log_about(ctx, .uuid = definition->uuid.text, .parent = definition->parent);

	if (!definition->parent)
		return log_fail(ctx, -EINVAL, "No parent specified for device %s",
				definition->uuid.text);
	if (!definition->config.type)
		return log_fail(ctx, -EINVAL, "No type specified for device %s", definition->uuid.text);
	return 0;
}

static int definition_check_name(struct mdev_ctx *ctx, const char *name, int r)
{
	log_about(ctx, .attr = name);

	if (!path_is_below(name) || !utf8_is_valid(name) || text_has_control(name))
		return log_fail(ctx, r, "Invalid attribute '%s'", name);
	backend_foreach(ctx, backend)
		if (backend_is_reserved(backend, name))
			return log_fail(ctx, r, "Attribute '%s' cannot be set: with it the kernel "
					"removes the device", name);
	return 0;
}

int definition_check_attrs(struct mdev_ctx *ctx, const struct config *config, int r)
{
	for (size_t i = 0; i < config->n_attrs; i++)
		if (definition_check_name(ctx, config->attrs[i].name, r) < 0)
			return r;
	return 0;
}

int definition_check_complete(const struct mdev_definition *definition)
{
	int r;

	log_about(definition->ctx, .uuid = definition->uuid.text, .parent = definition->parent);
	r = definition_check_place(definition->ctx, definition);
	return r < 0 ? r : definition_check_attrs(definition->ctx, &definition->config, -EINVAL);
}

MDEV_EXPORT int mdev_definition_new(struct mdev_ctx *ctx, const struct mdev_uuid *uuid,
				    struct mdev_definition **definition)
{
	_cleanup_(definition_unrefp) struct mdev_definition *new = NULL;
	struct definition_block *block;
	uuid_t random;

	if (ANY_NULL(ctx, definition))
		return log_null(ctx);
	block = calloc(1, sizeof(*block));
	if (!block)
		return log_no_memory(ctx);
	new = &block->definition;
	new->stored = &block->stored;
	new->ctx = mdev_ctx_ref(ctx);
	new->refs = 1;
	if (uuid) {
		new->uuid = *uuid;
	} else {
		uuid_generate_random(random);
		uuid_unparse_lower(random, new->uuid.text);
	}
	*definition = TAKE_PTR(new);
	return 0;
}

int definition_make(struct mdev_ctx *ctx, const char *parent, const struct mdev_uuid *uuid,
		    struct config *config, struct mdev_definition **definition)
{
	_cleanup_(definition_unrefp) struct mdev_definition *new = NULL;
	int r;

	r = mdev_definition_new(ctx, uuid, &new);
	if (r == 0 && parent)
		r = mdev_definition_set_parent(new, parent);
	if (r < 0)
		return r;
	new->config = *config;
	*config = (struct config){ 0 };
	*definition = TAKE_PTR(new);
	return 0;
}

MDEV_EXPORT int mdev_definition_copy(const struct mdev_definition *definition,
				     struct mdev_definition **copy)
{
	_cleanup_(definition_unrefp) struct mdev_definition *new = NULL;
	_cleanup_(cfg_clear) struct config config = { 0 };
	const struct store_text *stored;
	int r;

	if (ANY_NULL(definition, copy))
		return log_null(definition_ctx(definition));
	definition_about(definition);
	if (cfg_copy(&definition->config, &config) < 0)
		return log_no_memory(definition->ctx);
	r = definition_make(definition->ctx, definition->parent, &definition->uuid, &config, &new);
	if (r < 0)
		return r;
	stored = definition->stored;
	*new->stored = *stored;
	if (stored->bytes) {
		new->stored->bytes = strndup(stored->bytes, stored->length);
		if (!new->stored->bytes)
			return log_no_memory(definition->ctx);
	}
	*copy = TAKE_PTR(new);
	return 0;
}

MDEV_EXPORT bool mdev_definition_equal(const struct mdev_definition *a,
				       const struct mdev_definition *b)
{
	const char *x = a->parent ? a->parent : "", *y = b->parent ? b->parent : "";

	/* No parent has an empty name. */
	return strcmp(a->uuid.text, b->uuid.text) == 0 && strcmp(x, y) == 0 &&
	       cfg_equal(&a->config, &b->config);
}

MDEV_EXPORT struct mdev_definition *mdev_definition_ref(struct mdev_definition *definition)
{
	refs_get(&definition->refs);
	return definition;
}

MDEV_EXPORT void mdev_definition_unref(struct mdev_definition *definition)
{
	if (!definition || !refs_put(&definition->refs))
		return;
	cfg_clear(&definition->config);
	store_text_clear(definition->stored);
	free(definition->parent);
	mdev_ctx_unref(definition->ctx);
	free(definition);
}

/* @keep: members that the text does not have stay */
static int definition_take_json(struct mdev_definition *definition, const char *text,
				size_t length, bool keep)
{
	_cleanup_(cfg_clear) struct config config = { 0 };
	_cleanup_free_ char *problem = NULL;
	int r = 0;

	if (length > MDEV_JSON_SIZE_MAX)
		return log_fail(definition->ctx, -EBADMSG, "too large (limit 1 MiB)");
	if (keep)
		r = cfg_copy(&definition->config, &config);
	if (r == 0)
		r = cfg_parse(text, length, &config, &problem);
	if (r == -EBADMSG)
		return log_fail(definition->ctx, r, "%s", problem);
	if (r < 0)
		return log_no_memory(definition->ctx);
	r = definition_check_attrs(definition->ctx, &config, -EBADMSG);
	if (r < 0)
		return r;
	cfg_clear(&definition->config);
	definition->config = config;
	config = (struct config){ 0 };
	return 0;
}

MDEV_EXPORT int mdev_definition_set_json(struct mdev_definition *definition, const char *text,
					 size_t length)
{
	if (ANY_NULL(definition, text))
		return log_null(definition_ctx(definition));
	definition_about(definition);
	return definition_take_json(definition, text, length, true);
}

MDEV_EXPORT int mdev_definition_replace_json(struct mdev_definition *definition, const char *text,
					     size_t length)
{
	if (ANY_NULL(definition, text))
		return log_null(definition_ctx(definition));
	definition_about(definition);
	return definition_take_json(definition, text, length, false);
}

MDEV_EXPORT int mdev_definition_get_text(const struct mdev_definition *definition, char **text)
{
	char *copy;

	if (ANY_NULL(definition, text))
		return log_null(definition_ctx(definition));
	definition_about(definition);
	if (!definition->stored->bytes)
		return log_fail(definition->ctx, -ENODATA, "The contents of the definition of %s are "
				"not known", definition->uuid.text);
	copy = strndup(definition->stored->bytes, definition->stored->length);
	if (!copy)
		return log_no_memory(definition->ctx);
	*text = copy;
	return 0;
}

MDEV_EXPORT int mdev_definition_get_json(const struct mdev_definition *definition, char **text)
{
	if (ANY_NULL(definition, text))
		return log_null(definition_ctx(definition));
	definition_about(definition);
	if (!definition->config.type)
		return log_fail(definition->ctx, -EINVAL, "No type specified for device %s",
				definition->uuid.text);
	if (cfg_format(&definition->config, text) < 0)
		return log_no_memory(definition->ctx);
	return 0;
}

MDEV_EXPORT const struct mdev_uuid *mdev_definition_get_uuid(
	const struct mdev_definition *definition)
{
	return &definition->uuid;
}

MDEV_EXPORT const char *mdev_definition_get_parent(const struct mdev_definition *definition)
{
	return definition->parent;
}

MDEV_EXPORT const char *mdev_definition_get_type(const struct mdev_definition *definition)
{
	return definition->config.type;
}

MDEV_EXPORT const char *mdev_definition_get_type_name(const struct mdev_definition *definition)
{
	return definition->config.type_name;
}

MDEV_EXPORT enum mdev_start_mode mdev_definition_get_start(const struct mdev_definition *definition)
{
	return definition->config.start;
}

MDEV_EXPORT size_t mdev_definition_count_attrs(const struct mdev_definition *definition)
{
	return definition->config.n_attrs;
}

static int definition_fail_index(const struct mdev_definition *definition, int r, size_t index)
{
	return log_fail(definition->ctx, r, "Attribute index %zu is invalid", index);
}

MDEV_EXPORT int mdev_definition_get_attr(const struct mdev_definition *definition, size_t index,
					 const char **name, const char **value)
{
	if (ANY_NULL(definition, name, value))
		return log_null(definition_ctx(definition));
	definition_about(definition);
	if (index >= definition->config.n_attrs)
		return definition_fail_index(definition, -ENOENT, index);
	*name = definition->config.attrs[index].name;
	*value = definition->config.attrs[index].value;
	return 0;
}

static int definition_replace_name(struct mdev_definition *definition, const char *what,
				   const char *name, char **place)
{
	char *copy;

	if (!name_is_valid(name))
		return log_fail(definition->ctx, -EINVAL, "Invalid %s name '%s'", what, name);
	copy = strdup(name);
	if (!copy)
		return log_no_memory(definition->ctx);
	free(*place);
	*place = copy;
	return 0;
}

MDEV_EXPORT int mdev_definition_set_parent(struct mdev_definition *definition, const char *parent)
{
	bool moved;
	int r;

	if (ANY_NULL(definition, parent))
		return log_null(definition_ctx(definition));
	definition_about(definition);
	moved = definition->parent && strcmp(parent, definition->parent) != 0;
	r = definition_replace_name(definition, "parent", parent, &definition->parent);
	/* The file for the other parent has not been read. */
	if (r == 0 && moved)
		store_text_clear(definition->stored);
	return r;
}

MDEV_EXPORT int mdev_definition_set_type(struct mdev_definition *definition, const char *type)
{
	if (ANY_NULL(definition, type))
		return log_null(definition_ctx(definition));
	definition_about(definition);
	if (!utf8_is_valid(type))
		return log_fail(definition->ctx, -EINVAL, "Invalid type name: not UTF-8");
	/* The name that the vendor gives to the former type. */
	if (definition->config.type && strcmp(type, definition->config.type) != 0)
		free(TAKE_PTR(definition->config.type_name));
	return definition_replace_name(definition, "type", type, &definition->config.type);
}

MDEV_EXPORT void mdev_definition_set_start(struct mdev_definition *definition,
					   enum mdev_start_mode start)
{
	definition->config.start = start == MDEV_START_AUTO ? MDEV_START_AUTO : MDEV_START_MANUAL;
}

MDEV_EXPORT const char *mdev_definition_get_owner(const struct mdev_definition *definition)
{
	return definition->config.owner;
}

/* @text: NULL for none */
static int definition_set_label(const struct mdev_definition *definition, const char *text,
				char **label)
{
	char *copy = NULL;

	if (text) {
		copy = strdup(text);
		if (!copy)
			return log_no_memory(definition->ctx);
	}
	free(*label);
	*label = copy;
	return 0;
}

int definition_set_type_name(struct mdev_definition *definition, const char *name)
{
	return definition_set_label(definition, name, &definition->config.type_name);
}

MDEV_EXPORT int mdev_definition_set_owner(struct mdev_definition *definition, const char *owner)
{
	if (!definition)
		return -EINVAL;
	definition_about(definition);
	if (owner && !cfg_is_owner(owner))
		return log_fail(definition->ctx, -EINVAL, "Invalid owner '%s'", owner);
	return definition_set_label(definition, owner, &definition->config.owner);
}

MDEV_EXPORT const char *mdev_definition_get_access(const struct mdev_definition *definition)
{
	return definition->config.access;
}

MDEV_EXPORT int mdev_definition_set_access(struct mdev_definition *definition, const char *access)
{
	if (!definition)
		return -EINVAL;
	definition_about(definition);
	if (access && !access_is_valid(access))
		return log_fail(definition->ctx, -EINVAL,
				"Invalid access '%s': it is not USER:GROUP:MODE", access);
	return definition_set_label(definition, access, &definition->config.access);
}

static int definition_check_attr(const struct mdev_definition *definition, const char *name,
				 const char *value)
{
	int r = definition_check_name(definition->ctx, name, -EINVAL);

	log_about(definition->ctx, .attr = name);
	if (r == 0 && !utf8_is_valid(value))
		r = log_fail(definition->ctx, -EINVAL, "The value of attribute '%s' is not UTF-8",
			     name);
	return r;
}

MDEV_EXPORT int mdev_definition_insert_attr(struct mdev_definition *definition, size_t index,
					    const char *name, const char *value)
{
	struct config *config;
	int r;

	if (ANY_NULL(definition, name, value))
		return log_null(definition_ctx(definition));
	definition_about(definition);
	config = &definition->config;
	if (index == MDEV_ATTR_END)
		index = config->n_attrs;
	if (index > config->n_attrs)
		return definition_fail_index(definition, -ERANGE, index);
	r = definition_check_attr(definition, name, value);
	if (r < 0)
		return r;
	if (cfg_insert_attr(config, index, name, value) < 0)
		return log_no_memory(definition->ctx);
	return 0;
}

MDEV_EXPORT int mdev_definition_remove_attr(struct mdev_definition *definition, size_t index)
{
	struct config *config;

	if (!definition)
		return -EINVAL;
	definition_about(definition);
	config = &definition->config;
	if (config->n_attrs == 0)
		return log_fail(definition->ctx, -ENOENT, "Device %s has no attributes",
				definition->uuid.text);
	if (index == MDEV_ATTR_END)
		index = config->n_attrs - 1;
	if (index >= config->n_attrs)
		return definition_fail_index(definition, -ENOENT, index);
	cfg_remove_attr(config, index);
	return 0;
}

/* The first attribute of the name; n_attrs if there is none. */
static size_t config_find_attr(const struct config *config, const char *name)
{
	size_t i = 0;

	while (i < config->n_attrs && strcmp(config->attrs[i].name, name) != 0)
		i++;
	return i;
}

/* Removes later attributes with the name of the attribute at @place. */
static void config_remove_others(struct config *config, size_t place)
{
	for (size_t i = config->n_attrs; --i > place;)
		if (strcmp(config->attrs[i].name, config->attrs[place].name) == 0)
			cfg_remove_attr(config, i);
}

MDEV_EXPORT int mdev_definition_set_attr(struct mdev_definition *definition, const char *name,
					 const char *value)
{
	struct config *config;
	size_t place;
	int r;

	if (ANY_NULL(definition, name, value))
		return log_null(definition_ctx(definition));
	definition_about(definition);
	r = definition_check_attr(definition, name, value);
	if (r < 0)
		return r;
	config = &definition->config;
	place = config_find_attr(config, name);
	/* The new one before the old ones go, which may be where the strings come from. */
	if (cfg_insert_attr(config, place, name, value) < 0)
		return log_no_memory(definition->ctx);
	config_remove_others(config, place);
	return 0;
}

MDEV_EXPORT int mdev_definition_unset_attr(struct mdev_definition *definition, const char *name)
{
	struct config *config;
	size_t place;

	if (ANY_NULL(definition, name))
		return log_null(definition_ctx(definition));
	definition_about(definition);
	config = &definition->config;
	place = config_find_attr(config, name);
	if (place == config->n_attrs) {
		log_about(definition->ctx, .attr = name);
		return log_fail(definition->ctx, -ENOENT, "Device %s has no attribute '%s'",
				definition->uuid.text, name);
	}
	/* From here on @name is not used: it may belong to one of those that go. */
	config_remove_others(config, place);
	cfg_remove_attr(config, place);
	return 0;
}

MDEV_EXPORT void mdev_definition_clear_attrs(struct mdev_definition *definition)
{
	struct config *config = &definition->config;

	while (config->n_attrs > 0)
		cfg_remove_attr(config, config->n_attrs - 1);
}
