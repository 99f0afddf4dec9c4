// SPDX-License-Identifier: GPL-2.0-only
/* The 16550A register model, seen as a driver and as the other end of the line see it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../kmod/mtty/mtty_uart.h"

#define IIR_FIFOS	0xc0
#define IIR_SOURCE	0x0f
#define FIFO		UART_FCR_ENABLE_FIFO
#define LSR_IDLE	(UART_LSR_THRE | UART_LSR_TEMT)
#define WORD_8		UART_LCR_WLEN8
#define BREAK_ERRORS	(UART_LSR_BI | UART_LSR_FE)
#define EVEN		(UART_LCR_PARITY | UART_LCR_EPAR)
#define ODD		UART_LCR_PARITY
#define MARK		(UART_LCR_PARITY | UART_LCR_SPAR)
#define SPACE		(UART_LCR_PARITY | UART_LCR_SPAR | UART_LCR_EPAR)

static u8 rd(struct uart_16550 *uart, unsigned int reg)
{
	return uart_16550_read(uart, reg);
}

static void wr(struct uart_16550 *uart, unsigned int reg, u8 value)
{
	uart_16550_write(uart, reg, value);
}

static struct uart_16550 uart_on(enum uart_16550_line line, u8 fcr)
{
	struct uart_16550 uart = { .line = line };

	uart_16550_reset(&uart);
	wr(&uart, UART_LCR, WORD_8);
	wr(&uart, UART_FCR, fcr);
	return uart;
}

static struct uart_16550 looped(u8 fcr)
{
	return uart_on(UART_16550_LOOP_PLUG, fcr);
}

static struct uart_16550 open_line(u8 fcr)
{
	return uart_on(UART_16550_OPEN_LINE, fcr);
}

static void receive_bytes(struct uart_16550 *uart, unsigned int count)
{
	while (count--)
		uart_16550_receive(uart, (u8)count, 0);
}

static void write_bytes(struct uart_16550 *uart, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		wr(uart, UART_TX, (u8)i);
}

/* Registers */

static void reset_leaves_the_values_of_table_1(void **state)
{
	struct uart_16550 uart = { .line = UART_16550_LOOP_PLUG };
	unsigned int reg;

	(void)state;
	for (reg = 0; reg < UART_16550_REGISTERS; reg++)
		wr(&uart, reg, 0xff);
	uart_16550_reset(&uart);
	assert_int_equal(rd(&uart, UART_IER), 0x00);
	assert_int_equal(rd(&uart, UART_IIR), 0x01);
	assert_int_equal(rd(&uart, UART_LCR), 0x00);
	assert_int_equal(rd(&uart, UART_MCR), 0x00);
	assert_int_equal(rd(&uart, UART_LSR), 0x60);
	assert_int_equal(rd(&uart, UART_MSR), 0x00);
	assert_false(uart_16550_irq(&uart));
}

static void reset_hands_no_byte_of_one_user_to_the_next(void **state)
{
	struct uart_16550 fresh = { .line = UART_16550_OPEN_LINE };
	struct uart_16550 used = open_line(FIFO);

	(void)state;
	receive_bytes(&used, 16);
	write_bytes(&used, 16);
	wr(&used, UART_SCR, 0x5a);
	wr(&used, UART_LCR, UART_LCR_DLAB);
	wr(&used, UART_DLL, 0x5a);
	uart_16550_reset(&used);
	uart_16550_reset(&fresh);
	fresh.counters = used.counters;
	assert_memory_equal(&used, &fresh, sizeof(used));
}

static void reset_leaves_the_connector_as_it_is(void **state)
{
	struct uart_16550 uart = open_line(0);

	(void)state;
	uart_16550_set_inputs(&uart, UART_MSR_DSR | UART_MSR_RI);
	uart_16550_reset(&uart);
	assert_int_equal(uart.line, UART_16550_OPEN_LINE);
	assert_int_equal(rd(&uart, UART_MSR), UART_MSR_DSR | UART_MSR_RI);
}

static void scratch_register_keeps_every_value(void **state)
{
	struct uart_16550 uart = looped(0);
	unsigned int value;

	(void)state;
	for (value = 0; value < 256; value++) {
		wr(&uart, UART_SCR, (u8)value);
		assert_int_equal(rd(&uart, UART_SCR), value);
	}
}

static void line_control_register_keeps_every_value(void **state)
{
	struct uart_16550 uart = looped(0);
	unsigned int value;

	(void)state;
	for (value = 0; value < 256; value++) {
		wr(&uart, UART_LCR, (u8)value);
		assert_int_equal(rd(&uart, UART_LCR), value);
	}
}

static void upper_bits_of_ier_read_zero(void **state)
{
	struct uart_16550 uart = looped(0);

	(void)state;
	wr(&uart, UART_IER, 0xff);
	assert_int_equal(rd(&uart, UART_IER), 0x0f);
}

static void upper_bits_of_mcr_read_zero(void **state)
{
	struct uart_16550 uart = looped(0);

	(void)state;
	wr(&uart, UART_MCR, 0xff);
	assert_int_equal(rd(&uart, UART_MCR), 0x1f);
}

static void dlab_puts_the_divisor_before_data_and_ier(void **state)
{
	struct uart_16550 uart = looped(0);

	(void)state;
	wr(&uart, UART_IER, UART_IER_MSI);
	wr(&uart, UART_LCR, UART_LCR_DLAB | WORD_8);
	wr(&uart, UART_DLL, 0x34);
	wr(&uart, UART_DLM, 0x12);
	assert_int_equal(rd(&uart, UART_DLL), 0x34);
	assert_int_equal(rd(&uart, UART_DLM), 0x12);

	wr(&uart, UART_LCR, WORD_8);
	assert_int_equal(rd(&uart, UART_IER), UART_IER_MSI);
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE);

	wr(&uart, UART_LCR, UART_LCR_DLAB);
	assert_int_equal(rd(&uart, UART_DLL), 0x34);
	assert_int_equal(rd(&uart, UART_DLM), 0x12);
}

static void divisor_halves_are_written_independently(void **state)
{
	struct uart_16550 uart = looped(0);

	(void)state;
	wr(&uart, UART_LCR, UART_LCR_DLAB);
	wr(&uart, UART_DLL, 0xff);
	wr(&uart, UART_DLM, 0xff);
	wr(&uart, UART_DLL, 0x01);
	assert_int_equal(uart.divisor, 0xff01);
	wr(&uart, UART_DLM, 0x00);
	assert_int_equal(uart.divisor, 0x0001);
}

static void status_registers_ignore_writes(void **state)
{
	struct uart_16550 uart = looped(0);

	(void)state;
	wr(&uart, UART_LSR, 0xff);
	wr(&uart, UART_MSR, 0xff);
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE);
	assert_int_equal(rd(&uart, UART_MSR), 0x00);
}

static void registers_beyond_the_eighth_read_as_ones(void **state)
{
	struct uart_16550 before, uart = looped(FIFO);

	(void)state;
	before = uart;
	wr(&uart, 8, 0x5a);
	wr(&uart, ~0u, 0x5a);
	assert_int_equal(rd(&uart, 8), 0xff);
	assert_int_equal(rd(&uart, ~0u), 0xff);
	assert_memory_equal(&before, &uart, sizeof(uart));
}

/* FIFO control */

static void iir_shows_whether_the_fifos_are_enabled(void **state)
{
	struct uart_16550 uart = looped(0);

	(void)state;
	assert_int_equal(rd(&uart, UART_IIR), UART_IIR_NO_INT);
	wr(&uart, UART_FCR, FIFO);
	assert_int_equal(rd(&uart, UART_IIR), IIR_FIFOS | UART_IIR_NO_INT);
	wr(&uart, UART_FCR, 0);
	assert_int_equal(rd(&uart, UART_IIR), UART_IIR_NO_INT);
}

static void the_64_byte_bit_of_a_16750_does_nothing(void **state)
{
	struct uart_16550 uart = looped(0);

	(void)state;
	wr(&uart, UART_LCR, UART_LCR_DLAB);
	wr(&uart, UART_FCR, FIFO | UART_FCR7_64BYTE);
	assert_int_equal(rd(&uart, UART_IIR), IIR_FIFOS | UART_IIR_NO_INT);
}

static void fcr_bits_are_not_programmed_without_bit_0(void **state)
{
	struct uart_16550 uart = open_line(0);

	(void)state;
	receive_bytes(&uart, 1);
	wr(&uart, UART_TX, 'x');
	wr(&uart, UART_FCR, UART_FCR_CLEAR_RCVR | UART_FCR_CLEAR_XMIT | UART_FCR_TRIGGER_14);
	assert_int_equal(rd(&uart, UART_LSR), UART_LSR_DR);
}

