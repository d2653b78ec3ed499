# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Shared by installer/run, tests/run and .ci/run: messages, Debian packages, building a preset.
# The caller has `set -euo pipefail` and has set TS_ROOT to the top folder of the project.

: "${TS_ROOT:?installer/lib.sh is sourced after TS_ROOT is set}"
# shellcheck source=installer/packages.sh
source "$TS_ROOT/installer/packages.sh"

# Everything that is not a result goes to stderr, so that a report on stdout stays clean.
ts_say() { printf '%s\n' "$*" >&2; }

ts_die() {
    ts_say "error: $*"
    exit 1
}

ts_as_root() {
    if ((EUID == 0)); then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        return 127
    fi
}

# Prints the packages of the groups $@ that are not installed, one a line.
ts_missing_packages() {
    local group wanted=()
    for group in "$@"; do
        # A group is a list of words.
        # shellcheck disable=SC2206
        wanted+=(${TS_PACKAGES[$group]:?unknown package group $group})
    done
    LC_ALL=C comm -13 \
        <(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "${wanted[@]}" 2>/dev/null |
            awk '$2 == "installed" { print $1 }' | LC_ALL=C sort -u) \
        <(printf '%s\n' "${wanted[@]}" | LC_ALL=C sort -u)
}

# Copies stdin to the file $2 and shows how far it is on stderr: one line that is rewritten on a
# terminal, a line every quarter elsewhere. $1 is the label; a line that begins with [N/M] or that matches
# apt's two steps for each of $3 packages moves it on.
ts_progress() {
    local label=$1 log=$2 packages=${3:-0} line step=25 shown=0 count=0 total percent
    [[ -t 2 ]] && step=1
    while IFS= read -r line; do
        printf '%s\n' "$line" >>"$log"
        if [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]]; then
            count=${BASH_REMATCH[1]} total=${BASH_REMATCH[2]}
        elif [[ $line =~ ^(Unpacking|Setting\ up)\  ]] && ((packages > 0)); then
            count=$((count + 1)) total=$((2 * packages))
        elif [[ $line =~ ^"Need to get "(.+)$ ]]; then
            ts_say "$label: download ${BASH_REMATCH[1]}"
            continue
        elif [[ $line =~ ^[0-9]+" upgraded, "([0-9]+)" newly installed" ]]; then
            # What was asked for brings its own dependencies along.
            packages=${BASH_REMATCH[1]}
            continue
        else
            continue
        fi
        ((total > 0)) || continue
        percent=$((100 * count / total))
        ((percent > 100)) && percent=100
        ((percent / step > shown)) || continue
        shown=$((percent / step))
        if [[ -t 2 ]]; then
            printf '\r%s: %3d %% (%d of %d) ' "$label" "$percent" "$count" "$total" >&2
        else
            ts_say "$label: $percent % ($count of $total)"
        fi
    done
    if [[ -t 2 ]] && ((shown > 0)); then printf '\n' >&2; fi
}

