# What the document shows, on real modules in a virtual machine: make demo [KERNEL=NAME].

KERNEL ?= default

demo-parts := $(B)/mdevctl $(B)/tests/kmod/serial-loop

demo: $(demo-parts) vm-modules-$(KERNEL)
	+$(Q)kdir=$$(tests/vm/kernel $(KERNEL) kdir) && \
		$(MAKE) --no-print-directory vendor-drivers KDIR=$$kdir
	$(Q)tests/demo/demo $(KERNEL)

.PHONY: demo
