load machine
load vendor
setup() { gpu_up mtty vgpu xe; GPU=0000:3b:00.0 VF=0000:3b:00.4 VF2=0000:3b:00.5 VF3=0000:3b:00.6; }
r() { echo "\$ $*"; "$MDEVCTL" "$@" 2>&1 || echo "=> $?"; }
@test "x" {
{
for d in r580 r525 rfc; do
sim reload $GPU; sim gpu-set $GPU dialect=$d; sim sriov -e $GPU
sim before write "*/0000:3b:00.[67]/nvidia/current_vgpu_type" fail EIO
sim before write "*/0000:3b:01.?/nvidia/current_vgpu_type" fail EIO
r start -p $GPU -t nvidia-902 --count 3
vgpus; ls $ROOT/run/mdevctl
# taking back fails
sim after write "*/$VF2/nvidia/current_vgpu_type" times=1 open $VF2
mkdir -p "$ROOT/proc/77/fd"; echo qemu >"$ROOT/proc/77/comm"
ln -sfn "$ROOT/dev/vfio/devices/$(names "$PCI/$VF2/vfio-dev")" "$ROOT/proc/77/fd/5"
time r start -p $GPU -t nvidia-902 --count 3
vgpus; ls $ROOT/run/mdevctl
r list
rm -rf $ROOT/proc/77
sim close $VF2
sim clear
for u in $("$MDEVCTL" list | awk '{print $1}'); do r stop -u $u; done
vgpus;  ls $ROOT/run/mdevctl
done
} > /tmp/wt/h18-x/out 2>&1
}
