# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# The one list of Debian 12 packages. Every script of the project reads it through installer/lib.sh, so
# a new dependency is one word here (and, for a run-time plugin that nothing links, one in
# installer/CMakeLists.txt).

# shellcheck disable=SC2034 # used by the scripts that source this file
declare -A TS_PACKAGES=(
    # Compiling and linking the program.
    [build]="g++ cmake ninja-build ccache mold pkg-config
        qt6-base-dev qt6-charts-dev qt6-svg-dev libqt6opengl6-dev libgl-dev
        libsqlite3-dev libpq-dev libpg-query-dev rapidjson-dev libsimdjson-dev
        zlib1g-dev libzstd-dev libarchive-dev libexpected-dev libtomlplusplus-dev qtkeychain-qt6-dev"

    # Loaded by the running program without being linked to it: platform plugins, the SVG icon plugin,
    # fonts. A root made by debootstrap has none of them.
    [run]="qt6-qpa-plugins libqt6svg6 fontconfig fonts-dejavu-core"

    # Running ctest: a real X server for the window tests, independent readers of what we write.
    [test]="python3 sqlite3 xvfb xauth xdotool imagemagick
        postgresql-15 postgresql-client-15 postgresql-15-hypopg postgresql-15-pg-wait-sampling pgbouncer"

    # The checks of .ci/run.
    [check]="git clang-format clang-tidy codespell shellcheck lintian desktop-file-utils appstream
        dpkg-dev file"

    # Only for `.ci/run --fuzz` and `.ci/run --chroot`.
    [fuzz]="clang-14 libfuzzer-14-dev libclang-rt-14-dev"
    [chroot]="debootstrap"

    # Only for a desktop that has a Wayland session and no X server.
    [wayland]="qt6-wayland"
)
