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
PYTHONDIR ?= $(PREFIX)/lib/$(if $(wildcard /etc/debian_version),python3/dist-packages,$(python-site))
python-site = $(shell /usr/bin/python3 -c 'import sys; print("python%d.%d/site-packages" % sys.version_info[:2])')
python-modules := $(patsubst python/%,$(B)/python/%,$(wildcard python/libmdev/*.py python/libmdev/py.typed))

$(B)/python/libmdev/_api.py: $(api-header) api/python.pl api/Header.pm
	$(Q)mkdir -p $(@D)
	$(call say,GEN,$@)$(api-generate) api/python.pl libmdev.so.$(SOVERSION) $(VERSION) $(api-header) > $@

$(python-modules): $(B)/python/%: python/%
	$(Q)mkdir -p $(@D)
	$(Q)cp $< $@

python: $(B)/python/libmdev/_api.py $(python-modules) $(B)/libmdev.so.$(SOVERSION)

install-python: python
	$(Q)install -d $(DESTDIR)$(PYTHONDIR)/libmdev
	$(Q)$(call install-text,$(B)/python/libmdev/_api.py $(python-modules),$(PYTHONDIR)/libmdev)

all += python
install += install-python
.PHONY: python install-python
