#!/bin/sh
# Runs fuzz targets with libFuzzer on the stable compiler: the coverage counters are an LLVM pass, so neither nightly nor
# cargo-fuzz is needed (cargo-fuzz works too and adds AddressSanitizer). An input that crashes is left in
# fuzz/artifacts/TARGET; commit it to fuzz/regressions/TARGET with the fix.
#
#   scripts/fuzz.sh SECONDS [TARGET]...     (all of them when none is named, one after the other)
set -eu
cd "$(dirname -- "$0")/../fuzz"
seconds=$1
shift
targets=${*:-$(ls fuzz_targets | sed 's/\.rs$//')}
host=$(rustc -vV | sed -n 's/^host: //p')

# Debug assertions and overflow checks stay on: they find more.
RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
-Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares -Cdebug-assertions -Coverflow-checks --cfg fuzzing" \
    cargo build --release --target "$host" --target-dir ../target/fuzz --bins

failed=
for target in $targets; do
    mkdir -p "corpus/$target" "artifacts/$target"
    seeds=
    [ ! -d "regressions/$target" ] || seeds="regressions/$target"
    echo "== $target, $seconds s"
    # shellcheck disable=SC2086
    "../target/fuzz/$host/release/$target" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
        -artifact_prefix="artifacts/$target/" "corpus/$target" $seeds 2>"../target/fuzz/$target.log" || failed="$failed $target"
    grep -E 'SUMMARY|panicked|stat::number_of_executed_units|stat::peak_rss_mb|^#[0-9]+.*DONE' "../target/fuzz/$target.log" || tail -5 "../target/fuzz/$target.log"
done
[ -z "$failed" ] || { echo "fuzz: crashed:$failed" >&2; exit 1; }
