# The program that checks what the vfio_mdev toolkit promises to user space, and the driver
# of a device that has what mtty has not. Both run in the virtual machine: tests/vm/vfio.bats.

vfio-check-objects := $(patsubst %.c,$(B)/%.o,$(wildcard tests/vfio/*.c)) $(B)/tests/kmod/vfio-client.o

vm-programs += $(B)/tests/vfio/vfio-check

$(B)/tests/vfio/vfio-check: $(vfio-check-objects)
	$(call say,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ -pthread

# Built like the modules, and after them for their symbols.
testdev_tree = $(CURDIR)/$(kmod_tree)/testdev

testdev: modules
	$(Q)mkdir -p $(testdev_tree)
	$(Q)cp -rsf $(CURDIR)/tests/vfio/testdev/. $(testdev_tree)
	$(Q)$(kbuild) M=$(testdev_tree) KBUILD_EXTRA_SYMBOLS=$(CURDIR)/$(kmod_tree)/Module.symvers modules

.PHONY: testdev
