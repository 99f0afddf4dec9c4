# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The Makefile that tests/vm/kernel puts before headers whose compiler and libraries are newer
# than the host's. Called from the host, it puts the kernel's own /usr over the host's and goes
# on there; all else stays as it is: the same folders, goals and variables.

here := $(dir $(realpath $(lastword $(MAKEFILE_LIST))))
inside := $(wildcard /usr/src/$(notdir $(here:/=))/Makefile.debian)

ifneq ($(inside),)
include $(here)Makefile.debian
else

$(or $(MAKECMDGOALS),all): user-land
	@:

user-land:
	+@unshare --mount $(if $(filter-out 0,$(shell id -u)),--map-root-user) \
		sh -c 'mount --bind "$$0/usr" /usr && exec "$$@"' \
		$(abspath $(here)../../..) make -C $(CURDIR) $(MAKECMDGOALS)

.PHONY: user-land $(or $(MAKECMDGOALS),all)

endif
