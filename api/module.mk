# What is made from the public header: manual pages of section 3.

api-header := include/libmdev.h
api-generate = perl -Iapi

# Which pages there are, the header says: libmdev.3 stands for all.
$(B)/man3/libmdev.3: $(api-header) man/libmdev.3.in man/example.c api/man.pl api/Header.pm
	$(Q)rm -rf $(@D) && mkdir -p $(@D)
	$(call say,GEN,$@)$(api-generate) api/man.pl $(VERSION) $(api-header) man/libmdev.3.in $(@D)

all += $(B)/man3/libmdev.3

install-man3: $(B)/man3/libmdev.3
	$(Q)install -d $(DESTDIR)$(MANDIR)/man3
	$(Q)install -m 644 $(B)/man3/*.3 $(DESTDIR)$(MANDIR)/man3

install += install-man3
.PHONY: install-man3
