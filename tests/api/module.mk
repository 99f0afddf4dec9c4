# What is made from the public header: part of "make check-unit". Sanitizers have nothing to
# say about it, and a sanitized library is not one to install.

unit-tests += $(if $(SANITIZE),,$(addprefix tests/api/,header.bats man.bats abi.bats install.bats \
	packages.bats))

check-unit: $(B)/man3/libmdev.3

# At a release: what later ones are compared with.
abi-dump: $(libmdev-so)
	$(Q)mkdir -p tests/api/abi
	$(call say,ABIDW,tests/api/abi/libmdev-$(VERSION).abi)tests/api/check-abi dump $< \
		tests/api/abi/libmdev-$(VERSION).abi

.PHONY: abi-dump
