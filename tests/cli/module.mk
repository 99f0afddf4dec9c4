# The command on the simulated /sys. T=name runs only tests/cli/name.bats.

cli-parts := $(B)/mdevctl $(B)/tests/sim/mdev-sim $(B)/tests/cli/mdevctl $(B)/tests/cli/short-write.so \
	$(B)/tests/long/threads
cli-env = MACHINE=sim MDEVCTL=$(abspath $(B)/mdevctl) SIM=$(abspath $(B)/tests/sim/mdev-sim) \
	EXAMPLES=$(abspath $(B)/examples) SELF_CONTAINED=$(abspath $(B)/tests/cli/mdevctl) \
	SHORT_WRITE_LIB=$(abspath $(B)/tests/cli/short-write.so) THREADS=$(abspath $(B)/tests/long/threads)

# A set-id program does not look for its library beside it: this one has it inside.
$(B)/tests/cli/mdevctl: $(filter-out $(util-obj),$(cli-obj)) $(B)/libmdev.a
	$(Q)mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(call pkg,libs,$(lib-pkgs) $(cli-pkgs)) -ldl

$(B)/tests/cli/short-write.so: tests/cli/short-write.c | $(deps)
	$(Q)mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(ALL_CFLAGS) -fPIC -shared -MMD -MP -o $@ $< -ldl

check-cli: $(cli-parts) $(examples)
	$(Q)if ! true <>/dev/fuse; then \
		echo "SKIP: /dev/fuse cannot be used"; \
	else \
		$(cli-env) $(prove) -j $$(nproc) -e 'bats --tap' \
			$(or $(T:%=tests/cli/%.bats),tests/cli/*.bats); \
	fi

# Commands are killed, and fail, at each of their system calls, not only at those that matter.
check-killed: $(cli-parts)
	$(Q)$(cli-env) AT_EACH_CALL=all $(prove) -e 'bats --tap' tests/cli/killed.bats \
		tests/cli/write-errors.bats

.PHONY: check-cli check-killed
