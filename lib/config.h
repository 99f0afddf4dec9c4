/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What definitions and scripts say: config.c has the model, config_json.c its text. Hides
 * the words of the format.
 */
#ifndef LIB_CONFIG_H
#define LIB_CONFIG_H

#include "libmdev.h"
#include "util/array.h"
#include "util/cleanup.h"

struct attr {
	char *name;
	char *value;
};

/* The contents of a definition's file. */
struct config {
	char *type;			/* NULL if not chosen yet */
	char *type_name;		/* what the vendor calls it, if its id may change; or NULL */
	enum mdev_start_mode start;
	struct attr *attrs;
	size_t n_attrs;
	char *owner;			/* who manages the device; NULL if nobody says so */
	char *access;			/* who may open its nodes; NULL if that is udev's */
	/*
	 * The members that are not ours: the text of an object, in one line and valid, with
	 * numbers as they were written; NULL if there are none.
	 */
	char *unknown;
};

void cfg_clear(struct config *config);

/* Whether both say the same, but for owner, access and members that are not ours. */
bool cfg_equal(const struct config *a, const struct config *b);

/* Whether @owner can be the name of an owner: a short line in UTF-8. */
bool cfg_is_owner(const char *owner);

/* @copy: an empty one. */
_must_check_ int cfg_copy(const struct config *config, struct config *copy);

/* Both strings are copied. @index is not checked. */
_must_check_ int cfg_insert_attr(struct config *config, size_t index, const char *name,
				 const char *value);
void cfg_remove_attr(struct config *config, size_t index);

/*
 * cfg_parse() - read the text form
 * @config: replaced on success, but for unknown members that the text does not
 *	have; untouched otherwise
 * @problem: gets the mistake in the text, to be freed, on -EBADMSG
 *
 * Return: 0, -EBADMSG, -ENOMEM.
 */
_must_check_ int cfg_parse(const char *text, size_t length, struct config *config,
			   char **problem);

/*
 * cfg_parse_attrs() - add the attributes that a get-attributes script reports
 * @text: an array as a definition's; nothing, "null" and "[{}]" mean none
 * @config: on -EBADMSG, too, it gets the attributes before the malformed one
 *
 * Return: 0, -EBADMSG with a @problem, -ENOMEM.
 */
_must_check_ int cfg_parse_attrs(const char *text, size_t length, struct config *config,
				 char **problem);

/* Gets the entries of a list one by one; @config may be taken over by clearing it. */
struct config_list {
	int (*add)(void *data, const char *parent, const struct mdev_uuid *uuid,
		   struct config *config);
	void *data;
};

/*
 * cfg_parse_list() - read what "mdevctl list --dumpjson" prints
 *
 * Return: 0, -EBADMSG with a @problem, -ENOMEM, or what add() returned if not 0.
 */
_must_check_ int cfg_parse_list(const char *text, size_t length, const struct config_list *list,
				char **problem);

struct config_entry {
	const char *parent, *uuid;
	const struct config *config;
};

/* Writes what "mdevctl list --dumpjson" prints. @entries: sorted by parent. */
_must_check_ int cfg_format_list(const struct config_entry *entries, size_t count, char **text);

/* The capabilities that a script reports. */
struct capabilities {
	struct strings actions, events;
};

void capabilities_clear(struct capabilities *capabilities);

/* Return: 1 if @text holds capabilities, 0 if it is anything else, -ENOMEM. */
_must_check_ int cfg_parse_capabilities(const char *text, size_t length,
					struct capabilities *capabilities);

/* Writes the text form, as mdevctl 1.4.0 does to the byte. */
_must_check_ int cfg_format(const struct config *config, char **text);

/* The same in one line and without unknown members, as scripts get it. */
_must_check_ int cfg_format_compact(const struct config *config, char **text);

#endif
