// SPDX-License-Identifier: GPL-2.0-only
/* tty_operations.send_xchar takes a u8 (Linux 6.8). */
#include <linux/tty_driver.h>

void probe(struct tty_struct *tty, u8 ch);

void probe(struct tty_struct *tty, u8 ch)
{
	const struct tty_operations ops = { .send_xchar = probe };

	ops.send_xchar(tty, ch);
}
