# Manual pages, written by hand; tests/cli/docs.bats compares them with the command's options.

install-man:
	$(Q)install -d $(addprefix $(DESTDIR)$(MANDIR)/man,4 5 8 9)
	$(Q)$(call install-text,man/mtty.4,$(MANDIR)/man4)
	$(Q)$(call install-text,man/mdevctl.d.5 man/mdevctl-document.5,$(MANDIR)/man5)
	$(Q)$(call install-text,man/mdevctl.8 man/lsmdev.8,$(MANDIR)/man8)
	$(Q)$(call install-text,man/vfio_mdev.9,$(MANDIR)/man9)

install += install-man
.PHONY: install-man
