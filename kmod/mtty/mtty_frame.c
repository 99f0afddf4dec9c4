// SPDX-License-Identifier: GPL-2.0-only
/*
 * A character on the line. Section numbers are those of the data sheet that mtty_uart.c names.
 */
#include "mtty_frame.h"

/* LCR bits 4 and 5 (8.1); @word has no more bits than its length. */
static bool frame_parity(u8 word, u8 lcr)
{
	if (lcr & UART_LCR_SPAR)
		return !(lcr & UART_LCR_EPAR);
	word ^= word >> 4;
	word ^= word >> 2;
	word ^= word >> 1;
	return (word & 1) ^ !(lcr & UART_LCR_EPAR);
}

/* What follows the start bit, the first bit lowest, and then the line at mark. */
static unsigned int frame_send(u8 word, u8 lcr)
{
	unsigned int length = uart_frame_length(lcr);

	word &= uart_frame_mask(lcr);
	if (!(lcr & UART_LCR_PARITY))
		return word | ~0u << length;
	return word | (unsigned int)frame_parity(word, lcr) << length | ~0u << (length + 1);
}

/* The word and its errors, as a receiver samples them. One stop bit is looked at (8.1). */
static u8 frame_sample(unsigned int bits, u8 lcr, u8 *errors)
{
	u8 word = bits & uart_frame_mask(lcr);
	unsigned int stop = uart_frame_length(lcr);

	*errors = 0;
	if (lcr & UART_LCR_PARITY) {
		if ((bits >> stop & 1) != frame_parity(word, lcr))
			*errors |= UART_LSR_PE;
		stop++;
	}
	if (!(bits >> stop & 1))
		*errors |= UART_LSR_FE;
	if (!(bits & ~(~0u << (stop + 1))))
		*errors |= UART_LSR_BI;
	return word;
}

/**
 * uart_frame_convert - what arrives of a character where the line settings differ
 * @byte: what was sent, and is replaced by what arrives
 * @from: the sender's LCR
 * @to: the receiver's LCR
 *
 * The rates are the same. A receiver that expects a shorter character does not take
 * the rest for another.
 *
 * Return: the UART_LSR_{PE,FE,BI} bits that the character arrives with.
 */
u8 uart_frame_convert(u8 *byte, u8 from, u8 to)
{
	u8 errors;

	*byte = frame_sample(frame_send(*byte, from), to, &errors);
	return errors;
}

/**
 * uart_frame_break_errors - how a receiver sees a line that stays at space
 * @lcr: the receiver's LCR
 *
 * Return: the UART_LSR_{PE,FE,BI} bits that its zero arrives with.
 */
u8 uart_frame_break_errors(u8 lcr)
{
	u8 errors;

	frame_sample(0, lcr, &errors);
	return errors;
}
