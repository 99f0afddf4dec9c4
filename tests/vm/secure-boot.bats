#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What a kernel that Secure Boot has locked down does with our modules, before and after the key
# of those in updates/ is enrolled. tests/vm/secure-boot makes the machine.
#
# vm-by-name: the firmware takes a minute, and packages that nothing else needs

bats_require_minimum_version 1.5.0

UUID=5ec00000-0000-4000-8000-000000000001
EFIVARS=/sys/firmware/efi/efivars

setup_file() {
	mountpoint -q /sys/kernel/security || mount -t securityfs securityfs /sys/kernel/security
	modprobe vfio
}

in_boot() {
	grep -q '\[integrity\]' /sys/kernel/security/lockdown || skip "there is no Secure Boot here"
	[ "$VM_BOOT" = "$1" ] || skip "in another boot"
}

# rejected MODULE: the kernel does not take it.
rejected() {
	run insmod "$1"
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *"Key was rejected by service"* ]]
	[ ! -e /sys/module/mdev ]
}

@test "an unsigned module is rejected" {
	in_boot 1
	rejected "$MODULES_DIR/core/mdev.ko"
	dmesg | grep 'unsigned module is rejected'
}

@test "what DKMS has signed is rejected until its key is enrolled" {
	in_boot 1
	[ "$(modinfo -F signer mdev)" = "DKMS module signing key" ]
	rejected "$(modinfo -n mdev)"

	modprobe efivarfs
	mount -t efivarfs efivarfs $EFIVARS
	cat "$OUT/MokListRT" >$EFIVARS/MokListRT-605dab50-e046-4300-abb6-3dd810dd8b23
}

@test "what was changed after it was signed is rejected" {
	in_boot 2
	local module=$BATS_TEST_TMPDIR/mdev.ko
	sed 's/Mediated device/mediated device/' "$(modinfo -n mdev)" >"$module"
	! cmp "$(modinfo -n mdev)" "$module" || false
	rejected "$module"
}

@test "what DKMS has signed loads when its key is enrolled, and a device of it starts" {
	in_boot 2
	modprobe mtty
	build/mdevctl start --uuid $UUID --parent mtty --type mtty-2
	build/mdevctl list --uuid $UUID | grep mtty-2
	build/mdevctl stop --uuid $UUID
	modprobe -r mtty
}
