#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2086,SC2154 # UUIDs and names; variables of machine.bash
# Why the kernel refused: what can be known stands behind its error.

bats_require_minimum_version 1.5.0

load machine

setup() {
	machine_up mtty zoo
	GPU=0000:00:02.0
}

# refused ERRNO TEXT: a start fails with the text and what is known behind it.
refused() {
	sim clear
	sim before write '*/create' fail "$1"
	try mdevctl start -u $U1 -p mtty -t mtty-2
	fails "Error: Failed to create mdev $U1, type mtty-2 on mtty: $2"
}

as_nobody() {
	be_nobody
	try nobody "$MDEVCTL" "$@"
}

# Creating -------------------------------------------------------------------

@test "EINVAL, EBUSY, ENOSPC and EUSERS tell the instances left and what is active" {
	activate $U2 mtty-1
	activate $U3 mtty-1
	activate $U4 mtty-2
	known="; instances of mtty-2 left: 10; active on it: 2 of type mtty-1, 1 of type mtty-2"
	refused EINVAL "Invalid argument (os error 22)$known"
	refused EBUSY "Device or resource busy (os error 16)$known"
	refused ENOSPC "No space left on device (os error 28)$known"
	refused EUSERS "Too many users (os error 87)$known"
}

@test "where nothing is active only the instances are told" {
	refused EINVAL "Invalid argument (os error 22); instances of mtty-2 left: 12"
}

@test "no instances left tells which types have them" {
	sim create-many $GPU i915-GVTg_V5_8 8
	try mdevctl start -u $U1 -p $GPU -t i915-GVTg_V5_4
	fails "Error: No available instances of i915-GVTg_V5_4 on $GPU; active on it: 8 of type i915-GVTg_V5_8"
}

@test "EEXIST tells where the UUID is active" {
	sim before write '*/create' create matrix vfio_ap-passthrough $U1
	try mdevctl start -u $U1 -p mtty -t mtty-2
	status_is 1
	complains "Error: Failed to create mdev $U1, type mtty-2 on mtty: File exists (os error 17); it is active on matrix, type vfio_ap-passthrough"
}

@test "EEXIST without an owner is told alone" {
	refused EEXIST "File exists (os error 17)"
}

@test "ENODEV tells that the parent has gone" {
	sim before write '*/mtty-2/create' unregister mtty
	try mdevctl start -u $U1 -p mtty -t mtty-2
	fails "Error: Failed to create mdev $U1, type mtty-2 on mtty: No such device (os error 19); parent mtty is no longer registered"
}

@test "ENODEV tells that the type has gone" {
	sim before write '*/create' hide '*/mdev_supported_types/mtty-2'
	sim before write '*/create' fail ENODEV
	try mdevctl start -u $U1 -p mtty -t mtty-2
	fails "Error: Failed to create mdev $U1, type mtty-2 on mtty: No such device (os error 19); parent mtty no longer supports type mtty-2"
}

@test "ENODEV of a parent that is still there is told alone" {
	refused ENODEV "No such device (os error 19)"
}

@test "EROFS tells of containers, EIO of the kernel's log" {
	refused EROFS "Read-only file system (os error 30); sysfs is mounted read-only, as it is in containers"
	refused EIO "Input/output error (os error 5); the vendor driver failed, the kernel's log may say why"
}

@test "EPERM for root tells that the kernel is locked down, if it is" {
	needs_root "others are told that they are not"
	refused EPERM "Operation not permitted (os error 1)"
	sim file kernel/security/lockdown '"none [integrity] confidentiality\n"'
	refused EPERM "Operation not permitted (os error 1); the kernel is locked down"
	sim set kernel/security/lockdown '"[none] integrity confidentiality\n"'
	refused EPERM "Operation not permitted (os error 1)"
}

@test "EACCES and EPERM tell an ordinary user that it takes root" {
	as_nobody start -u $U1 -p mtty -t mtty-1
	fails "Error: Failed to create mdev $U1, type mtty-1 on mtty: Permission denied (os error 13); this needs root"
	activate $U1
	as_nobody stop -u $U1
	fails "Error: Error removing device $U1: Permission denied (os error 13); this needs root"
}

# Attributes and removing ----------------------------------------------------

@test "EACCES tells that an attribute is for reading" {
	mkdir -p "$ETC/mtty"
	echo '{"mdev_type":"mtty-1","start":"manual","attrs":[{"mtty/ports":"7"}]}' >"$ETC/mtty/$U1"
	try mdevctl start -u $U1
	fails "Error: Failed to write 7 to attribute mtty/ports of device $U1: Permission denied (os error 13); this attribute can only be read"
}

@test "EBUSY of a remove tells that the device is in use" {
	activate $U1
	sim before write '*/remove' fail EBUSY
	try mdevctl stop -u $U1
	fails "Error: Error removing device $U1: Device or resource busy (os error 16); it is in use and its driver does not release it"
}

