// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "cli.h"
#include "instances.h"
#include "option_table.h"
#include "stored.h"

struct clone_values {
	struct mdev_uuid uuid;
	const char *parent;
	const char *to;
	struct option_index count;
	bool force;
};

static const struct cli_option clone_options[] = {
	OPTION(clone_values, uuid, "u", OPTION_UUID, .required = true,
	       .help = "UUID of the definition to copy"),
	OPTION(clone_values, parent, "p", OPTION_PARENT,
	       .help = "Its parent, if the UUID is defined for several"),
	OPTION(clone_values, to, NULL, OPTION_PARENT,
	       .help = "Parent of the copy (default: the same one)"),
	OPTION(clone_values, count, "n", OPTION_COUNT,
	       .help = "Make this many copies, or none if not all can be made"),
	OPTION(clone_values, force, "f", OPTION_FLAG,
	       .help = "Define it even if the parent lacks the type or a script refuses"),
	{ 0 }
};

/* The same with another UUID and parent; members that mdevctl does not know are copied, too. */
static int clone_make(struct cli *cli, const struct mdev_definition *stored, const char *parent,
		      struct mdev_definition **clone)
{
	_cleanup_(freep) char *text = NULL;

	if (mdev_definition_get_json(stored, &text) < 0 ||
	    mdev_definition_new(cli->ctx, NULL, clone) < 0 ||
	    mdev_definition_set_parent(*clone, parent) < 0 ||
	    mdev_definition_set_json(*clone, text, strlen(text)) < 0)
		return cli_failed(cli);
	return EXIT_SUCCESS;
}

static int clone_run(struct cli *cli, const void *values)
{
	const struct clone_values *clone = values;
	_cleanup_(mdev_definition_unrefp) struct mdev_definition *stored = NULL, *model = NULL;
	struct instances instances = {
		.make = mdev_define_instances,
		.done = "defined",
		.count = clone->count.given ? clone->count.index : 1,
		.flags = MDEV_OP_STRICT | (clone->force ? MDEV_OP_FORCE : 0),
		.print = true,
	};
	int status;

	status = cli_probe_output();
	if (status == EXIT_SUCCESS)
		status = stored_find(cli, &clone->uuid, clone->parent, &stored);
	if (status == EXIT_SUCCESS)
		status = clone_make(cli, stored, clone->to ?: mdev_definition_get_parent(stored),
				    &model);
	if (status != EXIT_SUCCESS)
		return status;
	instances.model = model;
	return instances_run(cli, &instances);
}

const struct cmd cmd_clone = {
	.name = "clone",
	.summary = "Copy a definition under a new UUID, also to another parent",
	.options = clone_options,
	.values_size = sizeof(struct clone_values),
	.changes = true,
	.run = clone_run,
};
