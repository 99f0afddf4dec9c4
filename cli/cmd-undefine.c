// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>

#include "cli.h"
#include "options.h"

struct undefine_values {
	char uuid[MDEV_UUID_STRING_SIZE];
	const char *parent;
	bool force;
};

static const struct cli_option undefine_options[] = {
	OPTION(undefine_values, uuid, "u", OPTION_UUID, .required = true,
	       .help = "UUID of the device"),
	OPTION(undefine_values, parent, "p", OPTION_PARENT,
	       .help = "Only its definition for this parent"),
	OPTION(undefine_values, force, "f", OPTION_FLAG,
	       .help = "Undefine it although a callout script refuses"),
	{ 0 }
};

/* The definition of which only the place is known, which is all that removing it takes. */
static int place(struct cli *cli, const char *uuid, const char *parent,
		 struct mdev_definition **definition)
{
	int r;

	r = mdev_definition_new(cli->ctx, uuid, definition);
	return r < 0 ? r : mdev_definition_set_parent(*definition, parent);
}

/*
 * The library does not tell of which parent a malformed definition is; of those that
 * are there it can be asked.
 */
static int place_malformed(struct cli *cli, const char *uuid, struct mdev_definition **definition)
{
	_cleanup_(mdev_parent_list_freep) struct mdev_parent **parents = NULL;
	int r;

	r = mdev_parent_list(cli->ctx, &parents);
	if (r < 0)
		return r;
	for (size_t i = 0; parents[i]; i++) {
		_cleanup_(mdev_definition_unrefp) struct mdev_definition *unread = NULL;
		const char *parent = mdev_parent_get_name(parents[i]);

		if (mdev_definition_lookup(cli->ctx, uuid, parent, &unread) == -EBADMSG)
			return place(cli, uuid, parent, definition);
	}
	return mdev_definition_lookup(cli->ctx, uuid, NULL, definition);
}

/* No definition could be read, but a malformed one can be removed all the same. */
static int undefine_unread(struct cli *cli, const struct undefine_values *undefine)
{
	_cleanup_(mdev_definition_unrefp) struct mdev_definition *definition = NULL;
	int r;

	if (undefine->parent)
		r = place(cli, undefine->uuid, undefine->parent, &definition);
	else
		r = place_malformed(cli, undefine->uuid, &definition);
	if (r == 0)
		r = mdev_undefine(definition, 0);
	if (r == -ENOENT)
		return cli_error("No devices match the specified uuid %s%s%s", undefine->uuid,
				 undefine->parent ? " on parent " : "", undefine->parent ?: "");
	if (r == -EBADMSG)
		return cli_error("%s; its parent must be given to undefine it",
				 mdev_ctx_last_error(cli->ctx));
	return r < 0 ? cli_failed(cli) : EXIT_SUCCESS;
}

static int undefine_run(struct cli *cli, const void *values)
{
	const struct undefine_values *undefine = values;
	_cleanup_(mdev_definition_list_freep) struct mdev_definition **definitions = NULL;
	bool failed = false;

	if (mdev_definition_list(cli->ctx, undefine->uuid, undefine->parent, &definitions) < 0)
		return cli_failed(cli);
	if (!definitions[0])
		return undefine_unread(cli, undefine);
	for (size_t i = 0; definitions[i]; i++) {
		if (mdev_undefine(definitions[i], 0) == 0)
			continue;
		log_warning(&cli->log, "Undefine of %s on parent %s failed with error: %s",
			    undefine->uuid, mdev_definition_get_parent(definitions[i]),
			    mdev_ctx_last_error(cli->ctx));
		failed = true;
	}
	return failed ? cli_error("Undefine failed for device %s", undefine->uuid) : EXIT_SUCCESS;
}

const struct cmd cmd_undefine = {
	.name = "undefine",
	.summary = "Remove the definition of a mediated device; it is not stopped",
	.options = undefine_options,
	.values_size = sizeof(struct undefine_values),
	.run = undefine_run,
};
