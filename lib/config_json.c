// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "access.h"
#include "config.h"
#include "config_json.h"
#include "util/array.h"
#include "util/json_reader.h"
#include "util/json_writer.h"
#include "util/text.h"

#define KEY_TYPE  "mdev_type"
#define KEY_START "start"
#define KEY_ATTRS "attrs"
#define KEY_OWNER "owner"
#define KEY_ACCESS "access"
#define KEY_NAME  "type_name"

static const char *const start_modes[] = {
	[MDEV_START_MANUAL] = "manual",
	[MDEV_START_AUTO] = "auto",
};

/* Reading ------------------------------------------------------------------ */

_printf_format_(2, 3) int cfg_bad(char **problem, const char *format, ...)
{
	va_list args;
	char *text;
	int r;

	va_start(args, format);
	r = vasprintf(&text, format, args);
	va_end(args);
	if (r < 0)
		return -ENOMEM;
	*problem = text;
	return -EBADMSG;
}

static int cfg_parse_text(const char *text, size_t length, struct json_tree *tree, char **problem)
{
	struct json_problem found;
	int r;

	r = read_json(text, length, tree, &found);
	if (r == -EFBIG)
		return cfg_bad(problem, "too large");
	if (r == -EBADMSG)
		return cfg_bad(problem, "%s at line %zu column %zu", found.what, found.line,
			       found.column);
	return r;
}

/* The name of @member, which C would cut at a NUL. */
static int cfg_take_name(const struct json_value *member, const char **name, char **problem)
{
	*name = value_name(member);
	return *name ? 0
		     : cfg_bad(problem, "invalid json: the name '%s\\u0000...' has a NUL character",
			       member->name);
}

static int cfg_take_type(const struct json_value *object, struct config *config, char **problem)
{
	const struct json_value *value = value_member(object, KEY_TYPE);
	const char *type = value_string(value);

	if (!value)
		return cfg_bad(problem, "invalid json: '" KEY_TYPE "' is missing");
	if (!value_is(value, JSON_STRING))
		return cfg_bad(problem, "invalid json: '" KEY_TYPE "' is not a string");
	if (!type)
		return cfg_bad(problem, "invalid json: '" KEY_TYPE "' has a NUL character");
	if (!name_is_valid(type))
		return cfg_bad(problem, "invalid json: '%s' is not the name of a type", type);
	config->type = strdup(type);
	return config->type ? 0 : -ENOMEM;
}

static int cfg_take_start(const struct json_value *object, struct config *config, char **problem)
{
	const struct json_value *value = value_member(object, KEY_START);
	const char *start = value_string(value);

	if (!value)
		return cfg_bad(problem, "invalid json: '" KEY_START "' is missing");
	config->start = start && strcmp(start, start_modes[MDEV_START_AUTO]) == 0 ?
			MDEV_START_AUTO : MDEV_START_MANUAL;
	return 0;
}

int cfg_take_attr(const struct json_value *element, struct config *config, char **problem)
{
	const struct json_value *member;
	const char *name, *value;
	int r;

	if (!value_is(element, JSON_OBJECT))
		return cfg_bad(problem, "invalid JSON format for attribute: not an object");
	if (value_count(element) != 1)
		return cfg_bad(problem, "invalid JSON format for attribute: %s",
			       value_count(element) ? "too many fields" : "no field");
	member = value_next(element, NULL);
	r = cfg_take_name(member, &name, problem);
	if (r < 0)
		return r;
	value = value_string(member);
	if (!value_is(member, JSON_STRING))
		return cfg_bad(problem,
			       "invalid JSON format for attribute '%s': "
			       "value must be of type str",
			       name);
	if (!value)
		return cfg_bad(problem,
			       "invalid JSON format for attribute '%s': "
			       "the value has a NUL character",
			       name);
	if (!path_is_below(name))
		return cfg_bad(problem, "Invalid attribute '%s'", name);
	return cfg_insert_attr(config, config->n_attrs, name, value);
}

