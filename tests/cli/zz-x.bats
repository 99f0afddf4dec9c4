load machine
load vendor
setup() { gpu_up mtty vgpu xe; GPU=0000:3b:00.0 VF=0000:3b:00.4 VF2=0000:3b:00.5 VF3=0000:3b:00.6; }
r() { echo "\$ $*"; "$MDEVCTL" "$@" 2>&1 || echo "=> $?"; }
@test "x" {
{
r define -u $U1 -p mtty -t mtty-1 --auto
r define -u $U1 -p $GPU -t nvidia-902 --auto
r list -d
r start -u $U1
r start -u $U1 -p $GPU
r list; r list -d; r status
r start -u $U1 -p mtty
r start-parent-mdevs mtty
r status
r show -u $U1
r show -u $U1 --qemu
r show -u $U1 --libvirt
r stop -u $U1 -p mtty
r modify -u $U1 --auto
r modify -u $U1 -p $GPU --addattr vgpu_params --value x=1 --live
r modify -u $U1 -p mtty --addattr vgpu_params --value x=1 --live
r stop -u $U1
r start -u $U1 -p mtty
r list; r list -d
r status
r show -u $U1 --qemu
r show -u $U1 --libvirt
r start-parent-mdevs $GPU
r export
r list --tree
r graph
r stop -u $U1
r list
r start-parent-mdevs --all
r list
r undefine -u $U1
} > /tmp/wt/h18-x/out 2>&1
}
