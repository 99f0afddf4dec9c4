// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "cli.h"
#include "instances.h"
#include "jsonfile.h"
#include "option_table.h"

struct start_values {
	struct mdev_uuid uuid;
	const char *parent;
	const char *type;
	const char *jsonfile;
	struct option_index count;
	bool any;
	const char *wait;
	struct option_seconds timeout;
	bool force;
};

static const struct cli_option start_options[] = {
	OPTION(start_values, uuid, "u", OPTION_UUID, .unless = { "parent", "any" },
	       .help = "UUID of the device (default: a new one, which is printed)"),
	OPTION(start_values, parent, "p", OPTION_PARENT, .unless = { "uuid", "any" },
	       .help = "Parent of the device (default: from its definition)"),
	OPTION(start_values, type, "t", OPTION_TYPE,
	       .help = "Type of the device (default: from its definition)"),
	OPTION(start_values, jsonfile, NULL, OPTION_FILE, .excludes = { "type" },
	       .help = "Take type and attributes from this file, not from a definition"),
	OPTION(start_values, count, "n", OPTION_COUNT, .excludes = { "uuid" },
	       .help = "Start this many devices, or none if not all can be started"),
	OPTION(start_values, any, NULL, OPTION_FLAG, .needs = { "type", "jsonfile" },
	       .help = "On any parent, if none is given; TYPE may be a name or a device API"),
	OPTION(start_values, wait, NULL, OPTION_WHO,
	       .help = "Wait until this user, or group after a colon, can open its VFIO nodes"),
	OPTION(start_values, timeout, NULL, OPTION_SECONDS,
	       .help = "Seconds to wait for late attributes and nodes, and for the parent of a "
		       "module that was loaded (default 5, 0: do not wait)"),
	OPTION(start_values, force, "f", OPTION_FLAG,
	       .help = "Start it even if a callout script refuses"),
	{ 0 }
};

/* If a device has several definitions, the one whose parent is present must be meant. */
static int choose_startable(struct cli *cli, const struct start_values *start,
			    struct mdev_definition **definition)
{
	_cleanup_(mdev_definition_list_freep) struct mdev_definition **list = NULL;
	struct mdev_definition *startable = NULL;
	size_t count = 0;

	if (mdev_definition_list(cli->ctx, &start->uuid, NULL, &list) < 0)
		return cli_failed(cli);
	for (size_t i = 0; list[i]; i++) {
		_cleanup_(mdev_parent_unrefp) struct mdev_parent *parent = NULL;
		const char *name = mdev_definition_get_parent(list[i]);

		if (mdev_parent_lookup(cli->ctx, name, &parent) < 0)
			continue;
		startable = list[i];
		count++;
	}
	if (count != 1)
		return cli_error("Multiple definitions found for device %s. Please specify a "
				 "parent.",
				 start->uuid.text);
	*definition = mdev_definition_ref(startable);
	return EXIT_SUCCESS;
}

/* Whether @parent is a virtual function of @function. */
static bool start_is_function_of(struct cli *cli, const char *parent, const char *function)
{
	_cleanup_(mdev_parent_info_unrefp) struct mdev_parent_info *info = NULL;
	_cleanup_(mdev_parent_unrefp) struct mdev_parent *of = NULL;
	const char *physfn;

	if (mdev_parent_lookup(cli->ctx, parent, &of) < 0 || mdev_parent_get_info(of, &info) < 0)
		return false;
	physfn = mdev_parent_info_get_physfn(info);
	return physfn && strcmp(physfn, function) == 0;
}

/*
 * The definition for a virtual function of the parent that was given, which is a physical one then;
 * @definition stays NULL if there is none.
 */
static int start_find_on_function(struct cli *cli, const struct start_values *start,
				  struct mdev_definition **definition)
{
	_cleanup_(mdev_definition_list_freep) struct mdev_definition **list = NULL;
	struct mdev_definition *found = NULL;

	if (mdev_definition_list(cli->ctx, &start->uuid, NULL, &list) < 0)
		return cli_failed(cli);
	for (size_t i = 0; list[i]; i++) {
		if (!start_is_function_of(cli, mdev_definition_get_parent(list[i]), start->parent))
			continue;
		if (found)
			return cli_error("Multiple definitions found for device %s on virtual "
					 "functions of %s. Please specify one of them.",
					 start->uuid.text, start->parent);
		found = list[i];
	}
	if (found)
		*definition = mdev_definition_ref(found);
	return EXIT_SUCCESS;
}

/* The stored definition with the UUID; @definition stays NULL if there is none. */
static int start_find_definition(struct cli *cli, const struct start_values *start,
				 struct mdev_definition **definition)
{
	const char *type;
	int r, status = EXIT_SUCCESS;

