# mdevctl: linked against the shared library as any other application is.

cli-obj := $(patsubst cli/%.c,$(B)/cli/%.o,$(wildcard cli/*.c)) $(util-obj)
cli-pkgs := smartcols
cli-lib := $(B)/libmdev.so $(B)/libmdev.so.$(SOVERSION)

CFLAGS_cli = -fPIE $(call pkg,cflags,$(cli-pkgs))

# In the build directory the command finds the library beside it; the installed one
# is linked without that.
$(B)/mdevctl: cli-rpath = -Wl,-rpath,'$$ORIGIN'
$(B)/mdevctl $(B)/install/mdevctl: $(cli-obj) $(cli-lib)
	$(Q)mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(ALL_LDFLAGS) -pie -o $@ $(cli-obj) -L$(B) -lmdev \
		-Wl,-rpath-link,$(B) $(cli-rpath) $(call pkg,libs,$(cli-pkgs))

all += $(B)/mdevctl

install-cli: $(B)/install/mdevctl
	$(Q)install -d $(DESTDIR)$(BINDIR)
	$(call say,INSTALL,$(DESTDIR)$(BINDIR)/mdevctl)install $< $(DESTDIR)$(BINDIR)/mdevctl
	$(Q)ln -sf mdevctl $(DESTDIR)$(BINDIR)/lsmdev
	$(Q)install -d $(DESTDIR)$(SYSCONFDIR)/mdevctl.d \
		$(DESTDIR)$(SCRIPTDIR)/callouts $(DESTDIR)$(SCRIPTDIR)/notifiers

install += install-cli
.PHONY: install-cli

# Units of the command; the rule to link them is that of all units.
$(B)/tests/unit/test-options: $(B)/cli/options.o $(B)/cli/option_table.o $(B)/cli/terminal.o \
		$(B)/cli/tip.o $(B)/cli/usage.o
$(B)/tests/unit/test-out: $(B)/cli/out.o $(B)/cli/bar.o $(B)/cli/terminal.o
$(B)/tests/unit/test-log: $(B)/cli/log.o $(B)/cli/terminal.o
$(B)/tests/unit/test-terminal: $(B)/cli/terminal.o
