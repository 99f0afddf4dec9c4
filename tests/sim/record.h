/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The writes since a test's last "clear", a line each: write PATH "bytes" [ERRNO]. */
#ifndef SIM_RECORD_H
#define SIM_RECORD_H

#include <stddef.h>

struct record;

struct record *record_new(void);
void record_free(struct record *record);
void record_clear(struct record *record);

/** record_add() - @rc: 0, or the -errno with which the write failed */
void record_add(struct record *record, const char *path, const char *bytes, size_t size, int rc);

/** record_text() - all lines; valid until the next call */
const char *record_text(const struct record *record);

#endif
