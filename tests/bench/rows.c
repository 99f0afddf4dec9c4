// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What the command costs beside the peer and beside the system calls that nobody can avoid: a row
 * for each kind of work, on trees of its own.
 *
 * rows times MDEVCTL RAW [PEER...]	a table of processor time, raw figures in the file RAW
 * rows counts MDEVCTL [FACTOR]		a table of instructions and system calls, and how they grow,
 *					of so many times as many
 * rows check MDEVCTL BASELINE RELEASE	compares these with those of the release in BASELINE
 * rows floor NAME ROOT			the system calls
 */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "floor.h"
#include "measure.h"
#include "tree.h"

#define MAX_ARGS 16
/* Odd, so that a median is one of them. */
#define ROUNDS 11

struct row {
	const char *name;
	const char *args[8];
	const char *floor;		/* its name; NULL: none is meant */
	double peer_goal, floor_goal;	/* times as fast, times as long; 0: none */
	/* What there is for each of COUNT: one, or none. */
	bool devices, definitions, parents;
	bool has_script;
	bool apart;		/* the definitions are of no device */
	bool one;		/* "-u UUID" is added */
	bool undefines;		/* and the definition of that is gone then */
	unsigned int count;	/* as many in the table of times */
};

#define COUNT 10000

static const struct row rows[] = {
	{ "start-up", { "--version" }, "nothing", 1, 0, .count = 1 },
	{ "list, active", { "list" }, "devices", 50, 2, .devices = true, .count = COUNT },
	{ "list, active, JSON", { "list", "--dumpjson" }, "devices", 25, 0, .devices = true,
	  .count = COUNT },
	{ "list, defined, JSON", { "list", "-d", "--dumpjson" }, "definitions", 6, 1.3,
	  .definitions = true, .count = COUNT },
	{ "list, active and defined", { "list" }, "both", 8, 1.5, .devices = true,
	  .definitions = true, .count = COUNT },
	{ "list, a foreign script", { "list" }, "devices", 50, 0, .devices = true,
	  .has_script = true, .count = 1000 },
	{ "types, 10 a parent", { "types" }, "types", 5, 2, .parents = true, .count = 100 },
	{ "list of one", { "list", "-u" }, NULL, 0, 0, .devices = true, .one = true, .count = COUNT },
	{ "start of one defined", { "start", "-u" }, NULL, 0, 0, .definitions = true, .one = true,
	  .count = COUNT },
	{ "stop of one", { "stop", "-u" }, NULL, 0, 0, .devices = true, .one = true,
	  .count = COUNT },
	{ "define of one more", { "define", "-p", "mtty", "-t", "mtty-2" }, NULL, 0, 0,
	  .definitions = true, .count = COUNT },
	{ "undefine of one", { "undefine", "-u" }, NULL, 0, 0, .definitions = true, .one = true,
	  .undefines = true, .count = COUNT },
	{ "status, none for another", { "status" }, NULL, 0, 0, .devices = true,
	  .definitions = true, .apart = true, .count = COUNT },
	{ "tree", { "list", "--tree" }, NULL, 0, 0, .devices = true, .parents = true,
	  .count = 1000 },
};

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

/* A row's root and command line. */
struct job {
	char root[sizeof(TREE_PATH)], uuid[TREE_UUID_SIZE];
	const char *args[8];
};

static void job_begin(struct job *job, const struct row *row, unsigned int count)
{
	const struct tree tree = {
		.devices = row->devices ? count : 0,
		.definitions = row->definitions ? count : 0,
		.parents = row->parents ? count : 0,
		.has_script = row->has_script,
		.apart = row->apart,
	};
	size_t i = 0;

	tree_make(&tree, job->root);
	tree_uuid(job->uuid, count / 2);
	for (; row->args[i]; i++)
		job->args[i] = row->args[i];
	if (row->one)
		job->args[i++] = job->uuid;
	job->args[i] = NULL;
	require(setenv("MDEVCTL_ENV_ROOT", job->root, 1) == 0, "setenv");
}

/* Before each run. */
static void job_repair(const struct job *job, const struct row *row)
{
	if (row->undefines)
		tree_define(job->root, job->uuid);
}

static void job_end(const struct job *job)
{
	tree_remove(job->root);
}

