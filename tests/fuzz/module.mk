# Fuzz targets. "make fuzz" fuzzes each with clang's libFuzzer; "make check" replays
# the corpus with the compiler of the rest.
#
# A target NAME is tests/fuzz/fuzz-NAME.c, its corpus tests/fuzz/corpus/NAME/. What else
# it is made of is said by prerequisites, the libraries it needs by fuzz-pkgs-NAME.

FUZZ_CC ?= clang
FUZZ_RUNS ?= 1000000

fuzz-names := $(patsubst tests/fuzz/fuzz-%.c,%,$(wildcard tests/fuzz/fuzz-*.c))

fuzz-flags = -std=gnu11 -D_GNU_SOURCE -Iinclude -I. -I$(B)/lib $(WARNINGS) $(if $(WERROR),-Werror) -g -O1 \
	-fsanitize=address,undefined -fno-sanitize-recover=all \
	$(if $(fuzz-pkgs-$*),$(call pkg,cflags,$(fuzz-pkgs-$*)))
fuzz-inputs = $(filter %.c %.o,$^) $(filter %.a,$^) $(if $(fuzz-pkgs-$*),$(call pkg,libs,$(fuzz-pkgs-$*)))

$(B)/tests/fuzz/replay-%: tests/fuzz/fuzz-%.c tests/fuzz/replay.c | $(deps)
	$(Q)mkdir -p $(@D)
	$(call say,CCLD,$@)$(CC) $(fuzz-flags) -DCORPUS='"tests/fuzz/corpus/$*"' -o $@ $(fuzz-inputs)

$(B)/tests/fuzz/fuzz-%: tests/fuzz/fuzz-%.c | $(deps)
	$(Q)mkdir -p $(@D)
	$(call say,FUZZCC,$@)$(FUZZ_CC) $(fuzz-flags) -fsanitize=fuzzer -o $@ $(fuzz-inputs)

# The library is compiled from its sources, for the coverage that guides the fuzzer; what is
# replayed is linked with what the tests are linked with.
fuzz-of-lib := answer definition document list options sysfs uuid vgpu
$(foreach name,$(fuzz-of-lib),$(eval fuzz-pkgs-$(name) := $(lib-pkgs) libkmod libudev))
fuzz-pkgs-options += $(cli-pkgs)
$(fuzz-of-lib:%=$(B)/tests/fuzz/replay-%): $(B)/libmdev.a
$(fuzz-of-lib:%=$(B)/tests/fuzz/fuzz-%): $(wildcard lib/*.c util/*.c) $(lib-paths)

# The command without its main().
$(B)/tests/fuzz/main.o: $(B)/cli/main.o
	$(Q)mkdir -p $(@D)
	$(Q)objcopy --redefine-sym main=mdevctl_main $< $@

$(B)/tests/fuzz/replay-options: $(filter $(B)/cli/%,$(cli-obj:$(B)/cli/main.o=)) $(B)/tests/fuzz/main.o
$(B)/tests/fuzz/fuzz-options: $(filter-out cli/main.c,$(wildcard cli/*.c)) $(B)/tests/fuzz/main.o

$(B)/tests/fuzz/replay-uart $(B)/tests/fuzz/fuzz-uart: \
	$(addprefix kmod/mtty/mtty_,frame.c frame.h state.c uart.c uart.h)

# New inputs go to build/; to keep the useful ones: FUZZ -merge=1 CORPUS FOUND
$(fuzz-names:%=fuzz-%): fuzz-%: $(B)/tests/fuzz/fuzz-%
	$(Q)mkdir -p $(B)/tests/fuzz/found/$*
	$(Q)$< -runs=$(FUZZ_RUNS) -artifact_prefix=$(B)/tests/fuzz/ \
		$(B)/tests/fuzz/found/$* tests/fuzz/corpus/$*

fuzz: $(fuzz-names:%=fuzz-%)

unit-tests += $(fuzz-names:%=$(B)/tests/fuzz/replay-%)

.PHONY: fuzz $(fuzz-names:%=fuzz-%)
