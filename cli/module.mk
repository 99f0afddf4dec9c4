# mdevctl: linked against the shared library as any other application is.

cli-obj := $(patsubst cli/%.c,$(B)/cli/%.o,$(wildcard cli/*.c))
cli-pkgs := json-c popt

CFLAGS_cli = $(call pkg,cflags,$(cli-pkgs))

$(B)/mdevctl: $(cli-obj) $(B)/libmdev.so $(B)/libmdev.so.$(SOVERSION)
	$(call say,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $(cli-obj) -L$(B) -lmdev \
		-Wl,-rpath,'$$ORIGIN' $(call pkg,libs,$(cli-pkgs))

all += $(B)/mdevctl
