# libmdev: the shared and the static library from one set of objects.

lib-names := $(notdir $(basename $(wildcard lib/*.c)))
lib-obj := $(lib-names:%=$(B)/lib/%.o)
lib-pkgs := json-c uuid

SOVERSION := 0
libmdev-so := $(B)/libmdev.so.$(VERSION)

# libkmod is opened at run time: only its header is needed here.
CFLAGS_lib = -fPIC -fvisibility=hidden $(call pkg,cflags,$(lib-pkgs) libkmod)

$(libmdev-so): $(lib-obj) lib/libmdev.sym
	$(call say,LD,$@)$(CC) $(ALL_LDFLAGS) -shared -Wl,-soname,libmdev.so.$(SOVERSION) \
		-Wl,--version-script=lib/libmdev.sym -Wl,--no-undefined -Wl,--as-needed \
		-o $@ $(lib-obj) $(call pkg,libs,$(lib-pkgs)) -ldl

$(B)/libmdev.so.$(SOVERSION) $(B)/libmdev.so: $(libmdev-so)
	$(Q)ln -sf $(notdir $<) $@

$(B)/libmdev.a: $(lib-obj)
	$(call say,AR,$@)rm -f $@ && $(AR) rcs $@ $^

$(B)/libmdev.pc: lib/libmdev.pc.in Makefile
	$(Q)mkdir -p $(@D)
	$(call say,GEN,$@)sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' \
		-e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' -e 's|@VERSION@|$(VERSION)|' $< > $@

all += $(B)/libmdev.so $(B)/libmdev.so.$(SOVERSION) $(B)/libmdev.a $(B)/libmdev.pc

install-lib: $(libmdev-so) $(B)/libmdev.a $(B)/libmdev.pc
	$(Q)install -d $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCLUDEDIR)
	$(Q)install -m 755 $(libmdev-so) $(DESTDIR)$(LIBDIR)
	$(Q)ln -sf $(notdir $(libmdev-so)) $(DESTDIR)$(LIBDIR)/libmdev.so.$(SOVERSION)
	$(Q)ln -sf $(notdir $(libmdev-so)) $(DESTDIR)$(LIBDIR)/libmdev.so
	$(Q)install -m 644 $(B)/libmdev.a $(DESTDIR)$(LIBDIR)
	$(Q)install -m 644 $(B)/libmdev.pc $(DESTDIR)$(LIBDIR)/pkgconfig
	$(Q)install -m 644 include/libmdev.h $(DESTDIR)$(INCLUDEDIR)

install += install-lib
.PHONY: install-lib
