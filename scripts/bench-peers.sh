#!/bin/sh
# The load of the card's bench on other people's switches: Open vSwitch in user space, and the kernel's own forwarding with
# VXLAN. Everything happens in network namespaces made here and deleted at the end, whatever the end is; no service is
# started or touched. Needs root.
#
#   scripts/bench-peers.sh PATH-OF-THE-PEER-BENCH
set -eu
peer=$1
p=scb$$
dir=$(mktemp -d "${TMPDIR:-/tmp}/$p.XXXXXX")
pids=

cleanup() {
    trap - EXIT INT TERM
    for pid in $pids $(cat "$dir"/*.pid 2>/dev/null || true); do
        kill "$pid" 2>/dev/null || true
    done
    for pid in $pids $(cat "$dir"/*.pid 2>/dev/null || true); do
        n=0
        while kill -0 "$pid" 2>/dev/null && [ $n -lt 50 ]; do sleep 0.1; n=$((n + 1)); done
        kill -9 "$pid" 2>/dev/null || true
    done
    for ns in a b o r s; do ip netns del "$p$ns" 2>/dev/null || true; done
    rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# a, b: the guests' places; o: Open vSwitch's; r, s: two hosts' routers.
in_ns() { ns=$1; shift; ip netns exec "$p$ns" "$@"; }
for ns in a b o r s; do
    ip netns add "$p$ns"
    in_ns $ns sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
    in_ns $ns ip link set lo up
done
# link NS NAME NS NAME: a veth pair for 9,001-byte packets and an overlay's headers.
link() {
    ip link add "$2" netns "$p$1" mtu 9200 type veth peer name "$4" netns "$p$3" mtu 9200
    in_ns "$1" ip link set "$2" up
    in_ns "$3" ip link set "$4" up
}
mac_of() { in_ns "$1" cat "/sys/class/net/$2/address"; }
# Not the sink's own address: its stack drops the frame behind the packet socket instead of answering it.
SINK=02:00:00:00:00:99

tcp() {
    # Not by a function: its process would be the shell's, and the server would outlive it.
    ip netns exec "${p}b" iperf3 -s -1 >/dev/null 2>&1 &
    server=$!
    pids="$pids $server"
    n=0
    until in_ns b ss -Hltn 'sport = :5201' | grep -q .; do sleep 0.1; n=$((n + 1)); [ $n -lt 50 ]; done
    result=$(in_ns a iperf3 -c "$2" -t 5 -f g | awk '/receiver/ { for (i = 2; i <= NF; i++) if ($i ~ /bits\/sec/) print $(i - 1) }')
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    printf '%-34s %6s %10s %8s\n' "$1" "TCP" "-" "$result"
}

echo "## veth pair alone: what the generator and its packet sockets cost"
link a eth0 b eth0
"$peer" "veth, no switch" "${p}a" "${p}b" "$(mac_of a eth0)" $SINK "$(mac_of a eth0)" 10.0.1.10 10.0.2.10
in_ns a ip link del eth0

echo "## kernel: two routers with VXLAN between, veth to the guests"
link a eth0 r guest
link b eth0 s guest
link r wire s wire
router() { # NS own-number other-number
    in_ns "$1" sysctl -qw net.ipv4.ip_forward=1
    in_ns "$1" ip addr add "192.0.2.$2/24" dev wire
    in_ns "$1" ip link add vxlan0 mtu 9100 type vxlan id 42 local "192.0.2.$2" remote "192.0.2.$3" dstport 4789 dev wire
    in_ns "$1" ip link set vxlan0 up
    in_ns "$1" ip addr add "10.9.0.$2/24" dev vxlan0
    in_ns "$1" ip addr add "10.0.$2.1/24" dev guest
    in_ns "$1" ip route add "10.0.$3.0/24" via "10.9.0.$3"
}
router r 1 2
router s 2 1
for n in 1:a 2:b; do
    in_ns "${n#*:}" ip addr add "10.0.${n%:*}.10/24" dev eth0
    in_ns "${n#*:}" ip route add default via "10.0.${n%:*}.1"
done
kernel() {
    in_ns s ip neigh replace 10.0.2.10 lladdr $SINK dev guest
    "$peer" "$1" "${p}a" "${p}b" "$(mac_of a eth0)" "$(mac_of r guest)" "$(mac_of s guest)" 10.0.1.10 10.0.2.10
    in_ns s ip neigh del 10.0.2.10 dev guest
    tcp "$1" 10.0.2.10
}
kernel "kernel, VXLAN"
# As many rules as the card's security group has, of which the last allows the load (UDP) and iperf3 (TCP).
nft_rules() { # NS COUNT
    {
        echo "flush ruleset"
        echo "table inet filter { chain forward { type filter hook forward priority 0; policy drop;"
        echo "ct state established,related accept"
        awk -v n="$2" 'BEGIN { for (i = 1; i < n; i++) printf "ip saddr 192.168.%d.%d udp dport %d accept\n", i / 256, i % 256, 20000 + i }'
        echo "meta l4proto { tcp, udp, icmp } accept"
        printf '}\n}\n'
    } | in_ns "$1" nft -f -
}
for rules in 10 1000; do
    nft_rules r $rules
    nft_rules s $rules
    kernel "kernel, VXLAN, ct, $rules rules"
done
in_ns a ip link del eth0
in_ns b ip link del eth0

echo "## Open vSwitch in user space: $(ovs-vswitchd --version | head -1)"
link a eth0 o p1
link b eth0 o p2
# AF_PACKET gives the switch unfinished checksums, which it hands on as they are.
for ns in a b; do in_ns $ns ethtool -K eth0 tx off >/dev/null; done
in_ns a ip addr add 10.0.1.10/16 dev eth0
in_ns b ip addr add 10.0.2.10/16 dev eth0
export OVS_RUNDIR="$dir" OVS_LOGDIR="$dir" OVS_DBDIR="$dir"
ovsdb-tool create "$dir/conf.db" /usr/share/openvswitch/vswitch.ovsschema
db="unix:$dir/db.sock"
in_ns o ovsdb-server "$dir/conf.db" --remote="p$db" --pidfile="$dir/ovsdb.pid" --unixctl="$dir/ovsdb.ctl" --log-file="$dir/ovsdb.log" --detach --no-chdir 2>/dev/null
ovs-vsctl --db="$db" --no-wait init
in_ns o ovs-vswitchd "$db" --pidfile="$dir/vswitchd.pid" --unixctl="$dir/vswitchd.ctl" --log-file="$dir/vswitchd.log" --detach --no-chdir 2>/dev/null
ovs-vsctl --timeout=10 --db="$db" add-br br0 -- set bridge br0 datapath_type=netdev protocols=OpenFlow10,OpenFlow13 \
    -- add-port br0 p1 -- set interface p1 ofport_request=1 -- add-port br0 p2 -- set interface p2 ofport_request=2
ovs() {
    "$peer" "$1" "${p}a" "${p}b" "$(mac_of a eth0)" $SINK "$(mac_of a eth0)" 10.0.1.10 10.0.2.10 "$(cat "$dir/vswitchd.pid")"
    tcp "$1" 10.0.2.10
}
flows() { ovs-ofctl -O OpenFlow13 "$@"; }
flows del-flows "$dir/br0.mgmt"
flows add-flow "$dir/br0.mgmt" in_port=1,actions=output:2
flows add-flow "$dir/br0.mgmt" in_port=2,actions=output:1
ovs "OVS user space, two flows"
for rules in 10 1000; do
    flows del-flows "$dir/br0.mgmt"
    {
        cat <<'FLOWS'
table=0,priority=10,arp,actions=FLOOD
table=0,priority=10,ip,ct_state=-trk,actions=ct(table=1)
table=1,priority=10,ip,in_port=1,ct_state=+trk+est,actions=output:2
table=1,priority=10,ip,in_port=2,ct_state=+trk+est,actions=output:1
table=1,priority=5,udp,in_port=1,ct_state=+trk+new,actions=ct(commit),output:2
table=1,priority=5,tcp,in_port=1,ct_state=+trk+new,actions=ct(commit),output:2
FLOWS
        awk -v n=$rules 'BEGIN { for (i = 1; i < n; i++)
            printf "table=1,priority=9,udp,in_port=1,ct_state=+trk+new,nw_src=192.168.%d.%d,tp_dst=%d,actions=ct(commit),output:2\n", i / 256, i % 256, 20000 + i }'
    } | flows add-flows "$dir/br0.mgmt" -
    ovs "OVS user space, ct(), $rules rules"
done
