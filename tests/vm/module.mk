# Tests on real kernels: check-vm [KERNELS="default 6.12"], and check-debug on a kernel that
# looks for mistakes and is built for that. T=name runs name.bats only. Folders add the
# programs that tests run in the machine to vm-programs, and targets that build modules with KDIR
# to vm-modules.

# Debian 12's and 13's; on the latter the default one is 6.12.
KERNELS ?= default $(if $(shell grep -w bookworm /etc/os-release),6.12)

# Whose systemd, libvirt and QEMU: forky's are Debian 14's.
SUITE ?= trixie
export SUITE

vm-kernels := $(sort $(KERNELS) $(KERNEL) default debug)
vm-module-targets := $(addprefix vm-modules-,$(vm-kernels))
vm-test-targets := $(addprefix vm-test-modules-,$(vm-kernels))

vm-modules += mdevtest vendor-drivers
vm-programs += $(kmod-programs) $(demo-parts)
unit-checks += tests/vm/selftests-judge-sees

check-vm: $(addprefix vm-test-modules-,$(KERNELS)) $(vm-programs) vm-install | $(deps)
	$(Q)tests/vm/root $(SUITE) >/dev/null
	$(Q)tests/vm/check $(KERNELS)

check-debug: vm-test-modules-debug $(vm-programs) | $(deps)
	$(Q)tests/vm/check debug

# A million operations of a user who has devices, and wants to do harm.
check-hostile-user: vm-test-modules-debug $(vm-programs) | $(deps)
	$(Q)T=hostile-user tests/vm/check debug

# Our modules for a kernel, below build/kmod/<release>.
$(vm-module-targets): vm-modules-%: | $(deps)
	+$(Q)kdir=$$(tests/vm/kernel $* kdir) && $(MAKE) --no-print-directory modules KDIR=$$kdir

# Those that only tests need, and Linux's samples, which come from the same suite as the kernel.
$(vm-test-targets): vm-test-modules-%: vm-modules-% | $(deps)
	+$(Q)kdir=$$(tests/vm/kernel $* kdir) && \
		$(MAKE) --no-print-directory $(vm-modules) KDIR=$$kdir
	$(Q)kdir=$$(tests/vm/kernel $* kdir) apt=$$(tests/vm/kernel $* apt) && \
		APT_CONFIG=$$apt tests/kmod/samples/build $$kdir

# QEMU moves a machine between cards, on each of the kernels. That machine has the same one, or the
# default if that does not boot there.
check-live-migration: $(addprefix vm-modules-,$(KERNELS)) $(demo-parts) | $(deps)
	+$(Q)for kernel in $(KERNELS); do \
		kdir=$$(tests/vm/kernel $$kernel kdir) && \
			$(MAKE) --no-print-directory vendor-drivers KDIR=$$kdir || exit; \
	done
	$(Q)for kernel in $(sort default $(KERNELS)); do \
		tests/demo/inner-initramfs $$kernel >/dev/null || exit; \
	done
	$(Q)tests/vm/root $(SUITE)-qemu >/dev/null
	$(Q)T=live-migration tests/vm/check $(KERNELS)

# QEMU plugs cards into machines and unplugs them, on each of the kernels.
check-qemu-hotplug: $(addprefix vm-modules-,$(KERNELS)) $(demo-parts) | $(deps)
	$(Q)tests/vm/root $(SUITE)-qemu >/dev/null
	$(Q)for kernel in $(KERNELS); do tests/demo/inner-initramfs $$kernel >/dev/null || exit; done
	$(Q)T=qemu-hotplug tests/vm/check $(KERNELS)

# Slices of GPUs on real virtual functions, on each of the kernels.
check-vgpu: $(addprefix vm-test-modules-,$(KERNELS)) vm-install | $(deps)
	$(Q)tests/vm/root $(SUITE)-guest >/dev/null
	$(Q)T=vgpu tests/vm/check $(KERNELS)
	$(Q)T=vgpu-xe tests/vm/check $(KERNELS)

# libvirt's machines on QEMU, to which it gives cards, on each of the kernels.
check-libvirt-guest: $(addprefix vm-modules-,$(KERNELS)) vm-install $(demo-parts) | $(deps)
	$(Q)tests/vm/root $(SUITE)-guest >/dev/null
	$(Q)for kernel in $(KERNELS); do tests/demo/inner-initramfs $$kernel >/dev/null || exit; done
	$(Q)T=libvirt-guest tests/vm/check $(KERNELS)

# libvirt, administrators and udev's events at the same time.
check-at-once: $(addprefix vm-modules-,$(KERNELS)) vm-install | $(deps)
	$(Q)tests/vm/root $(SUITE) >/dev/null
	$(Q)T=at-once tests/vm/check $(KERNELS)

# Programs for serial ports on both ends of a card's cable, on each of the kernels.
check-serial: $(addprefix vm-modules-,$(KERNELS)) $(B)/tests/serial/serial-bridge | $(deps)
	$(Q)tests/vm/root $(SUITE)-serial >/dev/null
	$(Q)for kernel in $(KERNELS); do tests/serial/initramfs $$kernel >/dev/null || exit; done
	$(Q)T=serial-programs tests/vm/check $(KERNELS)
	$(Q)T=serial tests/vm/check $(KERNELS)

# Linux's own VFIO selftests, on our cards and on Linux's.
check-selftests: vm-modules-debug $(B)/tests/vm/selftests-group.so | $(deps)
	+$(Q)kdir=$$(tests/vm/kernel debug kdir) && \
		$(MAKE) --no-print-directory vendor-drivers KDIR=$$kdir
	$(Q)tests/vm/selftests

$(B)/tests/vm/selftests-group.so: tests/vm/selftests-group.c | $(deps)
	$(Q)mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(ALL_CFLAGS) -fPIC -shared -MMD -MP -o $@ $<

# On a machine with Secure Boot, with modules that DKMS has signed.
check-secure-boot: $(addprefix vm-modules-,$(KERNELS)) $(B)/mdevctl | $(deps)
	$(Q)tests/deps ovmf sbsigntool openssl
	$(Q)tests/vm/secure-boot $(KERNELS)

# What "make install" installs, to be laid over a guest's root.
vm-install: | $(deps)
	$(Q)rm -rf build/vm/install
	+$(Q)$(MAKE) --no-print-directory install DESTDIR=build/vm/install PREFIX=/usr \
		BINDIR=/usr/bin LIBDIR=/usr/lib SYSCONFDIR=/etc

.PHONY: check-vm check-debug check-hostile-user check-selftests check-live-migration check-secure-boot check-serial \
	check-libvirt-guest check-qemu-hotplug check-vgpu check-at-once \
	vm-install $(vm-module-targets) $(vm-test-targets)
