// SPDX-License-Identifier: LGPL-2.1-or-later
/* The language of machine files and of .sim/control; README.md describes it. */
#include "sim.h"

#include <errno.h>
#include <limits.h>

#include "mem.h"

static int refuse(struct sim *sim, const char *what, const char *word)
{
	free(sim->error);
	sim->error = mem_printf("%s: %s\n", what, word ? word : "(nothing)");
	return -EINVAL;
}

static char unescape(char c)
{
	return c == 'n' ? '\n' : c == 't' ? '\t' : c;
}

/* Takes the next word off *rest, or gives NULL. Double quotes keep spaces
 * together; a backslash within them works as in C for \n, \t, \" and \\. */
static char *next_word(char **rest)
{
	char *from = *rest + strspn(*rest, " \t"), *word = from, *to = from;
	bool quoted = false;

	if (!*from)
		return NULL;
	for (; *from && (quoted || (*from != ' ' && *from != '\t')); from++) {
		if (*from == '"')
			quoted = !quoted;
		else if (quoted && *from == '\\' && from[1])
			*to++ = unescape(*++from);
		else
			*to++ = *from;
	}
	*rest = *from ? from + 1 : from;
	*to = '\0';
	return word;
}

/* The value of KEY=VALUE, or NULL. */
static const char *value_of(const char *word, const char *key)
{
	size_t length = strlen(key);

	return !strncmp(word, key, length) && word[length] == '=' ? word + length + 1 : NULL;
}

static int number(const char *text, int base, unsigned int *value)
{
	unsigned long long got;
	char *end;

	if (!text || !*text)
		return -EINVAL;
	errno = 0;
	got = strtoull(text, &end, base);
	if (errno || *end || got > INT_MAX)
		return -EINVAL;
	*value = (unsigned int)got;
	return 0;
}

/* The errno of a name like "EIO", or 0. */
static int errno_of(const char *name)
{
	for (int i = 1; name && i < 134; i++)
		if (strerrorname_np(i) && !strcmp(strerrorname_np(i), name))
			return i;
	return 0;
}

static int outcome_of(struct sim *sim, int rc, const char *what)
{
	return rc < 0 ? refuse(sim, what, strerror(-rc)) : 0;
}

struct option {
	const char *key, **value;
};

/* Takes the KEY=VALUE words that are left. */
static int take_options(struct sim *sim, char **rest, const struct option *options)
{
	const char *word;

	while ((word = next_word(rest))) {
		const struct option *option = options;

		while (option->key && !value_of(word, option->key))
			option++;
		if (!option->key)
			return refuse(sim, "unknown word", word);
		*option->value = value_of(word, option->key);
	}
	return 0;
}

/* The machine -------------------------------------------------------------- */

static int run_parent(struct sim *sim, char **rest)
{
	struct parent_config config = { .driver = "none" };
	const char *pool, *full;
	const struct option options[] = {
		{ "bus", &config.bus },
		{ "class", &config.class },
		{ "driver", &config.driver },
		{ "modalias", &config.modalias },
		{ NULL, NULL },
	};

	config.name = next_word(rest);
	config.path = next_word(rest);
	pool = next_word(rest);
	full = next_word(rest);
	config.full = errno_of(full);
	if (number(pool, 10, &config.pool) || !config.full)
		return refuse(sim, "parent NAME PATH POOL ERRNO", full);
	if (take_options(sim, rest, options))
		return -EINVAL;
	return outcome_of(sim, model_add_parent(sim->model, &config), "parent");
}

static int run_type(struct sim *sim, char **rest)
{
	const char *parent = next_word(rest), *cost;
	struct type_config config = { .id = next_word(rest) };
	const struct option options[] = {
		{ "name", &config.name },
		{ "description", &config.description },
		{ NULL, NULL },
	};

	cost = next_word(rest);
	config.api = next_word(rest);
	if (number(cost, 10, &config.cost) || !config.cost || !config.api)
		return refuse(sim, "type PARENT ID COST API", config.api);
	if (take_options(sim, rest, options))
		return -EINVAL;
	return outcome_of(sim, model_add_type(sim->model, parent, &config), "type");
}

