// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "definition.h"
#include "device.h"
#include "machine_state.h"

struct state_key {
	const char *uuid, *parent;
};

static int state_compare_keys(struct state_key a, struct state_key b)
{
	int order = strcmp(a.uuid, b.uuid);

	/* Without a parent any will do. */
	return order || !a.parent || !b.parent ? order : strcmp(a.parent, b.parent);
}

static struct state_key definition_key(const struct mdev_definition *definition)
{
	return (struct state_key){ mdev_definition_get_uuid(definition)->text,
				   mdev_definition_get_parent(definition) };
}

static struct state_key device_key(const struct mdev_device *device)
{
	return (struct state_key){ mdev_device_get_uuid(device)->text,
				   mdev_device_get_parent(device) };
}

static int state_compare_definitions(const void *a, const void *b)
{
	return state_compare_keys(definition_key(*(struct mdev_definition *const *)a),
				  definition_key(*(struct mdev_definition *const *)b));
}

static int state_compare_devices(const void *a, const void *b)
{
	return state_compare_keys(device_key(*(struct mdev_device *const *)a),
				  device_key(*(struct mdev_device *const *)b));
}

static int state_seek_definition(const void *key, const void *item)
{
	return state_compare_keys(*(const struct state_key *)key,
				  definition_key(*(struct mdev_definition *const *)item));
}

static int state_seek_device(const void *key, const void *item)
{
	return state_compare_keys(*(const struct state_key *)key,
				  device_key(*(struct mdev_device *const *)item));
}

int state_read(struct mdev_ctx *ctx, enum mdev_log_level level, struct machine_state *state)
{
	struct machine_state found = { 0 };
	int r;

	r = definition_list_all(ctx, NULL, NULL, level, &found.definitions, NULL);
	if (r == 0)
		r = mdev_device_list(ctx, NULL, NULL, &found.devices);
	if (r < 0) {
		state_clear(&found);
		return r;
	}
	while (found.definitions[found.n_definitions])
		found.n_definitions++;
	while (found.devices[found.n_devices])
		found.n_devices++;
	qsort(found.definitions, found.n_definitions, sizeof(*found.definitions),
	      state_compare_definitions);
	qsort(found.devices, found.n_devices, sizeof(*found.devices), state_compare_devices);
	*state = found;
	return 0;
}

void state_clear(struct machine_state *state)
{
	mdev_definition_list_free(state->definitions);
	mdev_device_list_free(state->devices);
	*state = (struct machine_state){ 0 };
}

struct mdev_definition *state_find_definition(const struct machine_state *state,
					      const struct mdev_uuid *uuid, const char *parent)
{
	const struct state_key key = { uuid->text, parent };
	struct mdev_definition **found =
		bsearch(&key, state->definitions, state->n_definitions, sizeof(*state->definitions),
			state_seek_definition);

	return found ? *found : NULL;
}

struct mdev_device *state_find_device(const struct machine_state *state,
				      const struct mdev_uuid *uuid, const char *parent)
{
	const struct state_key key = { uuid->text, parent };
	struct mdev_device **found = bsearch(&key, state->devices, state->n_devices,
					     sizeof(*state->devices), state_seek_device);

	return found ? *found : NULL;
}
