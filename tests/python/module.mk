# The Python binding on the simulated /sys, by the system's Python. T=name runs only
# tests/python/name.bats.

check-python: $(B)/mdevctl $(B)/tests/sim/mdev-sim $(B)/tests/unit/udev/libudev.so.1 python
	$(Q)if ! true <>/dev/fuse; then \
		echo "SKIP: /dev/fuse cannot be used"; \
	else \
		MACHINE=sim MDEVCTL=$(abspath $(B)/mdevctl) SIM=$(abspath $(B)/tests/sim/mdev-sim) \
			$(prove) -e 'bats --tap' $(or $(T:%=tests/python/%.bats),tests/python/*.bats); \
	fi

.PHONY: check-python