static int run_attr(struct sim *sim, char **rest)
{
	const char *parent = next_word(rest), *type = next_word(rest), *mode = next_word(rest);
	struct attr_config config = { .name = next_word(rest) };
	const struct option options[] = {
		{ "values", &config.values },
		{ NULL, NULL },
	};

	config.text = next_word(rest);
	if (number(mode, 8, &config.mode) || !config.name)
		return refuse(sim, "attr PARENT TYPE MODE NAME [TEXT]", mode);
	if (take_options(sim, rest, options))
		return -EINVAL;
	if (!config.text)
		config.text = "";
	return outcome_of(sim, model_add_attr(sim->model, parent, type, &config), "attr");
}

static int run_register(struct sim *sim, char **rest)
{
	const char *parent = next_word(rest);

	if (!parent)
		return refuse(sim, "register PARENT", parent);
	return outcome_of(sim, model_register(sim->model, parent), "register");
}

static int run_unregister(struct sim *sim, char **rest)
{
	const char *parent = next_word(rest);

	if (!parent)
		return refuse(sim, "unregister PARENT", parent);
	return outcome_of(sim, model_unregister(sim->model, parent), "unregister");
}

static int run_create(struct sim *sim, char **rest)
{
	const char *parent = next_word(rest), *type = next_word(rest), *uuid = next_word(rest);

	if (!uuid)
		return refuse(sim, "create PARENT TYPE UUID", uuid);
	return outcome_of(sim, model_create(sim->model, parent, type, uuid), "create");
}

static int run_create_many(struct sim *sim, char **rest)
{
	const char *parent = next_word(rest), *type = next_word(rest);
	unsigned int count;
	int rc = 0;

	if (number(next_word(rest), 10, &count))
		return refuse(sim, "create-many PARENT TYPE COUNT", type);
	for (unsigned int i = 0; i < count && !rc; i++) {
		char *uuid = mem_printf("00000000-0000-4000-8000-%012x", i);

		rc = model_create(sim->model, parent, type, uuid);
		free(uuid);
	}
	return outcome_of(sim, rc, "create-many");
}

static int run_remove(struct sim *sim, char **rest)
{
	const char *uuid = next_word(rest);

	if (!uuid)
		return refuse(sim, "remove UUID", uuid);
	return outcome_of(sim, model_remove(sim->model, uuid), "remove");
}

static int run_set(struct sim *sim, char **rest)
{
	const char *path = next_word(rest), *text = next_word(rest);
	struct node *node = path ? node_find(model_root(sim->model), path) : NULL;

	if (!node || !text)
		return refuse(sim, "set PATH TEXT", path);
	free(node->set);
	node->set = mem_strdup(text);
	return 0;
}

/* The directory of PATH, made as far as it is missing; *path becomes the name in it. */
static struct node *make_up(struct sim *sim, char **path)
{
	char *slash = strrchr(*path, '/');
	struct node *root = model_root(sim->model), *up;

	if (!slash)
		return root;
	*slash = '\0';
	up = node_path_dir(root, *path);
	*path = slash + 1;
	return up;
}

static int run_file(struct sim *sim, char **rest)
{
	char *path = next_word(rest);
	const char *text = next_word(rest);

	if (!text || node_find(model_root(sim->model), path))
		return refuse(sim, "file PATH TEXT", path);

	struct node *up = make_up(sim, &path);

	node_file(up, path, 0644, text);
	return 0;
}

static int run_link(struct sim *sim, char **rest)
{
	char *path = next_word(rest);
	const char *target = next_word(rest);

	if (!target || node_find(model_root(sim->model), path))
		return refuse(sim, "link PATH TARGET", path);

	struct node *up = make_up(sim, &path);

	node_link(up, path, node_path_dir(model_root(sim->model), target));
	return 0;
}

/* Trouble ------------------------------------------------------------------ */

static int run_hide(struct sim *sim, char **rest)
{
	const char *glob = next_word(rest), *word;
	unsigned int lookups = (unsigned int)RULE_ALWAYS, ms = 0;

	if (!glob)
		return refuse(sim, "hide GLOB [lookups=N] [ms=N]", glob);
	while ((word = next_word(rest)))
		if (number(value_of(word, "lookups"), 10, &lookups) &&
		    number(value_of(word, "ms"), 10, &ms))
			return refuse(sim, "hide: unknown word", word);
	rules_hide(sim->rules, glob, (int)lookups, ms);
	return 0;
}

