#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
# smoke.sh VERSION SAMPLES FOLDER [PROGRAM]: uses the installed program on the samples beside this file, whose
# figures were worked out by hand, with FOLDER as its home. Exit code 0 when every figure is right.
set -euo pipefail
version=$1 samples=$2 folder=$3 program=${4:-/usr/bin/tailscope}
mkdir -p "$folder/home" "$folder/run"
chmod 0700 "$folder/run"

tailscope() {
    env -i PATH=/usr/bin:/bin LC_ALL=C.UTF-8 TZ=UTC HOME="$folder/home" XDG_RUNTIME_DIR="$folder/run" \
        QT_QPA_PLATFORM=offscreen "$program" "$@"
}

expect() { # WHAT EXPECTED ACTUAL
    if [[ $2 != "$3" ]]; then
        printf 'FAILED %s: expected %s, got %s\n' "$1" "$2" "$3" >&2
        exit 1
    fi
    printf 'ok %s: %s\n' "$1" "$3"
}

cd /
tailscope --version | grep -qF "$version" || {
    printf 'FAILED --version: %s\n' "$(tailscope --version 2>&1)" >&2
    exit 1
}
printf 'ok version %s\n' "$version"

# One request of 120 ms with four calls below it: 30, 50 (5 of them in a call of its own) and 20 ms.
workspace="$folder/a workspace.tailscope"
tailscope import "$samples/checkout.trace.json" --to "$workspace"
expect "spans and their time" "5 225000000 20000000" "$(
    tailscope query "$workspace" --format json "SELECT count(*) AS n, sum(duration_ns) AS total,
        max(CASE WHEN operation = 'GET /checkout' THEN self_ns END) AS self FROM span" |
        python3 -c 'import json, sys; r, = json.load(sys.stdin); print(r["n"], r["total"], r["self"])'
)"
expect "the same by another reader" "5" "$(sqlite3 "$workspace" 'SELECT count(*) FROM span')"

# A join of 40 ms over a scan of 30 and a hash of 8: 2 ms are the join's own.
expect "self times of a plan" "3 2.0 30.0 8.0" "$(
    tailscope explain "$samples/plan.json" --format json |
        python3 -c 'import json, sys
plan = json.load(sys.stdin)["plans"][0]
print(plan["node_count"], *(round(float(n["self_ms"]), 3) for n in sorted(plan["nodes"], key=lambda n: n["id"])))'
)"

picture=$folder/flame.png
tailscope render "$workspace" --view flame --size 1600x900 -o "$picture"
read -r width height colours < <(identify -format '%w %h %k\n' "$picture")
expect "size of the picture" "1600x900" "${width}x$height"
if ((colours < 8)); then
    printf 'FAILED the picture is blank: %d colours\n' "$colours" >&2
    exit 1
fi
printf 'ok the picture has %d colours\n' "$colours"

status=0
tailscope import "$samples/nothing-here.json" --to "$workspace" 2>"$folder/error" || status=$?
expect "exit code for a missing file" 3 "$status"
grep -qF nothing-here.json "$folder/error" || {
    printf 'FAILED the error does not name the file\n' >&2
    exit 1
}
