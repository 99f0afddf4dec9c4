# The program that checks what users of mediated devices are promised, on mtty and on what the
# vfio_mdev toolkit makes; and the drivers it is checked on: of a device that has what mtty has not,
# of a DMA engine, and the example of the manual page. They run in the virtual machine:
# tests/vm/vfio.bats. It is static, so that any root serves.

vfio-check-objects := $(patsubst %.c,$(B)/%.o,$(wildcard tests/vfio/*.c)) $(B)/tests/kmod/fail-nth.o

# A hostile user, who leaves its devices and those beside them as they were.
hostile-user-objects := $(patsubst %.c,$(B)/%.o,$(wildcard tests/vfio/user/*.c)) \
	$(addprefix $(B)/tests/vfio/,check.o device.o engine.o kinds.o mtty.o)

vm-programs += $(B)/tests/vfio/vfio-check $(B)/tests/vfio/hostile-user

$(B)/tests/vfio/vfio-check: $(vfio-check-objects)
	$(call say,LD,$@)$(CC) $(ALL_LDFLAGS) $(static) -o $@ $^ -pthread

$(B)/tests/vfio/hostile-user: $(hostile-user-objects)
	$(call say,LD,$@)$(CC) $(ALL_LDFLAGS) $(static) -o $@ $^ -pthread

# Built like the modules, and after them for their symbols, whose versions kbuild looks at only if
# it has no result of its own yet. The last one is not on vfio_mdev.
vendor_sources := tests/vfio/testdev tests/kmod/mdma tests/kmod/gpu kmod/examples tests/kmod/faulty

vendor-drivers: modules
	$(Q)for source in $(vendor_sources); do \
		tree=$(CURDIR)/$(kmod_tree)/$${source##*/} && mkdir -p $$tree && \
		cp -rsf $(CURDIR)/$$source/. $$tree && \
		{ [ $$tree/Module.symvers -nt $(kmod_tree)/Module.symvers ] || rm -f $$tree/Module.symvers; } && \
		$(kbuild) M=$$tree \
			KBUILD_EXTRA_SYMBOLS=$(CURDIR)/$(kmod_tree)/Module.symvers modules || exit; \
	done

.PHONY: vendor-drivers
