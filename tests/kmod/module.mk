# Tests of the kernel modules. Pure parts are compiled for user space here; the rest
# are programs that run in the virtual machine, static so that any root serves.

kmod-programs := $(B)/tests/kmod/vfio-client $(B)/tests/kmod/serial-loop

$(B)/tests/kmod/mtty_uart.o: kmod/mtty/mtty_uart.c | $(deps)
	$(Q)mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/tests/unit/test-uart: $(B)/tests/unit/test-uart.o $(B)/tests/kmod/mtty_uart.o
	$(call say,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(call pkg,libs,cmocka)

unit-tests += $(B)/tests/unit/test-uart
