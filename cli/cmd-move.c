// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "cli.h"
#include "option_table.h"
#include "stored.h"

struct move_values {
	struct mdev_uuid uuid;
	const char *parent;
	const char *to;
	bool force;
};

static const struct cli_option move_options[] = {
	OPTION(move_values, uuid, "u", OPTION_UUID, .required = true, .help = "UUID of the device"),
	OPTION(move_values, parent, "p", OPTION_PARENT,
	       .help = "Its present parent, if the UUID is defined for several"),
	OPTION(move_values, to, NULL, OPTION_PARENT, .required = true, .help = "Its new parent"),
	OPTION(move_values, force, "f", OPTION_FLAG,
	       .help = "Move it even if the parent lacks the type or a script refuses"),
	{ 0 }
};

static void move_warn_if_active(struct cli *cli, const struct mdev_definition *stored)
{
	_cleanup_(mdev_device_unrefp) struct mdev_device *device = NULL;
	const struct mdev_uuid *uuid = mdev_definition_get_uuid(stored);
	const char *parent = mdev_definition_get_parent(stored);

	if (mdev_device_lookup(cli->ctx, uuid, &device) == 0 &&
	    strcmp(mdev_device_get_parent(device), parent) == 0)
		log_warning(&cli->log, "Device %s stays active on %s until it is stopped",
			    uuid->text, parent);
}

static int move_run(struct cli *cli, const void *values)
{
	const struct move_values *move = values;
	_cleanup_(mdev_definition_unrefp) struct mdev_definition *stored = NULL, *moved = NULL;
	const char *parent;
	int status;

	status = stored_find(cli, &move->uuid, move->parent, &stored);
	if (status != EXIT_SUCCESS)
		return status;
	if (mdev_move(stored, move->to, move->force ? MDEV_OP_FORCE : 0, &moved) < 0)
		return cli_failed(cli);
	move_warn_if_active(cli, stored);
	parent = mdev_definition_get_parent(moved);
	/* One of the functions of the parent that was given has been chosen. */
	return strcmp(parent, move->to) == 0 ? EXIT_SUCCESS :
					       cli_print_done(moved, "moved", parent);
}

const struct cmd cmd_move = {
	.name = "move",
	.summary = "Move a definition to another parent",
	.options = move_options,
	.values_size = sizeof(struct move_values),
	.changes = true,
	.run = move_run,
};
