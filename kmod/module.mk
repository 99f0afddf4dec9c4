# Kernel modules. Kbuild writes beside its sources, so each kernel gets a tree
# of links of its own below build/kmod/ and several kernels can be built for.

KDIR ?= /lib/modules/$(shell uname -r)/build

# What uname -r says and modules are marked with. Not include/config/kernel.release,
# which Debian leaves at the upstream version.
kernel_release = $(shell sed -n 's/.*UTS_RELEASE "\(.*\)".*/\1/p' \
	$(KDIR)/include/generated/utsrelease.h 2>/dev/null)
kmod_tree = build/kmod/$(kernel_release)

# Steps of kbuild that fail or complain without files that header packages leave out.
kbuild = $(MAKE) $(if $(V),,--no-print-directory) -C $(KDIR) \
	$(if $(and $(wildcard $(KDIR)/vmlinux),$(shell command -v pahole)),,CONFIG_DEBUG_INFO_BTF_MODULES=) \
	$(if $(wildcard $(KDIR)/certs/signing_key.x509),,CONFIG_MODULE_SIG_ALL=)

# The link tree: links whose source has gone would be built too, so they go first.
define link_kmod
	$(Q)mkdir -p $(1)
	$(Q)find $(1) -xtype l -delete
	$(Q)cp -rsf $(CURDIR)/kmod/. $(1)
endef

modules: kernel-headers | $(deps)
	$(call link_kmod,$(kmod_tree))
	$(Q)$(kbuild) M=$(CURDIR)/$(kmod_tree) modules

kernel-headers:
	$(Q)test -n "$(kernel_release)" || { \
		echo "Error: no kernel headers in $(KDIR): install linux-headers-$$(uname -r)" \
			"or name a kernel's build directory with KDIR=DIR" >&2; exit 1; }

# updates/ comes before the kernel's own modules. Kbuild's depmod is replaced: run on
# a staging tree it would write a modules.dep that lists three modules only, and
# ruin the machine the tree is laid over.
modules_install: modules
	$(Q)$(kbuild) M=$(CURDIR)/$(kmod_tree) INSTALL_MOD_DIR=updates \
		INSTALL_MOD_PATH=$(INSTALL_MOD_PATH) DEPMOD=true modules_install
	$(Q)if [ -e "$(INSTALL_MOD_PATH)/lib/modules/$(kernel_release)/modules.order" ]; then \
		depmod $(if $(INSTALL_MOD_PATH),-b $(INSTALL_MOD_PATH)) $(kernel_release); \
	else \
		echo "Run depmod $(kernel_release) once the modules are in place."; \
	fi

# For drivers outside of this repository: the interface of vfio_mdev.ko, and what modpost has
# to know of its symbols.
install-kmod-headers: modules
	$(Q)install -d $(DESTDIR)$(PREFIX)/src/vfio_mdev/$(kernel_release)
	$(Q)install -m 644 kmod/include/vfio_mdev.h $(DESTDIR)$(PREFIX)/src/vfio_mdev
	$(Q)install -m 644 $(kmod_tree)/Module.symvers \
		$(DESTDIR)$(PREFIX)/src/vfio_mdev/$(kernel_release)

# mdevtest.ko and the programs that go with it, for tests/vm/core.bats.
mdevtest_tree = $(CURDIR)/$(kmod_tree)/mdevtest
mdevtest-programs := $(B)/tests/kmod/mdev-stress $(B)/tests/kmod/mdev-uevents \
	$(B)/tests/kmod/mdev-cycle $(B)/tests/bench/mdev-create

mdevtest: modules $(mdevtest-programs)
	$(Q)mkdir -p $(mdevtest_tree)
	$(Q)cp -rsf $(CURDIR)/tests/kmod/mdev_probe_test/. $(mdevtest_tree)
	$(Q)$(kbuild) M=$(mdevtest_tree) KBUILD_EXTRA_SYMBOLS=$(CURDIR)/$(kmod_tree)/Module.symvers modules

$(B)/tests/kmod/mdev-stress $(B)/tests/kmod/mdev-uevents $(B)/tests/kmod/mdev-cycle: %: %.o
	$(call say,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ -pthread

# The checks that need no virtual machine: warnings, sparse, checkpatch, symbol versions.
# checkpatch comes with Linux's samples, from the package of the kernel's source.
check-modules: kernel-headers | $(deps)
	$(Q)tests/kmod/samples/build $(KDIR)
	$(Q)KDIR=$(abspath $(KDIR)) $(prove) -e 'bats --tap' tests/kmod/modules.bats

# The kernel's semantic checks take some minutes.
check-coccinelle: | $(deps)
	$(Q)tests/kmod/samples/build $$(tests/vm/kernel default kdir)
	$(Q)tests/kmod/coccicheck

# For Debian's other architectures, some minutes for each kernel.
check-cross: | $(deps)
	$(Q)tests/deps gcc-aarch64-linux-gnu gcc-s390x-linux-gnu
	$(Q)tests/kmod/cross $(KERNELS)

.PHONY: modules modules_install install-kmod-headers kernel-headers mdevtest check-modules check-coccinelle \
	check-cross
