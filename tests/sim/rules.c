// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rules.h"

#include <fnmatch.h>

#include "clock.h"
#include "mem.h"

struct entry {
	struct rule rule;
	struct entry *next;
};

struct hidden {
	char *glob;
	int lookups;
	uint64_t until; /* in milliseconds of the monotonic clock, 0: no limit */
	struct hidden *next;
};

struct rules {
	unsigned int cleared;
	struct entry *first, **last;
	struct hidden *hidden;
};

struct rules *rules_new(void)
{
	struct rules *rules = mem_zero(sizeof(*rules));

	rules->last = &rules->first;
	return rules;
}

static void entry_free(struct entry *entry)
{
	free((char *)entry->rule.glob);
	free((char *)entry->rule.command);
	free(entry);
}

static void hidden_free(struct hidden *hidden)
{
	free(hidden->glob);
	free(hidden);
}

unsigned int rules_count_cleared(const struct rules *rules)
{
	return rules->cleared;
}

void rules_clear(struct rules *rules)
{
	rules->cleared++;
	while (rules->first) {
		struct entry *entry = rules->first;

		rules->first = entry->next;
		entry_free(entry);
	}
	rules->last = &rules->first;
	while (rules->hidden) {
		struct hidden *hidden = rules->hidden;

		rules->hidden = hidden->next;
		hidden_free(hidden);
	}
}

void rules_free(struct rules *rules)
{
	rules_clear(rules);
	free(rules);
}

void rules_add(struct rules *rules, const struct rule *rule)
{
	struct entry *entry = mem_zero(sizeof(*entry));

	entry->rule = *rule;
	entry->rule.glob = mem_strdup(rule->glob);
	entry->rule.command = rule->command ? mem_strdup(rule->command) : NULL;
	*rules->last = entry;
	rules->last = &entry->next;
}

/* Whether the rule acts on this match. */
static bool rule_due(struct rule *rule)
{
	if (rule->skip) {
		rule->skip--;
		return false;
	}
	if (!rule->times)
		return false;
	if (rule->times != RULE_ALWAYS)
		rule->times--;
	return true;
}

static void outcome_add(struct outcome *outcome, const struct rule *rule, size_t *commands)
{
	if (!outcome->error)
		outcome->error = rule->error;
	outcome->ignore |= rule->ignore;
	outcome->delay += rule->delay;
	if (!rule->command)
		return;
	outcome->commands =
		mem_resize(outcome->commands, (*commands + 2) * sizeof(*outcome->commands));
	outcome->commands[(*commands)++] = mem_strdup(rule->command);
	outcome->commands[*commands] = NULL;
}

struct outcome rules_match(struct rules *rules, enum when when, enum op op, const char *path)
{
	struct outcome outcome = { 0 };
	size_t commands = 0;

	for (struct entry *entry = rules->first; entry; entry = entry->next) {
		struct rule *rule = &entry->rule;

		if (rule->when == when && rule->op == op && !fnmatch(rule->glob, path, 0) &&
		    rule_due(rule))
			outcome_add(&outcome, rule, &commands);
	}
	return outcome;
}

void outcome_free(struct outcome *outcome)
{
	for (char **command = outcome->commands; command && *command; command++)
		free(*command);
	free(outcome->commands);
}

void rules_hide(struct rules *rules, const char *glob, int lookups, unsigned int ms)
{
	struct hidden *hidden = mem_zero(sizeof(*hidden));

	hidden->glob = mem_strdup(glob);
	hidden->lookups = lookups;
	hidden->until = ms ? clock_now() + ms : 0;
	hidden->next = rules->hidden;
	rules->hidden = hidden;
}

void rules_show(struct rules *rules, const char *glob)
{
	struct hidden **at = &rules->hidden;

	while (*at) {
		struct hidden *hidden = *at;

		if (strcmp(hidden->glob, glob)) {
			at = &hidden->next;
			continue;
		}
		*at = hidden->next;
		hidden_free(hidden);
	}
}

static bool hides(struct hidden *hidden, const char *path, bool lookup)
{
	if (hidden->until && clock_now() >= hidden->until)
		return false;
	if (!hidden->lookups || fnmatch(hidden->glob, path, FNM_LEADING_DIR))
		return false;
	if (lookup && hidden->lookups != RULE_ALWAYS)
		hidden->lookups--;
	return true;
}

bool rules_hidden(struct rules *rules, const char *path, bool lookup)
{
	bool found = false;

	for (struct hidden *hidden = rules->hidden; hidden; hidden = hidden->next)
		found |= hides(hidden, path, lookup);
	return found;
}

int op_from_name(const char *name)
{
	static const char *const names[] = {
		[OP_LOOKUP] = "lookup", [OP_OPEN] = "open",	    [OP_READ] = "read",
		[OP_WRITE] = "write",	[OP_READLINK] = "readlink", [OP_READDIR] = "readdir",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(names[i], name))
			return (int)i;
	return -1;
}
