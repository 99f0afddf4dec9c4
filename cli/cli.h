/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Shared by all commands: the session, and the description of a command. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include <libmdev.h>

#include "cleanup.h"
#include "log.h"

/* The version of mdevctl that this command is compatible with. */
#define MDEVCTL_VERSION "1.4.0"

#define EXIT_USAGE 2

/* Something needs attention, as "systemctl status" says of a unit that is not running. */
#define EXIT_ATTENTION 3

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

extern const struct cmd cmd_apply, cmd_clone, cmd_define, cmd_edit, cmd_export, cmd_graph,
	cmd_help, cmd_list, cmd_modify, cmd_monitor, cmd_move, cmd_node_access, cmd_plan, cmd_show, cmd_start,
	cmd_start_parent_mdevs, cmd_status, cmd_stop, cmd_types, cmd_undefine;

/* The command called @name, or NULL. */
const struct cmd *cmd_find(const char *name);

/* Prints the error of the library's last call; EXIT_FAILURE. */
int cli_failed(const struct cli *cli);

/* Prints one line about a failure that does not end the command. */
_printf_format_(1, 2) void cli_complain(const char *format, ...);

/* Prints the error that ends the command, in one line; EXIT_FAILURE. */
_printf_format_(1, 2) int cli_error(const char *format, ...);

/* How @cmd is called, for messages: "mdevctl list". */
#define CLI_PROGRAM_SIZE 64
void cli_name_program(const struct cmd *cmd, char *program, size_t size);

/* Prints the help of @cmd, called @program; the exit status. */
int cli_help(const struct cmd *cmd, const char *program);

/*
 * For commands that only print: turns the result of a function of out.h into the exit status.
 * Prints the error, unless the reader has ended.
 */
int cli_written(int r);

/*
 * For commands that change something and then print: checks beforehand that standard output
 * can be written. Prints the error; the exit status.
 */
int cli_probe_output(void);

/*
 * Prints @line about a device; the exit status. If that fails, the error names the device and
 * what was @done to it, so that a new UUID is not lost.
 */
int cli_print_done(const struct mdev_definition *definition, const char *done, const char *line);
int cli_print_uuid(const struct mdev_definition *definition, const char *done);

#endif