static void clearing_the_receive_fifo_keeps_the_other(void **state)
{
	struct uart_16550 uart = open_line(FIFO);

	(void)state;
	receive_bytes(&uart, 3);
	wr(&uart, UART_TX, 'x');
	wr(&uart, UART_FCR, FIFO | UART_FCR_CLEAR_RCVR);
	assert_int_equal(rd(&uart, UART_LSR), 0);
}

static void clearing_the_transmit_fifo_keeps_the_other(void **state)
{
	struct uart_16550 uart = open_line(FIFO);

	(void)state;
	receive_bytes(&uart, 3);
	wr(&uart, UART_TX, 'x');
	wr(&uart, UART_FCR, FIFO | UART_FCR_CLEAR_XMIT);
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE | UART_LSR_DR);
}

static void switching_the_fifos_on_or_off_empties_both(void **state)
{
	struct uart_16550 uart = open_line(0);

	(void)state;
	receive_bytes(&uart, 1);
	write_bytes(&uart, 1);
	wr(&uart, UART_FCR, FIFO);
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE);
	receive_bytes(&uart, 1);
	write_bytes(&uart, 1);
	wr(&uart, UART_FCR, 0);
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE);
}

static void writing_fcr_again_keeps_the_data(void **state)
{
	struct uart_16550 uart = open_line(FIFO);

	(void)state;
	uart_16550_receive(&uart, 'r', 0);
	wr(&uart, UART_TX, 't');
	wr(&uart, UART_FCR, FIFO | UART_FCR_TRIGGER_8);
	assert_int_equal(rd(&uart, UART_LSR), UART_LSR_DR);
	assert_int_equal(rd(&uart, UART_RX), 'r');
}

/* Data */

static void a_written_byte_comes_back_through_the_plug(void **state)
{
	struct uart_16550 uart = looped(FIFO);

	(void)state;
	wr(&uart, UART_TX, 'a');
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE | UART_LSR_DR);
	assert_int_equal(rd(&uart, UART_RX), 'a');
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE);
}

static void an_empty_receiver_reads_zero(void **state)
{
	struct uart_16550 uart = looped(FIFO);

	(void)state;
	wr(&uart, UART_TX, 'a');
	rd(&uart, UART_RX);
	assert_int_equal(rd(&uart, UART_RX), 0);
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE);
}

static void thre_falls_when_the_line_stalls_on_a_full_receiver(void **state)
{
	struct uart_16550 uart = looped(FIFO);

	(void)state;
	write_bytes(&uart, 16);
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE | UART_LSR_DR);
	wr(&uart, UART_TX, 16);
	assert_int_equal(rd(&uart, UART_LSR), UART_LSR_DR);
	rd(&uart, UART_RX);
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE | UART_LSR_DR);
}

static void a_write_into_a_full_transmitter_loses_that_byte_only(void **state)
{
	struct uart_16550 uart = looped(FIFO);
	unsigned int i;

	(void)state;
	write_bytes(&uart, 33);
	for (i = 0; i < 32; i++)
		assert_int_equal(rd(&uart, UART_RX), i);
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE);
	wr(&uart, UART_TX, 'n');
	assert_int_equal(rd(&uart, UART_RX), 'n');
}

static void without_fifos_two_bytes_are_under_way_at_most(void **state)
{
	struct uart_16550 uart = looped(0);

	(void)state;
	write_bytes(&uart, 3);
	assert_int_equal(rd(&uart, UART_LSR), UART_LSR_DR);
	assert_int_equal(rd(&uart, UART_RX), 0);
	assert_int_equal(rd(&uart, UART_RX), 1);
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE);
}

static void clearing_the_receiver_lets_a_stalled_line_go_on(void **state)
{
	struct uart_16550 uart = looped(FIFO);

	(void)state;
	write_bytes(&uart, 18);
	wr(&uart, UART_FCR, FIFO | UART_FCR_CLEAR_RCVR);
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE | UART_LSR_DR);
	assert_int_equal(rd(&uart, UART_RX), 16);
	assert_int_equal(rd(&uart, UART_RX), 17);
}

static void words_are_cut_to_5_to_8_bits(void **state)
{
	static const u8 sent[] = { 0x1f, 0x3f, 0x7f, 0xff };
	struct uart_16550 uart = looped(FIFO);
	u8 word;

	(void)state;
	for (word = UART_LCR_WLEN5; word <= UART_LCR_WLEN8; word++) {
		wr(&uart, UART_LCR, word);
		wr(&uart, UART_TX, 0xff);
		assert_int_equal(rd(&uart, UART_RX), sent[word]);
	}
}

static void an_open_line_takes_what_is_sent_in_order(void **state)
{
	struct uart_16550 uart = open_line(FIFO);
	u8 byte = 0xee;

	(void)state;
	wr(&uart, UART_TX, 'a');
	wr(&uart, UART_TX, 'b');
	assert_true(uart_16550_transmit(&uart, &byte));
	assert_int_equal(byte, 'a');
	assert_int_equal(rd(&uart, UART_LSR), 0);
	assert_true(uart_16550_transmit(&uart, &byte));
	assert_int_equal(byte, 'b');
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE);
	assert_false(uart_16550_transmit(&uart, &byte));
	assert_int_equal(byte, 'b');
}

static void an_open_line_has_bytes_and_breaks_to_take(void **state)
{
	struct uart_16550 uart = open_line(FIFO);
	u8 byte;

	(void)state;
	assert_false(uart_16550_has_sent(&uart));
	wr(&uart, UART_TX, 'a');
	assert_true(uart_16550_has_sent(&uart));
	uart_16550_transmit(&uart, &byte);
	assert_false(uart_16550_has_sent(&uart));
	wr(&uart, UART_LCR, WORD_8 | UART_LCR_SBC);
	assert_true(uart_16550_has_sent(&uart));
	uart_16550_transmit_break(&uart);
	assert_false(uart_16550_has_sent(&uart));
	wr(&uart, UART_LCR, WORD_8);
	wr(&uart, UART_MCR, UART_MCR_LOOP);
	write_bytes(&uart, 17);
	assert_false(uart_16550_has_sent(&uart));
}

static void an_open_line_cuts_words_in_both_directions(void **state)
{
	struct uart_16550 uart = open_line(FIFO);
	u8 byte = 0;

	(void)state;
	wr(&uart, UART_LCR, UART_LCR_WLEN7);
	wr(&uart, UART_TX, 0xff);
	uart_16550_receive(&uart, 0xff, 0);
	assert_true(uart_16550_transmit(&uart, &byte));
	assert_int_equal(byte, 0x7f);
	assert_int_equal(rd(&uart, UART_RX), 0x7f);
}

/* What says that a driver reads: the receiver's interrupt, DTR or RTS. */
static const struct {
	u8 reg;
	u8 value;
} announcements[] = {
	{ UART_IER, UART_IER_RDI },
	{ UART_MCR, UART_MCR_DTR },
	{ UART_MCR, UART_MCR_RTS },
};

#define ANNOUNCEMENTS	(sizeof(announcements) / sizeof(announcements[0]))

static void a_full_receiver_holds_its_sender_while_a_driver_reads(void **state)
{
	struct uart_16550 uart;
	unsigned int i;

	(void)state;
	for (i = 0; i < ANNOUNCEMENTS; i++) {
		uart = open_line(FIFO);
		wr(&uart, announcements[i].reg, announcements[i].value);
		receive_bytes(&uart, 15);
		assert_false(uart_16550_holds_sender(&uart));
		receive_bytes(&uart, 1);
		assert_true(uart_16550_holds_sender(&uart));
		rd(&uart, UART_RX);
		assert_false(uart_16550_holds_sender(&uart));
		wr(&uart, UART_FCR, 0);
		assert_false(uart_16550_holds_sender(&uart));
		receive_bytes(&uart, 1);
		assert_true(uart_16550_holds_sender(&uart));
	}
}

static void a_receiver_is_read_when_it_is_empty_or_nobody_reads(void **state)
{
	struct uart_16550 uart = open_line(FIFO);

	(void)state;
	wr(&uart, UART_IER, UART_IER_RDI);
	assert_true(uart_16550_is_read(&uart));
	receive_bytes(&uart, 1);
	assert_false(uart_16550_is_read(&uart));
	wr(&uart, UART_MCR, UART_MCR_LOOP);
	assert_true(uart_16550_is_read(&uart));
	wr(&uart, UART_MCR, 0);
	rd(&uart, UART_RX);
	assert_true(uart_16550_is_read(&uart));
	receive_bytes(&uart, 1);
	wr(&uart, UART_IER, 0);
	assert_true(uart_16550_is_read(&uart));
}

static void a_receiver_that_nobody_reads_holds_no_sender(void **state)
{
	struct uart_16550 uart = open_line(FIFO);

	(void)state;
	wr(&uart, UART_IER, UART_IER_THRI | UART_IER_RLSI | UART_IER_MSI);
	wr(&uart, UART_MCR, UART_MCR_OUT1 | UART_MCR_OUT2);
	receive_bytes(&uart, 16);
	assert_false(uart_16550_holds_sender(&uart));
}

