# mdev-sim: a /sys with mediated devices, for the tests of the command.

sim-obj := $(patsubst tests/sim/%.c,$(B)/tests/sim/%.o,$(wildcard tests/sim/*.c))
sim-pkgs := fuse3

$(sim-obj): CFLAGS_tests = $(call pkg,cflags,$(sim-pkgs))

$(B)/tests/sim/mdev-sim: $(sim-obj)
	$(call say,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $(sim-obj) $(call pkg,libs,$(sim-pkgs)) -pthread
