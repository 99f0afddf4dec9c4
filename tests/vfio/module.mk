# The program that checks what the vfio_mdev toolkit promises to user space, and the drivers
# it is checked on: of a device that has what mtty has not, of a DMA engine, and the example of
# the manual page. They run in the virtual machine: tests/vm/vfio.bats.

vfio-check-objects := $(patsubst %.c,$(B)/%.o,$(wildcard tests/vfio/*.c)) $(B)/tests/kmod/vfio-client.o \
	$(B)/tests/kmod/fail-nth.o

vm-programs += $(B)/tests/vfio/vfio-check

$(B)/tests/vfio/vfio-check: $(vfio-check-objects)
	$(call say,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ -pthread

# Built like the modules, and after them for their symbols. The last one is not on vfio_mdev.
vendor_sources := tests/vfio/testdev tests/kmod/mdma kmod/examples tests/kmod/faulty

vendor-drivers: modules
	$(Q)for source in $(vendor_sources); do \
		tree=$(CURDIR)/$(kmod_tree)/$${source##*/} && mkdir -p $$tree && \
		cp -rsf $(CURDIR)/$$source/. $$tree && $(kbuild) M=$$tree \
			KBUILD_EXTRA_SYMBOLS=$(CURDIR)/$(kmod_tree)/Module.symvers modules || exit; \
	done

.PHONY: vendor-drivers
