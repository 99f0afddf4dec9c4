// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>

#include "stored.h"

int stored_find(struct cli *cli, const struct mdev_uuid *uuid, const char *parent,
		struct mdev_definition **definition)
{
	int r = mdev_definition_lookup(cli->ctx, uuid, parent, definition);

	if (r == -ENOENT)
		return cli_error("Mediated device %s%s%s is not defined", parent ?: "",
				 parent ? "/" : "", uuid->text);
	if (r == -ENOTUNIQ)
		return cli_error("Multiple definitions found for %s, specify a parent", uuid->text);
	return r < 0 ? cli_failed(cli) : EXIT_SUCCESS;
}
