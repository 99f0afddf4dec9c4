# Kernel modules. Kbuild writes beside its sources, so each kernel gets a tree
# of links of its own below build/kmod/ and several kernels can be built for.

KDIR ?= /lib/modules/$(shell uname -r)/build
