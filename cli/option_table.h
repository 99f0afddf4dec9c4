/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A command's options are one table. Parsing, help, usage errors and the listing
 * that completions and man pages are checked against all come from it.
 */
#ifndef CLI_OPTION_TABLE_H
#define CLI_OPTION_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli.h"

/* The kind of an option's value, and the type of the field that stores it. */
enum option_kind {
	OPTION_FLAG,	/* bool; takes no value */
	OPTION_UUID,	/* struct mdev_uuid; empty if not given */
	OPTION_PARENT,	/* const char *; NULL if not given */
	OPTION_TYPE,	/* const char * */
	OPTION_FILE,	/* const char *; need not be UTF-8 */
	OPTION_DOCUMENT, /* likewise */
	OPTION_COMMAND, /* const char * */
	OPTION_SECONDS, /* struct option_seconds */
	OPTION_INDEX,	/* struct option_index */
	OPTION_COUNT,	/* struct option_index; at least 1 */
	OPTION_NAME,	/* const char *, or an element of a list; of an attribute */
	OPTION_VALUE,	/* const char *; of an attribute, may be empty */
	OPTION_COLUMNS, /* const char * */
	OPTION_WHO,	/* const char *; a user, a group after a colon, or both */
	OPTION_ACCESS,	/* const char *; USER:GROUP:MODE, may be empty */
	OPTION_WHEN,	/* enum option_when */
	OPTION_SETTING, /* element of a list; "NAME=VALUE", with a name */
};

enum option_when {
	OPTION_AUTO, /* not given, too */
	OPTION_ALWAYS,
	OPTION_NEVER,
};

struct option_seconds {
	bool given;
	unsigned int milliseconds;
};

struct option_index {
	bool given;
	uint32_t index;
};

/* Every use of the options that share the list, in the order of the command line. */
struct option_list {
	size_t count;
	struct option_item {
		const struct cli_option *option;
		const char *value;
	} * items;
};

#define OPTION_MAX_EXCLUDES 8
#define OPTION_MAX_NEEDS    2
#define OPTION_MAX_UNLESS   2

/**
 * struct cli_option - one option, or one argument that is not an option
 * @name: long name; that of an argument is only shown
 * @letter: short name, NULL if it has none
 * @argument: it is recognized by its position, not by its name
 * @kind: type of its value
 * @offset: of its field in the command's structure of values
 * @repeats: it can be given several times; its field is a struct option_list
 * @required: it must be given
 * @choice: one of the options that are a choice, or several, must be given
 * @unless: it must be given unless one of these is
 * @needs: one of these must be given with it
 * @excludes: options that cannot be given together with it; one side says it
 * @help: one sentence without a full stop
 */
struct cli_option {
	const char *name;
	const char *letter;
	bool argument;
	enum option_kind kind;
	size_t offset;
	bool repeats;
	bool required;
	bool choice;
	const char *unless[OPTION_MAX_UNLESS];
	const char *needs[OPTION_MAX_NEEDS];
	const char *excludes[OPTION_MAX_EXCLUDES];
	const char *help;
};

/* An option with the name of the field that it is stored in. */
#define OPTION(values, field, letter_, kind_, ...)                                                 \
	{                                                                                          \
		.name = #field, .letter = letter_, .kind = kind_,                                  \
		.offset = offsetof(struct values, field), __VA_ARGS__                              \
	}

/* A UUID that was not given is no UUID, which the library calls NULL. */
static inline const struct mdev_uuid *option_uuid(const struct mdev_uuid *uuid)
{
	return *uuid->text ? uuid : NULL;
}

/* Options that every command has, --help and perhaps --version, come after its own ones. */
extern const struct cli_option option_help, option_version;
const struct cli_option *option_at(const struct cmd *cmd, size_t index);

/* The option called "--" and @length bytes of @name, or NULL. */
const struct cli_option *option_by_name(const struct cmd *cmd, const char *name, size_t length);

/* The option called "-" and @letter, or NULL. */
const struct cli_option *option_by_letter(const struct cmd *cmd, char letter);

/* The option or argument of the command's table that a rule names. */
const struct cli_option *option_of_rule(const struct cmd *cmd, const char *name);

/* Name of the kind's value in messages and help, NULL for a flag. */
const char *option_value_name(const struct cli_option *option);

#endif
