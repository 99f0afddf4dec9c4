# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# A card whose real virtual functions are slices of a GPU, for tests of a machine with --sriov: drivers
# of tests/kmod/gpu make the disk such a card.

PCI=/sys/bus/pci/devices

# gpu_up DRIVER: the card is CARD, and its functions will be VF[0], VF[1] and VF[2].
gpu_up() {
	CARD=$(basename "$(dirname $PCI/*/sriov_totalvfs)")
	export CARD
	# It is a disk no more. The event of each function would load that driver again.
	echo "blacklist nvme" >/etc/modprobe.d/gpu.conf
	udevadm settle
	modprobe -r nvme
	# QEMU's emulated IOMMU cannot remap interrupts.
	modprobe vfio_iommu_type1 allow_unsafe_interrupts=1
	modprobe -a vfio-pci "$1"
}

# enable COUNT: so many virtual functions
enable() {
	echo "$1" >"$PCI/$CARD/sriov_numvfs"
	udevadm settle
}

# vf NUMBER: its address, from 0
vf() {
	basename "$(readlink "$PCI/$CARD/virtfn$1")"
}

uuid() {
	printf 'd0000000-0000-4000-8000-%012d' "$1"
}

same() {
	[ "$1" = "$2" ] || { printf 'expected: %s\nis:       %s\n' "$1" "$2" >&2; return 1; }
}

# eventually COMMAND...: it succeeds sooner or later.
eventually() {
	local end=$((SECONDS + 120))
	until "$@"; do
		[ $SECONDS -lt $end ] || { echo "never: $*" >&2; return 1; }
		sleep 0.2
	done
}

# machine NUMBER: a virtual machine that has the device, and does not run, is the process MACHINE.
machine() {
	local arguments
	arguments=$(mdevctl show -u "$(uuid "$1")" --qemu)
	qemu-system-x86_64 -M q35 -accel tcg -m 16 -nodefaults -display none -S -device "$arguments" \
		</dev/null >"$BATS_TEST_TMPDIR/qemu" 2>&1 3>&- &
	MACHINE=$!
}

# has_device: the machine does.
has_device() {
	find "/proc/$MACHINE/fd" -lname 'anon_inode:\[vfio-device\]' | grep -q .
}

# has_started: the machine has its device.
has_started() {
	local end=$((SECONDS + 120))
	until has_device; do
		if ! kill -0 "$MACHINE" || [ $SECONDS -ge $end ]; then
			cat "$BATS_TEST_TMPDIR/qemu" >&2
			return 1
		fi
		sleep 0.2
	done
}

# end_machine: and its device is nobody's.
end_machine() {
	kill "$MACHINE"
	wait "$MACHINE" || true
}
