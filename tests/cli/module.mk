# The command on the simulated /sys. T=name runs only tests/cli/name.bats.

check-cli: $(B)/mdevctl $(B)/tests/sim/mdev-sim $(examples)
	$(Q)if ! true <>/dev/fuse; then \
		echo "SKIP: /dev/fuse cannot be used"; \
	else \
		MACHINE=sim MDEVCTL=$(abspath $(B)/mdevctl) SIM=$(abspath $(B)/tests/sim/mdev-sim) \
			EXAMPLES=$(abspath $(B)/examples) \
			$(prove) -j $$(nproc) -e 'bats --tap' $(or $(T:%=tests/cli/%.bats),tests/cli/*.bats); \
	fi

.PHONY: check-cli