@test "EBUSY of a remove names the processes that use the device" {
	local group

	activate $U1
	group=$(readlink "$SYS/bus/mdev/devices/$U1/iommu_group")
	mkdir -p "$ROOT/proc/100/fd" "$ROOT/proc/101/fd"
	echo qemu-kvm >"$ROOT/proc/100/comm"
	echo bystander >"$ROOT/proc/101/comm"
	ln -s "/dev/vfio/${group##*/}" "$ROOT/proc/100/fd/17"
	ln -s "/dev/vfio/${group##*/}0" "$ROOT/proc/101/fd/17"
	sim before write '*/remove' fail EBUSY
	try mdevctl stop -u $U1
	fails "Error: Error removing device $U1: Device or resource busy (os error 16); it is in use by qemu-kvm (process 100) and its driver does not release it"
}

# A parent that is not there ---------------------------------------------------

@test "a parent cannot be found while the core is not loaded" {
	sim hide class/mdev_bus
	try mdevctl start -u $U1 -p nothing -t mtty-1
	fails "Error: Unable to find parent device 'nothing'; the mdev core is not loaded"
}

@test "a parent cannot be found while none is registered" {
	for parent in mtty matrix $GPU 0.0.0052; do
		sim unregister $parent
	done
	try mdevctl start -u $U1 -p nothing -t mtty-1
	fails "Error: Unable to find parent device 'nothing'; no parent device is registered"
}

@test "a parent cannot be found although others are registered" {
	try mdevctl start -u $U1 -p nothing -t mtty-1
	fails "Error: Unable to find parent device 'nothing'"
}

@test "a PCI device without a driver is no parent yet" {
	sim unregister $GPU
	try mdevctl start -u $U1 -p $GPU -t i915-GVTg_V5_4
	fails "Error: Unable to find parent device '$GPU'; it is on bus pci, but no driver is bound to it"
}

@test "a device with a driver that offers no types is named with the driver" {
	sim unregister 0.0.0052
	sim link devices/css0/0.0.0052/driver bus/css/drivers/io_subchannel
	try mdevctl start -u $U1 -p 0.0.0052 -t vfio_ccw-io
	fails "Error: Unable to find parent device '0.0.0052'; it is on bus css, but its driver io_subchannel has not registered it"
	try mdevctl types -p 0.0.0052
	status_is 0
	complains "*Unable to find parent device '0.0.0052'; it is on bus css, but its driver io_subchannel has not registered it"
}

# A parent that was named ------------------------------------------------------

# other_gpu: a display controller beside those of the machine, with its driver.
other_gpu() {
	PF=0000:3b:00.0 VF=0000:3b:00.4
	sim file "devices/pci0000:3a/$PF/class" '"0x030200\n"'
	sim file "devices/pci0000:3a/$PF/sriov_totalvfs" '"16\n"'
	sim file "devices/pci0000:3a/$PF/sriov_numvfs" "\"$1\\n\""
	sim link "devices/pci0000:3a/$PF/driver" bus/pci/drivers/nvidia
	sim link "bus/pci/devices/$PF" "devices/pci0000:3a/$PF"
	SEEN="it is on bus pci, but its driver nvidia has not registered it"
}

# missing PARENT [NOTE]: starting on the parent and listing its types fail, with the same note.
missing() {
	try mdevctl start -u $U1 -p "$1" -t nvidia-474
	fails "Error: Unable to find parent device '$1'${2:-}"
	try mdevctl types -p "$1"
	complains "*Unable to find parent device '$1'${2:-}"
}

@test "disabled virtual functions of the parent that was named are told" {
	other_gpu 0
	missing $PF "; $SEEN; it has 0 of 16 virtual functions enabled, and its driver may offer types on these only"
}

@test "a parent's functions with a framework of their own are told, of it and of themselves" {
	other_gpu 16
	sim link "devices/pci0000:3a/$PF/virtfn0" "devices/pci0000:3a/$VF"
	sim file "devices/pci0000:3a/$VF/nvidia/creatable_vgpu_types" '"ID    : vGPU Name\n"'
	sim link "bus/pci/devices/$VF" "devices/pci0000:3a/$VF"
	framework="its types in its directory nvidia instead: its driver has a VFIO framework of its own"
	missing $PF "; $SEEN; $VF offers $framework"
	missing $VF "; it is on bus pci, but no driver is bound to it; it offers $framework"
}

@test "a device whose functions are the parents says so" {
	other_gpu 16
	sim link "devices/pci0000:3a/$PF/virtfn0" "devices/pci0000:00/$GPU"
	try mdevctl types -p $PF
	complains "*Unable to find parent device '$PF'; $SEEN; its 16 virtual functions are parents instead, such as $GPU"
	try mdevctl start -u $U1 -p $PF -t nvidia-474
	fails "Error: No virtual function of $PF, such as $GPU, supports mdev type nvidia-474; it has 'i915-GVTg_V5_4'*"
}

@test "an override that keeps the parent's driver away is told" {
	sim unregister $GPU
	sim file "devices/pci0000:00/$GPU/driver_override" '"(null)\n"'
	missing $GPU "; it is on bus pci, but no driver is bound to it"
	sim set "devices/pci0000:00/$GPU/driver_override" '"vfio-pci\n"'
	missing $GPU "; it is on bus pci, but no driver is bound to it; its driver_override allows vfio-pci only"
	sim link "devices/pci0000:00/$GPU/driver" bus/pci/drivers/vfio-pci
	missing $GPU "; it is on bus pci, but its driver vfio-pci has not registered it; its driver_override allows vfio-pci only"
}