/* @attrs: NULL if there are none */
static int cfg_take_attrs(const struct json_value *attrs, struct config *config, char **problem)
{
	const struct json_value *element;
	int r;

	if (!attrs)
		return 0;
	if (!value_is(attrs, JSON_ARRAY))
		return cfg_bad(problem, "attributes field is not an array");
	value_foreach(attrs, element) {
		r = cfg_take_attr(element, config, problem);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Members that are ours if they have a valid value, and otherwise may be somebody else's. */
static const struct cfg_label {
	const char *key;
	size_t offset;	/* of its text in struct config */
	bool (*is_valid)(const char *text);
	bool is_of_type;	/* another type has another one */
} cfg_labels[] = {
	{ KEY_OWNER, offsetof(struct config, owner), cfg_is_owner, false },
	{ KEY_ACCESS, offsetof(struct config, access), access_is_valid, false },
	{ KEY_NAME, offsetof(struct config, type_name), cfg_is_owner, true },
};

static char **cfg_label_of(const struct cfg_label *label, const struct config *config)
{
	return (char **)((char *)config + label->offset);
}

/* The label that @member is; NULL if it is another member, or another use of the name. */
static const struct cfg_label *cfg_find_label(const struct json_value *member)
{
	for (size_t i = 0; i < ARRAY_SIZE(cfg_labels); i++)
		if (value_is_named(member, cfg_labels[i].key)) {
			const char *text = value_string(member);

			return text && cfg_labels[i].is_valid(text) ? &cfg_labels[i] : NULL;
		}
	return NULL;
}

static int cfg_take_label(const struct cfg_label *label, const struct json_value *member,
			  struct config *config)
{
	char **place = cfg_label_of(label, config);

	*place = strdup(value_string(member));
	return *place ? 0 : -ENOMEM;
}

static bool cfg_is_needed(const struct json_value *member)
{
	return value_is_named(member, KEY_TYPE) || value_is_named(member, KEY_START) ||
	       value_is_named(member, KEY_ATTRS);
}

/* Labels and members that are not ours, in one pass: most files have none. */
static int cfg_take_others(const struct json_value *object, struct config *config)
{
	_cleanup_buffer_ struct buffer text = { 0 };
	struct json_writer writer = { .buffer = &text, .compact = true };
	const struct json_value *member;

	value_foreach(object, member) {
		const struct cfg_label *label;
		int r;

		if (cfg_is_needed(member))
			continue;
		label = cfg_find_label(member);
		if (label) {
			r = cfg_take_label(label, member, config);
			if (r < 0)
				return r;
			continue;
		}
		if (!writer.filled)
			writer_begin(&writer, NULL, '{');
		writer_value(&writer, member);
	}
	if (!writer.filled)
		return 0;
	writer_end(&writer, '}');
	return buffer_take(&text, &config->unknown);
}

static int cfg_take_object(const struct json_value *object, struct config *config, char **problem)
{
	int r;

	if (!value_is(object, JSON_OBJECT))
		return cfg_bad(problem, "invalid json: not an object");
	r = cfg_take_type(object, config, problem);
	if (r < 0)
		return r;
	r = cfg_take_start(object, config, problem);
	if (r < 0)
		return r;
	r = cfg_take_attrs(value_member(object, KEY_ATTRS), config, problem);
	if (r < 0)
		return r;
	return cfg_take_others(object, config);
}

/* "a,b,a" of the objects @a and @b: read again, a member has its first place and last value. */
static int cfg_merge(const char *a, const char *b, char **merged)
{
	_cleanup_buffer_ struct buffer text = { 0 };

	buffer_add(&text, a, strlen(a) - 1);
	buffer_add_string(&text, ",");
	buffer_add(&text, b + 1, strlen(b) - 2);
	buffer_add_string(&text, ",");
	buffer_add_string(&text, a + 1);
	return buffer_take(&text, merged);
}

/* Members of @former that the new text does not have stay. */
static int cfg_keep_unknown(const char *former, struct config *config, char **problem)
{
	_cleanup_(tree_clear) struct json_tree tree = { 0 };
	_cleanup_buffer_ struct buffer text = { 0 };
	struct json_writer writer = { .buffer = &text, .compact = true };
	_cleanup_free_ char *merged = NULL;
	int r;

	if (!former)
		return 0;
	if (!config->unknown) {
		config->unknown = strdup(former);
		return config->unknown ? 0 : -ENOMEM;
	}
	if (cfg_merge(config->unknown, former, &merged) < 0)
		return -ENOMEM;
	r = cfg_parse_text(merged, strlen(merged), &tree, problem);
	if (r < 0)
		return r;
	free(TAKE_PTR(config->unknown));
	writer_value(&writer, tree.values);
	return buffer_take(&text, &config->unknown);
}

static bool cfg_same_type(const struct config *a, const struct config *b)
{
	return a->type && b->type && strcmp(a->type, b->type) == 0;
}

int cfg_parse(const char *text, size_t length, struct config *config, char **problem)
{
	_cleanup_(tree_clear) struct json_tree tree = { 0 };
	_cleanup_(cfg_clear) struct config found = { 0 };
	int r;

	r = cfg_parse_text(text, length, &tree, problem);
	if (r < 0)
		return r;
	r = cfg_take_object(tree.values, &found, problem);
	if (r < 0)
		return r;
	r = cfg_keep_unknown(config->unknown, &found, problem);
	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(cfg_labels); i++)
		if (!*cfg_label_of(&cfg_labels[i], &found) &&
		    (!cfg_labels[i].is_of_type || cfg_same_type(&found, config)))
			*cfg_label_of(&cfg_labels[i], &found) =
				TAKE_PTR(*cfg_label_of(&cfg_labels[i], config));
	cfg_clear(config);
	*config = found;
	found = (struct config){ 0 };
	return 0;
}

/* Adds the position of a mistake to its text. */
static int cfg_locate(char **problem, const char *parent, const char *uuid)
{
	_cleanup_free_ char *what = TAKE_PTR(*problem);

	return cfg_bad(problem, "%s/%s: %s", parent, uuid, what);
}

/* One list entry, and its mistake. */
static int cfg_take_entry(const struct config_list *list, const char *parent,
			  const struct json_value *member, char **problem)
{
	_cleanup_(cfg_clear) struct config config = { 0 };
	struct mdev_uuid uuid;
	const char *name;
	int r;

	r = cfg_take_name(member, &name, problem);
	if (r < 0)
		return r;
	if (mdev_uuid_parse(name, &uuid) < 0)
		return cfg_bad(problem, "invalid json: '%s' of '%s' is not a UUID", name, parent);
	r = cfg_take_object(member, &config, problem);
	if (r == -EBADMSG)
		return cfg_locate(problem, parent, uuid.text);
	return r < 0 ? r : list->add(list->data, parent, &uuid, &config);
}

/* All members of all objects in an array, each handed to @take. @outer: whose array it is */
typedef int take_member_fn(const struct config_list *list, const char *outer,
			   const struct json_value *member, char **problem);

static int cfg_take_members(const struct config_list *list, const char *outer,
			    const struct json_value *array, take_member_fn *take, char **problem)
{
	const char *of = outer ? " of " : "", *whose = outer ? outer : "";
	const struct json_value *object, *member;
	size_t i = 0;
	int r;

	if (!value_is(array, JSON_ARRAY))
		return cfg_bad(problem, "invalid json: the list%s%s is not an array", of, whose);
	value_foreach(array, object) {
		if (!value_is(object, JSON_OBJECT))
			return cfg_bad(problem,
				       "invalid json: element %zu of the list%s%s is not an "
				       "object",
				       i, of, whose);
		value_foreach(object, member) {
			r = take(list, outer, member, problem);
			if (r < 0)
				return r;
		}
		i++;
	}
	return 0;
}

static int cfg_take_parent(const struct config_list *list, const char *outer,
			   const struct json_value *member, char **problem)
{
	const char *name;
	int r;

	(void)outer;
	r = cfg_take_name(member, &name, problem);
	if (r < 0)
		return r;
	if (!name_is_valid(name))
		return cfg_bad(problem, "invalid json: '%s' is not the name of a parent", name);
	return cfg_take_members(list, name, member, cfg_take_entry, problem);
}

int cfg_parse_list(const char *text, size_t length, const struct config_list *list, char **problem)
{
	_cleanup_(tree_clear) struct json_tree tree = { 0 };
	int r;

	r = cfg_parse_text(text, length, &tree, problem);
	return r < 0 ? r : cfg_take_members(list, NULL, tree.values, cfg_take_parent, problem);
}

/* Scripts' answers --------------------------------------------------------- */

/* Scripts end their answer by a newline, or by the NUL of a C string, which strchr() finds. */
static size_t answer_trim(const char *text, size_t length)
{
	while (length > 0 && strchr(" \t\n\r", text[length - 1]))
		length--;
	return length;
}

/* the way in which ap-check reports no attributes */
static bool answer_is_empty_object(const struct json_value *attrs)
{
	const struct json_value *first;

	if (!value_is(attrs, JSON_ARRAY) || value_count(attrs) != 1)
		return false;
	first = value_next(attrs, NULL);
	return value_is(first, JSON_OBJECT) && value_count(first) == 0;
}

int cfg_parse_attrs(const char *text, size_t length, struct config *config, char **problem)
{
	_cleanup_(tree_clear) struct json_tree tree = { 0 };
	int r;

	length = answer_trim(text, length);
	if (length == 0)
		return 0;
	r = cfg_parse_text(text, length, &tree, problem);
	if (r < 0 || value_is(tree.values, JSON_NULL) || answer_is_empty_object(tree.values))
		return r;
	return cfg_take_attrs(tree.values, config, problem);
}

static int cfg_take_words(const struct json_value *array, struct strings *words)
{
	const struct json_value *element;

	if (!value_is(array, JSON_ARRAY))
		return 0;
	value_foreach(array, element) {
		const char *word = value_string(element);

		/* Names of later versions are ignored, and so are values that are not names. */
		if (word && strings_add(words, word) < 0)
			return -ENOMEM;
	}
	return 1;
}

static bool cfg_is_integer(const struct json_value *value)
{
	return value_is(value, JSON_NUMBER) && !strpbrk(value->text, ".eE");
}

static int cfg_take_capabilities(const struct json_value *object, struct capabilities *capabilities)
{
	const struct json_value *supports = value_member(object, "supports");
	int r;

	if (!cfg_is_integer(value_member(supports, "version")))
		return 0;
	r = cfg_take_words(value_member(supports, "actions"), &capabilities->actions);
	return r > 0 ? cfg_take_words(value_member(supports, "events"), &capabilities->events) : r;
}

int cfg_parse_capabilities(const char *text, size_t length, struct capabilities *capabilities)
{
	_cleanup_(capabilities_clear) struct capabilities found = { 0 };
	_cleanup_(tree_clear) struct json_tree tree = { 0 };
	struct json_problem problem;
	int r;

	r = read_json(text, answer_trim(text, length), &tree, &problem);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	r = cfg_take_capabilities(tree.values, &found);
	if (r > 0) {
		*capabilities = found;
		found = (struct capabilities){ 0 };
	}
	return r;
}

/* Writing ------------------------------------------------------------------ */

void cfg_write_attrs(struct json_writer *writer, const struct config *config)
{
	writer_begin(writer, KEY_ATTRS, '[');
	for (size_t i = 0; i < config->n_attrs; i++) {
		writer_begin(writer, NULL, '{');
		writer_string(writer, config->attrs[i].name, config->attrs[i].value);
		writer_end(writer, '}');
	}
	writer_end(writer, ']');
}

/* Whether @config has a label of that name: a member among the unknown ones was no such label. */
static bool cfg_has_label(const struct config *config, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(cfg_labels); i++)
		if (*cfg_label_of(&cfg_labels[i], config) && strcmp(name, cfg_labels[i].key) == 0)
			return true;
	return false;
}

