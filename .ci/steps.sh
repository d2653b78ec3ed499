# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# The steps of .ci/run: step_NAME runs in the top folder, in a process of its own, and returns 0 when all is
# well. `set -e` is on: a step ends at the first command that fails unless it says otherwise.

step_setup() {
    ts_install build run test check
    ts_say "all packages are installed"
}

step_tests() { bash tests/run; }

step_asan() { bash tests/run --asan; }

# C++ files whose layout is ours to keep.
cpp_files() { ts_files '*.cpp' '*.h' | grep -vE '^tests/(golden|scenarios)/.*/'; }

step_format() {
    local files=()
    mapfile -t files < <(cpp_files)
    ((${#files[@]} > 0)) || ts_die "no C++ file was found"
    clang-format --dry-run -Werror --ferror-limit=3 "${files[@]}" ||
        ts_die "run: clang-format -i on the files above"
    ts_say "${#files[@]} files are formatted"
}

# The commit that the changes are counted from. On main itself that is the commit before; there may be no
# remote, and no second commit.
changes_base() {
    local base
    for base in origin/main HEAD~1; do
        if git rev-parse -q --verify "$base^{commit}" >/dev/null &&
            [[ $(git rev-parse "$base") != "$(git rev-parse HEAD)" ]]; then
            git merge-base "$base" HEAD && return
        fi
    done
    git hash-object -t tree /dev/null # the empty tree: everything is new
}

# Changed C++ sources, the most changed first; a header stands for the source beside it.
changed_sources() {
    local added removed file
    {
        git diff --numstat --no-renames --diff-filter=AMR "$(changes_base)" -- '*.cpp' '*.h'
        git ls-files -o --exclude-standard -- '*.cpp' '*.h' | while IFS= read -r file; do
            printf '%d\t0\t%s\n' "$(wc -l <"$file")" "$file"
        done
    } | while IFS=$'\t' read -r added removed file; do
        file=${file%.h}
        file=${file%.cpp}.cpp
        # Tests include what moc makes, and fuzzers are compiled by clang only.
        if [[ -f $file && $file != tests/* ]]; then
            printf '%d\t%s\n' $((${added/-/0} + ${removed/-/0})) "$file"
        fi
    done | awk -F'\t' '{ n[$2] += $1 } END { for (f in n) print n[f] "\t" f }' |
        LC_ALL=C sort -k1,1nr -k2 | cut -f2
}

# clang-tidy costs 6 to 15 s a file: at most 15 of the changed files, and no new one after 8 minutes.
step_tidy() {
    local files=() cap=${TS_TIDY_FILES:-15}
    if ! git rev-parse -q --verify HEAD >/dev/null; then
        ts_say "no git history here, so nothing counts as changed"
        return
    fi
    mapfile -t files < <(changed_sources)
    if ((${#files[@]} == 0)); then
        ts_say "no C++ source changed"
        return
    fi
    if ((${#files[@]} > cap)); then
        ts_say "${#files[@]} sources changed, the $cap that changed most are checked"
        files=("${files[@]:0:cap}")
    fi
    # Nothing is built for it: no source of ours but the tests includes what moc makes.
    ts_configure tidy
    [[ -s build/tidy/compile_commands.json ]] || ts_die "the preset tidy writes no compile_commands.json"
    export TS_TIDY_END=$((480 + $(date +%s)))
    printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$(ts_jobs)" bash .ci/tidyone.sh
}

step_shellcheck() {
    local scripts=()
    mapfile -t scripts < <(
        {
            ts_files '*.sh'
            ts_files | while IFS= read -r file; do
                if head -c 64 "$file" | head -n 1 | grep -qaE '^#!.*\b(ba|da)?sh\b'; then echo "$file"; fi
            done
        } | LC_ALL=C sort -u
    )
    shellcheck -x "${scripts[@]}"
    ts_say "${#scripts[@]} scripts are clean"
}

# Texts of ours; not the inputs of tests and samples, nor the licence.
step_codespell() {
    local files=()
    mapfile -t files < <(
        ts_files | grep -vE '^(LICENSE|resources/(samples|translations)/.*|\.ci/smoke/.*)$' |
            grep -vE '^tests/(golden|scenarios)/.*/|^tests/.*/(data|inputs|corpus|psqlframes)/' |
            grep -vE '/(logwords|tst_pglog)\.cpp$' | # words of servers in other languages
            grep -vE '\.(svg|png|gz|zst|zip|qm)$|qtheaders\.txt$'
    )
    codespell --config .codespellrc "${files[@]}"
    ts_say "${#files[@]} files are spelt right"
}

step_layering() {
    python3 tests/layering/layering.py
    python3 tests/layering/selftest.py
}

project_version() { sed -n 's/^project(tailscope VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt; }

package_folder=build/packages

# The one Debian package that the step `package` made.
debian_package() {
    local packages=("$package_folder"/tailscope_*.deb)
    [[ -f ${packages[0]} && ${#packages[@]} == 1 ]] || ts_die "no package in $package_folder"
    printf '%s\n' "$PWD/${packages[0]}"
}

step_package() {
    local version package listing stamp
    version=$(project_version)
    stamp=$(git log -1 --format=%ct 2>/dev/null || true)
    ts_build release
    rm -rf "$package_folder"
    SOURCE_DATE_EPOCH=${stamp:-$(stat -c %Y CHANGELOG.md)} \
        cpack --config build/release/CPackConfig.cmake -G 'DEB;TGZ' -B "$PWD/$package_folder"
    package=$(debian_package)
    listing=$(dpkg-deb --contents "$package")
    for wanted in usr/bin/tailscope usr/share/applications/io.github.tailscope.Tailscope.desktop \
        usr/share/mime/packages/io.github.tailscope.Tailscope.xml usr/share/man/man1/tailscope.1.gz \
        usr/share/metainfo/io.github.tailscope.Tailscope.metainfo.xml usr/share/doc/tailscope/copyright \
        usr/share/icons/hicolor/scalable/apps/tailscope.svg; do
        grep -q " \./$wanted\$" <<<"$listing" || ts_die "the package has no $wanted"
    done
    [[ $(dpkg-deb --field "$package" Version) == "$version"* ]] || ts_die "the package is not version $version"
    grep -q libqt6charts6 <<<"$(dpkg-deb --field "$package" Depends)" || ts_die "the dependencies are not complete"
    rm -rf "$package_folder/_CPack_Packages"
    ls -lh "$package_folder"
}

step_lintian() {
    lintian --allow-root --fail-on error,warning --tag-display-limit 0 "$(debian_package)"
    ts_say "lintian has no error and no warning"
}

step_desktop() {
    local tree
    tree=$(mktemp -d)
    # Expanded now on purpose: `tree` is local.
    # shellcheck disable=SC2064
    trap "rm -rf -- '$tree'" EXIT
    dpkg-deb --extract "$(debian_package)" "$tree"
    desktop-file-validate "$tree"/usr/share/applications/*.desktop
    appstreamcli validate --no-net --explain "$tree"/usr/share/metainfo/*.metainfo.xml
    update-mime-database "$tree/usr/share/mime"
    grep -qF 'application/x-tailscope-workspace:*.tailscope' "$tree/usr/share/mime/globs2"
    if readelf -d "$tree/usr/bin/tailscope" | grep -E 'RUNPATH|RPATH'; then
        ts_die "the program carries a library path of the machine that built it"
    fi
    ts_say "desktop file, metainfo and MIME type are valid"
}

# Paths on the machine that have the product's name, to see what a removal leaves.
own_paths() { find /usr /etc /var /opt -xdev -iname '*tailscope*' -not -path "$TS_ROOT/*" 2>/dev/null | LC_ALL=C sort; }

# Installs the package and uses it as a stranger would, then removes it.
step_install() {
    local package own before
    package=$(debian_package)
    if dpkg-query -W -f='${db:Status-Status}' tailscope 2>/dev/null | grep -q installed; then
        ts_say "note: removing a Tailscope that is installed on this machine"
        ts_as_root dpkg --purge tailscope
    fi
    before=$(own_paths)
    own=$(mktemp -d)
    # Expanded now on purpose: `own` is local.
    # shellcheck disable=SC2064
    trap "rm -rf -- '$own'; ts_as_root dpkg --purge tailscope >/dev/null 2>&1 || true" EXIT
    chmod 0755 "$own" # apt reads it as a user of its own
    cp "$package" "$own/"
    ts_as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 apt-get -o DPkg::Lock::Timeout=300 \
        -o Dpkg::Use-Pty=0 -qq -y --no-install-recommends install "$own/$(basename "$package")"
    mkdir -p "$own/home" && mkdir -m 0700 "$own/run"
    bash .ci/smoke.sh "$(project_version)" "$TS_ROOT/.ci/smoke" "$own"
    ts_as_root dpkg --purge tailscope
    # Both through a variable, so that "nothing" is one empty line on either side.
    diff <(printf '%s\n' "$before") <(printf '%s\n' "$(own_paths)") || ts_die "the removal left the paths above"
    ts_say "installed, used and removed without a trace"
}

# Every fuzzer for $1 seconds. Fuzzers are the executables fuzz_reader_* of the build with TS_FUZZ.
step_fuzz() {
    local seconds=$1 program name seeds status=0 found=()
    ts_install build fuzz
    cmake -S . -B build/fuzz -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DTS_FUZZ=ON -DTS_SANITIZE=ON \
        -DCMAKE_C_COMPILER=clang-14 -DCMAKE_CXX_COMPILER=clang++-14 -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON \
        -DCMAKE_CXX_FLAGS=-fsanitize=fuzzer-no-link
    mapfile -t found < <(ninja -C build/fuzz -t targets all | sed -n 's/^\(fuzz_reader_[a-z0-9_]*\): phony$/\1/p')
    ((${#found[@]} > 0)) || ts_die "there is no fuzzer"
    ninja -C build/fuzz -j "$(ts_jobs)" "${found[@]}"
    for name in "${found[@]}"; do
        program=$(find build/fuzz -type f -name "$name" -perm -u+x | head -n 1)
        mkdir -p "build/fuzz/corpus/$name" "build/fuzz/crashes"
        seeds=()
        seeds=("tests/fuzz/seeds/$(tr _ - <<<"${name#fuzz_reader_}")")
        [[ -d ${seeds[0]} ]] || ts_die "$name has no folder ${seeds[0]}"
        ts_say "$name for $seconds s"
        "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
            -artifact_prefix="build/fuzz/crashes/$name-" "build/fuzz/corpus/$name" "${seeds[@]}" || status=1
    done
    return "$status"
}

# The set-up from nothing: a minimal Debian root with the project's files and no more.
step_chroot() {
    ts_install chroot
    ts_as_root bash .ci/freshroot.sh "$TS_ROOT/build/freshroot"
}
