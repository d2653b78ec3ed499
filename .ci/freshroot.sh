#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
# freshroot.sh FOLDER: makes a minimal Debian root in FOLDER (which is replaced), copies the project's files
# into it and nothing else, and there runs `installer/run FILE` twice and `tests/run`. Prints times and sizes.
# Needs root and debootstrap; takes the package mirror from this machine's own apt configuration.
set -euo pipefail
TS_ROOT=$(cd -- "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")/.." && pwd)
# shellcheck source=installer/lib.sh
source "$TS_ROOT/installer/lib.sh"

root=$(realpath -m -- "${1:?name the folder of the new root}")
mark=$root/.tailscope-freshroot
((EUID == 0)) || ts_die "a fresh root is made by root only"
if [[ -e $root && ! -e $mark ]]; then ts_die "$root exists and is not one of ours; remove it first"; fi

# The mounts live in a namespace of this script's own: they are gone when it ends, however it ends, and
# nothing outside can be touched through them.
if [[ ${TS_OWN_MOUNTS:-} != yes ]]; then
    TS_OWN_MOUNTS=yes exec unshare --mount --pid --fork --kill-child bash "${BASH_SOURCE[0]}" "$root"
fi
mount --make-rprivate /

# shellcheck source=/dev/null
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
# Lines `mirror suite component` of every Debian archive that this machine knows.
# apt expands the format.
# shellcheck disable=SC2016
archives=$(apt-get indextargets --format '$(SITE) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
    awk -v c="$codename" '$2 == c || index($2, c "-") == 1' | LC_ALL=C sort -u)
mirror=$(awk -v c="$codename" '$2 == c && $3 == "main" { print $1; exit }' <<<"$archives")
[[ -n $mirror ]] || ts_die "apt knows no mirror of $codename here"

report=()
measure() { # LABEL COMMAND...
    local label=$1 begin=$SECONDS status=0
    shift
    "$@" || status=$?
    report+=("$(printf '%-34s %4d s%s' "$label" $((SECONDS - begin)) \
        "$( ((status == 0)) || echo ", FAILED with exit code $status")")")
    return "$status"
}
finish() {
    printf '\n%s\n' "--- fresh root"
    printf '%s\n' "${report[@]}"
}
trap finish EXIT
megabytes() { du -sxm -- "$@" 2>/dev/null | awk '{ n += $1 } END { print n + 0 }'; }

rm -rf --one-file-system -- "$root"
mkdir -p "$root"
touch "$mark"
measure "debootstrap --variant=minbase" debootstrap --variant=minbase "$codename" "$root" "$mirror" \
    >"$root.debootstrap.log" 2>&1 || ts_die "debootstrap failed; see $root.debootstrap.log"

# The same archives and proxies as here, and packages are kept so that their sizes can be told.
awk '{ print "deb", $1, $2, $3 }' <<<"$archives" >"$root/etc/apt/sources.list"
apt-config dump | grep -E '^Acquire::(https?::Proxy|Check-)' >"$root/etc/apt/apt.conf.d/90host" || true
echo 'Binary::apt-get::APT::Keep-Downloaded-Packages "true";' >"$root/etc/apt/apt.conf.d/91keep"
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"

# A folder with a blank in its name, as a user may have.
project="/root/a checkout/tailscope"
mkdir -p "$root$project"
# shellcheck disable=SC2119 # all files, not this script's arguments
(cd "$TS_ROOT" && ts_files | tar --create --no-recursion --files-from=- --file=-) |
    tar --extract --directory="$root$project"
report+=("$(printf '%-34s %4d MB' "root before" "$(megabytes "$root")")")

inside() { # COMMAND...: in the root, in the project's folder, with no environment but this
    # shellcheck disable=SC2016 # expanded in there
    chroot "$root" /usr/bin/env -i HOME=/root TERM=dumb TS_JOBS="${TS_JOBS:-}" \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        bash -c 'cd "$1" && shift && if [ -z "$TS_JOBS" ]; then unset TS_JOBS; fi && exec "$@"' \
        bash "$project" "$@" </dev/null
}

sample=.ci/smoke/checkout.trace.json
measure "installer/run FILE, first time" inside installer/run "$sample" >"$root.report.txt"
report+=("$(printf '%-34s %4d MB' "  packages downloaded for it" \
    "$(megabytes "$root/var/cache/apt/archives")")")
grep -qF 'GET /checkout' "$root.report.txt" ||
    ts_die "the report does not tell of the sample: $(cat "$root.report.txt")"
begin=$SECONDS
measure "installer/run FILE, second time" inside installer/run "$sample" >"$root.second.txt"
((SECONDS - begin <= 20)) || ts_die "the second run took $((SECONDS - begin)) s: it does work over again"
cmp "$root.report.txt" "$root.second.txt" || ts_die "the second report differs from the first"
measure "installer/run, the demo" inside installer/run >"$root.demo.txt"
[[ -s $root.demo.txt ]] || ts_die "the demo's report is empty"
measure "tests/run" inside tests/run
report+=("$(printf '%-34s %4d MB' "  packages downloaded in all" \
    "$(megabytes "$root/var/cache/apt/archives")")")
report+=("$(printf '%-34s %4d MB' "root after" "$(megabytes "$root")")")
