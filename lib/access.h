/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who may open a node. Hides the form of "USER:GROUP:MODE", and how the kernel is asked what
 * somebody else may do.
 */
#ifndef LIB_ACCESS_H
#define LIB_ACCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "util/cleanup.h"

struct buffer;

/* The people in "USER:GROUP:MODE"; the mode is for udev. */
struct access {
	char *user, *group;	/* a name or a number; NULL if it is not given */
};

void access_clear(struct access *access);

/* Whether @text is "USER", "USER:GROUP" or "USER:GROUP:MODE", of which parts may be empty. */
bool access_is_valid(const char *text);

/* @access: an empty one. Return: 0, -EINVAL if @text is not valid, -ENOMEM; unreported. */
_must_check_ int access_parse(const char *text, struct access *access);

/* Somebody whose rights are asked for. */
struct access_person {
	uid_t uid;
	gid_t gid;
	gid_t *groups;
	int n_groups;
};

void access_person_clear(struct access_person *person);

/*
 * access_find_person() - find the numbers of a user, of a group, or of a user in a group
 * @person: an empty one; if only a group is given, somebody who has nothing else
 * @unknown: gets "user" or "group" if the machine has none of that name
 *
 * Return: 0, -ESRCH with @unknown, -ENOMEM, other -errno of the user database; unreported.
 */
_must_check_ int access_find_person(const struct access *who, struct access_person *person,
				    const char **unknown);

/*
 * Whether @person may read and write @path.
 *
 * Return: 0, -EPERM if only root can ask that, otherwise the error that @person would get.
 */
_must_check_ int access_check(const struct access_person *person, const char *path);

/* Adds "USER:GROUP, mode 0660" of the file @path, or why that is not known. */
void access_describe(struct buffer *buffer, const char *path);

#endif
