# packages.sh - installs what is missing of packages.txt.

debian_release() {
    # shellcheck source=/dev/null
    (. /etc/os-release 2>/dev/null && echo "${VERSION_CODENAME:-unknown}")
}

# packages_of GROUP...: their names on this release.
packages_of() {
    local release group='' name only
    release=$(debian_release)
    while IFS=$'\t' read -r name _ only; do
        case $name in
            '# group: '*) group=${name#\# group: } ;;
            '#'* | '') ;;
            *)
                [[ " $* " == *" $group "* ]] || continue
                [[ -z ${only:-} || $only == "$release" ]] && echo "$name" ;;
        esac
    done <packages.txt
    return 0
}

is_installed() {
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

as_root() {
    if ((EUID == 0)); then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        complain "needs root and there is no sudo; as root run: $*"
        return 1
    fi
}

# need GROUP...: install the packages of these groups that are not there.
need() {
    local name missing=()
    if ! command -v dpkg-query >/dev/null; then
        complain "not a Debian system: what packages.txt lists must be there"
        return 0
    fi
    for name in $(packages_of "$@"); do
        is_installed "$name" || missing+=("$name")
    done
    ((${#missing[@]} == 0)) && return 0
    heading "installing Debian packages: ${missing[*]}"
    as_root apt-get update -q
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -q --no-install-recommends "${missing[@]}"
}
