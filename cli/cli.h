/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What every command has: the session it runs in, and its own description. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include <libmdev.h>

#include "cleanup.h"
#include "log.h"

/* The version of mdevctl whose interface this command offers. */
#define MDEVCTL_VERSION "1.4.0"

#define EXIT_USAGE 2

struct cli_option;

struct cli {
	struct mdev_ctx *ctx;
	struct log log;
};

/**
 * struct cmd - one command
 * @name: word on the command line
 * @summary: one sentence for the help, without a full stop
 * @options: its options, up to one without a name; see options.h
 * @values_size: size of the structure that the options are stored in
 * @hidden: for other programs: it is not in the help of mdevctl
 * @version: whether it takes --version
 * @changes: it changes devices or definitions: a reader that goes away must not end it
 * @commands: its own commands up to NULL; of mdevctl itself only
 * @run: carries it out with a pointer to that structure; gives the exit status
 */
struct cmd {
	const char *name;
	const char *summary;
	const struct cli_option *options;
	size_t values_size;
	bool hidden;
	bool version;
	bool changes;
	const struct cmd *const *commands;
	int (*run)(struct cli *cli, const void *values);
};

/* The program, whose commands are in the order of the help. */
extern const struct cmd cmd_mdevctl;

extern const struct cmd cmd_define, cmd_help, cmd_list, cmd_modify, cmd_start,
	cmd_start_parent_mdevs, cmd_stop, cmd_types, cmd_undefine;

/* The command called @name, or NULL. */
const struct cmd *cmd_find(const char *name);

/* Says what the library's last call failed on; EXIT_FAILURE. */
int cli_failed(const struct cli *cli);

/* Says in one line what failed, where the command goes on. */
_printf_format_(1, 2) void cli_complain(const char *format, ...);

/* Says in one line what the command failed on; EXIT_FAILURE. */
_printf_format_(1, 2) int cli_error(const char *format, ...);

/* How @cmd is called, for messages: "mdevctl list". */
#define CLI_PROGRAM_SIZE 64
void cli_name_program(const struct cmd *cmd, char *program, size_t size);

/* Prints the help of @cmd, called @program; the exit status. */
int cli_help(const struct cmd *cmd, const char *program);

/*
 * The exit status of a command that only prints, for what a function of out.h returned; says the
 * error, but for a reader that has gone.
 */
int cli_written(int r);

/*
 * Looks whether standard output can be written, for commands that change something and then
 * print; says the error.
 */
int cli_probe_output(void);

/*
 * Prints @line about a device that something was done to; the exit status. If that fails, the
 * error says that it was @done, so that the device is not lost.
 */
int cli_print_done(const struct mdev_definition *definition, const char *done, const char *line);
int cli_print_uuid(const struct mdev_definition *definition, const char *done);

#endif
