#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
# window.sh PROGRAM TRACEGEN: the program itself on the X server of DISPLAY. Opens, closes, comes back; an import
# that was killed is resumed and ends with every row. Exit code 0 when every step went as it should.
set -euo pipefail
program=$1 tracegen=$2
own=$(mktemp -d "${TMPDIR:-/tmp}/tailscope-e2e.XXXXXX")
pid=
trap '[[ -z $pid ]] || kill -9 "$pid" 2>/dev/null || true; rm -rf -- "$own"' EXIT
export HOME=$own XDG_CONFIG_HOME=$own/config XDG_DATA_HOME=$own/data XDG_CACHE_HOME=$own/cache
export XDG_RUNTIME_DIR=$own/run
mkdir -m 0700 "$own/run"

die() {
    printf 'FAILED: %s\n' "$*" >&2
    exit 1
}

# Until the command answers true, at most 60 s.
wait_for() {
    local what=$1
    shift
    for _ in $(seq 600); do
        if "$@" >/dev/null 2>&1; then
            printf 'ok %s\n' "$what"
            return
        fi
        [[ -z $pid ]] || kill -0 "$pid" 2>/dev/null || die "$what: the program ended"
        sleep 0.1
    done
    die "$what: not within 60 s"
}

window() { xdotool search --onlyvisible --name "$1" | head -n 1; }
has_window() { [[ -n $(window "$1") ]]; }
is_gone() { ! kill -0 "$pid" 2>/dev/null; }

start() {
    "$program" "$@" >"$own/out" 2>&1 &
    pid=$!
}

# By its own shortcut; there is no window manager here, so the focus is set by hand.
quit() {
    local id
    id=$(window Tailscope)
    xdotool windowfocus --sync "$id"
    xdotool key --clearmodifiers ctrl+q
    for _ in $(seq 300); do
        if is_gone; then
            wait "$pid" || die "the program ended with $?"
            pid=
            return
        fi
        sleep 0.1
    done
    die "Ctrl+Q does not close the window"
}

rows() { "$program" query "$1" --format csv "SELECT count(*) FROM span" | tail -n 1 | tr -d '\r'; }

"$tracegen" --format chrome --count 300k --out "$own/big.json" 2>/dev/null

# Killed in the middle of an import: what was committed is there, and the rest follows on demand.
"$program" import "$own/big.json" --to "$own/w.tailscope" >"$own/out" 2>&1 &
pid=$!
committed() { [[ $(sqlite3 -readonly "$own/w.tailscope" 'SELECT rows_committed FROM source_raw' 2>/dev/null) -gt 0 ]]; }
wait_for "rows are committed while the import runs" committed
kill -9 "$pid"
wait "$pid" 2>/dev/null || true
pid=
kept=$(sqlite3 -readonly "$own/w.tailscope" 'SELECT rows_committed FROM source_raw')
[[ $kept -gt 0 && $kept -lt 300000 ]] || die "killed too late to prove anything: $kept rows"
"$program" sources "$own/w.tailscope" | grep -q importing || die "the interrupted source is not listed"
"$program" import "$own/big.json" --to "$own/w.tailscope" --resume 1 >"$own/out" 2>&1 || die "$(cat "$own/out")"
[[ $(rows "$own/w.tailscope") == 300000 ]] || die "after resuming there are $(rows "$own/w.tailscope") spans"
printf 'ok killed at %s rows, resumed to 300000\n' "$kept"

# The window on that workspace, closed by Ctrl+Q; without arguments it comes back to it.
start "$own/w.tailscope"
wait_for "the window shows the workspace" has_window 'w.tailscope'
quit
start
wait_for "the last session is back" has_window 'w.tailscope'
quit

# Asked to end by the system, as at a log-out: it ends in order and leaves the workspace clean.
start "$own/w.tailscope"
wait_for "the workspace is open before the log-out" has_window 'w.tailscope'
kill -TERM "$pid"
for _ in $(seq 300); do
    is_gone && break
    sleep 0.1
done
is_gone || die "SIGTERM does not end the program"
wait "$pid" || die "after SIGTERM the program ended with $?"
pid=
[[ ! -e $own/w.tailscope-wal ]] || die "SIGTERM left the log of the workspace behind"
printf 'ok ended in order by SIGTERM\n'

# Killed with the workspace open: it opens again.
start "$own/w.tailscope"
wait_for "the workspace is open once more" has_window 'w.tailscope'
kill -9 "$pid"
wait "$pid" 2>/dev/null || true
pid=
start "$own/w.tailscope"
wait_for "it opens after a kill" has_window 'w.tailscope'
quit
[[ $(rows "$own/w.tailscope") == 300000 ]] || die "rows were lost"
