// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"
#include "editor.h"
#include "util/io.h"

/* By this ending editors know how to show the text. */
#define ENDING ".json"

static const char *variable(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return value && *value ? value : otherwise;
}

int editor_make_file(const char *text, char **path)
{
	_cleanup_(freep) char *new = NULL;
	int fd, r;

	if (asprintf(&new, "%s/mdevctl-XXXXXX" ENDING, variable("TMPDIR", "/tmp")) < 0) {
		new = NULL;
		cli_error("%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	fd = mkstemps(new, strlen(ENDING));
	r = fd < 0 ? -errno : write_all(fd, text, strlen(text));
	if (fd >= 0 && close(fd) < 0 && r == 0)
		r = -errno;
	if (r < 0) {
		cli_error("Failed to write %s: %s (os error %d)", new, strerror(-r), -r);
		if (fd >= 0)
			unlink(new);
		return r;
	}
	*path = new;
	new = NULL;
	return 0;
}

/* The shell splits an editor with options into words; the path is one whatever it contains. */
static void editor_exec(const char *editor, const char *path)
{
	_cleanup_(freep) char *line = NULL;

	/* The command ignores it, and would pass that on. */
	signal(SIGPIPE, SIG_DFL);
	if (asprintf(&line, "%s \"$1\"", editor) < 0)
		line = NULL;
	else
		execl("/bin/sh", "sh", "-c", line, editor, path, NULL);
	_exit(127);
}

/* As system() does: what the user types is for the editor. */
static int editor_wait(pid_t pid, int *status)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction interrupt, quit;
	pid_t r;

	sigaction(SIGINT, &ignore, &interrupt);
	sigaction(SIGQUIT, &ignore, &quit);
	do
		r = waitpid(pid, status, 0);
	while (r < 0 && errno == EINTR);
	r = r < 0 ? -errno : 0;
	sigaction(SIGINT, &interrupt, NULL);
	sigaction(SIGQUIT, &quit, NULL);
	return r;
}

int editor_run(const char *path)
{
	const char *editor = variable("VISUAL", variable("EDITOR", "vi"));
	int status = 0, r;
	pid_t pid;

	pid = fork();
	if (pid == 0)
		editor_exec(editor, path);
	r = pid < 0 ? -errno : editor_wait(pid, &status);
	if (r < 0) {
		cli_error("Failed to run editor '%s': %s (os error %d)", editor, strerror(-r), -r);
		return r;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS)
		return 0;
	if (WIFEXITED(status))
		cli_error("Editor '%s' failed with status %d", editor, WEXITSTATUS(status));
	else
		cli_error("Editor '%s' was killed by signal %d", editor, WTERMSIG(status));
	return -ECANCELED;
}

bool editor_ask_again(void)
{
	char answer[16];

	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return false;
	fputs("Edit it again? [Y/n] ", stderr);
	if (!fgets(answer, sizeof(answer), stdin))
		return false;
	return answer[0] != 'n' && answer[0] != 'N';
}