/* The words of @program, then those of the job. */
static void job_line(const struct job *job, const char *const *program, const char **line)
{
	size_t count = 0;

	for (; *program; program++)
		line[count++] = *program;
	for (const char *const *arg = job->args; *arg; arg++)
		line[count++] = *arg;
	require(count < MAX_ARGS, "too many arguments");
	line[count] = NULL;
}

/* Times ------------------------------------------------------------------------- */

enum { OURS, PEER, FLOOR, CONTESTANTS };

static const char *const contestants[] = { "ours", "peer", "floor" };

struct race {
	const char *lines[CONTESTANTS][MAX_ARGS];	/* the first word is NULL if it does not run */
	double times[CONTESTANTS][ROUNDS];		/* ms */
	long memory[CONTESTANTS];			/* KiB */
};

static int compare_times(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* They take turns, so that what else runs disturbs all of them. */
static void race_run(struct race *race, const struct row *row, const struct job *job, FILE *raw)
{
	for (int round = 0; round < ROUNDS; round++)
		for (int i = 0; i < CONTESTANTS; i++) {
			struct cost cost;

			if (!race->lines[i][0])
				continue;
			job_repair(job, row);
			cost = measure_time(race->lines[i]);
			race->times[i][round] = cost.time;
			race->memory[i] = cost.memory;
			fprintf(raw, "%s\t%s\t%d\t%.3f\t%ld\n", row->name, contestants[i], round,
				cost.time, cost.memory);
		}
	for (int i = 0; i < CONTESTANTS; i++)
		qsort(race->times[i], ROUNDS, sizeof(double), compare_times);
}

static void print_ratio(double ratio, double goal)
{
	if (goal > 0)
		printf("  %6.2f (%g)%*s", ratio, goal, goal < 1 || goal >= 10 ? 1 : 2, "");
	else
		printf("  %6.2f     ", ratio);
}

static void race_print(const struct race *race, const struct row *row)
{
	double ours = race->times[OURS][ROUNDS / 2], peer = race->times[PEER][ROUNDS / 2];
	double floor = race->times[FLOOR][ROUNDS / 2];

	printf("%-26s %6u %8.2f %8.2f %7.2f", row->name, row->count, ours, peer, floor);
	print_ratio(ours > 0 ? peer / ours : 0, row->peer_goal);
	print_ratio(floor > 0 ? ours / floor : 0, row->floor_goal);
	printf("  %7.2f\n", race->memory[PEER] ? (double)race->memory[OURS] / race->memory[PEER] : 0);
	fflush(stdout);
}

static void row_race(const struct row *row, const char *self, const char *mdevctl,
		     const char *const *peer, FILE *raw)
{
	const char *ours[] = { mdevctl, NULL };
	struct race race = { 0 };
	struct job job;

	job_begin(&job, row, row->count);
	job_line(&job, ours, race.lines[OURS]);
	if (*peer)
		job_line(&job, peer, race.lines[PEER]);
	if (row->floor) {
		const char *const line[] = { self, "floor", row->floor, job.root, NULL };

		memcpy(race.lines[FLOOR], line, sizeof(line));
	}
	race_run(&race, row, &job, raw);
	race_print(&race, row);
	job_end(&job);
}

static int run_times(const char *self, const char *mdevctl, const char *raw_path,
		     const char *const *peer)
{
	FILE *raw = fopen(raw_path, "w");

	require(raw != NULL, raw_path);
	printf("Processor time, ms, medians of %d runs in turn; goals in brackets\n", ROUNDS);
	printf("%-26s %6s %8s %8s %7s  peer/ours    ours/floor    memory\n", "work", "count",
	       "ours", "peer", "floor");
	for (size_t i = 0; i < ROW_COUNT; i++)
		row_race(&rows[i], self, mdevctl, peer, raw);
	require(fclose(raw) == 0, raw_path);
	printf("Raw figures: %s\n", raw_path);
	return EXIT_SUCCESS;
}

/* Counts ------------------------------------------------------------------------ */

struct count {
	long instructions, calls;
};

/* One processor, so that no thread makes a difference. */
static struct count row_count(const struct row *row, const char *mdevctl, unsigned int count)
{
	const char *ours[] = { mdevctl, NULL }, *line[MAX_ARGS];
	struct count found;
	struct job job;

	job_begin(&job, row, count);
	job_line(&job, ours, line);
	job_repair(&job, row);
	found.instructions = measure_instructions(line);
	job_repair(&job, row);
	found.calls = measure_calls(line);
	job_end(&job);
	return found;
}

/* How the cost grows above that of @none between @few and @many, which are 100 times as many. */
static double exponent(long none, long few, long many)
{
	return few > none && many > none ? log10((double)(many - none) / (few - none)) / 2 : 0;
}

static int run_counts(const char *mdevctl, unsigned int factor)
{
	printf("%-26s %6s %10s %10s %12s %5s  %7s %7s %7s %5s\n", "work", "count", "instr. 0",
	       "count/100", "count", "exp.", "calls 0", "c./100", "count", "exp.");
	for (size_t i = 0; i < ROW_COUNT; i++) {
		unsigned int most = rows[i].count * factor;
		/* The directory of the parent does not come and go with the one. */
		struct count none = row_count(&rows[i], mdevctl, rows[i].one ? 2 : 0);
		struct count few = row_count(&rows[i], mdevctl, most / 100);
		struct count many = row_count(&rows[i], mdevctl, most);

		printf("%-26s %6u %10ld %10ld %12ld %5.2f  %7ld %7ld %7ld %5.2f\n", rows[i].name,
		       most, none.instructions, few.instructions, many.instructions,
		       exponent(none.instructions, few.instructions, many.instructions),
		       none.calls, few.calls, many.calls,
		       exponent(none.calls, few.calls, many.calls));
		fflush(stdout);
	}
	return EXIT_SUCCESS;
}

/* The baseline -------------------------------------------------------------------- */

#define CHECK_WORSE 1.1

/* Enough to outweigh the start, and soon counted. */
static unsigned int check_count(const struct row *row)
{
	return row->count > COUNT / 10 ? row->count / 10 : 100;
}

/* A line of the baseline: "RELEASE INSTRUCTIONS CALLS NAME". */
static bool baseline_find(FILE *baseline, const char *release, const char *name,
			  struct count *found)
{
	char of[64], row[64];

	rewind(baseline);
	while (fscanf(baseline, "%63s %ld %ld %63[^\n]", of, &found->instructions,
		      &found->calls, row) == 4)
		if (strcmp(of, release) == 0 && strcmp(row, name) == 0)
			return true;
	return false;
}

static bool check_one(const char *what, long now, long then)
{
	bool good = now <= then * CHECK_WORSE;

	printf("#   %s: %ld, %.2f of the baseline%s\n", what, now, (double)now / then,
	       good ? "" : ": more than 10 % worse");
	return good;
}

static int run_check(const char *mdevctl, const char *path, const char *release)
{
	FILE *baseline = fopen(path, "r");
	int status = EXIT_SUCCESS;

	require(baseline != NULL, path);
	printf("1..%zu\n", ROW_COUNT);
	for (size_t i = 0; i < ROW_COUNT; i++) {
		struct count now = row_count(&rows[i], mdevctl, check_count(&rows[i]));
		struct count then;
		bool good;

		if (!baseline_find(baseline, release, rows[i].name, &then)) {
			printf("ok %zu - %s # SKIP the baseline has no line \"%s %ld %ld %s\"\n",
			       i + 1, rows[i].name, release, now.instructions, now.calls,
			       rows[i].name);
			continue;
		}
		good = check_one("instructions", now.instructions, then.instructions);
		good &= check_one("system calls", now.calls, then.calls);
		printf("%s %zu - %s\n", good ? "ok" : "not ok", i + 1, rows[i].name);
		if (!good)
			status = EXIT_FAILURE;
	}
	fclose(baseline);
	return status;
}

int main(int argc, char **argv)
{
	const char *const *words = (const char *const *)argv;
	const char *mode = argc > 1 ? words[1] : "";

	if (strcmp(mode, "times") == 0 && argc >= 4)
		return run_times(words[0], words[2], words[3], words + 4);
	if (strcmp(mode, "counts") == 0 && (argc == 3 || argc == 4))
		return run_counts(words[2], argc == 4 ? atoi(words[3]) : 1);
	if (strcmp(mode, "check") == 0 && argc == 5)
		return run_check(words[2], words[3], words[4]);
	if (strcmp(mode, "floor") == 0 && argc == 4)
		return floor_run(words[2], words[3]);
	fprintf(stderr, "usage: rows times|counts|check|floor ARG...\n");
	return 2;
}
