#!/bin/sh
# Installs what is missing: packages of the distribution (sudo for that alone) and, for tests, a Python environment with
# the pinned AWS tools. Run again, it does nothing while everything is there.
#
#   scripts/setup.sh run|test|bench
set -eu
cd "$(dirname -- "$0")/.."

RUN="build-essential qemu-system-x86 busybox-static dropbear-bin e2fsprogs openssh-client"
TEST="python3 python3-venv curl iproute2 tshark procps openssl util-linux rclone s3cmd restic s3fs swtpm"
BENCH="openvswitch-switch iperf3 ethtool nftables iproute2 haproxy nginx-light nghttp2-client wrk"
PLACEMENT="openstack-placement==16.0.0"
# The same version as in crates/aws-protocol/models.txt.
PYTHON="botocore==1.43.11 boto3==1.43.11 awscli==1.45.11"

if ! command -v cargo >/dev/null 2>&1; then
    echo "setup: cargo is missing: install Rust 1.95 or newer (https://rustup.rs), then run make again" >&2
    exit 1
fi

want=$RUN
[ "$1" = run ] || want="$want $TEST"
[ "$1" != bench ] || want="$want $BENCH"

missing=
for package in $want; do
    case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true) in
    installed) ;;
    *) missing="$missing $package" ;;
    esac
done
# A Python that makes virtual environments is enough, wherever it comes from.
if [ "$1" != run ] && python3 -c 'import venv, ensurepip' 2>/dev/null; then
    missing=$(echo "$missing" | sed 's/ python3-venv//; s/ python3\b//')
fi
if [ -n "$(echo "$missing" | tr -d ' ')" ]; then
    sudo=
    [ "$(id -u)" = 0 ] || sudo=sudo
    echo "setup: installing$missing"
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get update -q
    # shellcheck disable=SC2086
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
fi

[ "$1" != run ] || exit 0

# The peers. Garage takes long to build: half an hour on two cores.
if [ "$1" = bench ]; then
    [ -x target/peers/bin/s3s-fs ] || cargo install --root target/peers --locked --version 0.14.1 --features binary s3s-fs
    [ -x target/peers/bin/garage ] || cargo install --root target/peers --locked garage
    # The scheduler's.
    if [ "$(cat target/peers/placement/stamp 2>/dev/null || true)" != "$PLACEMENT" ]; then
        rm -rf target/peers/placement
        python3 -m venv target/peers/placement
        target/peers/placement/bin/pip install -q --disable-pip-version-check "$PLACEMENT"
        echo "$PLACEMENT" >target/peers/placement/stamp
    fi
fi

if ! command -v cargo-nextest >/dev/null 2>&1; then
    echo "setup: installing cargo-nextest"
    cargo install --locked cargo-nextest
fi
if [ "$(cat .venv/stamp 2>/dev/null || true)" != "$PYTHON" ]; then
    echo "setup: making .venv with $PYTHON"
    rm -rf .venv
    python3 -m venv .venv
    # shellcheck disable=SC2086
    .venv/bin/pip install -q --disable-pip-version-check $PYTHON
    echo "$PYTHON" >.venv/stamp
fi