static void a_uart_is_set_up_by_a_divisor_or_a_driver_that_reads(void **state)
{
	struct uart_16550 uart = open_line(FIFO);
	unsigned int i;

	(void)state;
	assert_false(uart_16550_is_set_up(&uart));
	for (i = 0; i < ANNOUNCEMENTS; i++) {
		wr(&uart, announcements[i].reg, announcements[i].value);
		assert_true(uart_16550_is_set_up(&uart));
		uart_16550_reset(&uart);
		assert_false(uart_16550_is_set_up(&uart));
	}
	wr(&uart, UART_LCR, UART_LCR_DLAB);
	wr(&uart, UART_DLM, 1);
	wr(&uart, UART_LCR, WORD_8);
	assert_true(uart_16550_is_set_up(&uart));
	uart_16550_reset(&uart);
	assert_false(uart_16550_is_set_up(&uart));
}

/* Line errors */

static void errors_show_when_their_byte_reaches_the_top(void **state)
{
	struct uart_16550 uart = open_line(FIFO);

	(void)state;
	uart_16550_receive(&uart, 'a', 0);
	uart_16550_receive(&uart, 'b', UART_LSR_PE);
	uart_16550_receive(&uart, 'c', UART_LSR_FE);
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE | UART_LSR_DR | UART_LSR_FIFOE);
	assert_int_equal(rd(&uart, UART_RX), 'a');
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE | UART_LSR_DR | UART_LSR_FIFOE | UART_LSR_PE);
	assert_int_equal(rd(&uart, UART_RX), 'b');
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE | UART_LSR_DR | UART_LSR_FIFOE | UART_LSR_FE);
	assert_int_equal(rd(&uart, UART_RX), 'c');
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE);
}

static void reading_lsr_clears_the_errors(void **state)
{
	struct uart_16550 uart = open_line(FIFO);

	(void)state;
	uart_16550_receive(&uart, 'a', UART_LSR_PE | UART_LSR_FE | UART_LSR_BI);
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE | UART_LSR_DR | UART_LSR_FIFOE |
			 UART_LSR_PE | UART_LSR_FE | UART_LSR_BI);
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE | UART_LSR_DR);
}

static void error_in_fifo_stays_zero_without_fifos(void **state)
{
	struct uart_16550 uart = open_line(0);

	(void)state;
	uart_16550_receive(&uart, 'a', UART_LSR_PE);
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE | UART_LSR_DR | UART_LSR_PE);
}

static void error_flags_that_are_no_character_errors_are_dropped(void **state)
{
	struct uart_16550 uart = open_line(FIFO);

	(void)state;
	uart_16550_receive(&uart, 'a', (u8)~(UART_LSR_PE | UART_LSR_FE | UART_LSR_BI));
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE | UART_LSR_DR);
}

static void an_overrun_with_fifos_keeps_the_old_bytes(void **state)
{
	struct uart_16550 uart = open_line(FIFO);
	unsigned int i;

	(void)state;
	for (i = 0; i < 17; i++)
		uart_16550_receive(&uart, (u8)i, 0);
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE | UART_LSR_DR | UART_LSR_OE);
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE | UART_LSR_DR);
	for (i = 0; i < 16; i++)
		assert_int_equal(rd(&uart, UART_RX), i);
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE);
}

static void an_overrun_without_fifos_keeps_the_new_byte(void **state)
{
	struct uart_16550 uart = open_line(0);

	(void)state;
	uart_16550_receive(&uart, 'a', 0);
	uart_16550_receive(&uart, 'b', 0);
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE | UART_LSR_DR | UART_LSR_OE);
	assert_int_equal(rd(&uart, UART_RX), 'b');
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE);
}

static void clearing_the_receiver_drops_character_errors_but_not_the_overrun(void **state)
{
	struct uart_16550 uart = open_line(FIFO);
	unsigned int i;

	(void)state;
	for (i = 0; i < 17; i++)
		uart_16550_receive(&uart, 0, UART_LSR_PE);
	wr(&uart, UART_FCR, FIFO | UART_FCR_CLEAR_RCVR);
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE | UART_LSR_OE);
}

/* No bit of it is at mark: not the stop bit, nor a parity bit that should be. */
static void a_break_is_received_as_one_zero_byte(void **state)
{
	static const struct {
		u8 lcr;
		u8 errors;
	} settings[] = {
		{ UART_LCR_WLEN8, BREAK_ERRORS },
		{ UART_LCR_WLEN5, BREAK_ERRORS },
		{ UART_LCR_WLEN8 | EVEN, BREAK_ERRORS },
		{ UART_LCR_WLEN8 | ODD, BREAK_ERRORS | UART_LSR_PE },
		{ UART_LCR_WLEN7 | MARK, BREAK_ERRORS | UART_LSR_PE },
		{ UART_LCR_WLEN7 | SPACE, BREAK_ERRORS },
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		struct uart_16550 uart = looped(FIFO);

		wr(&uart, UART_LCR, settings[i].lcr | UART_LCR_SBC);
		wr(&uart, UART_LCR, UART_LCR_WLEN6 | UART_LCR_SBC);
		assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE | UART_LSR_DR | UART_LSR_FIFOE |
				 settings[i].errors);
		assert_int_equal(rd(&uart, UART_RX), 0);
		assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE);
	}
}

static void a_break_shows_behind_the_bytes_before_it(void **state)
{
	struct uart_16550 uart = looped(FIFO);

	(void)state;
	wr(&uart, UART_IER, UART_IER_RLSI);
	wr(&uart, UART_TX, 'a');
	wr(&uart, UART_LCR, WORD_8 | UART_LCR_SBC);
	wr(&uart, UART_LCR, WORD_8);
	wr(&uart, UART_TX, 'b');
	assert_false(uart_16550_irq(&uart));
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE | UART_LSR_DR | UART_LSR_FIFOE);
	assert_int_equal(rd(&uart, UART_RX), 'a');
	assert_int_equal(rd(&uart, UART_IIR), IIR_FIFOS | UART_IIR_RLSI);
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE | UART_LSR_DR | UART_LSR_FIFOE | BREAK_ERRORS);
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE | UART_LSR_DR);
	assert_int_equal(rd(&uart, UART_RX), 0);
	assert_int_equal(rd(&uart, UART_RX), 'b');
}

static void a_break_overruns_a_full_receiver(void **state)
{
	struct uart_16550 uart = looped(FIFO);
	unsigned int i;

	(void)state;
	write_bytes(&uart, 16);
	wr(&uart, UART_LCR, WORD_8 | UART_LCR_SBC);
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE | UART_LSR_DR | UART_LSR_OE);
	for (i = 0; i < 16; i++)
		assert_int_equal(rd(&uart, UART_RX), i);
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE);
}

static void bytes_written_during_a_break_reach_no_one(void **state)
{
	struct uart_16550 uart = looped(FIFO);

	(void)state;
	wr(&uart, UART_LCR, WORD_8 | UART_LCR_SBC);
	rd(&uart, UART_LSR);
	rd(&uart, UART_RX);
	write_bytes(&uart, 64);
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE);
	wr(&uart, UART_LCR, WORD_8);
	wr(&uart, UART_TX, 'a');
	assert_int_equal(rd(&uart, UART_RX), 'a');
}

/* SOUT is at mark there, and break control acts on SOUT only (8.1 bit 6, 8.8 bit 4). */
static void a_break_does_nothing_in_the_chips_loopback_mode(void **state)
{
	static const enum uart_16550_line lines[] = { UART_16550_LOOP_PLUG, UART_16550_OPEN_LINE };
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct uart_16550 uart = uart_on(lines[i], FIFO);

		wr(&uart, UART_MCR, UART_MCR_LOOP);
		wr(&uart, UART_TX, 'a');
		wr(&uart, UART_LCR, WORD_8 | UART_LCR_SBC);
		wr(&uart, UART_TX, 'b');
		assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE | UART_LSR_DR);
		assert_int_equal(rd(&uart, UART_RX), 'a');
		assert_int_equal(rd(&uart, UART_RX), 'b');
		assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE);
		assert_false(uart_16550_transmit_break(&uart));
	}
}

static void a_break_comes_out_when_the_chips_loopback_mode_ends(void **state)
{
	struct uart_16550 plugged = looped(FIFO), open = open_line(FIFO);
	u8 byte;

	(void)state;
	wr(&plugged, UART_MCR, UART_MCR_LOOP);
	wr(&plugged, UART_LCR, WORD_8 | UART_LCR_SBC);
	wr(&plugged, UART_MCR, 0);
	assert_int_equal(rd(&plugged, UART_LSR),
			 LSR_IDLE | UART_LSR_DR | UART_LSR_FIFOE | BREAK_ERRORS);

	wr(&open, UART_MCR, UART_MCR_LOOP);
	wr(&open, UART_LCR, WORD_8 | UART_LCR_SBC);
	write_bytes(&open, 17);
	assert_int_equal(rd(&open, UART_LSR), UART_LSR_DR);
	wr(&open, UART_MCR, 0);
	assert_true(uart_16550_transmit_break(&open));
	assert_false(uart_16550_transmit(&open, &byte));
}

