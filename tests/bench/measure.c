// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.h"
#include "tree.h"

#define NOT_RUN 127

/* In the child. Does not return. */
static void become(const char *const *line)
{
	int null = open("/dev/null", O_WRONLY);

	if (null < 0 || dup2(null, STDOUT_FILENO) < 0)
		_exit(NOT_RUN);
	execv(line[0], (char *const *)line);
	_exit(NOT_RUN);
}

struct cost measure_time(const char *const *line)
{
	struct rusage usage;
	int status;
	pid_t pid = vfork();	/* the memory of this process does not count */

	if (pid == 0)
		become(line);
	require(pid > 0 && wait4(pid, &status, 0, &usage) == pid, line[0]);
	require(WIFEXITED(status) && WEXITSTATUS(status) == 0, line[0]);
	return (struct cost){
		.time = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
			(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3,
		.memory = usage.ru_maxrss,
	};
}

static void use_one_processor(void)
{
	cpu_set_t all, one;

	require(sched_getaffinity(0, sizeof(all), &all) == 0, "sched_getaffinity");
	CPU_ZERO(&one);
	for (int cpu = 0; CPU_COUNT(&one) == 0; cpu++)
		if (CPU_ISSET(cpu, &all))
			CPU_SET(cpu, &one);
	require(sched_setaffinity(0, sizeof(one), &one) == 0, "sched_setaffinity");
}

/* Every call stops twice, before and after; the last one before only. */
long measure_calls(const char *const *line)
{
	long stops = 0;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		use_one_processor();
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		become(line);
	}
	require(pid > 0 && waitpid(pid, &status, 0) == pid && WIFSTOPPED(status), line[0]);
	require(ptrace(PTRACE_SETOPTIONS, pid, NULL,
		       (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)) == 0, "ptrace");
	for (int signal = 0;; stops++) {
		require(ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(long)signal) == 0, "ptrace");
		require(waitpid(pid, &status, 0) == pid, line[0]);
		if (!WIFSTOPPED(status))
			break;
		signal = WSTOPSIG(status) & 0x7f;
		if (signal == SIGTRAP)
			signal = 0;
	}
	require(WIFEXITED(status) && WEXITSTATUS(status) == 0, line[0]);
	return (stops + 1) / 2;
}

/* The text of valgrind has "I refs: 1,234". */
static long read_references(int fd)
{
	char text[4096];
	ssize_t length = read(fd, text, sizeof(text) - 1);
	long number = 0;
	char *found;

	text[length > 0 ? length : 0] = '\0';
	found = strstr(text, "refs:");
	require(found != NULL, "valgrind's answer");
	for (found += strlen("refs:"); *found && *found != '\n'; found++)
		if (*found >= '0' && *found <= '9')
			number = number * 10 + (*found - '0');
	return number;
}

long measure_instructions(const char *const *line)
{
	char path[] = "/dev/shm/libmdev-count-XXXXXX", option[64];
	const char *whole[32] = {
		"/usr/bin/valgrind", "--tool=cachegrind", "--cache-sim=no",
		"--cachegrind-out-file=/dev/null", option,
	};
	int fd = mkstemp(path), count = 5, status;
	long number;
	pid_t pid;

	require(fd >= 0, path);
	snprintf(option, sizeof(option), "--log-file=%s", path);
	while (*line)
		whole[count++] = *line++;
	pid = fork();
	if (pid == 0) {
		use_one_processor();
		/* The same functions of the C library on all processors. */
		setenv("GLIBC_TUNABLES", "glibc.cpu.hwcaps=-AVX2,-ERMS,-FSRM", 1);
		become(whole);
	}
	require(pid > 0 && waitpid(pid, &status, 0) == pid, whole[0]);
	require(WIFEXITED(status) && WEXITSTATUS(status) == 0, whole[0]);
	number = read_references(fd);
	close(fd);
	unlink(path);
	return number;
}
