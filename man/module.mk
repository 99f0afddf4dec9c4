# Manual pages, written by hand; tests/cli/docs.bats compares them with the command's options.

install-man:
	$(Q)install -d $(addprefix $(DESTDIR)$(MANDIR)/man,4 5 8 9)
	$(Q)install -m 644 man/mtty.4 $(DESTDIR)$(MANDIR)/man4
	$(Q)install -m 644 man/mdevctl.d.5 $(DESTDIR)$(MANDIR)/man5
	$(Q)install -m 644 man/mdevctl.8 man/lsmdev.8 $(DESTDIR)$(MANDIR)/man8
	$(Q)install -m 644 man/vfio_mdev.9 $(DESTDIR)$(MANDIR)/man9

install += install-man
.PHONY: install-man