static void the_other_end_hears_a_break_once(void **state)
{
	struct uart_16550 uart = open_line(FIFO);

	(void)state;
	assert_false(uart_16550_transmit_break(&uart));
	wr(&uart, UART_LCR, WORD_8 | UART_LCR_SBC);
	wr(&uart, UART_LCR, WORD_8);
	assert_true(uart_16550_transmit_break(&uart));
	assert_false(uart_16550_transmit_break(&uart));
	wr(&uart, UART_LCR, WORD_8 | UART_LCR_SBC);
	assert_true(uart_16550_transmit_break(&uart));
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE);
}

static void a_break_of_the_other_end_is_received(void **state)
{
	struct uart_16550 uart = open_line(FIFO);

	(void)state;
	uart_16550_receive_break(&uart);
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE | UART_LSR_DR | UART_LSR_FIFOE | BREAK_ERRORS);
	assert_int_equal(rd(&uart, UART_RX), 0);
	wr(&uart, UART_MCR, UART_MCR_LOOP);
	uart_16550_receive_break(&uart);
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE);
}

/* Interrupts */

static void no_interrupt_comes_that_is_not_enabled(void **state)
{
	struct uart_16550 uart = open_line(FIFO);

	(void)state;
	receive_bytes(&uart, 17);
	uart_16550_receive(&uart, 0, UART_LSR_BI);
	uart_16550_set_inputs(&uart, UART_MSR_CTS);
	assert_false(uart_16550_irq(&uart));
	assert_int_equal(rd(&uart, UART_IIR), IIR_FIFOS | UART_IIR_NO_INT);
}

static void interrupts_are_reported_by_priority(void **state)
{
	struct uart_16550 uart = open_line(FIFO | UART_FCR_TRIGGER_4);
	unsigned int i;

	(void)state;
	wr(&uart, UART_IER, 0x0f);
	uart_16550_set_inputs(&uart, UART_MSR_CTS);
	receive_bytes(&uart, 3);
	uart_16550_receive(&uart, 0, 0);
	for (i = 0; i < 13; i++)
		uart_16550_receive(&uart, 0, 0);

	assert_int_equal(rd(&uart, UART_IIR), IIR_FIFOS | UART_IIR_RLSI);
	rd(&uart, UART_LSR);
	for (i = 16; i >= 4; i--) {
		assert_int_equal(rd(&uart, UART_IIR), IIR_FIFOS | UART_IIR_RDI);
		rd(&uart, UART_RX);
	}
	for (; i >= 1; i--) {
		assert_int_equal(rd(&uart, UART_IIR), IIR_FIFOS | UART_IIR_RX_TIMEOUT);
		rd(&uart, UART_RX);
	}
	assert_int_equal(rd(&uart, UART_IIR), IIR_FIFOS | UART_IIR_THRI);
	assert_int_equal(rd(&uart, UART_IIR), IIR_FIFOS | UART_IIR_MSI);
	rd(&uart, UART_MSR);
	assert_int_equal(rd(&uart, UART_IIR), IIR_FIFOS | UART_IIR_NO_INT);
	assert_false(uart_16550_irq(&uart));
}

static void received_data_interrupts_at_each_trigger_level(void **state)
{
	static const struct {
		u8 fcr;
		unsigned int level;
	} triggers[] = {
		{ UART_FCR_TRIGGER_1, 1 },
		{ UART_FCR_TRIGGER_4, 4 },
		{ UART_FCR_TRIGGER_8, 8 },
		{ UART_FCR_TRIGGER_14, 14 },
	};
	unsigned int i, count;

	(void)state;
	for (i = 0; i < 4; i++) {
		struct uart_16550 uart = open_line(FIFO | triggers[i].fcr);

		wr(&uart, UART_IER, UART_IER_RDI);
		for (count = 1; count <= 16; count++) {
			receive_bytes(&uart, 1);
			assert_int_equal(rd(&uart, UART_IIR), IIR_FIFOS |
					 (count < triggers[i].level ? UART_IIR_RX_TIMEOUT :
								      UART_IIR_RDI));
		}
	}
}

static void without_fifos_one_byte_interrupts_whatever_the_trigger_was(void **state)
{
	struct uart_16550 uart = open_line(FIFO | UART_FCR_TRIGGER_14);

	(void)state;
	wr(&uart, UART_FCR, UART_FCR_TRIGGER_14);
	wr(&uart, UART_IER, UART_IER_RDI);
	receive_bytes(&uart, 1);
	assert_int_equal(rd(&uart, UART_IIR), UART_IIR_RDI);
	rd(&uart, UART_RX);
	assert_int_equal(rd(&uart, UART_IIR), UART_IIR_NO_INT);
}

static void the_data_interrupt_waits_for_its_enable(void **state)
{
	struct uart_16550 uart = open_line(FIFO);

	(void)state;
	receive_bytes(&uart, 1);
	assert_false(uart_16550_irq(&uart));
	wr(&uart, UART_IER, UART_IER_RDI);
	assert_true(uart_16550_irq(&uart));
	wr(&uart, UART_IER, 0);
	assert_false(uart_16550_irq(&uart));
}

static void enabling_thri_with_an_empty_transmitter_interrupts(void **state)
{
	struct uart_16550 uart = looped(FIFO);

	(void)state;
	wr(&uart, UART_IER, UART_IER_THRI);
	assert_int_equal(rd(&uart, UART_IIR), IIR_FIFOS | UART_IIR_THRI);
	assert_int_equal(rd(&uart, UART_IIR), IIR_FIFOS | UART_IIR_NO_INT);
	wr(&uart, UART_IER, 0);
	wr(&uart, UART_IER, UART_IER_THRI);
	assert_int_equal(rd(&uart, UART_IIR), IIR_FIFOS | UART_IIR_THRI);
}

static void enabling_thri_again_does_not_interrupt_again(void **state)
{
	struct uart_16550 uart = looped(FIFO);

	(void)state;
	wr(&uart, UART_IER, UART_IER_THRI);
	rd(&uart, UART_IIR);
	wr(&uart, UART_IER, UART_IER_THRI | UART_IER_RDI);
	assert_false(uart_16550_irq(&uart));
}

static void enabling_thri_with_a_full_transmitter_waits_until_it_is_empty(void **state)
{
	struct uart_16550 uart = open_line(FIFO);
	u8 byte;

	(void)state;
	write_bytes(&uart, 2);
	wr(&uart, UART_IER, UART_IER_THRI);
	assert_false(uart_16550_irq(&uart));
	assert_true(uart_16550_transmit(&uart, &byte));
	assert_false(uart_16550_irq(&uart));
	assert_true(uart_16550_transmit(&uart, &byte));
	assert_int_equal(rd(&uart, UART_IIR), IIR_FIFOS | UART_IIR_THRI);
}

static void writing_a_byte_takes_the_thre_interrupt_back(void **state)
{
	struct uart_16550 uart = open_line(FIFO);

	(void)state;
	wr(&uart, UART_IER, UART_IER_THRI);
	assert_true(uart_16550_irq(&uart));
	wr(&uart, UART_TX, 'x');
	assert_false(uart_16550_irq(&uart));
}

static void reading_iir_clears_thre_only_when_it_reported_it(void **state)
{
	struct uart_16550 uart = open_line(FIFO);

	(void)state;
	wr(&uart, UART_IER, UART_IER_THRI | UART_IER_RDI);
	receive_bytes(&uart, 1);
	assert_int_equal(rd(&uart, UART_IIR), IIR_FIFOS | UART_IIR_RDI);
	assert_int_equal(rd(&uart, UART_IIR), IIR_FIFOS | UART_IIR_RDI);
	rd(&uart, UART_RX);
	assert_int_equal(rd(&uart, UART_IIR), IIR_FIFOS | UART_IIR_THRI);
	assert_int_equal(rd(&uart, UART_IIR), IIR_FIFOS | UART_IIR_NO_INT);
}

static void clearing_a_filled_transmitter_interrupts(void **state)
{
	struct uart_16550 uart = open_line(FIFO);

	(void)state;
	wr(&uart, UART_IER, UART_IER_THRI);
	write_bytes(&uart, 1);
	assert_false(uart_16550_irq(&uart));
	wr(&uart, UART_FCR, FIFO | UART_FCR_CLEAR_XMIT);
	assert_int_equal(rd(&uart, UART_IIR), IIR_FIFOS | UART_IIR_THRI);
}

static void switching_the_fifos_interrupts_at_once(void **state)
{
	struct uart_16550 uart = open_line(0);

	(void)state;
	wr(&uart, UART_IER, UART_IER_THRI);
	assert_int_equal(rd(&uart, UART_IIR), UART_IIR_THRI);
	wr(&uart, UART_FCR, FIFO);
	assert_int_equal(rd(&uart, UART_IIR), IIR_FIFOS | UART_IIR_THRI);
}

