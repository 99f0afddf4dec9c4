// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "config.h"
#include "util/array.h"
#include "util/text.h"

void cfg_clear(struct config *config)
{
	for (size_t i = 0; i < config->n_attrs; i++) {
		free(config->attrs[i].name);
		free(config->attrs[i].value);
	}
	free(config->attrs);
	free(config->type);
	free(config->type_name);
	free(config->owner);
	free(config->access);
	free(config->unknown);
	*config = (struct config){ 0 };
}

int cfg_insert_attr(struct config *config, size_t index, const char *name, const char *value)
{
	_cleanup_free_ char *name_copy = strdup(name), *value_copy = strdup(value);
	struct attr *place;

	if (!name_copy || !value_copy ||
	    array_reserve(&config->attrs, config->n_attrs, sizeof(*config->attrs)) < 0)
		return -ENOMEM;
	place = config->attrs + index;
	array_make_gap(config->attrs, config->n_attrs, index, sizeof(*place));
	place->name = TAKE_PTR(name_copy);
	place->value = TAKE_PTR(value_copy);
	config->n_attrs++;
	return 0;
}

void cfg_remove_attr(struct config *config, size_t index)
{
	struct attr *place = config->attrs + index;

	free(place->name);
	free(place->value);
	array_close_gap(config->attrs, config->n_attrs, index, sizeof(*place));
	config->n_attrs--;
}

/* NULL stays NULL. */
static int copy_string(const char *string, char **copy)
{
	if (!string)
		return 0;
	*copy = strdup(string);
	return *copy ? 0 : -ENOMEM;
}

int cfg_copy(const struct config *config, struct config *copy)
{
	_cleanup_(cfg_clear) struct config new = { .start = config->start };

	if (copy_string(config->type, &new.type) < 0 ||
	    copy_string(config->type_name, &new.type_name) < 0 ||
	    copy_string(config->owner, &new.owner) < 0 ||
	    copy_string(config->access, &new.access) < 0 ||
	    copy_string(config->unknown, &new.unknown) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < config->n_attrs; i++)
		if (cfg_insert_attr(&new, i, config->attrs[i].name, config->attrs[i].value) < 0)
			return -ENOMEM;
	*copy = new;
	new = (struct config){ 0 };
	return 0;
}

bool cfg_equal(const struct config *a, const struct config *b)
{
	if (!text_same(a->type, b->type) || a->start != b->start || a->n_attrs != b->n_attrs)
		return false;
	for (size_t i = 0; i < a->n_attrs; i++)
		if (strcmp(a->attrs[i].name, b->attrs[i].name) != 0 ||
		    strcmp(a->attrs[i].value, b->attrs[i].value) != 0)
			return false;
	return true;
}

bool cfg_is_owner(const char *owner)
{
	return *owner && strlen(owner) <= MDEV_OWNER_LENGTH_MAX && utf8_is_valid(owner) &&
	       !text_has_control(owner);
}

void capabilities_clear(struct capabilities *capabilities)
{
	strings_clear(&capabilities->actions);
	strings_clear(&capabilities->events);
}
