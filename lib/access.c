// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "access.h"
#include "util/array.h"
#include "util/buffer.h"
#include "util/text.h"

#define MODE_MAX 0777

/* Nobody's group and user: who has no rights but those of a group. */
#define NOBODY 65534

/* The form ------------------------------------------------------------------------- */

/* The portable characters of names, "$" of Samba's machines, "@" of those of domains. */
static const char name_characters[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.@$-";

/* A name may not look like an option, or like "." */
static bool access_is_name(const char *text, size_t length)
{
	return length == 0 || (strspn(text, name_characters) >= length && !strchr(".-", *text));
}

static bool access_is_mode(const char *text)
{
	return strlen(text) <= strlen("0777") && text[strspn(text, "01234567")] == '\0' &&
	       strtoul(text, NULL, 8) <= MODE_MAX;
}

bool access_is_valid(const char *text)
{
	size_t user = strcspn(text, ":"), group = 0;
	const char *rest = text + user;

	if (!access_is_name(text, user))
		return false;
	if (*rest) {
		group = strcspn(++rest, ":");
		if (!access_is_name(rest, group))
			return false;
		rest += group;
	}
	if (*rest && !access_is_mode(++rest))
		return false;
	return user > 0 || group > 0 || *rest;
}

void access_clear(struct access *access)
{
	free(access->user);
	free(access->group);
	*access = (struct access){ 0 };
}

static int access_take(const char *text, size_t length, char **part)
{
	if (length == 0)
		return 0;
	*part = strndup(text, length);
	return *part ? 0 : -ENOMEM;
}

int access_parse(const char *text, struct access *access)
{
	size_t length = strcspn(text, ":");

	if (!access_is_valid(text))
		return -EINVAL;
	if (access_take(text, length, &access->user) < 0)
		return -ENOMEM;
	text += length + (text[length] == ':');
	length = strcspn(text, ":");
	if (access_take(text, length, &access->group) < 0)
		return -ENOMEM;
	return 0;
}

/* People --------------------------------------------------------------------------- */

/* Large enough for an entry of any database in use; -ERANGE says if not. */
#define ENTRY_SIZE 65536

void access_person_clear(struct access_person *person)
{
	free(person->groups);
	*person = (struct access_person){ 0 };
}

static int access_find_group(const char *name, gid_t *gid)
{
	_cleanup_free_ char *text = malloc(ENTRY_SIZE);
	struct group entry, *found = NULL;
	unsigned int number;
	int r;

	if (!text)
		return -ENOMEM;
	r = getgrnam_r(name, &entry, text, ENTRY_SIZE, &found);
	if (found)
		*gid = entry.gr_gid;
	else if (parse_number(name, &number) == 0)
		*gid = number;
	else
		return r ? -r : -ESRCH;
	return 0;
}

/* All groups of @user, of which the kernel takes 65536 at most. */
static int access_list_groups(const char *user, struct access_person *person)
{
	int count = 64;

	for (int tries = 0; tries < 2; tries++) {
		gid_t *groups = reallocarray(person->groups, count, sizeof(*groups));

		if (!groups)
			return -ENOMEM;
		person->groups = groups;
		person->n_groups = count;
		if (getgrouplist(user, person->gid, groups, &person->n_groups) >= 0)
			return 0;
		count = person->n_groups;
	}
	return -ERANGE;
}

/* A number may be one of nobody that the machine knows: it has no groups then. */
static int access_find_user(const char *name, struct access_person *person)
{
	_cleanup_free_ char *text = malloc(ENTRY_SIZE);
	struct passwd entry, *found = NULL;
	unsigned int number;
	int r;

	if (!text)
		return -ENOMEM;
	r = getpwnam_r(name, &entry, text, ENTRY_SIZE, &found);
	if (!found && parse_number(name, &number) == 0) {
		person->uid = number;
		r = getpwuid_r(number, &entry, text, ENTRY_SIZE, &found);
		if (!found)
			return 0;
	}
	if (!found)
		return r ? -r : -ESRCH;
	person->uid = entry.pw_uid;
	person->gid = entry.pw_gid;
	return access_list_groups(entry.pw_name, person);
}

int access_find_person(const struct access *who, struct access_person *person,
		       const char **unknown)
{
	int r = 0;

	person->uid = NOBODY;
	person->gid = NOBODY;
	*unknown = "user";
	if (who->user)
		r = access_find_user(who->user, person);
	if (r < 0 || !who->group)
		return r;
	*unknown = "group";
	return access_find_group(who->group, &person->gid);
}

/* Rights --------------------------------------------------------------------------- */

static int access_try(const char *path)
{
	return faccessat(AT_FDCWD, path, R_OK | W_OK, 0) < 0 ? errno : 0;
}

/* In a process of its own: the kernel knows of access lists and of the directories before it. */
static int access_try_as(const struct access_person *person, const char *path)
{
	if (setgroups(person->n_groups, person->groups) < 0 ||
	    setresgid(person->gid, person->gid, person->gid) < 0 ||
	    setresuid(person->uid, person->uid, person->uid) < 0)
		return EPERM;
	return access_try(path);
}

int access_check(const struct access_person *person, const char *path)
{
	int status;
	pid_t pid;

	/* Others than root can only ask for themselves. */
	if (geteuid() != 0)
		return person->uid == getuid() ? -access_try(path) : -EPERM;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		_exit(access_try_as(person, path));
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EINTR;
}

void access_describe(struct buffer *buffer, const char *path)
{
	_cleanup_free_ char *text = malloc(ENTRY_SIZE);
	struct passwd user, *is_user = NULL;
	struct group group, *is_group = NULL;
	struct stat status;

	if (stat(path, &status) < 0) {
		buffer_add_format(buffer, "%s", strerror(errno));
		return;
	}
	if (text && getpwuid_r(status.st_uid, &user, text, ENTRY_SIZE, &is_user) == 0 && is_user)
		buffer_add_format(buffer, "%s:", user.pw_name);
	else
		buffer_add_format(buffer, "%u:", status.st_uid);
	if (text && getgrgid_r(status.st_gid, &group, text, ENTRY_SIZE, &is_group) == 0 && is_group)
		buffer_add_format(buffer, "%s", group.gr_name);
	else
		buffer_add_format(buffer, "%u", status.st_gid);
	buffer_add_format(buffer, ", mode %04o", status.st_mode & MODE_MAX);
}