static void each_line_error_interrupts_until_lsr_is_read(void **state)
{
	static const u8 errors[] = { UART_LSR_PE, UART_LSR_FE, UART_LSR_BI };
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(errors); i++) {
		struct uart_16550 uart = open_line(FIFO);

		wr(&uart, UART_IER, UART_IER_RLSI);
		uart_16550_receive(&uart, 'a', errors[i]);
		assert_int_equal(rd(&uart, UART_IIR), IIR_FIFOS | UART_IIR_RLSI);
		rd(&uart, UART_RX);
		assert_int_equal(rd(&uart, UART_IIR), IIR_FIFOS | UART_IIR_RLSI);
		rd(&uart, UART_LSR);
		assert_false(uart_16550_irq(&uart));
	}
}

static void an_overrun_interrupts_at_once(void **state)
{
	struct uart_16550 uart = open_line(FIFO);

	(void)state;
	wr(&uart, UART_IER, UART_IER_RLSI);
	receive_bytes(&uart, 16);
	assert_false(uart_16550_irq(&uart));
	receive_bytes(&uart, 1);
	assert_int_equal(rd(&uart, UART_IIR), IIR_FIFOS | UART_IIR_RLSI);
}

static void an_error_below_the_top_does_not_interrupt_yet(void **state)
{
	struct uart_16550 uart = open_line(FIFO);

	(void)state;
	wr(&uart, UART_IER, UART_IER_RLSI);
	uart_16550_receive(&uart, 'a', 0);
	uart_16550_receive(&uart, 'b', UART_LSR_FE);
	assert_false(uart_16550_irq(&uart));
	rd(&uart, UART_RX);
	assert_int_equal(rd(&uart, UART_IIR), IIR_FIFOS | UART_IIR_RLSI);
}

static void out2_does_not_gate_the_interrupt(void **state)
{
	struct uart_16550 uart = looped(FIFO);

	(void)state;
	wr(&uart, UART_MCR, 0);
	wr(&uart, UART_IER, UART_IER_THRI);
	assert_true(uart_16550_irq(&uart));
	wr(&uart, UART_MCR, UART_MCR_OUT2);
	assert_true(uart_16550_irq(&uart));
}

/* Modem control and status */

static void the_plug_wires_rts_to_cts_and_dtr_to_dsr_and_dcd(void **state)
{
	struct uart_16550 uart = looped(0);

	(void)state;
	wr(&uart, UART_MCR, UART_MCR_RTS);
	assert_int_equal(rd(&uart, UART_MSR) & 0xf0, UART_MSR_CTS);
	wr(&uart, UART_MCR, UART_MCR_DTR);
	assert_int_equal(rd(&uart, UART_MSR) & 0xf0, UART_MSR_DSR | UART_MSR_DCD);
	wr(&uart, UART_MCR, UART_MCR_OUT1 | UART_MCR_OUT2);
	assert_int_equal(rd(&uart, UART_MSR) & 0xf0, 0);
}

static void loopback_mode_wires_the_four_outputs_to_the_four_inputs(void **state)
{
	struct uart_16550 uart = looped(0);

	(void)state;
	wr(&uart, UART_MCR, UART_MCR_LOOP | UART_MCR_DTR);
	assert_int_equal(rd(&uart, UART_MSR) & 0xf0, UART_MSR_DSR);
	wr(&uart, UART_MCR, UART_MCR_LOOP | UART_MCR_RTS);
	assert_int_equal(rd(&uart, UART_MSR) & 0xf0, UART_MSR_CTS);
	wr(&uart, UART_MCR, UART_MCR_LOOP | UART_MCR_OUT1);
	assert_int_equal(rd(&uart, UART_MSR) & 0xf0, UART_MSR_RI);
	wr(&uart, UART_MCR, UART_MCR_LOOP | UART_MCR_OUT2);
	assert_int_equal(rd(&uart, UART_MSR) & 0xf0, UART_MSR_DCD);
}

static void a_changed_input_sets_its_delta_until_msr_is_read(void **state)
{
	struct uart_16550 uart = looped(0);

	(void)state;
	wr(&uart, UART_MCR, UART_MCR_RTS);
	wr(&uart, UART_MCR, UART_MCR_RTS | UART_MCR_DTR);
	assert_int_equal(rd(&uart, UART_MSR), UART_MSR_CTS | UART_MSR_DSR | UART_MSR_DCD |
			 UART_MSR_DCTS | UART_MSR_DDSR | UART_MSR_DDCD);
	assert_int_equal(rd(&uart, UART_MSR), UART_MSR_CTS | UART_MSR_DSR | UART_MSR_DCD);
}

static void an_input_that_changed_back_still_shows_its_delta(void **state)
{
	struct uart_16550 uart = looped(0);

	(void)state;
	wr(&uart, UART_MCR, UART_MCR_RTS);
	wr(&uart, UART_MCR, 0);
	assert_int_equal(rd(&uart, UART_MSR), UART_MSR_DCTS);
}

static void only_the_trailing_edge_of_ri_sets_teri(void **state)
{
	struct uart_16550 uart = looped(0);

	(void)state;
	wr(&uart, UART_MCR, UART_MCR_LOOP | UART_MCR_OUT1);
	assert_int_equal(rd(&uart, UART_MSR), UART_MSR_RI);
	wr(&uart, UART_MCR, UART_MCR_LOOP);
	assert_int_equal(rd(&uart, UART_MSR), UART_MSR_TERI);
}

static void a_changed_input_interrupts_until_msr_is_read(void **state)
{
	struct uart_16550 uart = looped(0);

	(void)state;
	wr(&uart, UART_IER, UART_IER_MSI);
	wr(&uart, UART_MCR, UART_MCR_LOOP | UART_MCR_OUT1);
	assert_false(uart_16550_irq(&uart));
	wr(&uart, UART_MCR, UART_MCR_LOOP);
	assert_int_equal(rd(&uart, UART_IIR), UART_IIR_MSI);
	assert_int_equal(rd(&uart, UART_IIR), UART_IIR_MSI);
	rd(&uart, UART_MSR);
	assert_int_equal(rd(&uart, UART_IIR), UART_IIR_NO_INT);
}

static void inputs_of_an_open_line_are_the_other_ends(void **state)
{
	static const struct {
		u8 input, delta;
	} inputs[] = {
		{ UART_MSR_CTS, UART_MSR_DCTS },
		{ UART_MSR_DSR, UART_MSR_DDSR },
		{ UART_MSR_RI, 0 },
		{ UART_MSR_DCD, UART_MSR_DDCD },
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++) {
		struct uart_16550 uart = open_line(0);

		wr(&uart, UART_MCR, UART_MCR_DTR | UART_MCR_RTS);
		assert_int_equal(rd(&uart, UART_MSR), 0);
		uart_16550_set_inputs(&uart, inputs[i].input | UART_MSR_ANY_DELTA);
		assert_int_equal(rd(&uart, UART_MSR), inputs[i].input | inputs[i].delta);
		uart_16550_set_inputs(&uart, inputs[i].input);
		assert_int_equal(rd(&uart, UART_MSR), inputs[i].input);
		uart_16550_set_inputs(&uart, 0);
		assert_int_equal(rd(&uart, UART_MSR),
				 inputs[i].delta ? inputs[i].delta : UART_MSR_TERI);
	}
}

static void loopback_mode_disconnects_the_modem_lines(void **state)
{
	struct uart_16550 uart = open_line(0);

	(void)state;
	uart_16550_set_inputs(&uart, UART_MSR_DSR | UART_MSR_RI);
	wr(&uart, UART_MCR, 0x0f);
	assert_int_equal(uart_16550_outputs(&uart), UART_MCR_DTR | UART_MCR_RTS);
	wr(&uart, UART_MCR, UART_MCR_LOOP | UART_MCR_DTR | UART_MCR_RTS);
	assert_int_equal(uart_16550_outputs(&uart), 0);
	assert_int_equal(rd(&uart, UART_MSR) & 0xf0, UART_MSR_DSR | UART_MSR_CTS);
	uart_16550_set_inputs(&uart, UART_MSR_DCD);
	assert_int_equal(rd(&uart, UART_MSR), UART_MSR_DSR | UART_MSR_CTS);
	wr(&uart, UART_MCR, 0);
	assert_int_equal(rd(&uart, UART_MSR) & 0xf0, UART_MSR_DCD);
}

static void the_autoconfiguration_of_linux_finds_its_loopback(void **state)
{
	struct uart_16550 uart = looped(0);

	(void)state;
	wr(&uart, UART_MCR, UART_MCR_LOOP | UART_MCR_OUT2 | UART_MCR_RTS);
	assert_int_equal(rd(&uart, UART_MSR) & 0xf0, UART_MSR_DCD | UART_MSR_CTS);
}

