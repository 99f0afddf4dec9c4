// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "change.h"
#include "util/refs.h"
#include "util/text.h"

static const char *const action_words[] = {
	[MDEV_ACTION_NONE] = "none",	     [MDEV_ACTION_CREATE] = "create",
	[MDEV_ACTION_CHANGE] = "change",     [MDEV_ACTION_REMOVE] = "remove",
	[MDEV_ACTION_CONFLICT] = "conflict",
};

const char *change_word(enum change_step step)
{
	switch (step) {
	case STEP_STOP:
		return "stop";
	case STEP_DEFINE:
		return "define";
	case STEP_SET:
		return "set";
	case STEP_START:
		return "start";
	case STEP_MODIFY:
		return "modify";
	default:
		return "undefine";
	}
}

MDEV_EXPORT struct mdev_change *mdev_change_ref(struct mdev_change *change)
{
	refs_get(&change->refs);
	return change;
}

MDEV_EXPORT void mdev_change_unref(struct mdev_change *change)
{
	if (!change || !refs_put(&change->refs))
		return;
	mdev_definition_unref(change->wanted);
	mdev_definition_unref(change->defined);
	mdev_definition_unref(change->before);
	mdev_definition_unref(change->modified);
	mdev_device_unref(change->active);
	mdev_device_unref(change->elsewhere);
	free(change->parent);
	free(change->type);
	free(change->owner);
	free(change->words);
	free(change->reason);
	free(change);
}

MDEV_EXPORT void mdev_change_list_free(struct mdev_change **changes)
{
	if (!changes)
		return;
	for (size_t i = 0; changes[i]; i++)
		mdev_change_unref(changes[i]);
	free(changes);
}

MDEV_EXPORT const struct mdev_uuid *mdev_change_get_uuid(const struct mdev_change *change)
{
	return &change->uuid;
}

MDEV_EXPORT const char *mdev_change_get_parent(const struct mdev_change *change)
{
	return change->parent;
}

MDEV_EXPORT const char *mdev_change_get_type(const struct mdev_change *change)
{
	return change->type;
}

MDEV_EXPORT const char *mdev_change_get_owner(const struct mdev_change *change)
{
	return change->owner;
}

MDEV_EXPORT enum mdev_action mdev_change_get_action(const struct mdev_change *change)
{
	return change->action;
}

MDEV_EXPORT const char *mdev_change_get_word(const struct mdev_change *change)
{
	return action_words[change->action];
}

MDEV_EXPORT const char *mdev_change_get_steps(const struct mdev_change *change)
{
	return change->words;
}

MDEV_EXPORT const char *mdev_change_get_reason(const struct mdev_change *change)
{
	return change->reason;
}

/* Making one -------------------------------------------------------------------------- */

static int change_take_reason(struct mdev_change *change, struct buffer *reason)
{
	int r;

	if (reason->length == 0 && !reason->failed)
		return 0;
	r = buffer_take(reason, &change->reason);
	if (r < 0)
		return r;
	text_make_line(change->reason);
	if (*change->reason >= 'a' && *change->reason <= 'z')
		*change->reason -= 'a' - 'A';
	return 0;
}

static int change_take_words(struct mdev_change *change)
{
	_cleanup_buffer_ struct buffer words = { 0 };

	for (unsigned int step = 1; step < STEP_END; step <<= 1)
		if (change->steps & step)
			buffer_add_format(&words, "%s%s", words.length > 0 ? "," : "",
					  change_word(step));
	return buffer_take(&words, &change->words);
}

int change_settle(struct mdev_change *change, struct buffer *reason)
{
	if (change->steps == 0)
		return 0;
	if (!change->wanted)
		change->action = MDEV_ACTION_REMOVE;
	else if (!change->defined && !change->active && !change->elsewhere)
		change->action = MDEV_ACTION_CREATE;
	else
		change->action = MDEV_ACTION_CHANGE;
	/* Of a device that comes or goes there is no more to say. */
	if (change->action != MDEV_ACTION_CHANGE)
		buffer_clear(reason);
	return change_take_words(change) < 0 ? -ENOMEM : change_take_reason(change, reason);
}

int change_refuse(struct mdev_change *change, struct buffer *reason)
{
	free(TAKE_PTR(change->words));
	free(TAKE_PTR(change->reason));
	change->steps = 0;
	change->action = MDEV_ACTION_CONFLICT;
	return change_take_reason(change, reason);
}
