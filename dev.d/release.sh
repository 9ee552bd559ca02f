# release.sh - ./dev test --release NAME: everything in a bare root of another
# Debian release, from the commit that is checked out.

readonly DEBIAN_MIRROR=${DEBIAN_MIRROR:-http://deb.debian.org/debian}

# The root is made once and kept; a half-made one is never mistaken for it.
make_root() {
    local release=$1 root=$2
    [[ -d $root ]] && return
    heading "a bare root of Debian $release in $root"
    as_root rm -rf "$root.part"
    as_root debootstrap --variant=minbase "$release" "$root.part" "$DEBIAN_MIRROR"
    as_root mv "$root.part" "$root"
}

mount_root() {
    as_root mount -t proc proc "$1/proc"
    as_root mount --bind /dev "$1/dev"
    as_root mount --bind /dev/pts "$1/dev/pts"
}

# Lazily, since a build that was interrupted may still hold files open.
unmount_root() {
    local folder
    for folder in dev/pts dev proc; do
        ! mountpoint -q "$1/$folder" || as_root umount -l "$1/$folder"
    done
}

# Nothing of this machine comes along but the name servers.
in_root() {
    local root=$1
    shift
    as_root chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
        HOME=/root TERM=dumb CI=true "$@"
}

test_release() {
    local release=$1 root tree=srv/vencejo
    root=$(realpath -m "${VENCEJO_ROOTS:-build/roots}/$release")
    need build long
    mkdir -p "$(dirname "$root")"
    make_root "$release" "$root"
    as_root cp -L /etc/resolv.conf "$root/etc/resolv.conf"
    as_root rm -rf "${root:?}/$tree"
    as_root mkdir -p "$root/$tree"
    git archive HEAD | as_root tar -x -C "$root/$tree"
    # shellcheck disable=SC2064 # The root of today, not of the day of the trap.
    trap "unmount_root '$root'" EXIT
    mount_root "$root"
    heading "Debian $release: ./dev demo"
    in_root "$root" "/$tree/dev" demo
    heading "Debian $release: ./dev test"
    in_root "$root" "/$tree/dev" test
    unmount_root "$root"
    trap - EXIT
}