static void loopback_mode_disconnects_the_line(void **state)
{
	struct uart_16550 uart = open_line(FIFO);
	u8 byte;

	(void)state;
	wr(&uart, UART_MCR, UART_MCR_LOOP);
	wr(&uart, UART_TX, 'a');
	uart_16550_receive(&uart, 'b', 0);
	assert_false(uart_16550_transmit(&uart, &byte));
	assert_int_equal(rd(&uart, UART_RX), 'a');
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE);
	write_bytes(&uart, 17);
	assert_false(uart_16550_transmit(&uart, &byte));
	wr(&uart, UART_IER, UART_IER_RDI);
	assert_false(uart_16550_holds_sender(&uart));
}

static void interrupts_work_in_loopback_mode(void **state)
{
	struct uart_16550 uart = open_line(FIFO);

	(void)state;
	wr(&uart, UART_MCR, UART_MCR_LOOP);
	wr(&uart, UART_IER, UART_IER_RDI);
	wr(&uart, UART_TX, 'a');
	assert_int_equal(rd(&uart, UART_IIR), IIR_FIFOS | UART_IIR_RDI);
}

/* Another line while the UART works */

static void bytes_that_waited_go_to_the_new_line(void **state)
{
	struct uart_16550 uart = open_line(FIFO);
	u8 byte;

	(void)state;
	write_bytes(&uart, 2);
	uart_16550_connect(&uart, UART_16550_LOOP_PLUG);
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE | UART_LSR_DR);
	write_bytes(&uart, 16);
	uart_16550_connect(&uart, UART_16550_OPEN_LINE);
	assert_true(uart_16550_transmit(&uart, &byte));
	assert_int_equal(byte, 14);
	assert_int_equal(rd(&uart, UART_RX), 0);
}

static void another_line_changes_the_modem_inputs(void **state)
{
	struct uart_16550 uart = open_line(0);

	(void)state;
	wr(&uart, UART_MCR, UART_MCR_RTS);
	uart_16550_connect(&uart, UART_16550_LOOP_PLUG);
	assert_int_equal(rd(&uart, UART_MSR), UART_MSR_CTS | UART_MSR_DCTS);
	uart_16550_connect(&uart, UART_16550_LOOP_PLUG);
	assert_int_equal(rd(&uart, UART_MSR), UART_MSR_CTS);
	uart_16550_connect(&uart, UART_16550_OPEN_LINE);
	assert_int_equal(rd(&uart, UART_MSR), UART_MSR_DCTS);
}

static void a_break_that_lasts_is_heard_at_the_new_line(void **state)
{
	struct uart_16550 uart = open_line(FIFO);

	(void)state;
	wr(&uart, UART_LCR, WORD_8 | UART_LCR_SBC);
	uart_16550_connect(&uart, UART_16550_LOOP_PLUG);
	assert_false(uart_16550_transmit_break(&uart));
	assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE | UART_LSR_DR | UART_LSR_FIFOE | BREAK_ERRORS);
	uart_16550_connect(&uart, UART_16550_OPEN_LINE);
	assert_true(uart_16550_transmit_break(&uart));
}

static void the_same_line_again_keeps_a_break_for_the_other_end(void **state)
{
	struct uart_16550 uart = open_line(FIFO);

	(void)state;
	wr(&uart, UART_LCR, WORD_8 | UART_LCR_SBC);
	wr(&uart, UART_LCR, WORD_8);
	uart_16550_connect(&uart, UART_16550_OPEN_LINE);
	assert_true(uart_16550_transmit_break(&uart));
}

/* Counters */

static void what_arrives_and_leaves_is_counted(void **state)
{
	struct uart_16550 uart = open_line(FIFO);
	u8 byte;

	(void)state;
	write_bytes(&uart, 3);
	uart_16550_transmit(&uart, &byte);
	uart_16550_transmit(&uart, &byte);
	uart_16550_receive(&uart, 'a', UART_LSR_PE);
	uart_16550_receive(&uart, 'b', UART_LSR_FE);
	uart_16550_receive(&uart, 'c', UART_LSR_FE);
	uart_16550_receive_break(&uart);
	receive_bytes(&uart, 14);
	assert_int_equal(uart.counters.tx, 2);
	assert_int_equal(uart.counters.rx, 18);
	assert_int_equal(uart.counters.parity, 1);
	assert_int_equal(uart.counters.framing, 2);
	assert_int_equal(uart.counters.brk, 1);
	assert_int_equal(uart.counters.overrun, 2);
}

static void the_plug_counts_both_ways_and_a_break_swallows(void **state)
{
	struct uart_16550 uart = looped(FIFO);

	(void)state;
	write_bytes(&uart, 5);
	wr(&uart, UART_LCR, WORD_8 | UART_LCR_SBC);
	write_bytes(&uart, 5);
	assert_int_equal(uart.counters.tx, 5);
	assert_int_equal(uart.counters.rx, 6);
	assert_int_equal(uart.counters.brk, 1);
}

/* State that is saved and loaded */

/* Bytes with errors, in both FIFOs, past the end of the ring; interrupts and deltas. */
static struct uart_16550 busy_uart(void)
{
	struct uart_16550 uart = open_line(FIFO | UART_FCR_TRIGGER_8);
	u8 byte;

	wr(&uart, UART_IER, 0x0f);
	wr(&uart, UART_SCR, 0x5a);
	wr(&uart, UART_LCR, UART_LCR_DLAB | WORD_8 | EVEN);
	wr(&uart, UART_DLL, 0x34);
	wr(&uart, UART_DLM, 0x12);
	wr(&uart, UART_LCR, WORD_8 | EVEN);
	wr(&uart, UART_MCR, UART_MCR_DTR | UART_MCR_OUT2);
	receive_bytes(&uart, 10);
	write_bytes(&uart, 12);
	while (rd(&uart, UART_LSR) & UART_LSR_DR)
		rd(&uart, UART_RX);
	while (uart_16550_transmit(&uart, &byte))
		;
	uart_16550_receive(&uart, 'p', UART_LSR_PE);
	uart_16550_receive(&uart, 'f', UART_LSR_FE);
	receive_bytes(&uart, 15);
	write_bytes(&uart, 9);
	uart_16550_set_inputs(&uart, UART_MSR_CTS);
	return uart;
}

/* What a driver and the other end find in it, in the order in which they may look. */
static void expect_busy_uart(struct uart_16550 *uart)
{
	unsigned int i;
	u8 byte;

	assert_int_equal(rd(uart, UART_IIR), IIR_FIFOS | UART_IIR_RLSI);
	assert_int_equal(rd(uart, UART_LSR), UART_LSR_DR | UART_LSR_OE | UART_LSR_PE | UART_LSR_FIFOE);
	assert_int_equal(rd(uart, UART_IIR), IIR_FIFOS | UART_IIR_RDI);
	assert_int_equal(rd(uart, UART_RX), 'p');
	assert_int_equal(rd(uart, UART_LSR), UART_LSR_DR | UART_LSR_FE | UART_LSR_FIFOE);
	assert_int_equal(rd(uart, UART_RX), 'f');
	for (i = 14; i > 0; i--)
		assert_int_equal(rd(uart, UART_RX), i);
	assert_int_equal(rd(uart, UART_IIR), IIR_FIFOS | UART_IIR_MSI);
	assert_int_equal(rd(uart, UART_MSR), UART_MSR_CTS | UART_MSR_DCTS);
	for (i = 0; i < 9; i++) {
		assert_true(uart_16550_transmit(uart, &byte));
		assert_int_equal(byte, i);
	}
	assert_int_equal(rd(uart, UART_IIR), IIR_FIFOS | UART_IIR_THRI);
	assert_int_equal(rd(uart, UART_SCR), 0x5a);
	assert_int_equal(rd(uart, UART_MCR), UART_MCR_DTR | UART_MCR_OUT2);
	assert_int_equal(rd(uart, UART_LCR), WORD_8 | EVEN);
	wr(uart, UART_LCR, UART_LCR_DLAB);
	assert_int_equal(rd(uart, UART_DLL), 0x34);
	assert_int_equal(rd(uart, UART_DLM), 0x12);
}

static void a_loaded_uart_goes_on_where_the_saved_one_was(void **state)
{
	struct uart_16550 uart = busy_uart(), other = open_line(0);
	struct uart_16550_state saved;

	(void)state;
	uart_16550_save(&uart, &saved);
	uart_16550_set_inputs(&other, UART_MSR_CTS);
	assert_true(uart_16550_load(&other, &saved));
	assert_int_equal(other.counters.rx, 0);
	expect_busy_uart(&other);
	expect_busy_uart(&uart);
}