/* @whole: with labels and the members of @unknown, an object or NULL; scripts do not get them */
static void cfg_write_config(struct json_writer *writer, const char *name,
			     const struct config *config, bool whole,
			     const struct json_value *unknown)
{
	const struct json_value *member;

	writer_begin(writer, name, '{');
	writer_string(writer, KEY_TYPE, config->type);
	writer_string(writer, KEY_START, start_modes[config->start]);
	cfg_write_attrs(writer, config);
	for (size_t i = 0; whole && i < ARRAY_SIZE(cfg_labels); i++)
		if (*cfg_label_of(&cfg_labels[i], config))
			writer_string(writer, cfg_labels[i].key,
				      *cfg_label_of(&cfg_labels[i], config));
	if (unknown)
		value_foreach(unknown, member)
			if (!whole || !cfg_has_label(config, member->name))
				writer_value(writer, member);
	writer_end(writer, '}');
}

int cfg_format(const struct config *config, char **text)
{
	_cleanup_(tree_clear) struct json_tree unknown = { 0 };
	struct buffer buffer = { 0 };
	struct json_writer writer = { .buffer = &buffer };
	struct json_problem problem;
	int r;

	if (config->unknown) {
		r = read_json(config->unknown, strlen(config->unknown), &unknown, &problem);
		if (r < 0)
			return r;
	}
	cfg_write_config(&writer, NULL, config, true, unknown.values);
	return buffer_take(&buffer, text);
}

