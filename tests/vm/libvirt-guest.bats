#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# libvirt starts machines on QEMU with our cards in their XML, plugs cards into them while they run and
# unplugs them, on both of QEMU's PC machines. What the XML says of a card is what "mdevctl show --libvirt"
# prints. The machines run Linux: a card is only unplugged when the machine's kernel has let go of it.
#
# vm-by-name: fetching libvirt and QEMU, and machines in a machine, take minutes
# vm-limit: 3600
# vm: --cpus 1 --root trixie-guest --systemd --lay build/vm/install

bats_require_minimum_version 1.5.0
load autostart
load inner

export LIBVIRT_DEFAULT_URI=qemu:///system

# QEMU as root, and without what a machine of one's own protects.
configure_qemu() {
	cat >/etc/libvirt/qemu.conf <<-'END'
		user = "root"
		group = "root"
		dynamic_ownership = 0
		remember_owner = 0
		security_driver = "none"
		cgroup_controllers = []
		namespaces = []
		stdio_handler = "file"
	END
}

setup_file() {
	INNER_VMLINUX=$(vmlinux_of "$(uname -r)")
	export INNER_VMLINUX
	export INNER_INITRAMFS=$PWD/build/demo/initramfs-$(uname -r).cpio
	DOMAIN_TYPE=qemu
	[[ $(tests/demo/inner-accel) != *kvm* ]] || DOMAIN_TYPE=kvm
	export DOMAIN_TYPE
	modprobe -a mtty vfio_iommu_type1
	configure_qemu
	systemctl restart libvirtd.service
	eventually virsh list
	libvirtd --version
	qemu-system-x86_64 --version | head -n 1
}

teardown_file() {
	systemctl stop libvirtd.service libvirtd.socket libvirtd-ro.socket libvirtd-admin.socket
	modprobe -r mtty
}

setup() {
	mdevctl start -u "$(uuid 1)" -p mtty --type mtty-2
	mdevctl start -u "$(uuid 2)" -p mtty --type mtty-1
}

teardown() {
	local device
	! virsh domstate machine >/dev/null 2>&1 || virsh destroy machine
	for device in /sys/bus/mdev/devices/*; do
		[ ! -e "$device" ] || mdevctl stop -u "${device##*/}"
	done
}

# hostdev NUMBER: the file with the element of the device
hostdev() {
	local file=$BATS_TEST_TMPDIR/hostdev-$1.xml
	mdevctl show -u "$(uuid "$1")" --libvirt >"$file"
	echo "$file"
}

# starts MACHINE [PORTS]: a machine that has the first device, with so many ports for more.
starts() {
	local file=$BATS_TEST_TMPDIR/machine.xml ports=
	[ -z "${2-}" ] || ports="<controller type='pci' index='0' model='pcie-root'/>"
	for ((number = 0; number < ${2-0}; number++)); do
		ports+="<controller type='pci' model='pcie-root-port'/>"
	done
	says=$BATS_TEST_TMPDIR/says
	: >"$says"
	cat >"$file" <<-END
		<domain type='$DOMAIN_TYPE'>
		  <name>machine</name>
		  <memory unit='MiB'>160</memory>
		  <vcpu>1</vcpu>
		  <os>
		    <type arch='x86_64' machine='$1'>hvm</type>
		    <kernel>$INNER_VMLINUX</kernel>
		    <initrd>$INNER_INITRAMFS</initrd>
		    <cmdline>console=ttyS0 panic=-1 quiet mitigations=off nokaslr cryptomgr.notests rdinit=/ports</cmdline>
		  </os>
		  <features><acpi/><apic/></features>
		  <on_reboot>destroy</on_reboot>
		  <devices>
		    <emulator>/usr/bin/qemu-system-x86_64</emulator>
		    $ports
		    <controller type='usb' model='none'/>
		    <memballoon model='none'/>
		    <serial type='file'><source path='$says'/><target port='0'/></serial>
		    $(<"$(hostdev 1)")
		  </devices>
		</domain>
	END
	virsh create --validate "$file"
}

# says LINE: the machine's last line
says() {
	[ "$(tr -d '\r' <"$says" | tail -n 1)" = "$1" ]
}

# reaches LINE: waits, and shows what went wrong if in vain.
reaches() {
	local seconds=900
	until says "$1"; do
		if [ $((seconds -= 1)) -lt 0 ] || ! virsh domstate machine >/dev/null; then
			echo "never said: $1"
			tail -n 20 "$says" /var/log/libvirt/qemu/machine.log
			return 1
		fi
		sleep 1
	done
}

# has_hostdevs NUMBER: in the machine's present XML.
has_hostdevs() {
	[ "$(virsh dumpxml machine | grep -c "<hostdev mode='subsystem' type='mdev'")" = "$1" ]
}

life() {
	starts "$@"
	reaches "cards 1"
	[ "$(mdevctl list --json -u "$(uuid 1)" -o users | jq -r '.[0].users[0].command')" = qemu-system-x86 ]
	virsh attach-device machine "$(hostdev 2)" --live
	reaches "cards 2"
	has_hostdevs 2
	virsh detach-device machine "$(hostdev 2)" --live
	reaches "cards 1"
	eventually has_hostdevs 1
	# Nobody has it any more, and the other one is still there.
	mdevctl stop -u "$(uuid 2)"
	mdevctl start -u "$(uuid 2)" -p mtty --type mtty-1
	virsh attach-device machine "$(hostdev 2)" --live
	reaches "cards 2"
	# The kernel asks QEMU to let go of a device that is stopped, and QEMU the machine's kernel.
	mdevctl stop -u "$(uuid 1)"
	reaches "cards 1"
	eventually has_hostdevs 1
	virsh destroy machine
}

@test "a card in the XML, one plugged and unplugged: pc" {
	life pc
}

@test "a card in the XML, one plugged and unplugged: q35" {
	life q35 3
}

@test "libvirt says why a device that another machine has is refused" {
	starts pc
	sed -e 's/<name>machine/<name>other/' "$BATS_TEST_TMPDIR/machine.xml" >"$BATS_TEST_TMPDIR/other.xml"
	run -1 virsh create "$BATS_TEST_TMPDIR/other.xml"
	[[ $output == *"in use by driver QEMU, domain machine"* ]]
	virsh destroy machine
}
