// SPDX-License-Identifier: LGPL-2.1-or-later
#include "backend.h"

const struct backend *const backends[] = {
	&backend_mdev,
	&backend_nvidia,
	&backend_xe,
	NULL,
};

void type_text_clear(struct type_text *text)
{
	free(text->available_instances);
	free(text->device_api);
	free(text->name);
	free(text->description);
	*text = (struct type_text){ 0 };
}

void device_place_clear(struct device_place *place)
{
	free(place->path);
	free(place->parent);
	free(place->type);
	*place = (struct device_place){ 0 };
}

bool backend_is_reserved(const struct backend *backend, const char *attr)
{
	return backend->is_reserved && backend->is_reserved(attr);
}

const char *backend_find_attr(const struct handle *device, const char *attr)
{
	return device->backend->find_attr ? device->backend->find_attr(device, attr) : attr;
}

int backend_open_attrs(const struct handle *device, int *own)
{
	int r;

	if (!device->backend->open_attrs)
		return device->dir;
	r = device->backend->open_attrs(device, own);
	return r < 0 ? r : *own;
}

int backend_tidy_attr(const struct handle *device, const char *attr, char *value)
{
	return device->backend->tidy_attr ? device->backend->tidy_attr(attr, value) : 0;
}

bool backend_explain(const struct handle *handle, enum backend_action action, int r,
		     struct buffer *out)
{
	return handle->backend && handle->backend->explain &&
	       handle->backend->explain(handle, action, r, out);
}

void backend_explain_lost(struct mdev_ctx *ctx, const struct mdev_uuid *uuid, const char *parent,
			  struct buffer *out)
{
	const struct backend *last = NULL;

	backend_foreach(ctx, backend) {
		if (out->length > 0 || !backend->explain_lost)
			continue;
		if (!last || backend->explain_lost != last->explain_lost)
			backend->explain_lost(ctx, uuid, parent, out);
		last = backend;
	}
}

void backend_forget_elsewhere(struct mdev_ctx *ctx, const struct backend *owner,
			      const struct mdev_uuid *uuid)
{
	const struct backend *last = owner;

	backend_foreach(ctx, backend) {
		if (!backend->forget || backend->forget == owner->forget)
			continue;
		if (backend->forget != last->forget)
			backend->forget(ctx, uuid);
		last = backend;
	}
}

enum type_guess backend_guess_type(struct mdev_ctx *ctx, const char *type)
{
	enum type_guess guess = TYPE_UNKNOWN;

	backend_foreach(ctx, backend)
		if (guess == TYPE_UNKNOWN && backend->guess_type)
			guess = backend->guess_type(ctx, type);
	return guess;
}
