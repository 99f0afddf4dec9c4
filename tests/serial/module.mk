# What make check-serial needs, see tests/vm/module.mk; and systems with serial drivers of their
# own: make check-other-systems [KERNEL=NAME].

$(B)/tests/serial/serial-bridge: $(B)/tests/serial/bridge.o \
		$(addprefix $(B)/tests/vfio/,check.o device.o kinds.o mtty.o)
	$(call say,LD,$@)$(CC) $(ALL_LDFLAGS) $(static) -o $@ $^

check-other-systems: vm-modules-$(KERNEL) | $(deps)
	$(Q)tests/vm/root trixie-systems >/dev/null
	$(Q)KERNEL=$(KERNEL) tests/serial/other-systems

.PHONY: check-other-systems
