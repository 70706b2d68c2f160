# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What demo, test and bench share: installing Debian packages that are missing, and building. To be sourced.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${XSOCK_BUILD:-$root/build}
stage=$build/stage

build_packages=(gcc libc6-dev meson ninja-build pkg-config libssl-dev libjansson-dev libxen-dev libelf-dev)
test_packages=(g++ clang libclang-rt-dev libcmocka-dev valgrind strace python3 binutils spin)
bench_packages=(gcc libc6-dev meson ninja-build pkg-config libxen-dev python3)
plot_packages=(gnuplot-nox)
analysis_packages=(clang clang-tidy cppcheck gcovr libcmocka-dev)
# What tests/preload/programs runs; its servers are not installed but unpacked.
program_packages=(curl iperf3 iproute2 openssh-client postgresql-client redis-tools sockperf)

say() { printf '\033[1m== %s\033[0m\n' "$*" >&2; }
die() {
    echo "$(basename "$0"): $*" >&2
    exit 1
}

installed() { # PACKAGE
    dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

# With root's rights, through sudo when there is one.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        return 1
    fi
}

install_packages() { # PACKAGE...
    local missing=() package
    for package; do installed "$package" || missing+=("$package"); done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "installing ${missing[*]}"
    as_root apt-get -qq update || die "cannot install ${missing[*]}: be root, have sudo, or install them first"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${missing[@]}" \
        >/dev/null || die "apt-get could not install ${missing[*]}"
}

install_lab_packages() {
    local packages
    mapfile -t packages < <(grep -v '^#' "$root/tests/lab/packages")
    install_packages "${packages[@]}"
    # The lab's images are made of packages whose versions apt has to know.
    apt-cache show xen-system-amd64 >/dev/null 2>&1 || as_root apt-get -qq update
}

install_programs() {
    local unpack=$root/tests/preload/programs/unpack-servers libraries
    install_packages "${program_packages[@]}"
    mapfile -t libraries < <("$unpack" --needs)
    install_packages ${libraries[@]+"${libraries[@]}"}
    "$unpack" "$build/servers"
}

configure() { # DIRECTORY OPTION...
    local directory=$1
    shift
    if [ -f "$directory/build.ninja" ]; then
        meson configure "$directory" "$@" >/dev/null
        return
    fi
    mkdir -p "$directory"
    meson setup "$directory" "$root" --prefix /usr/local --libdir lib --werror "$@" >"$directory/setup.log" 2>&1 ||
        { cat "$directory/setup.log" >&2; die "meson could not configure $directory"; }
}

compile() { # DIRECTORY
    ninja -C "$1" --quiet
}

# The programs that the lab's guests get, with what they need.
fill_program_stage() {
    rm -rf "$build/stage-programs"
    "$root/tests/preload/programs/stage" "$build/stage-programs" "$build/servers"
}

# An installed copy, as it goes into the lab's domains, with the test programs beside it.
fill_stage() {
    local program tests=$stage/usr/local/libexec/xsock-tests
    rm -rf "$stage"
    meson install -C "$build" --destdir "$stage" --quiet >/dev/null
    mkdir -p "$tests/programs"
    cp -r "$root"/tests/preload/programs/{cases,lib} "$tests/programs/"
    for program in tests/contract/contract tests/integration/integration examples/sender examples/receiver \
        examples/echo-server examples/echo-client tests/hostile/hostile tests/crash/crash \
        tests/lab/{carry,closes,lookup,restored} bench/end; do
        [ ! -x "$build/$program" ] || cp "$build/$program" "$tests/"
    done
    rm -rf "$stage/usr/local/share" "$stage/usr/local/include" "$stage"/usr/local/lib/*.a
}