static void a_thre_interrupt_that_was_reported_is_not_again(void **state)
{
	struct uart_16550 uart = open_line(FIFO), other = open_line(0);
	struct uart_16550_state saved;

	(void)state;
	wr(&uart, UART_IER, UART_IER_THRI);
	uart_16550_save(&uart, &saved);
	assert_true(uart_16550_load(&other, &saved));
	assert_true(uart_16550_irq(&other));
	rd(&uart, UART_IIR);
	uart_16550_save(&uart, &saved);
	assert_true(uart_16550_load(&other, &saved));
	assert_false(uart_16550_irq(&other));
}

/* Loading is for a device that stands still: it is connected when it starts. */
static void a_loaded_uart_does_nothing_until_it_is_connected(void **state)
{
	struct uart_16550 uart = busy_uart(), other = looped(0);
	struct uart_16550_state saved, again;

	(void)state;
	rd(&uart, UART_MSR);
	rd(&uart, UART_RX);
	uart_16550_save(&uart, &saved);
	assert_true(uart_16550_load(&other, &saved));
	assert_int_equal(other.line, UART_16550_LOOP_PLUG);
	uart_16550_save(&other, &again);
	assert_memory_equal(&saved, &again, sizeof(saved));

	uart_16550_connect(&other, UART_16550_LOOP_PLUG);
	assert_int_equal(rd(&other, UART_MSR), UART_MSR_DSR | UART_MSR_DCD | UART_MSR_DCTS |
			 UART_MSR_DDSR | UART_MSR_DDCD);
	assert_int_equal(other.rx.count, 16);
	while (other.tx.count)
		rd(&other, UART_RX);
	assert_int_equal(other.rx.count, 16);
}

static void a_state_that_cannot_have_been_saved_is_refused(void **state)
{
	static const struct {
		size_t offset;
		u8 value;
	} changes[] = {
		{ offsetof(struct uart_16550_state, ier), 0x10 },
		{ offsetof(struct uart_16550_state, mcr), 0x20 },
		{ offsetof(struct uart_16550_state, fcr), FIFO | UART_FCR_CLEAR_RCVR },
		{ offsetof(struct uart_16550_state, fcr), UART_FCR_TRIGGER_8 },
		{ offsetof(struct uart_16550_state, fcr), 0 }, /* more bytes than it holds */
		{ offsetof(struct uart_16550_state, lsr), UART_LSR_DR },
		{ offsetof(struct uart_16550_state, lsr), UART_LSR_FIFOE },
		{ offsetof(struct uart_16550_state, lcr), UART_LCR_SBC },
		{ offsetof(struct uart_16550_state, thre_pending), 1 },
		{ offsetof(struct uart_16550_state, thre_pending), 2 },
		{ offsetof(struct uart_16550_state, rx.count), 17 },
		{ offsetof(struct uart_16550_state, rx.count), 255 },
		{ offsetof(struct uart_16550_state, rx.count), 3 }, /* bytes behind the last */
		{ offsetof(struct uart_16550_state, rx.error), UART_LSR_PE },
		{ offsetof(struct uart_16550_state, rx.error) + 2, UART_LSR_OE },
		{ offsetof(struct uart_16550_state, tx.count), 17 },
		{ offsetof(struct uart_16550_state, tx.count), 0 },
		{ offsetof(struct uart_16550_state, tx.byte) + 9, 1 },
		{ offsetof(struct uart_16550_state, tx.error), UART_LSR_PE },
	};
	struct uart_16550 uart = busy_uart(), other = open_line(0), before = other;
	struct uart_16550_state saved;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		uart_16550_save(&uart, &saved);
		((u8 *)&saved)[changes[i].offset] = changes[i].value;
		if (uart_16550_load(&other, &saved))
			fail_msg("change %u is not refused", i);
		assert_memory_equal(&other, &before, sizeof(other));
	}
}

static void nothing_waits_in_loopback_mode_beside_a_receiver_with_room(void **state)
{
	struct uart_16550 uart = looped(FIFO), other = looped(0);
	struct uart_16550_state saved;

	(void)state;
	wr(&uart, UART_MCR, UART_MCR_LOOP);
	write_bytes(&uart, 17);
	uart_16550_save(&uart, &saved);
	assert_true(uart_16550_load(&other, &saved));
	saved.lcr |= UART_LCR_SBC;
	assert_true(uart_16550_load(&other, &saved));
	saved.rx.count = 15;
	saved.rx.byte[15] = 0;
	assert_false(uart_16550_load(&other, &saved));
}

/* Streams: an obedient driver loses nothing, whatever its mode, bursts and delays. */

#define STREAM_LENGTH	(100 * 1024)

struct random {
	unsigned int state;
};

static unsigned int random_below(struct random *random, unsigned int limit)
{
	random->state = random->state * 1103515245u + 12345u;
	return (random->state >> 16) % limit;
}

/* What was sent and not received yet is predicted by two runs of the same generator. */
struct stream {
	struct uart_16550 uart;
	struct random delays;
	struct random tx_data;
	struct random rx_data;
	unsigned int depth;
	unsigned int queued;
	unsigned int sent;
	unsigned int received;
};

static const u8 fcr_modes[] = {
	0,
	FIFO | UART_FCR_TRIGGER_1,
	FIFO | UART_FCR_TRIGGER_4,
	FIFO | UART_FCR_TRIGGER_8,
	FIFO | UART_FCR_TRIGGER_14,
};

static struct stream stream_on(u8 fcr)
{
	return (struct stream){
		.uart = looped(fcr),
		.delays = { 42 + fcr },
		.tx_data = { 4348 },
		.rx_data = { 4348 },
		.depth = fcr & FIFO ? 16 : 1,
	};
}

static void send_after_thre(struct stream *stream)
{
	unsigned int room = stream->depth;

	while (room-- && stream->sent < stream->queued) {
		wr(&stream->uart, UART_TX, (u8)random_below(&stream->tx_data, 256));
		stream->sent++;
	}
}

static void receive_one(struct stream *stream)
{
	assert_true(stream->received < stream->sent);
	assert_int_equal(rd(&stream->uart, UART_RX), random_below(&stream->rx_data, 256));
	stream->received++;
}

static void queue_burst(struct stream *stream)
{
	unsigned int left = STREAM_LENGTH - stream->queued;
	unsigned int burst = 1 + random_below(&stream->delays, 64);

	stream->queued += burst < left ? burst : left;
}

static void poll_once(struct stream *stream)
{
	u8 lsr = rd(&stream->uart, UART_LSR);

	assert_int_equal(lsr & (UART_LSR_BRK_ERROR_BITS | UART_LSR_FIFOE), 0);
	if (lsr & UART_LSR_THRE && random_below(&stream->delays, 2))
		send_after_thre(stream);
	else if (lsr & UART_LSR_DR)
		receive_one(stream);
}

static void a_polling_driver_loses_nothing(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(fcr_modes); i++) {
		struct stream stream = stream_on(fcr_modes[i]);

		while (stream.received < STREAM_LENGTH) {
			if (stream.sent == stream.queued)
				queue_burst(&stream);
			poll_once(&stream);
		}
		assert_int_equal(rd(&stream.uart, UART_LSR), LSR_IDLE);
	}
}

/* Reads what the interrupt promises and no more: it never looks at LSR. */
static void service_interrupt(struct stream *stream, unsigned int trigger)
{
	u8 iir = rd(&stream->uart, UART_IIR) & IIR_SOURCE;

	switch (iir) {
	case UART_IIR_RDI:
		while (trigger--)
			receive_one(stream);
		break;
	case UART_IIR_RX_TIMEOUT:
		receive_one(stream);
		break;
	case UART_IIR_THRI:
		send_after_thre(stream);
		break;
	default:
		fail_msg("interrupt %#x without a cause", iir);
	}
}

static unsigned int trigger_of(u8 fcr)
{
	static const unsigned int levels[] = { 1, 4, 8, 14 };

	return levels[fcr >> 6];
}

/* Leaves now and then, with interrupts pending, to queue more. */
static void run_interrupts(struct stream *stream, unsigned int trigger)
{
	while (uart_16550_irq(&stream->uart) && random_below(&stream->delays, 8))
		service_interrupt(stream, trigger);
}

static void an_interrupt_driven_driver_loses_nothing(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(fcr_modes); i++) {
		struct stream stream = stream_on(fcr_modes[i]);

		while (stream.received < STREAM_LENGTH) {
			if (stream.sent == stream.queued) {
				queue_burst(&stream);
				wr(&stream.uart, UART_IER, UART_IER_RDI);
				wr(&stream.uart, UART_IER, UART_IER_RDI | UART_IER_THRI);
			}
			if (!uart_16550_irq(&stream.uart))
				fail_msg("no interrupt with %u of %u bytes received",
					 stream.received, stream.queued);
			run_interrupts(&stream, trigger_of(fcr_modes[i]));
		}
		assert_int_equal(rd(&stream.uart, UART_LSR), LSR_IDLE);
	}
}

