// SPDX-License-Identifier: LGPL-2.1-or-later
/* The language of machine files and of .sim/control; README.md describes it. */
#include "control.h"

#include <errno.h>

#include "mem.h"
#include "words.h"

int control_refuse(struct sim *sim, const char *what, const char *word)
{
	free(sim->error);
	sim->error = mem_printf("%s: %s\n", what, word ? word : "(nothing)");
	return -EINVAL;
}

int control_outcome(struct sim *sim, int rc, const char *what)
{
	return rc < 0 ? control_refuse(sim, what, strerror(-rc)) : 0;
}

struct option {
	const char *key, **value;
};

/* Takes the KEY=VALUE words that are left. */
static int take_options(struct sim *sim, char **rest, const struct option *options)
{
	const char *word;

	while ((word = word_next(rest))) {
		const struct option *option = options;

		while (option->key && !word_value(word, option->key))
			option++;
		if (!option->key)
			return control_refuse(sim, "unknown word", word);
		*option->value = word_value(word, option->key);
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

	config.name = word_next(rest);
	config.path = word_next(rest);
	pool = word_next(rest);
	full = word_next(rest);
	config.full = word_errno(full);
	if (word_number(pool, 10, &config.pool) || !config.full)
		return control_refuse(sim, "parent NAME PATH POOL ERRNO", full);
	if (take_options(sim, rest, options))
		return -EINVAL;
	return control_outcome(sim, model_add_parent(sim->model, &config), "parent");
}

static int run_type(struct sim *sim, char **rest)
{
	const char *parent = word_next(rest), *cost;
	struct type_config config = { .id = word_next(rest) };
	const struct option options[] = {
		{ "name", &config.name },
		{ "description", &config.description },
		{ NULL, NULL },
	};

	cost = word_next(rest);
	config.api = word_next(rest);
	if (word_number(cost, 10, &config.cost) || !config.cost || !config.api)
		return control_refuse(sim, "type PARENT ID COST API", config.api);
	if (take_options(sim, rest, options))
		return -EINVAL;
	return control_outcome(sim, model_add_type(sim->model, parent, &config), "type");
}

static int run_attr(struct sim *sim, char **rest)
{
	const char *parent = word_next(rest), *type = word_next(rest), *mode = word_next(rest);
	struct attr_config config = { .name = word_next(rest) };
	const struct option options[] = {
		{ "values", &config.values },
		{ NULL, NULL },
	};

	config.text = word_next(rest);
	if (word_number(mode, 8, &config.mode) || !config.name)
		return control_refuse(sim, "attr PARENT TYPE MODE NAME [TEXT]", mode);
	if (take_options(sim, rest, options))
		return -EINVAL;
	if (!config.text)
		config.text = "";
	return control_outcome(sim, model_add_attr(sim->model, parent, type, &config), "attr");
}

static int run_register(struct sim *sim, char **rest)
{
	const char *parent = word_next(rest);

	if (!parent)
		return control_refuse(sim, "register PARENT", parent);
	return control_outcome(sim, model_register(sim->model, parent), "register");
}

static int run_unregister(struct sim *sim, char **rest)
{
	const char *parent = word_next(rest);

	if (!parent)
		return control_refuse(sim, "unregister PARENT", parent);
	return control_outcome(sim, model_unregister(sim->model, parent), "unregister");
}

static int run_create(struct sim *sim, char **rest)
{
	const char *parent = word_next(rest), *type = word_next(rest), *uuid = word_next(rest);

	if (!uuid)
		return control_refuse(sim, "create PARENT TYPE UUID", uuid);
	return control_outcome(sim, model_create(sim->model, parent, type, uuid), "create");
}

static int run_create_many(struct sim *sim, char **rest)
{
	const char *parent = word_next(rest), *type = word_next(rest);
	unsigned int count;
	int rc = 0;

	if (word_number(word_next(rest), 10, &count))
		return control_refuse(sim, "create-many PARENT TYPE COUNT", type);
	for (unsigned int i = 0; i < count && !rc; i++) {
		char *uuid = mem_printf("00000000-0000-4000-8000-%012x", i);

		rc = model_create(sim->model, parent, type, uuid);
		free(uuid);
	}
	return control_outcome(sim, rc, "create-many");
}

static int run_remove(struct sim *sim, char **rest)
{
	const char *uuid = word_next(rest);

	if (!uuid)
		return control_refuse(sim, "remove UUID", uuid);
	return control_outcome(sim, model_remove(sim->model, uuid), "remove");
}

static int run_set(struct sim *sim, char **rest)
{
	const char *path = word_next(rest), *text = word_next(rest);
	struct node *node = path ? node_find(model_root(sim->model), path) : NULL;

	if (!node || !text)
		return control_refuse(sim, "set PATH TEXT", path);
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
	char *path = word_next(rest);
	const char *text = word_next(rest);

	if (!text || node_find(model_root(sim->model), path))
		return control_refuse(sim, "file PATH TEXT", path);

	struct node *up = make_up(sim, &path);

	node_file(up, path, 0644, text);
	return 0;
}

static int run_link(struct sim *sim, char **rest)
{
	char *path = word_next(rest);
	const char *target = word_next(rest);

	if (!target || node_find(model_root(sim->model), path))
		return control_refuse(sim, "link PATH TARGET", path);

	struct node *up = make_up(sim, &path);

	node_link(up, path, node_path_dir(model_root(sim->model), target));
	return 0;
}

/* Trouble ------------------------------------------------------------------ */

static int run_hide(struct sim *sim, char **rest)
{
	const char *glob = word_next(rest), *word;
	unsigned int lookups = (unsigned int)RULE_ALWAYS, ms = 0;

	if (!glob)
		return control_refuse(sim, "hide GLOB [lookups=N] [ms=N]", glob);
	while ((word = word_next(rest)))
		if (word_number(word_value(word, "lookups"), 10, &lookups) &&
		    word_number(word_value(word, "ms"), 10, &ms))
			return control_refuse(sim, "hide: unknown word", word);
	rules_hide(sim->rules, glob, (int)lookups, ms);
	return 0;
}

static int run_show(struct sim *sim, char **rest)
{
	const char *glob = word_next(rest);

	if (!glob)
		return control_refuse(sim, "show GLOB", glob);
	rules_show(sim->rules, glob);
	return 0;
}

/* What the rule does: fail ERRNO, ignore, delay MS, or any command. */
static int parse_action(struct sim *sim, struct rule *rule, char *action)
{
	char *rest = action, *whole = mem_strdup(action);
	const char *verb = word_next(&rest), *argument;
	int rc = 0;

	if (verb && !strcmp(verb, "fail")) {
		argument = word_next(&rest);
		rule->error = word_errno(argument);
		rc = rule->error ? 0 : control_refuse(sim, "fail ERRNO", argument);
	} else if (verb && !strcmp(verb, "ignore")) {
		rule->ignore = true;
	} else if (verb && !strcmp(verb, "delay")) {
		argument = word_next(&rest);
		rc = word_number(argument, 10, &rule->delay)
			     ? control_refuse(sim, "delay MS", argument)
			     : 0;
	} else if (verb) {
		rule->command = whole;
	} else {
		rc = control_refuse(sim, "before|after OP GLOB: no action", NULL);
	}
	if (!rc)
		rules_add(sim->rules, rule);
	free(whole);
	return rc;
}

static int add_rule(struct sim *sim, enum when when, char **rest)
{
	const char *op = word_next(rest);
	struct rule rule = { .when = when, .times = RULE_ALWAYS };
	int code = op ? op_from_name(op) : -1;

	rule.glob = word_next(rest);
	if (code < 0 || !rule.glob)
		return control_refuse(sim, "before|after OP GLOB [skip=N] [times=N] ACTION", op);
	rule.op = (enum op)code;
	for (;;) {
		char *action = *rest;
		unsigned int value;
		bool skip = !strncmp(action, "skip=", 5), times = !strncmp(action, "times=", 6);

		if (!skip && !times)
			return parse_action(sim, &rule, action);
		if (word_number(strchr(word_next(rest), '=') + 1, 10, &value))
			return control_refuse(sim, "skip=N or times=N", action);
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
	record_clear(sim->record);
	return 0;
}

/* Lines -------------------------------------------------------------------- */

static const struct command commands[] = {
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
	{ NULL, NULL },
};

static const struct command *command_find(const struct command *command, const char *name)
{
	while (command->name && strcmp(command->name, name))
		command++;
	return command->name ? command : NULL;
}

static int run_line(struct sim *sim, char *line)
{
	char *rest = line, *name = word_next(&rest), *extra;
	const struct command *command;
	int rc;

	if (!name || *name == '#')
		return 0;
	command = command_find(commands, name);
	if (!command)
		command = command_find(gpu_commands, name);
	if (!command)
		return control_refuse(sim, "unknown command", name);
	rc = command->run(sim, &rest);
	if (rc || command->run == run_before || command->run == run_after)
		return rc;
	extra = word_next(&rest);
	return extra ? control_refuse(sim, "unexpected word", extra) : 0;
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
		control_refuse(sim, path, strerror(errno));
	} else {
		rc = control_run(sim, text);
	}
	free(text);
	if (file)
		fclose(file);
	return rc;
}
