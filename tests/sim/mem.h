/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Memory for the simulator: it ends with a message where there is none left. */
#ifndef SIM_MEM_H
#define SIM_MEM_H

#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void *mem_resize(void *old, size_t size)
{
	void *new = realloc(old, size ? size : 1);

	if (!new)
		err(1, "no memory");
	return new;
}

static inline void *mem_zero(size_t size)
{
	return memset(mem_resize(NULL, size), 0, size ? size : 1);
}

static inline char *mem_strdup(const char *text)
{
	return strcpy(mem_resize(NULL, strlen(text) + 1), text);
}

__attribute__((format(printf, 1, 2))) static inline char *mem_printf(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		err(1, "no memory");
	va_end(args);
	return text;
}

#endif
