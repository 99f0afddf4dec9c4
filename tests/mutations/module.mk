# Each protection is taken out, and its test must fail: "make check-mutations [T=PATTERN]". It takes
# most of an hour on two processors, and CI does not run it.

check-mutations: | $(deps)
	$(Q)tests/mutations/check $(T)

.PHONY: check-mutations
