# What applications do with libmdev; compiled by "make", run by tests/cli/examples.bats and
# tests/vm/examples.bats.

examples := $(patsubst examples/%.c,$(B)/examples/%,$(wildcard examples/*.c))

$(examples): $(B)/examples/%: $(B)/examples/%.o $(B)/libmdev.so $(B)/libmdev.so.$(SOVERSION)
	$(call say,LD,$@)$(CC) $(ALL_LDFLAGS) -Wl,-rpath,'$$ORIGIN/..' -o $@ $< -L$(B) -lmdev

all += $(examples)
vm-programs += $(examples)
