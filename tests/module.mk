# Tests; "make check" runs all tiers, check-<tier> one of them. TIERS= chooses.

TIERS ?= unit bench asan valgrind cli python modules vm

include $(wildcard tests/*/module.mk)

check: | $(deps)
	+$(Q)MAKE="$(MAKE) --no-print-directory" tests/check $(TIERS)

.PHONY: check
