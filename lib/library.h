/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Libraries that are opened on first use, so that commands that do not need them do not pay
 * for them at start-up, and systems can do without them.
 */
#ifndef LIB_LIBRARY_H
#define LIB_LIBRARY_H

#include <dlfcn.h>
#include <stdint.h>

/*
 * Declares for packagers that a library is opened at run time; once per file.
 * https://uapi-group.org/specifications/specs/elf_dlopen_metadata/
 */
#define LIBRARY_NOTE(json)                                                                   \
	static const struct {                                                                \
		struct {                                                                     \
			uint32_t name_size, desc_size, type;                                 \
		} header;                                                                    \
		char name[sizeof("FDO")];                                                    \
		_Alignas(uint32_t) char desc[sizeof(json)];                                  \
	} dlopen_note __attribute__((used, aligned(4), section(".note.dlopen"))) = {         \
		.header = { sizeof("FDO"), sizeof(json), 0x407c0c0a },                       \
		.name = "FDO",                                                               \
		.desc = json,                                                                \
	}

/* The library's functions as members of a struct with a handle. */
#define LIBRARY_MEMBER(function) __typeof__(&function) function;

/* Finds one of them, or returns why it is not there. */
#define LIBRARY_RESOLVE(library, function)                                        \
	*(void **)(&(library)->function) = dlsym((library)->handle, #function);    \
	if (!(library)->function)                                                 \
		return dlerror();

#endif
