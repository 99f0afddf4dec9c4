# Benchmarks. They run in a virtual machine and say what they measured; nothing fails.

$(B)/tests/bench/mdev-create: $(B)/tests/bench/mdev-create.o
	$(call say,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^
