#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
# clang-tidy over the one source $1 (of the step tidy, which runs several of these at a time). After
# TS_TIDY_END, in seconds since 1970, it only says that the file was left out.
set -euo pipefail
file=$1
if (($(date +%s) > TS_TIDY_END)); then
    printf 'not checked, the time is up: %s\n' "$file"
    exit 0
fi
if ! grep -qF "\"file\": \"$PWD/$file\"" build/tidy/compile_commands.json; then
    printf 'not checked, no target compiles it: %s\n' "$file"
    exit 0
fi
begin=$SECONDS
status=0
output=$(timeout 180 clang-tidy -p build/tidy --quiet "$file" 2>&1) || status=$?
# Counts of what was suppressed in system headers are noise.
grep -vE '^[0-9]+ warnings? (generated|treated as error)|^Suppressed |^Use -header-filter' <<<"$output" || true
printf '%s %s (%d s)\n' "$([[ $status == 0 ]] && echo clean: || echo FAILED:)" "$file" $((SECONDS - begin))
# 255 would make xargs stop at once; the other files are wanted too.
exit $((status == 0 ? 0 : 1))