@test "each spelling of an address leads to the parent" {
	for spelling in 00:02.0 00000000:00:02.0 0000:00.02.0 pci_0000_00_02_0 00:02; do
		missing $spelling ". Did you mean '$GPU'?"
	done
	missing css_0_0_0052 ". Did you mean '0.0.0052'?"
	missing ap_matrix ". Did you mean 'matrix'?"
}

@test "each spelling of an address leads to the reason, too" {
	other_gpu 0
	missing 00000000:3B:00.0 "; it is $PF on bus pci, but its driver nvidia has not registered it; it has 0 of 16 virtual functions enabled*"
}

# A type that the parent has not -------------------------------------------------

@test "a type that resembles the one that was asked for is suggested" {
	for type in mtty2 MTTY-2 "dual port serial" 'Dual_Port'; do
		try mdevctl start -u $U1 -p mtty -t "$type"
		fails "Error: Parent mtty does not support mdev type $type. Did you mean 'mtty-2' (Dual port serial)?"
	done
	try mdevctl start -u $U1 -p mtty -t serial
	fails "Error: Parent mtty does not support mdev type serial. Did you mean 'mtty-1' (Single port serial) or 'mtty-2' (Dual port serial)?"
}

@test "all types are named where they are few" {
	try mdevctl start -u $U1 -p mtty -t nonsense
	fails "Error: Parent mtty does not support mdev type nonsense; it has 'mtty-1' (Single port serial), 'mtty-2' (Dual port serial)"
}

@test "define warns of what could not be started, and defines it" {
	try mdevctl define -u $U1 -p mtty -t serial
	status_is 0
	complains "*WARN*Parent mtty does not support mdev type serial. Did you mean 'mtty-1' * or 'mtty-2' *"
	try mdevctl define -u $U2 -p 00:02.0 -t i915-GVTg_V5_4
	status_is 0
	complains "*WARN*There is no parent device '00:02.0' now. Did you mean '$GPU'?"
	[ -e "$ETC/mtty/$U1" ] && [ -e "$ETC/00:02.0/$U2" ]
}

@test "define takes an absent parent in silence" {
	try mdevctl define -u $U1 -p 0000:a1:00.0 -t nvidia-474
	status_is 0
	complains
	try mdevctl define -u $U2 -p mtty -t mtty-2
	status_is 0
	complains
}

# No types ---------------------------------------------------------------------

all_parents_go() {
	for parent in mtty matrix $GPU 0.0.0052; do
		sim unregister $parent
	done
}

NONE="*WARN*No parent device is registered: the driver of the physical device is not loaded or offers no mediated devices"

@test "without the core there are no types for that reason" {
	sim hide class/mdev_bus
	try mdevctl types
	status_is 0
	prints
	complains "*WARN*The mdev core is not loaded: sysfs has no class/mdev_bus"
}

@test "with the core but without parents there are no types for that reason" {
	all_parents_go
	try mdevctl types --dumpjson
	status_is 0
	prints "[]"
	complains "$NONE"
}

@test "a driver that offers its types by a framework of its own is a hint" {
	all_parents_go
	sim file "devices/pci0000:00/$GPU/nvidia/creatable_vgpu_types" '"ID    : vGPU Name\n"'
	try mdevctl types
	status_is 0
	complains "$NONE; $GPU (no driver) offers its types in its directory nvidia instead: its driver has a VFIO framework of its own"
	sim hide class/mdev_bus
	try mdevctl types
	status_is 0
	complains "*The mdev core is not loaded*; $GPU (no driver) offers its types in its directory nvidia instead*"
}

@test "virtual functions of a display controller that are not enabled are a hint" {
	all_parents_go
	sim file "devices/pci0000:00/$GPU/class" '"0x030200\n"'
	sim file "devices/pci0000:00/$GPU/sriov_totalvfs" '"16\n"'
	sim file "devices/pci0000:00/$GPU/sriov_numvfs" '"0\n"'
	try mdevctl types
	status_is 0
	complains "$NONE; $GPU (no driver) has 0 of 16 virtual functions enabled, and its driver may offer types on these only"
	sim set "devices/pci0000:00/$GPU/sriov_numvfs" '"16\n"'
	try mdevctl types
	complains "$NONE; $GPU (no driver) has 16 virtual functions, none of which offers types"
}

@test "virtual functions of a network card are none" {
	all_parents_go
	sim file "devices/pci0000:00/$GPU/class" '"0x020000\n"'
	sim file "devices/pci0000:00/$GPU/sriov_totalvfs" '"16\n"'
	sim file "devices/pci0000:00/$GPU/sriov_numvfs" '"0\n"'
	try mdevctl types
	complains "$NONE"
}

@test "as long as there is a parent nothing is explained" {
	sim file "devices/pci0000:00/$GPU/nvidia/creatable_vgpu_types" '"ID    : vGPU Name\n"'
	try mdevctl types
	status_is 0
	complains
}
