// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli.h"
#include "option_table.h"

struct undefine_values {
	struct mdev_uuid uuid;
	const char *parent;
	bool force;
};

static const struct cli_option undefine_options[] = {
	OPTION(undefine_values, uuid, "u", OPTION_UUID, .required = true,
	       .help = "UUID of the device"),
	OPTION(undefine_values, parent, "p", OPTION_PARENT,
	       .help = "Only its definition for this parent"),
	OPTION(undefine_values, force, "f", OPTION_FLAG,
	       .help = "Undefine it even if a callout script refuses"),
	{ 0 }
};

static int undefine_run(struct cli *cli, const void *values)
{
	const struct undefine_values *undefine = values;
	_cleanup_(mdev_definition_list_freep) struct mdev_definition **definitions = NULL;
	bool failed = false;

	if (mdev_definition_list_all(cli->ctx, &undefine->uuid, undefine->parent, &definitions) < 0)
		return cli_failed(cli);
	if (!definitions[0])
		return cli_error("No devices match the specified uuid %s%s%s", undefine->uuid.text,
				 undefine->parent ? " on parent " : "", undefine->parent ?: "");
	for (size_t i = 0; definitions[i]; i++) {
		if (mdev_undefine(definitions[i], undefine->force ? MDEV_OP_FORCE : 0) == 0)
			continue;
		log_warning(&cli->log, "Undefine of %s on parent %s failed with error: %s",
			    undefine->uuid.text, mdev_definition_get_parent(definitions[i]),
			    mdev_ctx_last_error(cli->ctx));
		failed = true;
	}
	if (failed)
		return cli_error("Undefine failed for device %s", undefine->uuid.text);
	return EXIT_SUCCESS;
}

const struct cmd cmd_undefine = {
	.name = "undefine",
	.summary = "Remove the definition of a mediated device without stopping it",
	.options = undefine_options,
	.values_size = sizeof(struct undefine_values),
	.changes = true,
	.run = undefine_run,
};
