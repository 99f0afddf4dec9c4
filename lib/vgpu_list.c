// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The driver's list of types, in the forms that its releases have been seen to print, and in others
 * as far as they can be told for certain. Which column has the ids is a matter of all lines.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/text.h"
#include "vgpu.h"
#include "vgpu_line.h"

/* Drivers have some dozens of types. To compare all lines of a longer file would take for ever. */
#define MAX_LINES 2048

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

struct list {
	struct list_line *items;
	size_t count;
	struct span header;	/* the last line before those with numbers; empty if there is none */
};

static void list_clear(struct list *list)
{
	free(list->items);
}

#define _cleanup_list_ _cleanup_(list_clear)

static int list_add_line(struct list *list, struct span text)
{
	span_trim_start(&text, LINE_BLANKS);
	span_trim_end(&text, LINE_BLANKS);
	if (!span_has(&text, LINE_DIGITS)) {
		/* A header that is underlined stays one, and what is after the types is none. */
		if (list->count == 0 && span_has(&text, LETTERS))
			list->header = text;
		return 0;
	}
	if (array_reserve(&list->items, list->count, sizeof(*list->items)) < 0)
		return -ENOMEM;
	line_split(text, &list->items[list->count++]);
	return 0;
}

static int list_split(const char *text, struct list *list)
{
	int r = 0;

	for (const char *line = text, *end; r == 0 && *line && list->count < MAX_LINES;
	     line = *end ? end + 1 : end) {
		end = line + strcspn(line, "\n");
		r = list_add_line(list, (struct span){ line, end - line });
	}
	return r;
}

/* Which columns are what -------------------------------------------------------------- */

/* What is common to all lines of one form. */
struct list_plan {
	enum line_form form;
	size_t count;		/* of lines */
	size_t n_columns;	/* of numbers, which all have */
	size_t id;		/* which of these has the ids */
	bool is_certain;	/* else no line of the form is read */
	bool has_names;
	size_t n_blank;		/* numbers with blanks before them at the end of each name */
	bool are_names_certain;
};

#define plan_foreach(list, plan, line)                                                \
	for (const struct list_line *line = (list)->items;                            \
	     line && line < (list)->items + (list)->count; line++)                    \
		if (line->form == (plan)->form)

/* Whether all lines that are not the same have another number in this column. */
static bool plan_is_distinct(const struct list *list, const struct list_plan *plan, size_t column)
{
	plan_foreach(list, plan, line)
		for (const struct list_line *other = list->items; other < line; other++)
			if (other->form == plan->form &&
			    span_same(&other->columns[column], &line->columns[column]) &&
			    !span_same(&other->text, &line->text))
				return false;
	return true;
}

/* Around the words of a header. */
#define HEADER_SPACE LINE_OPENERS LINE_CLOSERS LINE_SEPARATORS LINE_BLANKS

static struct span header_take_first(struct span *header)
{
	struct span word;

	span_trim_start(header, HEADER_SPACE);
	word = *header;
	while (header->length > 0 && !strchr(HEADER_SPACE, *header->text))
		span_skip(header, 1);
	word.length -= header->length;
	return word;
}

static struct span header_take_last(struct span *header)
{
	size_t length;

	span_trim_end(header, HEADER_SPACE);
	length = header->length;
	while (header->length > 0 && !strchr(HEADER_SPACE, header->text[header->length - 1]))
		header->length--;
	return (struct span){ header->text + header->length, length - header->length };
}

/* The words of the header are those of the columns, at this edge. */
static bool header_names_id(const struct list *list, const struct list_plan *plan, size_t column)
{
	struct span rest = list->header, word = { 0 };

	for (size_t i = 0; i <= column; i++)
		word = plan->form == LINE_NUMBER_FIRST ? header_take_first(&rest) :
							 header_take_last(&rest);
	return word.length == strlen("id") && strncasecmp(word.text, "id", word.length) == 0;
}

/* The column that is the only one of which @is_it says so. */
static bool plan_find_only(const struct list *list, struct list_plan *plan,
			   bool (*is_it)(const struct list *, const struct list_plan *, size_t))
{
	size_t count = 0;

	for (size_t i = 0; i < plan->n_columns; i++) {
		if (!is_it(list, plan, i))
			continue;
		plan->id = i;
		count++;
	}
	return count == 1;
}

/*
 * Sizes and counts are those of several types, an id is that of one. Return: whether it is certain
 * which column has the ids.
 */
static bool plan_find_id(const struct list *list, struct list_plan *plan)
{
	/* The number in front of a name is that of the type, whatever is wrong with one line. */
	if (plan->n_columns == 1 && plan->form == LINE_NUMBER_FIRST)
		return true;
	return plan_find_only(list, plan, header_names_id) ||
	       plan_find_only(list, plan, plan_is_distinct);
}

/* How many numbers are at the end of a name, with blanks before them, and not all of it. */
static size_t name_count_blank(struct span name, size_t limit, struct span *rest)
{
	size_t count = 0;

	for (*rest = name; count < limit; count++) {
		struct span before = *rest;
		size_t digits;

		span_trim_end(&before, LINE_BLANKS);
		digits = span_count_end(&before, LINE_DIGITS);
		before.length -= digits;
		if (digits == 0 || span_count_end(&before, LINE_BLANKS) == 0)
			return count;
		span_trim_end(&before, LINE_BLANKS);
		if (before.length == 0 || strchr(LINE_SEPARATORS, before.text[before.length - 1]))
			return count;
		*rest = before;
	}
	return count;
}

static struct span plan_cut_name(const struct list_plan *plan, const struct list_line *line)
{
	struct span rest;

