# Tests on real kernels: check-vm [KERNELS="default 6.12"]. T=name runs tests/vm/name.bats
# only. Folders add the programs that tests run in the machine to vm-programs, and targets that
# build modules with KDIR to vm-modules.

KERNELS ?= default 6.12

vm-module-targets := $(patsubst %,vm-modules-%,$(sort $(KERNELS) default 6.12))

vm-modules += modules
vm-programs += $(kmod-programs) $(demo-parts)

check-vm: $(addprefix vm-modules-,$(KERNELS)) $(vm-programs) | $(deps)
	$(Q)tests/vm/check $(KERNELS)

# A kernel's modules, below build/kmod/<release>.
$(vm-module-targets): vm-modules-%: | $(deps)
	+$(Q)kdir=$$(tests/vm/kernel $* kdir) && \
		$(MAKE) --no-print-directory $(vm-modules) KDIR=$$kdir

.PHONY: check-vm $(vm-module-targets)
