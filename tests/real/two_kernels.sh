#!/bin/bash
# two_kernels.sh BUILD_FOLDER - processes that move between two virtual machines
# with Debian 12's own kernel, 6.1, emulated by qemu: no KVM is needed. One is
# their home, the other the host; what they print must be what they print here.
# The laboratory is begun a second time if the first did not get a network.
# Exits with 77 where qemu, busybox or the kernel are missing.
set -euo pipefail
BUILD=$(realpath "${1:?which build folder}")
readonly BUILD LAB=$BUILD/two_kernels SECONDS_MAX=240
TRIALS=(heap masked messages rounding fork files)

skip() {
    echo "skipped: $*"
    exit 77
}

# The newest kernel that Debian 12's archive has, unpacked, not installed.
find_kernel() {
    local name
    [[ -e $LAB/kernel/vmlinuz ]] && return
    mkdir -p "$LAB/package"
    name=$(apt-cache search --names-only '^linux-image-6\.1\.0-[0-9]+-amd64$' |
        awk '{print $1}' | sort -V | tail -n 1)
    [[ -n $name ]] || skip 'no package linux-image-6.1.0-*-amd64 in the lists of apt'
    (cd "$LAB/package" && apt-get download -q "$name" >/dev/null) ||
        skip "$name cannot be downloaded"
    dpkg-deb -x "$LAB/package/$name"_*.deb "$LAB/package"
    mkdir -p "$LAB/kernel"
    cp "$(find "$LAB/package" -name 'e1000.ko*')" "$LAB/kernel/"
    cp "$LAB"/package/boot/vmlinuz-* "$LAB/kernel/vmlinuz.part"
    mv "$LAB/kernel/vmlinuz.part" "$LAB/kernel/vmlinuz"
    rm -rf "$LAB/package"
}

# put PROGRAM FOLDER: with the libraries that it is linked with.
put() {
    local library
    mkdir -p "$2/bin"
    cp "$1" "$2/bin/"
    ldd "$1" | grep -oE '/[^ ]+' | while read -r library; do
        mkdir -p "$2$(dirname "$library")"
        cp -L "$library" "$2$library"
    done
}

# The first process of both: what it is, the kernel's command line says.
write_init() {
    cat >"$1/init" <<'END'
#!/bin/busybox sh
/bin/busybox --install -s /bin
mkdir -p /proc /sys /dev /tmp
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup
insmod /e1000.ko
ifconfig lo 127.0.0.1 up
role=$(sed 's/.*role=//; s/ .*//' /proc/cmdline)
echo "begin $role, Linux $(uname -r)"
if [ "$role" = host ]; then
    hostname host
    ifconfig eth0 10.79.0.2 up
    homenode serve --listen 10.79.0.2:7700
    echo "end of host: $?"
    poweroff -f
fi
hostname home
ifconfig eth0 10.79.0.1 up
patience=60
until ping -c 1 -W 1 10.79.0.2 >/dev/null 2>&1; do
    patience=$((patience - 1))
    [ $patience -gt 0 ] || { echo 'no network'; poweroff -f; }
done
cd /tmp
for trial in $(cat /trials); do
    homenode run --host 10.79.0.2:7700 --every 400 --report /tmp/report.json -- torture $trial 20 40 >out 2>err
    echo "result $trial exit $? $(md5sum <out | cut -c1-32) $(tr -d '\n ' <report.json)"
    sed "s/^/$trial: /" out err
    rm -f file*
done
echo 'all done'
poweroff -f
END
    chmod +x "$1/init"
}

make_initramfs() {
    local root=$LAB/root
    rm -rf "$root"
    mkdir -p "$root/bin"
    cp "$(command -v busybox)" "$root/bin/busybox"
    cp "$LAB"/kernel/e1000.ko* "$root/e1000.ko"
    put "$BUILD/bin/homenode" "$root"
    put "$BUILD/bin/torture" "$root"
    printf '%s\n' "${TRIALS[@]}" >"$root/trials"
    write_init "$root"
    (cd "$root" && find . | busybox cpio -o -H newc 2>/dev/null | gzip -1) >"$LAB/initramfs"
}

# machine ROLE NETWORK NUMBER: its console goes to LAB/ROLE.
machine() {
    exec timeout "$SECONDS_MAX" qemu-system-x86_64 -accel tcg,thread=multi -cpu max -m 512 \
        -nographic -no-reboot -monitor none -serial stdio \
        -kernel "$LAB/kernel/vmlinuz" -initrd "$LAB/initramfs" \
        -append "console=ttyS0 quiet panic=-1 role=$1 " \
        -netdev "socket,id=n,$2=127.0.0.1:$PORT" \
        -device "e1000,netdev=n,mac=52:54:00:00:00:0$3" \
        </dev/null >"$LAB/$1" 2>&1
}

run_lab() {
    local host
    PORT=$((20000 + RANDOM % 20000))
    machine host listen 2 &
    host=$!
    sleep 2
    (machine home connect 1) || true
    kill "$host" 2>/dev/null || true
    wait "$host" || true
}

# Every trial prints what it prints on this kernel, and moved.
judge() {
    local trial expected line failed=0
    for trial in "${TRIALS[@]}"; do
        expected=$(cd "$LAB" && "$BUILD/bin/torture" "$trial" 20 40 | md5sum | cut -c1-32)
        rm -f "$LAB"/file[0-9]*
        line=$(grep -a "^result $trial " "$LAB/home" | tr -d '\r' || true)
        if [[ $line == *" exit 0 $expected "* && $line =~ \"moves\":([0-9]+) ]] &&
            ((BASH_REMATCH[1] > 0)); then
            echo "ok - $trial: ${BASH_REMATCH[1]} moves"
        else
            echo "not ok - $trial: ${line:-no result}, expected $expected"
            grep -a "^$trial: " "$LAB/home" || true
            failed=1
        fi
    done
    return "$failed"
}

[[ -x $BUILD/bin/homenode ]] || skip 'no homenode in this build'
for program in qemu-system-x86_64 busybox apt-get dpkg-deb; do
    command -v "$program" >/dev/null || skip "no program $program"
done
mkdir -p "$LAB"
find_kernel
make_initramfs
for attempt in 1 2; do
    run_lab
    grep -a '^begin' "$LAB/home" "$LAB/host" || true
    if judge; then
        exit 0
    fi
    echo "attempt $attempt did not do; consoles are in $LAB"
done
exit 1
