# Tests; "make check" runs all tiers, check-<tier> one of them.

include $(wildcard tests/*/module.mk)
