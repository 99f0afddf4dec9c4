// SPDX-License-Identifier: GPL-2.0-only
/* Characters on the line, as they leave the sender and as they arrive. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../../kmod/mtty/mtty_frame.h"

#define WORD_8	      UART_LCR_WLEN8
#define BREAK_ERRORS  (UART_LSR_BI | UART_LSR_FE)
#define EVEN	      (UART_LCR_PARITY | UART_LCR_EPAR)
#define ODD	      UART_LCR_PARITY
#define MARK	      (UART_LCR_PARITY | UART_LCR_SPAR)
#define SPACE	      (UART_LCR_PARITY | UART_LCR_SPAR | UART_LCR_EPAR)
#define LINE_SETTINGS 0x40 /* of LCR: word length, stop bits and parity */

static void ends_that_agree_understand_each_other(void **state)
{
	unsigned int lcr, byte;

	(void)state;
	for (lcr = 0; lcr < LINE_SETTINGS; lcr++) {
		for (byte = 0; byte < 256; byte++) {
			u8 received = (u8)byte;

			assert_int_equal(uart_frame_convert(&received, (u8)lcr, (u8)lcr), 0);
			assert_int_equal(received, byte & 0xff >> (3 - (lcr & UART_LCR_WLEN8)));
		}
	}
}

static void stop_bits_of_the_other_end_do_not_matter(void **state)
{
	u8 byte = 'a';

	(void)state;
	assert_int_equal(uart_frame_convert(&byte, WORD_8, WORD_8 | UART_LCR_STOP), 0);
	assert_int_equal(uart_frame_convert(&byte, WORD_8 | UART_LCR_STOP, WORD_8), 0);
	assert_int_equal(byte, 'a');
}

static void ends_that_differ_misunderstand_bit_by_bit(void **state)
{
	static const struct {
		u8 sent, from, to, received, errors;
	} cases[] = {
		/* The parity bit arrives as the eighth bit, and the other way round. */
		{ 0x41, UART_LCR_WLEN7 | EVEN, WORD_8, 0x41, 0 },
		{ 0x43, UART_LCR_WLEN7 | EVEN, WORD_8, 0xc3, 0 },
		{ 0x43, UART_LCR_WLEN7 | ODD, WORD_8, 0x43, 0 },
		{ 0x43, UART_LCR_WLEN7 | MARK, WORD_8, 0xc3, 0 },
		{ 0x43, UART_LCR_WLEN7 | SPACE, WORD_8, 0x43, 0 },
		{ 0xc3, WORD_8, UART_LCR_WLEN7 | EVEN, 0x43, 0 },
		{ 0x43, WORD_8, UART_LCR_WLEN7 | EVEN, 0x43, UART_LSR_PE },
		/* Another parity */
		{ 0x41, WORD_8 | EVEN, WORD_8 | ODD, 0x41, UART_LSR_PE },
		{ 0x41, WORD_8 | ODD, WORD_8 | EVEN, 0x41, UART_LSR_PE },
		{ 0x41, WORD_8 | EVEN, WORD_8 | SPACE, 0x41, 0 },
		{ 0x41, WORD_8 | EVEN, WORD_8 | MARK, 0x41, UART_LSR_PE },
		/* A bit where the stop bit should be */
		{ 0x41, WORD_8 | EVEN, WORD_8, 0x41, UART_LSR_FE },
		{ 0x43, WORD_8 | EVEN, WORD_8, 0x43, 0 },
		{ 0x41, WORD_8, UART_LCR_WLEN7, 0x41, UART_LSR_FE },
		{ 0xc1, WORD_8, UART_LCR_WLEN7, 0x41, 0 },
		{ 0x1f, WORD_8, UART_LCR_WLEN5 | EVEN, 0x1f, UART_LSR_PE | UART_LSR_FE },
		/* The line is at mark after a character, and at space through all of a zero. */
		{ 0x1f, UART_LCR_WLEN5, WORD_8, 0xff, 0 },
		{ 0x1f, UART_LCR_WLEN5, WORD_8 | ODD, 0xff, 0 },
		{ 0x1f, UART_LCR_WLEN5, WORD_8 | EVEN, 0xff, UART_LSR_PE },
		{ 0x00, WORD_8, UART_LCR_WLEN7, 0x00, BREAK_ERRORS },
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		u8 byte = cases[i].sent;
		u8 errors = uart_frame_convert(&byte, cases[i].from, cases[i].to);

		if (byte != cases[i].received || errors != cases[i].errors)
			fail_msg("case %u: received %#x with %#x", i, byte, errors);
	}
}

/* The zero of a break has even parity. */
static void a_break_has_the_parity_of_a_zero(void **state)
{
	(void)state;
	assert_int_equal(uart_frame_break_errors(WORD_8), BREAK_ERRORS);
	assert_int_equal(uart_frame_break_errors(WORD_8 | EVEN), BREAK_ERRORS);
	assert_int_equal(uart_frame_break_errors(WORD_8 | ODD), BREAK_ERRORS | UART_LSR_PE);
	assert_int_equal(uart_frame_break_errors(UART_LCR_WLEN7 | MARK),
			 BREAK_ERRORS | UART_LSR_PE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends_that_agree_understand_each_other),
		cmocka_unit_test(stop_bits_of_the_other_end_do_not_matter),
		cmocka_unit_test(ends_that_differ_misunderstand_bit_by_bit),
		cmocka_unit_test(a_break_has_the_parity_of_a_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
