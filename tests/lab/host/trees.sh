# shellcheck shell=bash disable=SC2154,SC2034 # variables are shared with build-images
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Fills the directory trees that become images: programs with their libraries, busybox, modules.

# All libraries go to one directory of the loader's default path, wherever the build machine has them, so
# that a program's build-time RPATH does not matter.
image_libdir=usr/lib/x86_64-linux-gnu

new_tree() { # TREE
    mkdir -p "$1"/{bin,sbin,lib64,dev,proc,sys,run,tmp,etc,root,mnt,lab,modules} \
        "$1"/usr/{bin,sbin,local/bin,local/lib} "$1/$image_libdir" "$1"/var/{lib,log}
    ln -sfn ../run "$1/var/run"
    echo 'root:x:0:0:root:/root:/bin/sh' >"$1/etc/passwd"
    echo 'root:x:0:' >"$1/etc/group"
}

# What the loader would load for every program and library below TREE; SEARCH: directories to look in first.
needed_libraries() { # TREE SEARCH
    # ldd fails for static programs and scripts: they need nothing.
    find "$1" -type f \( -perm -u+x -o -name '*.so*' \) -print0 |
        { LD_LIBRARY_PATH=$2 xargs -0 -r ldd 2>/dev/null || true; } |
        sed -n 's/.*=> \(\/[^ ]*\) (.*/\1/p; s/^[[:space:]]*\([^ ]*\) => not found/missing \1/p
                s/^[[:space:]]*\(\/lib64\/ld[^ ]*\) (.*/\1/p' | sort -u
}

add_libraries() { # TREE SEARCH
    local tree=$1 lib
    needed_libraries "$tree" "$2" >"$work/libraries"
    while read -r lib; do
        case $lib in
        missing*) die "$lib, which a program for the images needs" ;;
        "$tree"/*) ;;
        /lib64/ld-*) cp -Lp "$lib" "$tree/lib64/" ;;
        *) [ -e "$tree/$image_libdir/${lib##*/}" ] || cp -Lp "$lib" "$tree/$image_libdir/" ;;
        esac
    done <"$work/libraries"
}

add_busybox() { # TREE UNPACKED
    local applet
    cp "$2/bin/busybox" "$1/bin/busybox"
    "$1/bin/busybox" --list | while read -r applet; do
        [ "$applet" = busybox ] || ln -sf /bin/busybox "$1/bin/$applet"
    done
    ln -sf /bin/busybox "$1/sbin/init"
}

# Modules lie in /modules with a list in the order to load them.
add_modules() { # TREE KERNEL-TREE MODULE...
    local tree=$1 kernel=$2 name file
    shift 2
    for name; do
        file=$(find "$kernel" -name "$name.ko" | head -n 1)
        [ -n "$file" ] || die "the kernel package has no module $name"
        cp "$file" "$tree/modules/"
        echo "$name" >>"$tree/modules/list"
    done
}

# newc archives are concatenated unpacked: the kernel reads one after the other, later files win.
pack_tree() { # TREE ARCHIVE
    (cd "$1" && find . -mindepth 1 -print0 | sort -z |
        cpio --quiet -0 -o -H newc -R 0:0 --reproducible) >"$2"
}
