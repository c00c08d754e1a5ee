#!/bin/sh
# Puts the guests' kernel and modules into a directory: downloads the distribution's cloud kernel package with apt and
# unpacks it. Nothing is installed and root is not needed. Run again, it does nothing while the result is there.
#
#   scripts/fetch-guest-kernel.sh [DIRECTORY]     default: target/guest-kernel
#
# STRATOCELL_KERNEL_PACKAGE names another (meta)package.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
out=${1:-$here/target/guest-kernel}

if [ -f "$out/VERSION" ] && ls "$out"/boot/vmlinuz-* >/dev/null 2>&1 && ls -d "$out"/lib/modules/* >/dev/null 2>&1; then
    echo "guest kernel: $out has $(cat "$out/VERSION")"
    exit 0
fi

# The packages that a metapackage stands for at this moment: the first concrete one that matches a pattern.
depends_on() {
    apt-cache depends --no-recommends --no-suggests "$1" 2>/dev/null | sed -n 's/^ *|\{0,1\}Depends: *//p' | grep -E -m1 "$2" || true
}

# The concrete kernel package that the distribution's metapackage stands for.
resolve() {
    for meta in ${STRATOCELL_KERNEL_PACKAGE:-} linux-image-cloud-amd64 linux-image-virtual; do
        case $meta in
        linux-image-[0-9]*) found=$meta ;;
        *) found=$(depends_on "$meta" '^linux-image-(unsigned-)?[0-9]') ;;
        esac
        [ -z "$found" ] || { echo "$found" && return; }
    done
}

image=$(resolve)
if [ -z "$image" ]; then
    # A machine whose package lists were never fetched (or were removed, as in container images).
    sudo=
    [ "$(id -u)" = 0 ] || sudo=sudo
    $sudo apt-get update -q || true
    image=$(resolve)
fi
if [ -z "$image" ]; then
    echo "guest kernel: apt knows neither linux-image-cloud-amd64 (Debian) nor linux-image-virtual (Ubuntu); run 'apt-get update' first," >&2
    echo "guest kernel: or set STRATOCELL_KERNEL_PACKAGE, or unpack a kernel package into $out yourself" >&2
    exit 1
fi
# Ubuntu keeps the modules in a package of their own.
modules=$(depends_on "$image" '^linux-modules-[0-9]')

mkdir -p "$(dirname "$out")"
work=$(mktemp -d "$out.partial.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
mkdir "$work/debs" "$work/tree"
# apt's download sandbox user must be able to write here when this runs as root.
chmod 755 "$work"
[ "$(id -u)" != 0 ] || chown _apt "$work/debs" 2>/dev/null || true

for package in $image $modules; do
    echo "guest kernel: downloading $package"
    (cd "$work/debs" && apt-get download -q "$package")
done
for deb in "$work"/debs/*.deb; do
    dpkg-deb -x "$deb" "$work/tree"
done
# Merged-/usr packages carry the modules in usr/lib.
if [ ! -d "$work/tree/lib/modules" ] && [ -d "$work/tree/usr/lib/modules" ]; then
    mkdir -p "$work/tree/lib"
    mv "$work/tree/usr/lib/modules" "$work/tree/lib/modules"
fi
rm -rf "$work/tree/usr"
echo "$image" >"$work/tree/VERSION"
rm -rf "$out"
mv "$work/tree" "$out"
echo "guest kernel: $out has $image ($(du -sh "$out" | cut -f1))"
