# What is made from the public header: part of "make check-unit".

unit-tests += tests/api/header.bats tests/api/man.bats tests/api/abi.bats tests/api/install.bats

check-unit: $(B)/man3/libmdev.3

# At a release: what later ones are compared with.
abi-dump: $(libmdev-so)
	$(Q)mkdir -p tests/api/abi
	$(call say,ABIDW,tests/api/abi/libmdev-$(VERSION).abi)tests/api/check-abi dump $< \
		tests/api/abi/libmdev-$(VERSION).abi

.PHONY: abi-dump
