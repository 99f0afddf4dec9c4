# libmdev: the shared and the static library from one set of objects.

lib-names := $(notdir $(basename $(wildcard lib/*.c)))
lib-obj := $(lib-names:%=$(B)/lib/%.o) $(util-obj)
lib-pkgs := uuid

SOVERSION := 0
libmdev-so := $(B)/libmdev.so.$(VERSION)

# libkmod and libudev are opened at run time: only their headers are needed here.
CFLAGS_lib = -fPIC -fvisibility=hidden -I$(B)/lib $(call pkg,cflags,$(lib-pkgs) libkmod libudev)

# The places that can be configured. Written only when one changes, so that what was compiled
# with another is compiled again.
lib-paths := $(B)/lib/paths.h

$(lib-paths): FORCE
	$(Q)mkdir -p $(@D)
	$(Q)text=$$(printf '#define %s "%s"\n' SYSCONFDIR '$(SYSCONFDIR)' SCRIPTDIR '$(SCRIPTDIR)'); \
		[ "$$text" = "$$(cat $@ 2>/dev/null)" ] || echo "$$text" > $@

$(B)/lib/store.o $(B)/lib/script_dir.o: $(lib-paths)

$(libmdev-so): $(lib-obj) lib/libmdev.sym
	$(call say,LD,$@)$(CC) $(ALL_LDFLAGS) -shared -Wl,-soname,libmdev.so.$(SOVERSION) \
		-Wl,--version-script=lib/libmdev.sym -Wl,--no-undefined -Wl,--as-needed \
		-o $@ $(lib-obj) $(call pkg,libs,$(lib-pkgs)) -ldl

$(B)/libmdev.so.$(SOVERSION) $(B)/libmdev.so: $(libmdev-so)
	$(Q)ln -sf $(notdir $<) $@

$(B)/libmdev.a: $(lib-obj)
	$(call say,AR,$@)rm -f $@ && $(AR) rcs $@ $^

# The installed one is a single object in which only the public names are left: inner ones, such
# as read_all(), could be a program's, too. Tests call those, so they take the other.
$(B)/install/libmdev.a: $(lib-obj)
	$(Q)mkdir -p $(@D)
	$(call say,AR,$@)$(CC) -r -nostdlib -o $(@:.a=.o) $^ && \
		objcopy --localize-hidden $(@:.a=.o) && rm -f $@ && $(AR) rcs $@ $(@:.a=.o)

# Not from a rule's target: make does not see that PREFIX has changed.
make-pc = sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' \
	-e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' -e 's|@VERSION@|$(VERSION)|' lib/libmdev.pc.in

all += $(B)/libmdev.so $(B)/libmdev.so.$(SOVERSION) $(B)/libmdev.a

install-lib: $(libmdev-so) $(B)/install/libmdev.a
	$(Q)install -d $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCLUDEDIR)
	$(Q)install -m 755 $(libmdev-so) $(DESTDIR)$(LIBDIR)
	$(Q)ln -sf $(notdir $(libmdev-so)) $(DESTDIR)$(LIBDIR)/libmdev.so.$(SOVERSION)
	$(Q)ln -sf $(notdir $(libmdev-so)) $(DESTDIR)$(LIBDIR)/libmdev.so
	$(Q)install -m 644 $(B)/install/libmdev.a $(DESTDIR)$(LIBDIR)
	$(Q)$(make-pc) > $(DESTDIR)$(LIBDIR)/pkgconfig/libmdev.pc
	$(Q)$(call install-text,include/libmdev.h,$(INCLUDEDIR))

install += install-lib
.PHONY: install-lib
