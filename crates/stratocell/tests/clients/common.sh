# What the scripts share: strictness, files, and the check that something is refused.
set -euo pipefail
unset AWS_CA_BUNDLE
cd "$(mktemp -d "$WORK/XXXXXX")"
random() { head -c "$1" /dev/urandom; }
same() { diff -r "$1" "$2"; }
# refused WORD COMMAND...: the command fails, and says WORD.
refused() {
    local word=$1 out
    shift
    if out=$("$@" 2>&1); then
        echo "not refused: $*" >&2
        return 1
    fi
    case $out in *"$word"*) ;; *) echo "refused with other words than $word: $out" >&2; return 1 ;; esac
}
