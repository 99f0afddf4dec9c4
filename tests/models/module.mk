# Models of what has too many orders to be tested: spin walks through all of them.

check-models: | $(deps)
	$(Q)tests/models/check

# What they say does not depend on how the library is compiled.
ifeq ($(SANITIZE),)
unit-tests += tests/models/check
endif

.PHONY: check-models
