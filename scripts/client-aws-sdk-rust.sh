#!/bin/sh
# Builds the client of clients/aws-sdk-rust (a few minutes the first time) and runs it against a region of its own.
#
#   scripts/client-aws-sdk-rust.sh [STRATOCELL]     default: target/release/stratocell
set -eu
cd "$(dirname -- "$0")/.."
bin=${1:-target/release/stratocell}
cargo build -q --manifest-path clients/aws-sdk-rust/Cargo.toml --target-dir target/client
dir=$(mktemp -d /tmp/sc-XXXXXX)
trap '"$bin" --data-dir "$dir" down --purge >/dev/null 2>&1 || true; rm -rf "$dir"' EXIT INT TERM
"$bin" --data-dir "$dir" up --detach --port 0 --no-profile --hosts-per-cell 1 >/dev/null
eval "$("$bin" --data-dir "$dir" env)"
target/client/debug/client-aws-sdk-rust
