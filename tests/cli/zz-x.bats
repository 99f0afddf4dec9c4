load machine
load vendor
setup() { gpu_up mtty vgpu xe; GPU=0000:3b:00.0 VF=0000:3b:00.4 VF2=0000:3b:00.5 VF3=0000:3b:00.6; MIG=0001:04:00.0; XE=0000:03:00.0; }
r() { echo "\$ $*"; "$MDEVCTL" "$@" 2>&1 || echo "=> $?"; }
@test "x" {
{
echo "== hand-over"
r define -u $U1 -p $MIG -t nvidia-1145
r define -u $U2 -p 0001:04:00.3 -t nvidia-1145
r show -u $U1 --qemu; r show -u $U1 --libvirt
r show -u $U2 --qemu; r show -u $U2 --libvirt
r start -u $U1; r start -u $U2
r show -u $U1 --qemu; r show -u $U1 --libvirt
r show -u $U2 --qemu; r show -u $U2 --libvirt
echo "other program clears $U1"
sim assign 0001:04:00.2 0
r show -u $U1 --qemu; r show -u $U1 --libvirt
sim assign 0001:04:00.2 1146
r show -u $U1 --qemu; r show -u $U1 --libvirt
r show -u $U2 --qemu
sim reload $MIG
r show -u $U2 --qemu; r show -u $U2 --libvirt
echo "other's vGPU"
sim assign $VF 902
r list
o=$("$MDEVCTL" list | awk '{print $1}')
r show -u $o --qemu ; r show -u $o --libvirt; r show -u $o --json
echo "== xe"
r define -u $U3 -p $XE -t xe-vf
r define -u $U4 -p 0000:03:00.2 -t xe-vf
r show -u $U3 --libvirt; r show -u $U4 --libvirt; r show -u $U4 --qemu
r start -u $U3
r show -u $U3 --libvirt; r show -u $U4 --libvirt
r start -u $U4
r show -u $U4 --libvirt; r show -u $U4 --qemu
echo 0000:03:00.1 > $SYS/bus/pci/drivers/xe-vfio-pci/unbind
r show -u $U3 --libvirt;  r show -u $U3 --qemu
r status
r start -u $U3
} > /tmp/wt/h18-x/out 2>&1
}
