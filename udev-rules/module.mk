# Autostart: the udev rule and the systemd units it starts, with the configured paths. They are
# installed enabled, as the rule has always been; "systemctl mask" takes a unit out.

# Where systemctl and systemd-escape are.
SYSTEMCTLDIR ?= /usr/bin

systemd-units := mdevctl.service mdevctl-parent@.service

# Not from a rule's target: make does not see that a path has changed.
udev-subst = sed -e '/^@SANDBOX@$$/{r udev-rules/sandbox.in' -e 'd}' -e 's|@BINDIR@|$(BINDIR)|g' \
	-e 's|@SYSCONFDIR@|$(SYSCONFDIR)|g' -e 's|@SYSTEMCTLDIR@|$(SYSTEMCTLDIR)|g'

install-udev:
	$(Q)install -d $(DESTDIR)$(UDEVDIR)/rules.d $(DESTDIR)$(UNITDIR)/multi-user.target.wants
	$(Q)$(udev-subst) udev-rules/60-mdevctl.rules.in > $(DESTDIR)$(UDEVDIR)/rules.d/60-mdevctl.rules
	$(Q)$(foreach unit,$(systemd-units),$(udev-subst) udev-rules/$(unit).in > \
		$(DESTDIR)$(UNITDIR)/$(unit);)
	$(Q)ln -sf ../mdevctl.service $(DESTDIR)$(UNITDIR)/multi-user.target.wants

install += install-udev
.PHONY: install-udev