	name_count_blank(line->rest[plan->n_columns], plan->n_blank, &rest);
	return rest;
}

static bool plan_has_same_names(const struct list *list, const struct list_plan *plan)
{
	plan_foreach(list, plan, line) {
		struct span one = plan_cut_name(plan, line);

		for (const struct list_line *before = list->items; before < line; before++) {
			struct span other;

			if (before->form != plan->form)
				continue;
			other = plan_cut_name(plan, before);
			if (span_same(&one, &other))
				return true;
		}
	}
	return false;
}

/*
 * "901 X20-2Q 2048": the numbers are columns of their own if all names have some and are different
 * without them. Of a single line nobody can tell.
 */
static void plan_find_blank(const struct list *list, struct list_plan *plan)
{
	plan->are_names_certain = true;
	if (plan->form != LINE_NUMBER_FIRST)
		return;
	plan->n_blank = LINE_COLUMNS;
	plan_foreach(list, plan, line) {
		struct span rest;
		size_t count = name_count_blank(line->rest[plan->n_columns], LINE_COLUMNS, &rest);

		if (count < plan->n_blank)
			plan->n_blank = count;
	}
	if (plan->n_blank > 0 && plan->count > 1 && plan_has_same_names(list, plan))
		plan->n_blank = 0;
	plan->are_names_certain = plan->n_blank == 0 || plan->count > 1;
}

static struct list_plan list_make_plan(const struct list *list, enum line_form form)
{
	struct list_plan plan = { .form = form, .n_columns = LINE_COLUMNS };

	plan_foreach(list, &plan, line) {
		plan.count++;
		if (line->n_columns < plan.n_columns)
			plan.n_columns = line->n_columns;
	}
	if (plan.count == 0)
		return plan;
	plan_foreach(list, &plan, line)
		plan.has_names |= line->rest[plan.n_columns].length > 0;
	/* Numbers alone are ids only where nothing else is. */
	plan.is_certain = plan_find_id(list, &plan) &&
			  (plan.has_names || plan.count == list->count);
	plan_find_blank(list, &plan);
	return plan;
}

/* Names ------------------------------------------------------------------------------ */

/* Columns after the name that are only numbers, and change: how many there can be, or are. */
static void name_drop_counts(struct span *name, char separator)
{
	struct span rest;
	size_t digits;

	for (;;) {
		rest = *name;
		span_trim_end(&rest, LINE_BLANKS);
		digits = span_count_end(&rest, LINE_DIGITS);
		rest.length -= digits;
		span_trim_end(&rest, LINE_BLANKS);
		if (digits == 0 || rest.length < 2 || rest.text[rest.length - 1] != separator)
			return;
		rest.length--;
		/* A colon may be part of a name: "X20: 5". */
		if (separator == ':' && !strchr(LINE_BLANKS, rest.text[rest.length - 1]))
			return;
		span_trim_end(&rest, LINE_BLANKS);
		*name = rest;
	}
}

/* Quotes around it, and what a table has at the end of its lines. */
static void name_trim(struct span *name)
{
	span_trim_end(name, LINE_BLANKS "|");
	if (name->length > 2 && (*name->text == '"' || *name->text == '\'') &&
	    name->text[name->length - 1] == *name->text) {
		span_skip(name, 1);
		name->length--;
	}
}

static struct span plan_find_name(const struct list_plan *plan, const struct list_line *line)
{
	struct span name = plan_cut_name(plan, line);

	name_trim(&name);
	if (plan->form == LINE_NUMBER_FIRST && line->separator != ' ')
		name_drop_counts(&name, line->separator);
	return name;
}

/* Types ------------------------------------------------------------------------------- */

static int types_add_odd(struct vgpu_types *types, const struct span *line)
{
	if (types->odd_line)
		return 0;
	types->odd_line = strndup(line->text, line->length);
	if (!types->odd_line)
		return -ENOMEM;
	text_make_line(types->odd_line);
	return 0;
}

static int types_add_line(struct vgpu_types *types, const struct list_plan *plan,
			  const struct list_line *line)
{
	const struct span *column = &line->columns[plan->id];
	struct span name = plan_find_name(plan, line);
	const struct vgpu_type *same;
	unsigned int id;

	/* What is a number alone is no name. */
	if (!span_read_id(column, &id) ||
	    (plan->has_names && strspn(name.text, LINE_DIGITS) >= name.length))
		return types_add_odd(types, &line->text);
	if (!plan->are_names_certain)
		name.length = 0;
	same = vgpu_types_find(types, id);
	/* Two types of one number. */
	if (same && (strlen(same->name) != name.length ||
		     memcmp(same->name, name.text, name.length) != 0))
		return types_add_odd(types, &line->text);
	return vgpu_types_add(types, id, name.text, name.length);
}

/* In the order of the list. */
static int list_read_types(const struct list *list, struct vgpu_types *types)
{
	const struct list_plan first = list_make_plan(list, LINE_NUMBER_FIRST);
	const struct list_plan last = list_make_plan(list, LINE_NUMBER_LAST);
	int r = 0;

	for (size_t i = 0; r == 0 && i < list->count; i++) {
		const struct list_line *line = &list->items[i];
		const struct list_plan *plan = line->form == first.form ? &first : &last;

		if (line->form == plan->form && plan->is_certain)
			r = types_add_line(types, plan, line);
		else
			r = types_add_odd(types, &line->text);
	}
	return r;
}

int vgpu_types_parse(const char *text, struct vgpu_types *types)
{
	_cleanup_list_ struct list list = { .header.text = "" };
	int r = list_split(text, &list);

	return r < 0 ? r : list_read_types(&list, types);
}
