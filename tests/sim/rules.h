/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a test has ordered to happen before or after operations on paths. */
#ifndef SIM_RULES_H
#define SIM_RULES_H

#include <stdbool.h>

enum op {
	OP_LOOKUP,
	OP_OPEN,
	OP_READ,
	OP_WRITE,
	OP_READLINK,
	OP_READDIR,
};

enum when {
	BEFORE,
	AFTER,
};

#define RULE_ALWAYS (-1)

/**
 * struct rule - one order
 * @when, @op: the moment
 * @glob: pattern for the whole path below the mount point; * matches / too
 * @skip: so many matches pass untouched first
 * @times: then it acts so many times, or RULE_ALWAYS
 * @error: errno of the operation, or 0
 * @ignore: the operation succeeds without being done
 * @delay: milliseconds to wait
 * @command: control command to carry out, or NULL
 */
struct rule {
	enum when when;
	enum op op;
	const char *glob;
	int skip, times;
	int error;
	bool ignore;
	unsigned int delay;
	const char *command;
};

/** struct outcome - what all matching rules together do to an operation */
struct outcome {
	int error;
	bool ignore;
	unsigned int delay;
	char **commands; /* NULL-terminated, or NULL */
};

struct rules;

struct rules *rules_new(void);
void rules_free(struct rules *rules);
void rules_clear(struct rules *rules);

/** rules_count_cleared() - how often rules_clear() was called */
unsigned int rules_count_cleared(const struct rules *rules);

/** rules_add() - keep a copy of @rule */
void rules_add(struct rules *rules, const struct rule *rule);

/** rules_match() - what happens now; counts down the rules that match */
struct outcome rules_match(struct rules *rules, enum when when, enum op op, const char *path);
void outcome_free(struct outcome *outcome);

/**
 * rules_hide() - nothing is at the paths that match @glob
 * @lookups: until so many look-ups of each of them failed; RULE_ALWAYS: for good
 * @ms: until so many milliseconds have passed; 0: no limit
 */
void rules_hide(struct rules *rules, const char *glob, int lookups, unsigned int ms);
void rules_show(struct rules *rules, const char *glob);

/** rules_hidden() - whether @path or a directory on its way is hidden; @lookup counts */
bool rules_hidden(struct rules *rules, const char *path, bool lookup);

/* Names as control commands use them; -1 for an unknown one. */
int op_from_name(const char *name);

#endif
