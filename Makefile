# libmdev: one non-recursive Makefile; each folder adds its part in module.mk.
#
#   make                     build/mdevctl and build/libmdev.so
#   make modules [KDIR=DIR]  build/kmod/<release>/{core,vfio_mdev,mtty}/*.ko
#   make install, make modules_install
#   make demo, make check    what a newcomer runs; both install what is missing
#
# V=1 shows commands; WERROR=1 and SANITIZE=address,undefined are for developers.

VERSION := 0.1.0

# Debian's own places differ from those of others.
debian := $(wildcard /etc/debian_version)

PREFIX     ?= /usr
BINDIR     ?= $(PREFIX)/bin
LIBDIR     ?= $(PREFIX)/$(lib-folder)
INCLUDEDIR ?= $(PREFIX)/include
MANDIR     ?= $(PREFIX)/share/man
UDEVDIR    ?= $(PREFIX)/lib/udev
UNITDIR    ?= $(PREFIX)/lib/systemd/system
SYSCONFDIR ?= /etc
# Not below PREFIX: other packages put their scripts there.
SCRIPTDIR  ?= /usr/lib/mdevctl/scripts.d
DESTDIR    ?=

# Where the compiler looks for libraries, lib64 on some systems.
lib-folder = $(if $(debian),lib,$(or $(patsubst ../%,%,$(filter ../%,$(shell \
	$(CC) $(CFLAGS) -print-multi-os-directory 2>/dev/null))),lib))

# Everything built goes below B; a sanitized build does not mix with a plain one.
B := build$(if $(SANITIZE),/sanitize)

CC ?= cc
CFLAGS ?= -O2 -g
WARNINGS := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes -Wformat=2 \
	-Wpointer-arith -Wwrite-strings -Wundef -Wvla
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -Iinclude -I. $(WARNINGS) $(if $(WERROR),-Werror) \
	$(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer) \
	$(hardening) $(CFLAGS) $(CPPFLAGS)
ALL_LDFLAGS = $(if $(SANITIZE),-fsanitize=$(SANITIZE)) -Wl,-z,relro,-z,now $(LDFLAGS)

# What makes a fault harder to exploit; sanitizers stop at it. A distribution's own level of
# _FORTIFY_SOURCE stays, and without optimization there is none.
hardening = $(if $(SANITIZE),,-fstack-protector-strong -fstack-clash-protection $(fortify) \
	$(if $(filter x86_64-% i%86-%,$(machine)),-fcf-protection))
fortify = $(if $(findstring _FORTIFY_SOURCE,$(CFLAGS) $(CPPFLAGS)),,$(if $(filter-out -O0,$(filter \
	-O%,$(CFLAGS))),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2))
# Asked for once, and not before there is a compiler.
machine = $(eval machine := $$(shell $$(CC) -dumpmachine))$(machine)

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-8s %s\n' $(1) $(2);)

# Who reads about a failed test may not be able to run it again.
prove = prove --failures --comments $(if $(V),-v)

# $(call pkg,cflags,libs): used in recipes only, so that it is asked after "make
# check" has installed the libraries.
pkg = $(shell pkg-config --$1 $2)

# What is read has the default paths; installed it has the configured ones.
configured = sed -e 's|/etc/mdevctl\.d|$(SYSCONFDIR)/mdevctl.d|g' \
	-e 's|/usr/lib/mdevctl/scripts\.d|$(SCRIPTDIR)|g' \
	-e 's|/usr/lib/udev/rules\.d|$(UDEVDIR)/rules.d|g' -e 's|/usr/lib/systemd/system|$(UNITDIR)|g'

# $(call install-text,FILES,FOLDER)
install-text = for file in $1; do \
	to=$(DESTDIR)$2/$$(basename $$file) && $(configured) $$file > $$to && chmod 644 $$to || exit; done

# The goals of a newcomer install missing packages first; "make" alone never does.
ifneq ($(filter demo% check% bench% fuzz%,$(MAKECMDGOALS)),)
deps := build/deps.stamp
endif

all:

include util/module.mk lib/module.mk cli/module.mk examples/module.mk kmod/module.mk tests/module.mk
include $(wildcard udev-rules/module.mk completions/module.mk man/module.mk api/module.mk packaging/module.mk)

all: $(all)

build/deps.stamp: tests/deps
	$(Q)tests/deps
	$(Q)mkdir -p $(@D) && touch $@

# Objects: $(B)/<folder>/<name>.o, with dependencies tracked by the compiler.
$(B)/%.o: %.c | $(deps)
	$(Q)mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(ALL_CFLAGS) $(CFLAGS_$(firstword $(subst /, ,$<))) -MMD -MP -c -o $@ $<

# Into a tree of its own it is not to be used from there.
install: $(install)
	$(Q)$(if $(DESTDIR),,packaging/hints $(LIBDIR)/libmdev.so.$(SOVERSION) $(PYTHON) $(PYTHONDIR))

clean:
	$(Q)rm -rf build

FORCE:

.PHONY: all install clean FORCE
.DELETE_ON_ERROR:
.SUFFIXES:

# Not into trees that are none of ours to read.
-include $(shell find build '(' -path build/deb -o -path build/kmod -o -path build/kernels \
	-o -path build/roots -o -path build/vm -o -path 'build/peer*' ')' -prune -o -name '*.d' -print 2>/dev/null)