	if (!option_uuid(&start->uuid))
		return EXIT_SUCCESS;
	r = mdev_definition_lookup(cli->ctx, &start->uuid, start->parent, definition);
	if (r == -ENOENT && start->parent)
		status = start_find_on_function(cli, start, definition);
	else if (r == -ENOTUNIQ)
		status = choose_startable(cli, start, definition);
	else if (r < 0 && r != -ENOENT)
		status = cli_failed(cli);
	if (status != EXIT_SUCCESS || !*definition)
		return status;
	type = mdev_definition_get_type(*definition);
	if (start->type && strcmp(start->type, type) != 0)
		return cli_error("Device %s already exists on parent %s with type %s",
				 start->uuid.text, mdev_definition_get_parent(*definition), type);
	return EXIT_SUCCESS;
}

/* A device that is not defined, as the options describe it. */
static int start_configure(struct cli *cli, const struct start_values *start,
			   struct mdev_definition **definition)
{
	const struct mdev_uuid *uuid = option_uuid(&start->uuid);

	if (start->type && !start->parent && !start->any)
		return cli_error("can't provide type without parent for device %s",
				 uuid->text);
	if (!start->parent && !start->any)
		return cli_error("Device is insufficiently specified: %s is not defined, so its "
				 "parent and type are needed",
				 uuid->text);
	if (!start->type)
		return cli_error("Device is insufficiently specified: the type of %s on %s is "
				 "needed",
				 uuid ? uuid->text : "a device", start->parent);
	if (mdev_definition_new(cli->ctx, uuid, definition) < 0 ||
	    (start->parent && mdev_definition_set_parent(*definition, start->parent) < 0) ||
	    mdev_definition_set_type(*definition, start->type) < 0)
		return cli_failed(cli);
	return EXIT_SUCCESS;
}

static int start_configure_from_file(struct cli *cli, const struct start_values *start,
				     struct mdev_definition **definition)
{
	_cleanup_(jsonfile_clear) struct jsonfile file = { 0 };

	if (jsonfile_read(&file, start->jsonfile, "jsonfile") < 0)
		return EXIT_FAILURE;
	if (mdev_definition_new(cli->ctx, option_uuid(&start->uuid), definition) < 0)
		return cli_failed(cli);
	if (jsonfile_apply(cli, &file, *definition) < 0)
		return EXIT_FAILURE;
	if (!start->parent && !start->any)
		return cli_error("Parent device required to start device via json file \"%s\"",
				 start->jsonfile);
	if (start->parent && mdev_definition_set_parent(*definition, start->parent) < 0)
		return cli_failed(cli);
	return EXIT_SUCCESS;
}

/* @stored: whether it is a definition with this UUID, which has its place. */
static int prepare(struct cli *cli, const struct start_values *start,
		   struct mdev_definition **definition, bool *stored)
{
	int status;

	if (start->jsonfile)
		return start_configure_from_file(cli, start, definition);
	status = start_find_definition(cli, start, definition);
	*stored = *definition;
	if (status != EXIT_SUCCESS || *definition)
		return status;
	return start_configure(cli, start, definition);
}

static int start_stored(struct cli *cli, const struct start_values *start,
			const struct mdev_definition *definition, unsigned int flags)
{
	if (mdev_start(definition, flags) < 0)
		return cli_failed(cli);
	return start->wait ? instances_wait_for(cli, definition, start->wait) : EXIT_SUCCESS;
}

static int start_run(struct cli *cli, const void *values)
{
	const struct start_values *start = values;
	_cleanup_(mdev_definition_unrefp) struct mdev_definition *definition = NULL;
	unsigned int flags = start->force ? MDEV_OP_FORCE : 0;
	struct instances instances = {
		.make = mdev_start_instances,
		.done = "started",
		.count = start->count.given ? start->count.index : 1,
		.print = !option_uuid(&start->uuid),
		.wait = start->wait,
	};
	bool stored = false;
	int status;

	status = instances.print ? cli_probe_output() : EXIT_SUCCESS;
	if (status != EXIT_SUCCESS)
		return status;
	if (start->timeout.given)
		mdev_ctx_set_timeout(cli->ctx, start->timeout.milliseconds);
	if (start->wait && mdev_ctx_check_who(cli->ctx, start->wait) < 0)
		return cli_failed(cli);
	status = prepare(cli, start, &definition, &stored);
	if (status != EXIT_SUCCESS)
		return status;
	if (stored)
		return start_stored(cli, start, definition, flags);
	instances.model = definition;
	instances.flags = flags | (start->any ? MDEV_OP_ANY : 0);
	return instances_run(cli, &instances);
}

const struct cmd cmd_start = {
	.name = "start",
	.summary = "Start a mediated device, defined before or described by the options",
	.options = start_options,
	.values_size = sizeof(struct start_values),
	.changes = true,
	.run = start_run,
};
