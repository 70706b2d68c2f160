# shellcheck shell=bash disable=SC2154,SC2034 # variables are shared with build-images
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Debian packages that only go into images: downloaded and unpacked, never installed, so that neither
# services nor this machine's boot are touched and root is not needed.

# The packages an empty "meta" package stands for change with each release: apt knows them.
depends_of() { # PACKAGE PATTERN
    apt-cache depends "$1" | sed -n "s/^ *Depends: \($2\)\$/\1/p" | head -n 1
}

lab_packages() {
    hypervisor=$(depends_of xen-system-amd64 'xen-hypervisor-[0-9].*')
    xen_utils=$(depends_of xen-system-amd64 'xen-utils-[0-9].*')
    dom0_kernel=$(depends_of linux-image-amd64 'linux-image-.*')
    guest_kernel=$(depends_of linux-image-cloud-amd64 'linux-image-.*')
    # shellcheck disable=SC2015  # cannot leaves
    [ -n "$hypervisor" ] && [ -n "$xen_utils" ] && [ -n "$dom0_kernel" ] && [ -n "$guest_kernel" ] ||
        cannot "apt knows no xen-system-amd64 or linux-image-amd64: run apt-get update"
    # The libraries of xen-utils which no other program here pulls in; the rest is on every Debian system.
    xen_libraries=$(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks \
        --no-replaces --no-enhances "$xen_utils" xenstore-utils |
        grep -E '^lib(xen|yajl|ncurses6|tinfo|uuid|nl-)' | sort -u)
    # shellcheck disable=SC2086  # one word a package
    user_packages=$(printf '%s\n' busybox-static "$xen_utils" xenstore-utils $xen_libraries)
}

# "name=version" of each package, the version that apt would install now: the base images' cache key.
candidate_versions() { # PACKAGE...
    apt-cache policy "$@" | awk '/^[^ ]/ { sub(/:$/, ""); name = $0 } /^  Candidate:/ { print name "=" $2 }'
}

# One .deb a package in $cache/debs, named so that apt-get's own naming does not matter.
fetch_deb() { # NAME=VERSION -> prints the file's path
    local deb="$cache/debs/${1//[:\/]/_}.deb" dir
    if [ ! -s "$deb" ]; then
        dir=$(mktemp -d "$cache/debs/new.XXXXXX")
        echo "build-images: downloading $1" >&2
        (cd "$dir" && apt-get -qq download "$1") >"$dir/log" 2>&1 ||
            cannot "cannot download $1: $(tail -n 1 "$dir/log")"
        mv "$dir"/*.deb "$deb"
        rm -rf "$dir"
    fi
    printf '%s\n' "$deb"
}

# Unpacks what the patterns name, or everything.
unpack_deb() { # DEB DIR [TAR-PATTERN...]
    local deb=$1 dir=$2
    shift 2
    mkdir -p "$dir"
    dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$dir" --no-same-owner ${1:+--wildcards "$@"}
}
