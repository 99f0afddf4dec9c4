# What make check-serial needs, see tests/vm/module.mk.

$(B)/tests/serial/serial-bridge: $(B)/tests/serial/bridge.o \
		$(addprefix $(B)/tests/vfio/,check.o device.o kinds.o mtty.o)
	$(call say,LD,$@)$(CC) $(ALL_LDFLAGS) $(static) -o $@ $^
