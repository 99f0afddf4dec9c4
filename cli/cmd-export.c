// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli.h"
#include "option_table.h"
#include "out.h"

static int export_run(struct cli *cli, const void *values)
{
	_cleanup_(mdev_document_unrefp) struct mdev_document *document = NULL;
	_cleanup_(freep) char *text = NULL;

	(void)values;
	if (mdev_document_export(cli->ctx, 0, &document) < 0 ||
	    mdev_document_get_json(document, &text) < 0)
		return cli_failed(cli);
	return cli_written(out_print_json(text));
}

const struct cmd cmd_export = {
	.name = "export",
	.summary = "Print the defined and active devices as a document for apply",
	.run = export_run,
};
