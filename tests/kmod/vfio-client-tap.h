/* SPDX-License-Identifier: GPL-2.0-only */
/* Test results on stdout, by the Test Anything Protocol. For one thread. */
#ifndef VFIO_CLIENT_TAP_H
#define VFIO_CLIENT_TAP_H

#include <stdbool.h>

/* One result; returns passed. */
bool tap_ok(bool passed, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same, with both values shown if they differ. */
bool tap_is(long long got, long long expected, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* A result that could not be had, with the reason. */
void tap_skip(const char *reason, const char *format, ...) __attribute__((format(printf, 2, 3)));
void tap_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Nothing further can work. */
void tap_bail_out(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
/* Writes the plan; returns the exit status. */
int tap_done(void);

#endif
