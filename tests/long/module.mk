# A process that uses the library for months: "make check-long [COUNT=100000]". CI does not run it.

$(B)/tests/long/cycles $(B)/tests/long/threads: %: %.o $(B)/libmdev.a
	$(call say,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(call pkg,libs,$(lib-pkgs)) -ldl -pthread

# For tests/cli/concurrent.bats on real modules.
vm-programs += $(B)/tests/long/threads

check-long: vm-modules-default $(B)/tests/long/cycles | $(deps)
	$(Q)tests/vm/run -t 14400 tests/long/cycles $(or $(COUNT),100000)

.PHONY: check-long
