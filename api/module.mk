# What is made from the public header: manual pages of section 3, the Python binding.

api-header := include/libmdev.h
api-generate = perl -Iapi

# Which pages there are, the header says: libmdev.3 stands for all.
$(B)/man3/libmdev.3: $(api-header) man/libmdev.3.in man/example.c api/man.pl api/Header.pm
	$(Q)rm -rf $(@D) && mkdir -p $(@D)
	$(call say,GEN,$@)$(api-generate) api/man.pl $(VERSION) $(api-header) man/libmdev.3.in $(@D)

all += $(B)/man3/libmdev.3

install-man3: $(B)/man3/libmdev.3
	$(Q)install -d $(DESTDIR)$(MANDIR)/man3
	$(Q)$(call install-text,$(B)/man3/*.3,$(MANDIR)/man3)

install += install-man3
.PHONY: install-man3

# The Python binding: the module that is made from the header beside those written by hand.
# Debian's Python looks into python3/dist-packages below /usr only.
PYTHON    ?= /usr/bin/python3
PYTHONDIR ?= $(PREFIX)/lib/$(python-folder)
PYTHON_INSTALLER ?= make
python-folder = $(if $(debian),$(if $(filter /usr,$(PREFIX)),python3,$(python-x.y))/dist-packages,$(python-x.y)/site-packages)
python-x.y = $(shell $(PYTHON) -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
python-modules := $(patsubst python/%,$(B)/python/%,$(wildcard python/libmdev/*.py python/libmdev/py.typed))

$(B)/python/libmdev/_api.py: $(api-header) api/python.pl api/Header.pm Makefile
	$(Q)mkdir -p $(@D)
	$(call say,GEN,$@)$(api-generate) api/python.pl libmdev.so.$(SOVERSION) $(VERSION) $(api-header) > $@

$(python-modules): $(B)/python/%: python/%
	$(Q)mkdir -p $(@D)
	$(Q)cp $< $@

$(B)/python/METADATA: python/METADATA.in Makefile
	$(Q)mkdir -p $(@D)
	$(Q)sed 's/@VERSION@/$(VERSION)/' $< > $@

# All that is the binding, without the library.
python-files: $(B)/python/libmdev/_api.py $(python-modules) $(B)/python/METADATA

python: python-files $(B)/libmdev.so.$(SOVERSION)

# The folder .dist-info is where pip and importlib.metadata look. Without a list of files pip leaves
# the uninstalling to whoever has installed.
python-info = $(DESTDIR)$(PYTHONDIR)/libmdev-$(VERSION).dist-info

install-python: python
	$(Q)rm -rf $(DESTDIR)$(PYTHONDIR)/libmdev-[0-9]*.dist-info
	$(Q)install -d $(DESTDIR)$(PYTHONDIR)/libmdev $(python-info)
	$(Q)$(call install-text,$(B)/python/libmdev/_api.py $(python-modules),$(PYTHONDIR)/libmdev)
	$(Q)install -m 644 $(B)/python/METADATA $(python-info)
	$(Q)echo $(PYTHON_INSTALLER) > $(python-info)/INSTALLER

all += python
install += install-python
.PHONY: python python-files install-python
