// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "definition.h"
#include "device.h"
#include "log.h"
#include "status_drift.h"

/* Whether @text is an integer, in the forms of C. */
static bool drift_read_number(const char *text, unsigned long long *number)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*number = strtoull(text, &end, 0);
	return !errno && (*end == '\0' || strcmp(end, "\n") == 0);
}

/* Drivers show a number in a form of their own, and end a value with a newline. */
static bool drift_is_same(const char *a, const char *b)
{
	size_t a_length = strcspn(a, "\n"), b_length = strcspn(b, "\n");
	unsigned long long x, y;

	/* More than one line is compared as it is. */
	if (a[a_length] && a[a_length + 1])
		a_length = strlen(a);
	if (b[b_length] && b[b_length + 1])
		b_length = strlen(b);
	if (a_length == b_length && memcmp(a, b, a_length) == 0)
		return true;
	return drift_read_number(a, &x) && drift_read_number(b, &y) && x == y;
}

/* How many attributes have the name and, unless it is NULL, the value. */
static size_t drift_count(const struct config *config, const char *name, const char *value)
{
	size_t count = 0;

	for (size_t i = 0; i < config->n_attrs; i++)
		count += strcmp(config->attrs[i].name, name) == 0 &&
			 (!value || drift_is_same(config->attrs[i].value, value));
	return count;
}

/* Whether both have the same values of the name, in any order. */
static bool drift_has_same_values(const struct config *live, const struct config *defined,
				  const char *name)
{
	if (drift_count(live, name, NULL) != drift_count(defined, name, NULL))
		return false;
	for (size_t i = 0; i < defined->n_attrs; i++) {
		const struct attr *attr = &defined->attrs[i];

		if (strcmp(attr->name, name) == 0 && drift_count(live, name, attr->value) !=
		    drift_count(defined, name, attr->value))
			return false;
	}
	return true;
}

static void drift_add_values(struct buffer *reason, const struct config *config, const char *name)
{
	const char *separator = " ";

	for (size_t i = 0; i < config->n_attrs; i++) {
		if (strcmp(config->attrs[i].name, name) != 0)
			continue;
		buffer_add_format(reason, "%s%s", separator, config->attrs[i].value);
		separator = ", ";
	}
}

static void drift_begin(struct buffer *reason, const char *name)
{
	buffer_add_format(reason, "%s %s is", reason->length > 0 ? "; attribute" : "Attribute",
			  name);
}

/* @says: what the other side of the comparison is called */
static void drift_add_reported(struct buffer *reason, const char *says, const struct config *live,
			       const struct config *defined, const char *name)
{
	if (drift_has_same_values(live, defined, name))
		return;
	drift_begin(reason, name);
	drift_add_values(reason, live, name);
	buffer_add_format(reason, ", %s is", says);
	drift_add_values(reason, defined, name);
}

/* The last value that was written is the one to be shown. */
static int drift_add_shown(struct buffer *reason, const char *says,
			   const struct mdev_device *device, const struct attr *attr)
{
	_cleanup_free_ char *value = NULL, *why = NULL;
	int r;

	{
		log_catch(device_ctx(device), &why);
		r = mdev_device_read_attr(device, attr->name, &value);
	}
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	if (drift_is_same(value, attr->value))
		return 0;
	drift_begin(reason, attr->name);
	buffer_add_format(reason, " %s, %s is %s", value, says, attr->value);
	return 0;
}

/* Whether the name has been seen at a later index: the last one stands for all. */
static bool drift_comes_again(const struct config *config, size_t index)
{
	for (size_t i = index + 1; i < config->n_attrs; i++)
		if (strcmp(config->attrs[i].name, config->attrs[index].name) == 0)
			return true;
	return false;
}

int status_find_drift(const struct mdev_device *device, const struct mdev_definition *definition,
		      const char *says, unsigned int flags, struct buffer *reason)
{
	_cleanup_(definition_unrefp) struct mdev_definition *described = NULL;
	const struct config *defined = definition_config(definition), *live;
	int r;

	/* Scripts run for nothing else. */
	if (defined->n_attrs == 0)
		return 0;
	r = mdev_device_get_definition(device, flags, &described);
	if (r < 0)
		return r;
	live = definition_config(described);
	for (size_t i = 0; r == 0 && i < defined->n_attrs; i++) {
		const struct attr *attr = &defined->attrs[i];

		if (drift_comes_again(defined, i))
			continue;
		if (drift_count(live, attr->name, NULL) > 0)
			drift_add_reported(reason, says, live, defined, attr->name);
		else
			r = drift_add_shown(reason, says, device, attr);
	}
	return r;
}

/* What a shell takes as it is. */
static bool drift_is_word(const char *text)
{
	return *text && text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					  "0123456789_./:,+@%-")] == '\0';
}

void status_add_settings(const struct mdev_definition *definition, struct buffer *out)
{
	const struct config *defined = definition_config(definition);

	for (size_t i = 0; i < defined->n_attrs; i++) {
		const struct attr *attr = &defined->attrs[i];

		if (drift_count(defined, attr->name, NULL) > 1 || !drift_is_word(attr->name) ||
		    !drift_is_word(attr->value)) {
			buffer_add_string(out, " --setattr NAME=VALUE");
			return;
		}
	}
	for (size_t i = 0; i < defined->n_attrs; i++)
		buffer_add_format(out, " --setattr %s=%s", defined->attrs[i].name,
				  defined->attrs[i].value);
}
