#!/bin/sh
# Every figure of docs/benchmarks.md, in one run: raw output goes to target/bench/DATE.txt and to the terminal. The peers of
# the network part need root (they live in network namespaces made for the run); without it they are left out, visibly.
#
#   scripts/bench.sh [network|store|region|objects|balancer|scheduler]...     (all of them when none is named)
set -eu
cd "$(dirname -- "$0")/.."
mkdir -p target/bench
out=target/bench/$(date -u +%Y-%m-%dT%H%M%SZ).txt
parts=${*:-network store region objects balancer scheduler}

# A step that fails does not stop the others, but the run; through `tee` the news goes by a file.
step() {
    echo
    echo "# $*"
    "$@" || echo "$*" >>"$out.failed"
}
binary_of() { # PACKAGE BENCH: builds it and prints its path
    cargo bench -q -p "$1" --bench "$2" --no-run --message-format=json |
        sed -n 's/.*"name":"'"$2"'".*"executable":"\([^"]*\)".*/\1/p' | tail -1
}
has_bench() { [ -e "crates/$1/benches/$2.rs" ]; }

all() {
    echo "# $(date -u +%Y-%m-%dT%H:%M:%SZ), commit $(git rev-parse --short HEAD 2>/dev/null || echo unknown)"
    echo "# $(nproc) x $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), Linux $(uname -r), $(rustc --version), load $(cut -d' ' -f1 /proc/loadavg)"
    for part in $parts; do
        case $part in
        network)
            for bench in hit_path tables large_vpc; do
                step cargo bench -q -p vswitch --bench $bench
            done
            step cargo bench -q -p directory --bench large_vpc
            step cargo bench -q -p card --bench terminator
            step cargo bench -q -p card --bench throughput
            peer=$(binary_of card peer)
            if [ "$(id -u)" = 0 ]; then
                step scripts/bench-peers.sh "$peer"
            else
                echo "# peers left out: run scripts/bench.sh as root to have them beside these figures"
            fi
            ;;
        store)
            for bench in crates/store/benches/*.rs; do
                [ ! -e "$bench" ] || step cargo bench -q -p store --bench "$(basename "$bench" .rs)"
            done
            ;;
        region)
            ! has_bench stratocell region || step cargo bench -q -p stratocell --bench region
            step cargo bench -q -p stratocell --bench identity
            step cargo bench -q -p host-agent --bench sandboxes
            step cargo bench -q -p stratocell --bench region -- sandboxes 1000
            ;;
        objects)
            step cargo bench -q -p objectstore --bench erasure
            step cargo bench -q -p iam --bench evaluate
            step cargo bench -q -p stratocell --bench objects
            ;;
        balancer)
            step cargo bench -q -p balancer --bench peers
            ;;
        scheduler)
            for bench in decide region packing; do
                step cargo bench -q -p scheduler --bench $bench
            done
            step scripts/bench-placement.py
            ;;
        *)
            echo "no part is called $part" >>"$out.failed"
            ;;
        esac
    done
}

all 2>&1 | tee "$out"
status=0
if [ -e "$out.failed" ]; then
    sed 's/^/bench: failed: /' "$out.failed" >&2
    rm -f "$out.failed"
    status=1
fi
echo
echo "raw output: $out"

# The network table. CPU time hardly depends on who else uses the machine, rates do.
awk '
    NF > 10 && $(NF - 9) ~ /^(64|1514|9015)$/ && $NF ~ /^[0-9.]+$/ {
        path = $1; for (i = 2; i < NF - 9; i++) path = path " " $i
        row = "| " path; for (i = NF - 9; i <= NF; i++) row = row " | " $i
        if (!n++) {
            print "\n| path | bytes | flows | frames/s | Gbit/s | ns/frame | switch CPU ns | all CPU ns | lost | p50 us | p99 us |"
            print "|---|---|---|---|---|---|---|---|---|---|---|"
        }
        print row " |"
    }' "$out"
exit $status