static int run_show(struct sim *sim, char **rest)
{
	const char *glob = next_word(rest);

	if (!glob)
		return refuse(sim, "show GLOB", glob);
	rules_show(sim->rules, glob);
	return 0;
}

/* What the rule does: fail ERRNO, ignore, delay MS, or any command. */
static int parse_action(struct sim *sim, struct rule *rule, char *action)
{
	char *rest = action, *whole = mem_strdup(action);
	const char *verb = next_word(&rest), *argument;
	int rc = 0;

	if (verb && !strcmp(verb, "fail")) {
		argument = next_word(&rest);
		rule->error = errno_of(argument);
		rc = rule->error ? 0 : refuse(sim, "fail ERRNO", argument);
	} else if (verb && !strcmp(verb, "ignore")) {
		rule->ignore = true;
	} else if (verb && !strcmp(verb, "delay")) {
		argument = next_word(&rest);
		rc = number(argument, 10, &rule->delay) ? refuse(sim, "delay MS", argument) : 0;
	} else if (verb) {
		rule->command = whole;
	} else {
		rc = refuse(sim, "before|after OP GLOB: no action", NULL);
	}
	if (!rc)
		rules_add(sim->rules, rule);
	free(whole);
	return rc;
}

static int add_rule(struct sim *sim, enum when when, char **rest)
{
	const char *op = next_word(rest);
	struct rule rule = { .when = when, .times = RULE_ALWAYS };
	int code = op ? op_from_name(op) : -1;

	rule.glob = next_word(rest);
	if (code < 0 || !rule.glob)
		return refuse(sim, "before|after OP GLOB [skip=N] [times=N] ACTION", op);
	rule.op = (enum op)code;
	for (;;) {
		char *action = *rest;
		unsigned int value;
		bool skip = !strncmp(action, "skip=", 5), times = !strncmp(action, "times=", 6);

		if (!skip && !times)
			return parse_action(sim, &rule, action);
		if (number(strchr(next_word(rest), '=') + 1, 10, &value))
			return refuse(sim, "skip=N or times=N", action);
		*(skip ? &rule.skip : &rule.times) = (int)value;
	}
}

static int run_before(struct sim *sim, char **rest)
{
	return add_rule(sim, BEFORE, rest);
}

static int run_after(struct sim *sim, char **rest)
{
	return add_rule(sim, AFTER, rest);
}

static int run_clear(struct sim *sim, char **rest)
{
	(void)rest;
	rules_clear(sim->rules);
	free(sim->log);
	sim->log = mem_strdup("");
	return 0;
}

/* Lines -------------------------------------------------------------------- */

static const struct {
	const char *name;
	int (*run)(struct sim *sim, char **rest);
} commands[] = {
	{ "parent", run_parent },
	{ "type", run_type },
	{ "attr", run_attr },
	{ "register", run_register },
	{ "unregister", run_unregister },
	{ "create", run_create },
	{ "create-many", run_create_many },
	{ "remove", run_remove },
	{ "set", run_set },
	{ "file", run_file },
	{ "link", run_link },
	{ "hide", run_hide },
	{ "show", run_show },
	{ "before", run_before },
	{ "after", run_after },
	{ "clear", run_clear },
};

static int run_line(struct sim *sim, char *line)
{
	char *rest = line, *name = next_word(&rest), *extra;
	int rc;

	if (!name || *name == '#')
		return 0;
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (strcmp(commands[i].name, name))
			continue;
		rc = commands[i].run(sim, &rest);
		if (rc || commands[i].run == run_before || commands[i].run == run_after)
			return rc;
		extra = next_word(&rest);
		return extra ? refuse(sim, "unexpected word", extra) : 0;
	}
	return refuse(sim, "unknown command", name);
}

int control_run(struct sim *sim, const char *text)
{
	char *copy = mem_strdup(text), *rest = copy, *line;
	int rc = 0;

	while (!rc && (line = strsep(&rest, "\n")))
		rc = run_line(sim, line);
	free(copy);
	return rc;
}

int control_load(struct sim *sim, const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;
	int rc;

	if (!file || getdelim(&text, &size, '\0', file) < 0) {
		rc = -errno;
		refuse(sim, path, strerror(errno));
	} else {
		rc = control_run(sim, text);
	}
	free(text);
	if (file)
		fclose(file);
	return rc;
}
