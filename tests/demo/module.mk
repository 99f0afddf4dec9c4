# What the document shows, on real modules in a virtual machine: make demo [KERNEL=NAME].

KERNEL ?= default

demo-parts := $(B)/mdevctl $(B)/tests/kmod/serial-loop $(B)/tests/kmod/dma-loop

demo: demo-about $(demo-parts) vm-modules-$(KERNEL)
	+$(Q)kdir=$$(tests/vm/kernel $(KERNEL) kdir) && \
		$(MAKE) --no-print-directory vendor-drivers KDIR=$$kdir
	$(Q)tests/demo/demo $(KERNEL)

# The first thing that is seen, before anything is installed or built.
demo-about:
	$(Q)tests/demo/demo --about

.PHONY: demo demo-about