# Installs what is missing from the package groups $@; does nothing, and needs no root, when nothing is.
ts_install() {
    local missing=() log apt
    if ! command -v dpkg-query >/dev/null; then
        ts_say "note: this is not a Debian system, so nothing is installed; installer/packages.sh lists" \
            "what the build needs."
        return 0
    fi
    mapfile -t missing < <(ts_missing_packages "$@")
    ((${#missing[@]} == 0)) && return 0
    if ((EUID != 0)) && ! command -v sudo >/dev/null; then
        ts_die "these packages are missing and neither root nor sudo is at hand. Have an administrator" \
            "run:
    apt-get install --no-install-recommends ${missing[*]}"
    fi
    log=$(mktemp "${TMPDIR:-/tmp}/tailscope-apt.XXXXXX")
    apt=(env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 apt-get
        -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 -o Dpkg::Use-Pty=0)
    ts_say "Installing ${#missing[@]} missing packages: ${missing[*]}"
    if ! ts_as_root "${apt[@]}" -q update >"$log" 2>&1 </dev/null; then
        # A list that cannot be refreshed is no reason to stop when the packages can be had all the same.
        ts_say "warning: apt-get update had errors: $(grep -m1 -E '^(E|Err)' "$log" || true)"
    fi
    if ! ts_as_root "${apt[@]}" -y --no-install-recommends install "${missing[@]}" </dev/null 2>&1 |
        ts_progress "Packages" "$log" "${#missing[@]}"; then
        tail -n 30 "$log" >&2
        ts_die "the packages could not be installed (whole log: $log). Tailscope is set up for Debian 12" \
            "or later; it needs Qt 6.4 with Qt Charts."
    fi
    rm -f "$log"
}

# One compiler wants up to 1.5 GB; fewer jobs than cores where memory is short.
ts_jobs() {
    local cores memory
    cores=$(nproc)
    memory=$(awk '/^MemAvailable:/ { print int($2 / 1500000) }' /proc/meminfo 2>/dev/null || echo "$cores")
    ((memory < 1)) && memory=1
    echo "${TS_JOBS:-$((memory < cores ? memory : cores))}"
}

# Configures the preset $1 where that is needed. Quiet: the output goes to build/PRESET.log, what matters of
# it is shown when it fails. Further arguments are handed to cmake. Leaves the preset locked against a
# second build at the same time until the script ends or builds another one.
ts_configure() {
    local preset=$1 dir=$TS_ROOT/build/$1 log=$TS_ROOT/build/$1.log fresh=()
    shift
    mkdir -p "$TS_ROOT/build" 2>/dev/null || true
    if ! [[ -w $TS_ROOT/build ]] || [[ -d $dir && ! -w $dir ]]; then
        ts_die "$dir cannot be written to; was it made by another user? Remove it or change its owner."
    fi
    exec 9>"$TS_ROOT/build/$preset.lock"
    if ! flock -n 9; then
        ts_say "Waiting for another build of the preset $preset"
        flock 9
    fi
    : >"$log"
    if [[ -f $dir/CMakeCache.txt ]] &&
        ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$TS_ROOT" "$dir/CMakeCache.txt"; then
        fresh=(--fresh) # the folder was moved or copied since it was configured
    fi
    # ninja itself sees that a CMakeLists.txt or the files of a glob changed.
    if ((${#fresh[@]} == 0)) && [[ -f $dir/build.ninja ]] &&
        [[ ! $TS_ROOT/CMakePresets.json -nt $dir/build.ninja ]] &&
        ninja -C "$dir" build.ninja >>"$log" 2>&1 </dev/null; then
        return 0
    fi
    ts_say "Configuring ($preset)"
    if ! (cd "$TS_ROOT" && cmake "${fresh[@]}" --preset "$preset" "$@" && touch "$dir/build.ninja") \
        >"$log" 2>&1 </dev/null; then
        grep -A12 -m3 'CMake Error' "$log" >&2 || tail -n 30 "$log" >&2
        ts_die "the configuration failed (whole log: $log)"
    fi
}

# Configures the preset $1 and builds the targets $2... (all of it without any); see ts_configure.
ts_build() {
    local preset=$1 dir=$TS_ROOT/build/$1 log=$TS_ROOT/build/$1.log targets=()
    shift
    (($# > 0)) && targets=(--target "$@")
    ts_configure "$preset"
    if ! NINJA_STATUS='[%f/%t] ' cmake --build "$dir" --parallel "$(ts_jobs)" "${targets[@]}" \
        </dev/null 2>&1 | ts_progress "Building ($preset)" "$log"; then
        grep -m20 -E 'error:|^FAILED|undefined reference' "$log" >&2 || tail -n 40 "$log" >&2
        ts_die "the build failed (whole log: $log)"
    fi
    exec 9>&-
}

# True when a window can be opened: a Wayland session, or an X display whose socket is there. A display
# of another host is believed.
ts_have_display() {
    local number
    [[ -n ${WAYLAND_DISPLAY:-} ]] && return 0
    [[ -n ${DISPLAY:-} ]] || return 1
    [[ $DISPLAY =~ ^(unix)?:([0-9]+)(\.[0-9]+)?$ ]] || return 0
    number=${BASH_REMATCH[2]}
    [[ -S /tmp/.X11-unix/X$number ]] || grep -q "@/tmp/.X11-unix/X$number\$" /proc/net/unix 2>/dev/null
}

# The files of the project, relative to its top, one a line: what git tracks plus what it would track, or
# the whole tree where there is no git (a source archive, a fresh root). $@ are extra `git ls-files` globs.
ts_files() {
    (
        cd "$TS_ROOT" || exit
        if git -c safe.directory='*' rev-parse --is-inside-work-tree >/dev/null 2>&1; then
            git -c safe.directory='*' -c core.quotepath=off ls-files -co --exclude-standard -- "$@"
        else
            find . \( -name .git -o -path ./build \) -prune -o -type f -printf '%P\n' |
                ts_match "$@"
        fi | LC_ALL=C sort -u | while IFS= read -r file; do
            if [[ -f $file ]]; then printf '%s\n' "$file"; fi
        done
    )
}

# Keeps the lines of stdin that match one of the globs $@ (all of them without any).
ts_match() {
    local line glob
    while IFS= read -r line; do
        (($# == 0)) && printf '%s\n' "$line"
        for glob in "$@"; do
            # The globs are patterns on purpose.
            # shellcheck disable=SC2053
            if [[ $line == $glob ]]; then
                printf '%s\n' "$line"
                break
            fi
        done
    done
}
