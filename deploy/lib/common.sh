# Shared by the scripts in deploy/: messages, system packages, free ports. Sourced, not run.

lib=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# A message that nobody can read any more, since the terminal is gone, is no failure.
say() { printf '\033[1;33m▸\033[0m %s\n' "$*" >&2 || true; }
die() { # message, exit code
    printf 'growth: %s\n' "$1" >&2 || true
    exit "${2:-1}"
}

require_swift() {
    command -v swift >/dev/null 2>&1 || die "Swift is not installed or not on the PATH.
  Install Swift 6.2 or later for your system: https://www.swift.org/install/linux/
  then open a new shell, check with 'swift --version', and run this again." 69
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p' | head -n 1)
    set -- $version
    if [ "${1:-0}" -lt 6 ] || { [ "${1:-0}" -eq 6 ] && [ "${2:-0}" -lt 2 ]; }; then
        die "Swift ${1:-?}.${2:-?} is too old: version 6.2 or later is needed. See https://www.swift.org/install/linux/" 69
    fi
}

# Installs the Debian packages named that are not there yet; asks for nothing when all are.
require_packages() {
    local missing=()
    local package
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ "${#missing[@]}" -eq 0 ] && return 0
    command -v apt-get >/dev/null 2>&1 || die "these packages are missing and there is no apt-get: ${missing[*]}" 69
    local sudo=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null 2>&1 || die "run as root or install sudo: ${missing[*]} must be installed" 69
        sudo=(sudo)
    fi
    say "Installing system packages: ${missing[*]}"
    local code=0
    "${sudo[@]}" sh "$lib/install-packages" /usr/sbin/policy-rc.d "${missing[@]}" >&2 || code=$?
    case "$code" in
        0) ;;
        2) die "apt-get update failed; is the network there?" 69 ;;
        *) die "apt-get could not install: ${missing[*]}" 69 ;;
    esac
}

# A Redis URL without the password that it may hold, which ends at the last @.
without_password() { printf '%s\n' "$1" | sed -E 's#^([a-z]+)://.*@#\1://…@#'; }

port_is_free() {
    ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# Prints the first free port from $1 on.
free_port() {
    local port=$1
    while ! port_is_free "$port"; do port=$((port + 1)); done
    printf '%s\n' "$port"
}

# Whether only this machine reaches what listens at $1, as the programs judge it.
is_local() {
    local byte='(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])'
    [[ "$1" =~ ^(unix:.*|localhost:.*|\[?::1\]?:[0-9]*|127(\.$byte){3}:.*)$ ]]
}

# Whether process $1 itself listens on the TCP address $2; what answers there may be another's.
listens() {
    local port inode descriptor
    # Where its descriptors can't be looked at, it is taken for true.
    [[ "$2" != unix:* ]] && [ -r "/proc/$1/fd" ] || return 0
    printf -v port '%04X' "${2##*:}"
    for inode in $(cat /proc/net/tcp /proc/net/tcp6 2>/dev/null \
        | awk -v port=":$port$" '$4 == "0A" && $2 ~ port { print $10 }'); do
        for descriptor in "/proc/$1/fd"/*; do
            [[ "$(readlink "$descriptor" 2>/dev/null)" != "socket:[$inode]" ]] || return 0
        done
    done
    return 1
}

# Sets $target, what curl takes for the path $2 at the listen address $1.
url() {
    case "$1" in
        unix:*) target=(--unix-socket "${1#unix:}" "http://localhost$2") ;;
        *) target=("http://$1$2") ;;
    esac
}

# Counts that program $1 is started again after it ran for $2 seconds; false when it has ended over and over: more than
# 20 times, without having run for ten minutes once.
declare -A restarts
may_restart() {
    [ "$2" -lt 600 ] || restarts[$1]=0
    restarts[$1]=$((${restarts[$1]:-0} + 1))
    [ "${restarts[$1]}" -le 20 ]
}

# Sets $pause: after how many seconds program $1, which ran for $2 seconds, is started again where it is not at fault:
# at once, then 1, 2, 4 and so on up to 60. One that ran for a minute begins anew.
declare -A pauses
next_pause() {
    [ "$2" -lt 60 ] || pauses[$1]=0
    pause=${pauses[$1]:-0}
    pauses[$1]=$((pause == 0 ? 1 : pause < 32 ? 2 * pause : 60))
}

# Says that the disk of the folder $1 is full, with where and how full; false when it has room.
disk_full() {
    local all files free mount
    # A file system without a fixed number of files has none in all.
    read -r all files free mount \
        < <(df -k --output=itotal,iavail,avail,target -- "$1" 2>/dev/null | tail -n 1) || return 1
    [[ "$free" =~ ^[0-9]+$ ]] || return 1
    # What could not be written may have been larger than what is left.
    if [ "$free" -lt 16384 ]; then
        printf 'the disk is full: %s KiB are left on %s: free some of it\n' "$free" "$mount"
    elif [[ "$all" =~ ^[1-9][0-9]*$ ]] && [ "$files" = 0 ]; then
        printf 'the disk is full: %s can hold no further file: delete some\n' "$mount"
    else
        return 1
    fi
}

# Waits up to $1 seconds until the command after it succeeds.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.1
    done
}

# GET $1 with bash alone is no option for Unix sockets; curl comes with require_packages.
http_ok() { curl -fsS -m 2 -o /dev/null "$1"; }
