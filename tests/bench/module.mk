# Benchmarks say what they measured; nothing fails. COUNT limits how many devices
# bench-create makes.

bench: bench-list bench-define bench-rows bench-counts bench-create bench-boot bench-parents bench-registers

# What listing costs, beside a bare loop of system calls.
$(B)/tests/bench/list: $(B)/tests/bench/list.o $(B)/tests/bench/tree.o $(B)/libmdev.a
	$(call say,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(call pkg,libs,$(lib-pkgs)) -ldl

bench-list: $(B)/tests/bench/list python
	$(Q)PYTHONPATH=$(B)/python LD_LIBRARY_PATH=$(B) $< 10000 1000 tests/bench/list.py

# What durable changes cost, beside the system calls that make them so, on the disk of the build.
$(B)/tests/bench/define: $(B)/tests/bench/define.o $(B)/tests/bench/tree.o $(B)/libmdev.a
	$(call say,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(call pkg,libs,$(lib-pkgs)) -ldl

bench-define: $(B)/tests/bench/define
	$(Q)$< $(B)

# What the command costs, beside mdevctl 1.4.0 and beside the bare system calls; how that grows;
# whether it has grown since the baseline of this release of Debian.
rows-obj := $(addprefix $(B)/tests/bench/,rows.o floor.o measure.o tree.o)

$(B)/tests/bench/rows: $(rows-obj)
	$(call say,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lm

bench-rows: $(B)/tests/bench/rows $(B)/mdevctl
	$(Q)$< times $(B)/mdevctl $(B)/tests/bench/rows.tsv $$(tests/cli/peer)

bench-counts: $(B)/tests/bench/rows $(B)/mdevctl
	$(Q)$< counts $(B)/mdevctl

bench-check check-bench: $(B)/tests/bench/rows $(B)/tests/cli/mdevctl
	$(Q)$(prove) --exec '' tests/bench/check

# What the n-th device costs, in a virtual machine, with our core and with the kernel's.
$(B)/tests/bench/mdev-create: $(B)/tests/bench/mdev-create.o
	$(call say,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^

bench-create: | $(deps)
	$(Q)$(MAKE) mdevtest KDIR=$$(tests/vm/kernel default kdir)
	$(Q)tests/vm/run -t 3000 $(if $(ICOUNT),--icount) env COUNT=$(or $(COUNT),50000) tests/bench/create

# What the start of many definitions costs on modules that do nothing, likewise.
bench-boot: $(B)/mdevctl $(B)/tests/bench/mdev-create | $(deps)
	$(Q)$(MAKE) mdevtest KDIR=$$(tests/vm/kernel default kdir)
	$(Q)tests/vm/run -t 3000 --icount env COUNT=$(or $(COUNT),1000) tests/bench/boot $$(tests/cli/peer)

# What parents that come and go cost, likewise.
bench-parents: | $(deps)
	$(Q)$(MAKE) mdevtest KDIR=$$(tests/vm/kernel default kdir)
	$(Q)tests/vm/run tests/bench/parents

# What an access to a register and an interrupt cost, in instructions, with our mtty and with Linux's.
$(B)/tests/bench/count-registers: $(B)/tests/bench/count-registers.o $(B)/tests/vfio/device.o
	$(call say,LD,$@)$(CC) $(ALL_LDFLAGS) -static -o $@ $^

bench-registers: $(B)/tests/bench/count-registers | $(deps)
	$(Q)$(MAKE) vm-test-modules-default
	$(Q)tests/vm/run --icount tests/bench/registers

.PHONY: bench bench-registers bench-parents bench-list bench-define bench-rows bench-counts \
	bench-check check-bench bench-create bench-boot
