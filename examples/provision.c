// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Defines, starts and stops devices until the host matches a list: provision < LIST
 *
 * LIST has the format of "mdevctl list --defined --dumpjson". Afterwards these devices, and no
 * others, are defined and active, as the list says. Devices that match are not touched. Prints
 * its changes. If a device fails, the others are still provisioned, and the exit status is 1; the
 * next run tries the failed ones again.
 */
#include <errno.h>
#include <libmdev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct agent {
	struct mdev_ctx *ctx;
	struct mdev_definition **wanted;
	bool failed;
};

/* Reports the result of an operation. @gone: the error that means that there was nothing to do. */
static void report(struct agent *agent, int r, int gone, const char *done, const char *parent,
		   const struct mdev_uuid *uuid)
{
	if (r == 0) {
		printf("%s %s/%s\n", done, parent, uuid->text);
	} else if (r != gone) {
		fprintf(stderr, "%s\n", mdev_ctx_last_error(agent->ctx));
		agent->failed = true;
	}
}

static void check(struct agent *agent, int r)
{
	if (r == 0)
		return;
	fprintf(stderr, "%s\n", mdev_ctx_last_error(agent->ctx));
	exit(EXIT_FAILURE);
}

/* The wanted definition of a device; NULL @parent or @type stands for any. */
static struct mdev_definition *find(const struct agent *agent, const struct mdev_uuid *uuid,
				    const char *parent, const char *type)
{
	struct mdev_definition **definition = agent->wanted;

	for (; *definition; definition++)
		if (strcmp(mdev_definition_get_uuid(*definition)->text, uuid->text) == 0 &&
		    (!parent || strcmp(mdev_definition_get_parent(*definition), parent) == 0) &&
		    (!type || strcmp(mdev_definition_get_type(*definition), type) == 0))
			return *definition;
	return NULL;
}

/* Removes unwanted devices first: they may hold instances or UUIDs that others need. */
static void stop_others(struct agent *agent)
{
	struct mdev_device **devices;

	check(agent, mdev_device_list(agent->ctx, NULL, NULL, &devices));
	for (size_t i = 0; devices[i]; i++) {
		const struct mdev_uuid *uuid = mdev_device_get_uuid(devices[i]);
		const char *parent = mdev_device_get_parent(devices[i]);

		if (!find(agent, uuid, parent, mdev_device_get_type(devices[i])))
			report(agent, mdev_stop(devices[i], 0), -ENODEV, "stopped", parent, uuid);
	}
	mdev_device_list_free(devices);
}

/* Lists all definitions, so that malformed ones are removed, too. */
static void undefine_others(struct agent *agent)
{
	struct mdev_definition **stored;

	check(agent, mdev_definition_list_all(agent->ctx, NULL, NULL, &stored));
	for (size_t i = 0; stored[i]; i++) {
		const struct mdev_uuid *uuid = mdev_definition_get_uuid(stored[i]);
		const char *parent = mdev_definition_get_parent(stored[i]);

		if (!find(agent, uuid, parent, NULL))
			report(agent, mdev_undefine(stored[i], 0), -ENOENT, "undefined", parent,
			       uuid);
	}
	mdev_definition_list_free(stored);
}

static void define(struct agent *agent, const struct mdev_definition *wanted)
{
	const struct mdev_uuid *uuid = mdev_definition_get_uuid(wanted);
	const char *parent = mdev_definition_get_parent(wanted);
	struct mdev_definition *stored = NULL;
	int r;

	r = mdev_definition_lookup(agent->ctx, uuid, parent, &stored);
	if (r == -ENOENT)
		report(agent, mdev_define(wanted, 0), 0, "defined", parent, uuid);
	else if (r == -EBADMSG || (r == 0 && !mdev_definition_equal(stored, wanted)))
		report(agent, mdev_modify(wanted, 0), 0, "modified", parent, uuid);
	else if (r < 0)
		report(agent, r, 0, "", parent, uuid);
	mdev_definition_unref(stored);
}

static bool has_attrs(const struct mdev_device *device, const struct mdev_definition *wanted)
{
	const char *name, *value;
	bool same = true;
	char *found;

	for (size_t i = 0; same && mdev_definition_count_attrs(wanted) > i; i++) {
		if (mdev_definition_get_attr(wanted, i, &name, &value) < 0 ||
		    mdev_device_read_attr(device, name, &found) < 0)
			return false;
		same = strcmp(found, value) == 0;
		free(found);
	}
	return same;
}

static void start(struct agent *agent, const struct mdev_definition *wanted)
{
	const struct mdev_uuid *uuid = mdev_definition_get_uuid(wanted);
	const char *parent = mdev_definition_get_parent(wanted);
	struct mdev_device *device = NULL;
	int r;

	r = mdev_device_lookup(agent->ctx, uuid, &device);
	if (r == -ENODEV)
		report(agent, mdev_start(wanted, 0), 0, "started", parent, uuid);
	else if (r < 0)
		report(agent, r, 0, "", parent, uuid);
	else if (!has_attrs(device, wanted))
		report(agent, mdev_modify_live(device, wanted, 0), 0, "changed", parent, uuid);
	mdev_device_unref(device);
}

static char *read_input(size_t *length)
{
	char *text = NULL;

	*length = 0;
	if (getdelim(&text, length, EOF, stdin) < 0 && ferror(stdin))
		return NULL;
	*length = text ? strlen(text) : 0;
	return text;
}

static void load(struct agent *agent)
{
	size_t length;
	char *text = read_input(&length);

	check(agent, mdev_definition_list_parse(agent->ctx, text ? text : "", length,
						&agent->wanted));
	free(text);
	for (size_t i = 0; agent->wanted[i]; i++) {
		const struct mdev_uuid *uuid = mdev_definition_get_uuid(agent->wanted[i]);

		if (find(agent, uuid, NULL, NULL) == agent->wanted[i])
			continue;
		fprintf(stderr, "Device %s is wanted twice\n", uuid->text);
		exit(EXIT_FAILURE);
	}
}

int main(void)
{
	struct agent agent = { 0 };

	if (mdev_ctx_new(&agent.ctx) < 0)
		return EXIT_FAILURE;
	load(&agent);
	stop_others(&agent);
	undefine_others(&agent);
	for (size_t i = 0; agent.wanted[i]; i++)
		define(&agent, agent.wanted[i]);
	for (size_t i = 0; agent.wanted[i]; i++)
		start(&agent, agent.wanted[i]);
	mdev_definition_list_free(agent.wanted);
	mdev_ctx_unref(agent.ctx);
	return agent.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
