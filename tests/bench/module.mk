# Benchmarks. They run in a virtual machine and say what they measured; nothing fails.
# COUNT limits how many devices bench-create makes.

$(B)/tests/bench/mdev-create: $(B)/tests/bench/mdev-create.o
	$(call say,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^

bench-create: | $(deps)
	$(Q)$(MAKE) mdevtest KDIR=$$(tests/vm/kernel default kdir)
	$(Q)tests/vm/run -t 3000 env COUNT=$(or $(COUNT),50000) tests/bench/create

.PHONY: bench-create
