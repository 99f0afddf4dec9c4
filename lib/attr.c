// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "attr.h"
#include "config.h"
#include "explain.h"
#include "log.h"
#include "sysfs.h"
#include "util/buffer.h"
#include "util/text.h"

int attr_check_name(const struct attrs *attrs, const char *name)
{
	const struct handle *handle = &attrs->handle;

	log_about(handle->ctx, .attr = name);
	if (!path_is_below(name) || !utf8_is_valid(name) ||
	    backend_is_reserved(handle->backend, name))
		return log_fail(handle->ctx, -EINVAL, "Invalid attribute '%s'", name);
	return 0;
}

static int attr_fail_gone(const struct attrs *attrs)
{
	return log_fail(attrs->handle.ctx, -ENODEV,
			"Mediated device %s is no longer active on %s", attrs->uuid,
			attrs->parent);
}

/* Device and attribute are there or not, whatever was to be done. */
static bool attr_fail_absent(const struct attrs *attrs, const char *name, int *r)
{
	const struct handle *handle = &attrs->handle;

	if (*r == -ENODEV || !handle->backend->is_alive(handle))
		*r = attr_fail_gone(attrs);
	else if (*r == -ENOENT)
		*r = log_fail(handle->ctx, *r, "Invalid attribute '%s' of device %s", name,
			      attrs->uuid);
	else
		return false;
	return true;
}

static int attr_fail_read(const struct attrs *attrs, const char *name, int r)
{
	struct mdev_ctx *ctx = attrs->handle.ctx;
	_cleanup_free_ char *why = NULL;

	log_about(ctx, .attr = name);
	if (r == -ENOMEM)
		return log_no_memory(ctx);
	if (attr_fail_absent(attrs, name, &r))
		return r;
	why = explain_read(&attrs->handle, r);
	log_about(ctx, .reason = why);
	return log_fail_kernel(ctx, r, "Failed to read attribute %s of device %s: " OS_ERROR "%s",
			       name, attrs->uuid, OS_ERROR_ARGS(r), why ? why : "");
}

/* Return: 0, -ENOENT if the device can have no such attribute, -errno. */
static int attr_read_once(const struct attrs *attrs, const char *name, char **value)
{
	const char *path = backend_find_attr(&attrs->handle, name);
	_cleanup_free_ char *text = NULL;
	_cleanup_close_ int own = -1;
	int r = path ? backend_open_attrs(&attrs->handle, &own) : -ENOENT;

	if (r >= 0)
		r = sysfs_read_below(attrs->handle.ctx, r, path, &text);
	if (r == 0)
		r = backend_tidy_attr(&attrs->handle, name, text);
	if (r == 0)
		*value = TAKE_PTR(text);
	return r;
}

int attr_read(const struct attrs *attrs, const char *name, char **value)
{
	int r = attr_read_once(attrs, name, value);

	return r < 0 ? attr_fail_read(attrs, name, r) : 0;
}

static int attr_fail_write(const struct attrs *attrs, const char *name, const char *value, int r)
{
	struct mdev_ctx *ctx = attrs->handle.ctx;
	_cleanup_free_ char *why = NULL;

	log_about(ctx, .attr = name);
	if (attr_fail_absent(attrs, name, &r))
		return r;
	why = explain_write(&attrs->handle, r, name);
	log_about(ctx, .reason = why);
	return log_fail_kernel(ctx, r, "Failed to write %s to attribute %s of device %s: " OS_ERROR
			       "%s", value, name, attrs->uuid, OS_ERROR_ARGS(r), why ? why : "");
}

/* A driver may add the file late, or be busy for a moment. */
static bool attr_may_come(const struct attrs *attrs, int r)
{
	bool later = r == -EAGAIN || (r == -ENOENT && attrs->is_new);

	return later && attrs->handle.backend->is_alive(&attrs->handle);
}

static int attr_write_once(const struct attrs *attrs, const char *name, const char *value)
{
	const char *path = backend_find_attr(&attrs->handle, name);
	_cleanup_close_ int own = -1;
	int r = path ? backend_open_attrs(&attrs->handle, &own) : -ENOENT;

	return r < 0 ? r : sysfs_write_below(attrs->handle.ctx, r, path, value);
}

int attr_write(const struct attrs *attrs, const char *name, const char *value, struct wait *wait)
{
	int r;

	if (wait)
		wait_begin(wait, "attribute %s of device %s", name, attrs->uuid);
	do
		r = attr_write_once(attrs, name, value);
	while (attr_may_come(attrs, r) && wait && wait_a_little(wait));
	if (wait)
		wait_end(wait);
	if (attr_may_come(attrs, r) && wait && wait_is_interrupted(attrs->handle.ctx))
		return log_fail(attrs->handle.ctx, -EINTR,
				"Interrupted before attribute %s of device %s was written", name,
				attrs->uuid);
	return r < 0 ? attr_fail_write(attrs, name, value, r) : 0;
}

int attr_try_write(const struct attrs *attrs, const char *name, const char *value)
{
	int r = attr_write_once(attrs, name, value);

	if (attr_may_come(attrs, r))
		return 1;
	return r < 0 ? attr_fail_write(attrs, name, value, r) : 0;
}

/* Changes ------------------------------------------------------------------------- */

/* Drivers end a shown value with a newline, whether it was written with one or not. */
static bool attr_shows(const char *shown, const char *value)
{
	size_t length = strlen(value);

	while (length > 0 && value[length - 1] == '\n')
		length--;
	return strlen(shown) == length && memcmp(shown, value, length) == 0;
}

int attr_change(const struct attrs *attrs, const struct attr *attr, struct wait *wait,
		struct attr_change *change)
{
	_cleanup_free_ char *former = NULL;
	int r;

	r = attr_read_once(attrs, attr->name, &former);
	if (r == -ENOMEM)
		return log_no_memory(attrs->handle.ctx);
	if (r == 0 && attr_shows(former, attr->value))
		return 0;
	/* An attribute that cannot be read is written, because its value is unknown. */
	r = attr_write(attrs, attr->name, attr->value, wait);
	if (r < 0)
		return r;
	*change = (struct attr_change){ .name = attr->name, .former = TAKE_PTR(former) };
	return 1;
}

char *attr_restore(const struct attrs *attrs, const struct attr_change *changes, size_t count)
{
	_cleanup_buffer_ struct buffer text = { 0 };

	while (count-- > 0) {
		const struct attr_change *change = &changes[count];
		int r = -ENODATA;

		if (change->former)
			r = attr_write_once(attrs, change->name, change->former);
		if (r == 0)
			continue;
		buffer_add_format(&text, "; then: Failed to restore attribute %s: ", change->name);
		if (change->former)
			buffer_add_format(&text, OS_ERROR, OS_ERROR_ARGS(r));
		else
			buffer_add_string(&text, "its former value cannot be read");
	}
	return buffer_take_note(&text);
}
