/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The document that the files of a command line make. */
#ifndef CLI_DOCUMENT_H
#define CLI_DOCUMENT_H

#include "cli.h"
#include "option_table.h"

struct document_values {
	struct option_list files;
	const char *owner;
	bool adopt;
	bool json; /* of plan only */
};

/* Their rows in the table of a command. */
#define DOCUMENT_OPTIONS                                                                           \
	OPTION(document_values, owner, "o", OPTION_NAME,                                           \
	       .help = "Owner of the devices that name none; it must not contradict the files"),   \
		OPTION(document_values, adopt, NULL, OPTION_FLAG,                                  \
		       .help = "Take over described devices that have another owner, or none"),    \
	{                                                                                          \
		.name = "file", .argument = true, .repeats = true, .required = true,               \
		.kind = OPTION_DOCUMENT, .offset = offsetof(struct document_values, files),        \
		.help = "Documents, which count as one; - is standard input"                       \
	}

/* Reads all files. Prints an error if that fails; the exit status. */
int document_load(const struct cli *cli, const struct document_values *values,
		  struct mdev_document **document);

/* The flags of the library's functions. */
unsigned int document_flags(const struct document_values *values);

#endif
