/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A character on the line, as the line control register (LCR) of its sender or its receiver
 * describes it: the bits of the word, parity, and the stop bit. As the register model, it is
 * compiled for user space, too.
 */
#ifndef MTTY_FRAME_H
#define MTTY_FRAME_H

#include <linux/serial_reg.h>

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdbool.h>
#include <stdint.h>
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
#endif

/* Words have 5 to 8 bits, by LCR bits 0 and 1 (8.1); the others are not sent. */
static inline unsigned int uart_frame_length(u8 lcr)
{
	return 5 + (lcr & UART_LCR_WLEN8);
}

static inline u8 uart_frame_mask(u8 lcr)
{
	return 0xff >> (8 - uart_frame_length(lcr));
}

u8 uart_frame_convert(u8 *byte, u8 from, u8 to);
u8 uart_frame_break_errors(u8 lcr);

#endif /* MTTY_FRAME_H */
