/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Pumps, to try the reader of headers on: tests/api/header.bats.
 *
 * Errors that mean the same everywhere
 *
 *   -EINVAL            malformed
 *   -EBUSY             in use
 *   -ENOMEM            out of memory
 */
#ifndef SAMPLE_H
#define SAMPLE_H

/** struct mdev_pump - a machine that moves water */
struct mdev_pump;

/* Pumping ------------------------------------------------------------------ */

/** How many pumps there can be. */
#define MDEV_PUMP_MAX 37

/** enum mdev_pump_mode - how fast it is */
enum mdev_pump_mode {
	/** Slowly. */
	MDEV_PUMP_SLOW,
	/** At full speed. */
	MDEV_PUMP_FAST = 1 << 2,
};

/**
 * mdev_pump_fn - hears of the water
 * @data: what was given to mdev_pump_start()
 * @level: of the water
 *
 * There is more of it than before.
 */
typedef void mdev_pump_fn(void *data, int level);

/**
 * mdev_pump_start() - set it in motion
 * @pump: pump
 * @mode: how fast; MDEV_PUMP_FAST is faster,
 *	and louder
 * @fn: called with @data
 * @data: handed to @fn
 *
 * It goes on until @mode is another one; mdev_pump_get_name() tells which it is.
 *
 * Return: 0, -EINVAL for a mode
 * that is not there, -EBUSY, -EAGAIN, without a word, if it is late, -ENOMEM; nothing moves.
 *
 * Since: 0.1
 */
int mdev_pump_start(struct mdev_pump *pump, enum mdev_pump_mode mode, mdev_pump_fn *fn,
		    void *data);

/** mdev_pump_get_name() - what it is called. Since: 0.2 */
const char *mdev_pump_get_name(const struct mdev_pump *pump);

/** struct mdev_tap - where the water leaves it */
struct mdev_tap {
	/** Its name. */
	char name[MDEV_PUMP_MAX];
};

#endif