int cfg_format_compact(const struct config *config, char **text)
{
	struct buffer buffer = { 0 };
	struct json_writer writer = { .buffer = &buffer, .compact = true };

	cfg_write_config(&writer, NULL, config, false, NULL);
	return buffer_take(&buffer, text);
}

static bool cfg_begins_parent(const struct config_entry *entries, size_t i)
{
	return i == 0 || strcmp(entries[i - 1].parent, entries[i].parent) != 0;
}

static void cfg_write_entry(struct json_writer *writer, const struct config_entry *entry)
{
	writer_begin(writer, NULL, '{');
	cfg_write_config(writer, entry->uuid, entry->config, false, NULL);
	writer_end(writer, '}');
}

int cfg_format_list(const struct config_entry *entries, size_t count, char **text)
{
	struct buffer buffer = { 0 };
	struct json_writer writer = { .buffer = &buffer };

	writer_begin(&writer, NULL, '[');
	if (count > 0)
		writer_begin(&writer, NULL, '{');
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && cfg_begins_parent(entries, i))
			writer_end(&writer, ']');
		if (cfg_begins_parent(entries, i))
			writer_begin(&writer, entries[i].parent, '[');
		cfg_write_entry(&writer, &entries[i]);
	}
	if (count > 0) {
		writer_end(&writer, ']');
		writer_end(&writer, '}');
	}
	writer_end(&writer, ']');
	return buffer_take(&buffer, text);
}
