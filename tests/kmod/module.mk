# Tests of the kernel modules. Pure parts are compiled for user space here; the rest
# are programs for a machine that has the modules, static so that any root serves.

kmod-programs := $(addprefix $(B)/tests/kmod/,serial-loop dma-loop mdev-faults)

static = $(if $(SANITIZE),,-static)

$(B)/tests/kmod/serial-loop: $(B)/tests/kmod/serial-loop.o
	$(call say,LD,$@)$(CC) $(ALL_LDFLAGS) $(static) -o $@ $^

$(B)/tests/kmod/dma-loop: $(B)/tests/kmod/dma-loop.o
	$(call say,LD,$@)$(CC) $(ALL_LDFLAGS) $(static) -o $@ $^

$(B)/tests/kmod/mdev-faults: $(B)/tests/kmod/mdev-faults.o $(B)/tests/kmod/fail-nth.o
	$(call say,LD,$@)$(CC) $(ALL_LDFLAGS) $(static) -o $@ $^

$(B)/tests/kmod/mtty_%.o: kmod/mtty/mtty_%.c | $(deps)
	$(Q)mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/tests/unit/test-frame: $(B)/tests/unit/test-frame.o $(B)/tests/kmod/mtty_frame.o
	$(call say,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(call pkg,libs,cmocka)

$(B)/tests/unit/test-uart: $(B)/tests/unit/test-uart.o \
		$(addprefix $(B)/tests/kmod/mtty_,frame.o state.o uart.o)
	$(call say,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(call pkg,libs,cmocka)

unit-tests += $(B)/tests/unit/test-frame $(B)/tests/unit/test-uart
