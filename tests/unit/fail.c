// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stddef.h>

#include "fail.h"

static unsigned int countdown, suspended;
static const char *failed;
static int failure;

void fail_nth(unsigned int nth, int error)
{
	countdown = nth;
	failure = error;
	failed = NULL;
}

void fail_none(void)
{
	countdown = 0;
}

void fail_suspend(void)
{
	suspended = countdown;
	countdown = 0;
}

void fail_resume(void)
{
	countdown = suspended;
}

const char *fail_which(void)
{
	return failed;
}

bool fail_now(const char *name)
{
	if (countdown == 0 || --countdown > 0)
		return false;
	failed = name;
	errno = failure;
	return true;
}
