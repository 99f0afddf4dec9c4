load machine
load vendor
setup() { gpu_up mtty vgpu xe; GPU=0000:3b:00.0 VF=0000:3b:00.4 VF2=0000:3b:00.5 VF3=0000:3b:00.6; MIG=0001:04:00.0; XE=0000:03:00.0; }
r() { echo "\$ $*"; "$MDEVCTL" "$@" 2>&1 || echo "=> $?"; }
@test "x" {
{
echo "== twice"
"$MDEVCTL" define --auto -p $GPU -t nvidia-902 --count 3 >/dev/null
"$MDEVCTL" define --auto -u $U1 -p $VF2 -t nvidia-902
"$MDEVCTL" define --auto -u $U2 -p mtty -t mtty-1
sim reload $GPU
sim hide "devices/*/0000:3b:*/nvidia" lookups=60
( sleep 0.3; sim sriov -e $GPU ) &
pids=()
for p in $GPU $GPU $VF2 $VF2 $VF mtty --all; do "$MDEVCTL" start-parent-mdevs $([ $p = --all ] || echo --timeout 10) $p >$T/o.$p.$RANDOM 2>&1 & pids+=($!); done
for p in ${pids[@]}; do wait $p && echo ok || echo "=> $?"; done
cat $T/o.*
vgpus; r list; r status
r start-parent-mdevs $GPU
r start-parent-mdevs $VF2
r start-parent-mdevs --all
echo "== functions go and come"
sim reload $GPU; sim sriov -e $GPU
for p in $GPU $VF2; do r start-parent-mdevs $p; done
vgpus; r list
echo "== again when half there"
sim reload $GPU; sim sriov -e $GPU; 
sim hide "devices/*/0000:3b:00.[45]/nvidia"
r start-parent-mdevs --timeout 0 $GPU
r start-parent-mdevs --timeout 0 $VF2
vgpus
sim show "devices/*/0000:3b:00.[45]/nvidia"
r start-parent-mdevs --timeout 0 $VF2
vgpus
} > /tmp/wt/h18-x/out 2>&1
}
