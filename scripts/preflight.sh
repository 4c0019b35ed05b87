#!/bin/sh
# Tests what this machine lacks before anything is installed.
#
#   scripts/preflight.sh            what running needs
#   scripts/preflight.sh dev        what checks and tests need as well
#   scripts/preflight.sh render     what the renderer needs
#
# Prints the chosen Python on stdout and everything else on stderr. Missing Debian or Ubuntu packages
# are installed when root; otherwise one sentence names the apt line, and the exit status is 1.
set -eu

NEEDED_GB=6
here=$(CDPATH='' cd "$(dirname "$0")/.." && pwd)

# An interpreter outside .venv is wanted: .venv may be the very thing that has to be made again.
PATH=$(printf '%s' "$PATH" | sed "s|$here/.venv/bin:||g")

say() { printf 'preflight: %s\n' "$*" >&2; }
stop() {
    printf '%s\n' "$*" >&2
    exit 1
}

is_root() { [ "$(id -u)" -eq 0 ]; }

debian_like() {
    command -v apt-get >/dev/null 2>&1 && grep -qiE '^ID(_LIKE)?=.*(debian|ubuntu)' /etc/os-release
}

supported() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
}

# The newest supported name wins only when plain python3 is too old or too new.
find_python() {
    for name in ${PYTHON:+"$PYTHON"} python3 python3.13 python3.12 python3.11; do
        if command -v "$name" >/dev/null 2>&1 && supported "$name"; then
            command -v "$name"
            return
        fi
    done
}

# The Debian package of the first supported Python that apt knows, for a machine without one.
python_package() {
    for name in python3.13 python3.12 python3.11; do
        if apt-cache show "$name" >/dev/null 2>&1; then
            echo "$name"
            return
        fi
    done
}

# Debian packages that are missing, one a line, for the interpreter $1 (or "") and the part $2.
missing_packages() {
    if [ -n "$1" ]; then
        "$1" "$here/scripts/preflight.py" "$2"
    else
        name=$(python_package)
        printf '%s\n' "$name" "$name-venv"
    fi
    if [ "$2" = dev ] && ! command -v git >/dev/null 2>&1; then echo git; fi
}

one_line() { tr '\n' ' ' | sed 's/ *$//'; }

# Only the first time: later calls add little to a .venv that is there.
test_free_space() {
    [ ! -d "$here/.venv" ] || return 0
    free=$(df -Pk "$here" | awk 'NR == 2 { printf "%.1f", $4 * 1024 / 1e9 }')
    [ "${free%.*}" -ge "$NEEDED_GB" ] ||
        stop "MatteWeb needs $NEEDED_GB GB of free disk in $here, and $free GB are free."
}

# Ends unless there is a Python, or apt can bring one.
test_python() {
    [ -z "$python" ] || return 0
    if is_root && debian_like; then apt-get update -q >&2; fi
    [ -n "$(python_package)" ] ||
        stop "MatteWeb needs Python 3.11, 3.12 or 3.13 and this machine's packages offer none of" \
            "them: install one, then run make again (make PYTHON=/path/to/python3.12 chooses it)."
}

# Installs the Debian packages $1, or ends with the line that does it.
install_packages() {
    debian_like ||
        stop "MatteWeb needs what Debian calls $1: install it with this machine's package manager," \
            "then run make again."
    is_root ||
        stop "Something is missing on this machine; install it and run make again:" \
            "sudo apt-get install $1"
    say "installing $1"
    apt-get update -q >&2
    # shellcheck disable=SC2086  # a list of words is meant
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $1 >&2 ||
        stop "apt-get could not install $1; its message is above."
}

part=${1:-run}
say "looking for $NEEDED_GB GB of free disk, Python 3.11 to 3.13, its venv, and shared libraries"
test_free_space
python=$(find_python)
test_python
packages=$(missing_packages "$python" "$part" | one_line)
if [ -n "$packages" ]; then
    install_packages "$packages"
    python=$(find_python)
    left=$(missing_packages "$python" "$part" | one_line)
    if [ -n "$left" ]; then
        [ "$left" != "$packages" ] || stop "apt-get installed $packages, yet it is still missing."
        install_packages "$left" # what only the Python that was just installed could name
    fi
fi
say "using $python ($("$python" -c 'import platform; print(platform.python_version())'))"
echo "$python"