static void bursts_of_1_to_64_come_back_before_the_next(void **state)
{
	unsigned int i, burst;

	(void)state;
	for (i = 0; i < sizeof(fcr_modes); i++) {
		struct stream stream = stream_on(fcr_modes[i]);

		wr(&stream.uart, UART_IER, UART_IER_RDI);
		for (burst = 1; burst <= 64; burst++) {
			stream.queued += burst;
			wr(&stream.uart, UART_IER, UART_IER_RDI | UART_IER_THRI);
			while (uart_16550_irq(&stream.uart))
				service_interrupt(&stream, trigger_of(fcr_modes[i]));
			assert_int_equal(stream.received, stream.queued);
			wr(&stream.uart, UART_IER, UART_IER_RDI);
		}
	}
}

static void after_garbage_in_every_register_the_port_works_again(void **state)
{
	struct random random = { 16550 };
	struct uart_16550 uart = looped(0);
	unsigned int round, i;

	(void)state;
	for (round = 0; round < 1000; round++) {
		for (i = 0; i < 100; i++) {
			wr(&uart, random_below(&random, 9), (u8)random_below(&random, 256));
			rd(&uart, random_below(&random, 9));
			assert_true(uart.rx.count <= 16 && uart.tx.count <= 16);
		}
		wr(&uart, UART_LCR, WORD_8);
		wr(&uart, UART_MCR, 0);
		wr(&uart, UART_IER, 0);
		wr(&uart, UART_FCR, FIFO | UART_FCR_CLEAR_RCVR | UART_FCR_CLEAR_XMIT);
		rd(&uart, UART_LSR);
		write_bytes(&uart, 16);
		for (i = 0; i < 16; i++)
			assert_int_equal(rd(&uart, UART_RX), i);
		assert_int_equal(rd(&uart, UART_LSR), LSR_IDLE);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(reset_leaves_the_values_of_table_1),
		cmocka_unit_test(reset_hands_no_byte_of_one_user_to_the_next),
		cmocka_unit_test(reset_leaves_the_connector_as_it_is),
		cmocka_unit_test(scratch_register_keeps_every_value),
		cmocka_unit_test(line_control_register_keeps_every_value),
		cmocka_unit_test(upper_bits_of_ier_read_zero),
		cmocka_unit_test(upper_bits_of_mcr_read_zero),
		cmocka_unit_test(dlab_puts_the_divisor_before_data_and_ier),
		cmocka_unit_test(divisor_halves_are_written_independently),
		cmocka_unit_test(status_registers_ignore_writes),
		cmocka_unit_test(registers_beyond_the_eighth_read_as_ones),

		cmocka_unit_test(iir_shows_whether_the_fifos_are_enabled),
		cmocka_unit_test(the_64_byte_bit_of_a_16750_does_nothing),
		cmocka_unit_test(fcr_bits_are_not_programmed_without_bit_0),
		cmocka_unit_test(clearing_the_receive_fifo_keeps_the_other),
		cmocka_unit_test(clearing_the_transmit_fifo_keeps_the_other),
		cmocka_unit_test(switching_the_fifos_on_or_off_empties_both),
		cmocka_unit_test(writing_fcr_again_keeps_the_data),

		cmocka_unit_test(a_written_byte_comes_back_through_the_plug),
		cmocka_unit_test(an_empty_receiver_reads_zero),
		cmocka_unit_test(thre_falls_when_the_line_stalls_on_a_full_receiver),
		cmocka_unit_test(a_write_into_a_full_transmitter_loses_that_byte_only),
		cmocka_unit_test(without_fifos_two_bytes_are_under_way_at_most),
		cmocka_unit_test(clearing_the_receiver_lets_a_stalled_line_go_on),
		cmocka_unit_test(words_are_cut_to_5_to_8_bits),
		cmocka_unit_test(an_open_line_takes_what_is_sent_in_order),
		cmocka_unit_test(an_open_line_has_bytes_and_breaks_to_take),
		cmocka_unit_test(an_open_line_cuts_words_in_both_directions),
		cmocka_unit_test(a_full_receiver_holds_its_sender_while_a_driver_reads),
		cmocka_unit_test(a_receiver_is_read_when_it_is_empty_or_nobody_reads),
		cmocka_unit_test(a_receiver_that_nobody_reads_holds_no_sender),
		cmocka_unit_test(a_uart_is_set_up_by_a_divisor_or_a_driver_that_reads),

		cmocka_unit_test(errors_show_when_their_byte_reaches_the_top),
		cmocka_unit_test(reading_lsr_clears_the_errors),
		cmocka_unit_test(error_in_fifo_stays_zero_without_fifos),
		cmocka_unit_test(error_flags_that_are_no_character_errors_are_dropped),
		cmocka_unit_test(an_overrun_with_fifos_keeps_the_old_bytes),
		cmocka_unit_test(an_overrun_without_fifos_keeps_the_new_byte),
		cmocka_unit_test(clearing_the_receiver_drops_character_errors_but_not_the_overrun),
		cmocka_unit_test(a_break_is_received_as_one_zero_byte),
		cmocka_unit_test(a_break_shows_behind_the_bytes_before_it),
		cmocka_unit_test(a_break_overruns_a_full_receiver),
		cmocka_unit_test(bytes_written_during_a_break_reach_no_one),
		cmocka_unit_test(a_break_does_nothing_in_the_chips_loopback_mode),
		cmocka_unit_test(a_break_comes_out_when_the_chips_loopback_mode_ends),
		cmocka_unit_test(the_other_end_hears_a_break_once),
		cmocka_unit_test(a_break_of_the_other_end_is_received),

		cmocka_unit_test(no_interrupt_comes_that_is_not_enabled),
		cmocka_unit_test(interrupts_are_reported_by_priority),
		cmocka_unit_test(received_data_interrupts_at_each_trigger_level),
		cmocka_unit_test(without_fifos_one_byte_interrupts_whatever_the_trigger_was),
		cmocka_unit_test(the_data_interrupt_waits_for_its_enable),
		cmocka_unit_test(enabling_thri_with_an_empty_transmitter_interrupts),
		cmocka_unit_test(enabling_thri_again_does_not_interrupt_again),
		cmocka_unit_test(enabling_thri_with_a_full_transmitter_waits_until_it_is_empty),
		cmocka_unit_test(writing_a_byte_takes_the_thre_interrupt_back),
		cmocka_unit_test(reading_iir_clears_thre_only_when_it_reported_it),
		cmocka_unit_test(clearing_a_filled_transmitter_interrupts),
		cmocka_unit_test(switching_the_fifos_interrupts_at_once),
		cmocka_unit_test(each_line_error_interrupts_until_lsr_is_read),
		cmocka_unit_test(an_overrun_interrupts_at_once),
		cmocka_unit_test(an_error_below_the_top_does_not_interrupt_yet),
		cmocka_unit_test(out2_does_not_gate_the_interrupt),

		cmocka_unit_test(the_plug_wires_rts_to_cts_and_dtr_to_dsr_and_dcd),
		cmocka_unit_test(loopback_mode_wires_the_four_outputs_to_the_four_inputs),
		cmocka_unit_test(a_changed_input_sets_its_delta_until_msr_is_read),
		cmocka_unit_test(an_input_that_changed_back_still_shows_its_delta),
		cmocka_unit_test(only_the_trailing_edge_of_ri_sets_teri),
		cmocka_unit_test(a_changed_input_interrupts_until_msr_is_read),
		cmocka_unit_test(inputs_of_an_open_line_are_the_other_ends),
		cmocka_unit_test(loopback_mode_disconnects_the_modem_lines),
		cmocka_unit_test(the_autoconfiguration_of_linux_finds_its_loopback),
		cmocka_unit_test(loopback_mode_disconnects_the_line),
		cmocka_unit_test(interrupts_work_in_loopback_mode),

		cmocka_unit_test(bytes_that_waited_go_to_the_new_line),
		cmocka_unit_test(another_line_changes_the_modem_inputs),
		cmocka_unit_test(a_break_that_lasts_is_heard_at_the_new_line),
		cmocka_unit_test(the_same_line_again_keeps_a_break_for_the_other_end),

		cmocka_unit_test(what_arrives_and_leaves_is_counted),
		cmocka_unit_test(the_plug_counts_both_ways_and_a_break_swallows),

		cmocka_unit_test(a_loaded_uart_goes_on_where_the_saved_one_was),
		cmocka_unit_test(a_thre_interrupt_that_was_reported_is_not_again),
		cmocka_unit_test(a_loaded_uart_does_nothing_until_it_is_connected),
		cmocka_unit_test(a_state_that_cannot_have_been_saved_is_refused),
		cmocka_unit_test(nothing_waits_in_loopback_mode_beside_a_receiver_with_room),

		cmocka_unit_test(a_polling_driver_loses_nothing),
		cmocka_unit_test(an_interrupt_driven_driver_loses_nothing),
		cmocka_unit_test(bursts_of_1_to_64_come_back_before_the_next),
		cmocka_unit_test(after_garbage_in_every_register_the_port_works_again),
	};

	return cmocka_run_group_tests_name("16550A register model", tests, NULL, NULL);
}
