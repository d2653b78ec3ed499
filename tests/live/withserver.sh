#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
here=$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")
fixture=$here/fixture.sh

usage() {
    cat <<'USAGE'
Usage: withserver.sh setup ENVFILE            starts servers and says in ENVFILE where they are
       withserver.sh run ENVFILE COMMAND...   runs the command with what ENVFILE says in its environment
       withserver.sh cleanup ENVFILE          ends them
       withserver.sh once COMMAND...          all three, by hand:
                                              tests/live/withserver.sh once build/release/tests/tst_incidents

Where no server is installed ENVFILE says so in TS_LIVE_MISSING, and the tests skip what needs one.
USAGE
}

# A folder that the user of the servers can reach, whatever TMPDIR is.
new_folder() {
    local base folder user=postgres
    getent passwd "$user" >/dev/null || user=nobody
    for base in "${TMPDIR:-/tmp}" /tmp /var/tmp; do
        if ((EUID == 0)) && ! runuser -u "$user" -- test -x "$base" 2>/dev/null; then continue; fi
        if folder=$(mktemp -d "$base/tailscope-live.XXXXXX" 2>/dev/null); then
            echo "$folder"
            return
        fi
    done
    echo 'withserver: no folder for temporary files' >&2
    return 1
}

cleanup() { # ENVFILE
    local TS_LIVE_DIR=
    [[ -f $1 ]] || return 0
    # shellcheck source=/dev/null
    source "$1"
    if [[ -d $TS_LIVE_DIR ]]; then timeout -k 5 120 "$fixture" destroy "$TS_LIVE_DIR"; fi
    rm -f -- "$1"
}

setup() { # ENVFILE
    local folder reason
    cleanup "$1" || true # of a run that did not come to its end
    mkdir -p -- "$(dirname -- "$1")"
    if ! reason=$("$fixture" missing 2>&1); then
        printf 'export TS_LIVE_MISSING=%q\n' "$reason" >"$1"
        printf '%s\n' "$reason"
        return 0
    fi
    folder=$(new_folder)
    if ! timeout -k 5 240 "$fixture" start "$folder"; then
        "$fixture" destroy "$folder" || true
        return 1
    fi
    "$fixture" env "$folder" >"$1"
}

run() { # ENVFILE COMMAND...
    local file=$1
    shift
    # shellcheck source=/dev/null
    source "$file"
    exec "$@"
}

case ${1:-} in
setup)
    # They end with ctest; on a slow machine the tests before the last of these take longer than half an hour.
    FIXTURE_LIMIT=${FIXTURE_LIMIT:-14400} FIXTURE_OWNER=${FIXTURE_OWNER:-$PPID} setup "${2:?the file to write}"
    ;;
run) run "${@:2}" ;;
cleanup) cleanup "${2:?the file that setup wrote}" ;;
once)
    file=$(mktemp "${TMPDIR:-/tmp}/tailscope-live-env.XXXXXX")
    trap 'cleanup "$file"' EXIT
    FIXTURE_OWNER=$$ setup "$file"
    (run "$file" "${@:2}")
    ;;
*)
    usage >&2
    exit 2
    ;;
esac
