#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# QEMU moves a running machine with one serial card, or two, to other ones and back. Its kernel sends
# and receives on all ports all the while, so that there are bytes in the FIFOs and interrupts
# pending when it stops; none may be lost, doubled or changed. A DMA engine writes its memory
# meanwhile, behind the back of the processor and of KVM. Debian 12's QEMU does not know
# the kernel's interface for that, so Debian 13's is used: see README.md for others, and for what
# they have to be told.
#
# vm-by-name: fetching that QEMU, and machines in a machine, take minutes
# vm: --cpus 1 --root trixie-qemu
# vm-limit: 3400

load inner
load jobs

# The UUIDs of the cards begin with a letter and end with the number of ports, or d for the engine.
CARD=0000000-0000-4000-8000-00000000000
TYPES=/sys/devices/virtual/mtty/mtty/mdev_supported_types
ENGINES=/sys/devices/virtual/mdma/mdma/mdev_supported_types
SOCKET=/run/migration
QUIETLY='console=ttyS0 panic=-1 quiet mitigations=off nokaslr cryptomgr.notests'

# Prints the releases of kernels for the machines: the outer one's, then others.
inner_releases() {
	uname -r
	cat build/kernels/*/release | grep -vxF "$(uname -r)"
}

# boots: INNER_VMLINUX comes up in a machine here. Linux 7.2 does not by KVM on an emulated
# processor.
boots() {
	# shellcheck disable=SC2086 # several options
	timeout 300 qemu-system-x86_64 -M q35 $ACCEL -m 128 -nodefaults -no-reboot -display none -vga none \
		-serial stdio -kernel "$INNER_VMLINUX" -initrd "$INNER_INITRAMFS" \
		-append "$QUIETLY rdinit=/bin/busybox -- echo it boots" </dev/null 2>&1 3>&- | grep 'it boots'
}

# Exports the files of a kernel that boots.
choose_inner_kernel() {
	local release
	for release in $(inner_releases); do
		export INNER_INITRAMFS=build/demo/initramfs-$release.cpio
		[ -e "$INNER_INITRAMFS" ] || continue
		INNER_VMLINUX=$(vmlinux_of "$release")
		export INNER_VMLINUX
		if boots; then
			echo "# the machines have Linux $release" >&3
			return
		fi
	done
	echo "no kernel boots here"
	return 1
}

setup_file() {
	ACCEL=$(tests/demo/inner-accel)
	export ACCEL
	choose_inner_kernel
	modprobe -a mtty mdma vfio_iommu_type1
	for cards in a b; do
		echo "$cards${CARD}2" >$TYPES/mtty-2/create
		echo "$cards${CARD}1" >$TYPES/mtty-1/create
		echo "$cards${CARD}d" >$ENGINES/mdma-1/create
	done
}

teardown_file() {
	for card in /sys/bus/mdev/devices/[ab]0000000-*; do
		echo 1 >"$card/remove"
	done
	modprobe -r mtty mdma
}

teardown() {
	end_jobs
}

# Prints what QEMU has to be told beside its default settings: to migrate, where the kernel cannot
# report what a device has written; and not to leave INTx to KVM. That knows the interrupt that the
# firmware's settings of the chipset lead to, and in a machine that comes by migration QEMU sets it up
# before these have come, and not again: the guest would not be interrupted any more.
settings() {
	grep -q ' iova_bitmap_set$' /proc/kallsyms || echo -n ,enable-migration=on
	[ "${ACCEL#*kvm}" = "$ACCEL" ] || echo -n ,x-no-kvm-intx=on
}

# Says what has been reached, and when: where the time goes.
step() {
	echo "# $SECONDS s: $*" >&3
}

# machine NAME CARDS [OPTION...]: starts a machine that has the cards, each the two ends of a UUID.
# What it says goes to /run/NAME.says, and monitor NAME COMMAND talks to its QEMU.
machine() {
	local name=$1 cards=$2 settings card devices=() slot=5
	settings=$(settings)
	shift 2
	for card in $cards; do
		devices+=(-device "vfio-pci,sysfsdev=/sys/bus/mdev/devices/${card:0:1}$CARD${card:1},addr=0$slot.0$settings")
		slot=$((slot + 1))
	done
	rm -f "/run/$name".*
	mkfifo "/run/$name.in" "/run/$name.out"
	: >"/run/$name.says"
	# shellcheck disable=SC2086 # several options
	qemu-system-x86_64 -M q35 $ACCEL -m 128 -nodefaults -no-reboot -display none -vga none \
		-serial "file:/run/$name.says" -qmp "pipe:/run/$name" -kernel "$INNER_VMLINUX" -initrd "$INNER_INITRAMFS" \
		-append "$QUIETLY hugepages=2 rdinit=/loop" \
		"${devices[@]}" "$@" </dev/null >"/run/$name.qemu" 2>&1 3>&- &
	cat "/run/$name.out" >"/run/$name.monitor" 3>&- &
	reaches 60 "$name" grep -q QMP "/run/$name.monitor"
	monitor "$name" qmp_capabilities
}

# monitor NAME COMMAND [ARGUMENTS]: does not wait for a QEMU that has ended.
monitor() {
	echo "{ \"execute\": \"$2\", \"arguments\": { ${3-} } }" 1<>"/run/$1.in"
}

# reaches SECONDS NAME CONDITION...: waits; shows what the machine and its QEMU said if in vain, or
# if the machine has lost something, or has ended.
reaches() {
	local deadline=$((SECONDS + $1)) name=$2
	shift 2
	until "$@"; do
		if [ $SECONDS -gt $deadline ] || grep -q lost "/run/$name.says" ||
			grep -q '"event": "SHUTDOWN"' "/run/$name.monitor"; then
			echo "never true: $*"
			tail -n 20 "/run/$name.says" "/run/$name.qemu" "/run/$name.monitor"
			return 1
		fi
		sleep 1
	done
}

# Prints how many rounds a port has behind it.
rounds_of() {
	local name=$1 port=$2
	tr -d '\r' <"/run/$name.says" | sed -n "s/^$port round //p" | tail -n 1
}

# has_rounds NAME NUMBER: in all ports of the machine.
has_rounds() {
	local port
	for port in $PORTS; do
		[ "$(rounds_of "$1" "$port")" -ge "$2" ] 2>/dev/null || return
	done
}

# goes_on FROM TO: two more rounds in all ports of the machine, of which the first had begun before.
goes_on() {
	local port
	for port in $PORTS; do
		[ "$(rounds_of "$2" "$port")" -ge $(($(rounds_of "$1" "$port") + 2)) ] 2>/dev/null || return
	done
}

# Shows what QEMU says if it refuses.
has_migrated() {
	monitor "$1" query-migrate
	! grep -E '"status": "(failed|cancelled)"|"error"' "/run/$1.monitor" || exit 1
	grep -q '"status": "completed"' "/run/$1.monitor"
}

# Lets both ends of a migration use several channels.
use_multifd() {
	local name
	for name; do
		monitor "$name" migrate-set-capabilities '"capabilities": [ { "capability": "multifd", "state": true } ]'
	done
}

# move FROM TO CARDS [multifd]: the machine FROM goes on as TO, with those, for some rounds.
move() {
	local from=$1 to=$2 cards=$3 way=${4-}
	machine "$to" "$cards" -incoming defer
	[ -z "$way" ] || use_multifd "$from" "$to"
	monitor "$to" migrate-incoming "\"uri\": \"unix:$SOCKET\""
	reaches 60 "$to" test -S $SOCKET
	monitor "$from" migrate "\"uri\": \"unix:$SOCKET\""
	reaches 300 "$from" has_migrated "$from"
	step "moved ${way:+with $way, }stopped for" \
		"$(grep -o '"downtime": [0-9]*' "/run/$from.monitor" | tail -n 1 | tr -dc 0-9) ms"
	monitor "$from" quit
	rm -f $SOCKET
	reaches 300 "$to" goes_on "$from" "$to"
	! grep lost "/run/$to.says"
	step "goes on: $(tail -n 1 "/run/$to.says" | tr -d '\r')"
}

@test "a machine that uses one serial card moves to another one" {
	PORTS=ttyS1
	machine first a1
	reaches 600 first has_rounds first 1
	step "a machine runs"
	move first second b1
	monitor second quit
}

@test "a machine with two cards moves to other ones and, with multifd, back" {
	PORTS="ttyS1 ttyS2 ttyS3"
	machine first "a2 a1"
	reaches 600 first has_rounds first 1
	step "a machine runs"
	move first second "b2 b1"
	move second third "a2 a1" multifd
	monitor third quit
}

@test "a machine with a DMA engine at work finds its memory as it should be" {
	PORTS="ttyS1 mdma"
	machine first "a1 ad"
	reaches 600 first has_rounds first 1
	step "a machine runs"
	move first second "b1 bd"
	move second third "a1 ad" multifd
	monitor third quit
}
