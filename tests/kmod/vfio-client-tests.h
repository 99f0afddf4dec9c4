/* SPDX-License-Identifier: GPL-2.0-only */
/* The tests, a file each. They print results; arguments beyond the device are in the usage. */
#ifndef VFIO_CLIENT_TESTS_H
#define VFIO_CLIENT_TESTS_H

#include "vfio-client-mtty.h"

void test_config(struct mtty *mtty);
void test_uart(struct mtty *mtty, unsigned int port);
void test_tty(struct mtty *mtty, unsigned int port);
void test_serial(struct mtty *mtty, unsigned int port);
void test_irq(struct mtty *mtty);
void test_reset(struct mtty *mtty);
void test_ioctl(struct mtty *mtty);
void test_garbage(struct mtty *mtty, unsigned long seed, unsigned long count);
void test_threads(struct mtty *mtty, unsigned long count);

#endif
