// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "document.h"
#include "jsonfile.h"

static int document_load_file(const struct cli *cli, const char *path,
			      struct mdev_document *document)
{
	_cleanup_(jsonfile_clear) struct jsonfile file = { 0 };

	if (strcmp(path, "-") == 0)
		path = "/dev/stdin";
	if (jsonfile_read_up_to(&file, path, "file", MDEV_JSON_LIST_SIZE_MAX) < 0)
		return EXIT_FAILURE;
	if (mdev_document_add_json(document, path, file.text, file.length) < 0)
		return cli_failed(cli);
	return EXIT_SUCCESS;
}

int document_load(const struct cli *cli, const struct document_values *values,
		  struct mdev_document **document)
{
	int status = EXIT_SUCCESS;

	if (mdev_document_new(cli->ctx, document) < 0 ||
	    (values->owner && mdev_document_set_owner(*document, values->owner) < 0))
		return cli_failed(cli);
	for (size_t i = 0; status == EXIT_SUCCESS && i < values->files.count; i++)
		status = document_load_file(cli, values->files.items[i].value, *document);
	return status;
}

unsigned int document_flags(const struct document_values *values)
{
	return values->adopt ? MDEV_OP_ADOPT : 0;
}
