#!/bin/sh
# Installs one requirements file into .venv and leaves a stamp that says so.
#
#   scripts/install.sh run|dev REQUIREMENTS STAMP       (what the preflight asks for comes first)
#
# Without an NVIDIA driver torch comes from its CPU index, when that answers: the build on PyPI
# brings gigabytes of CUDA libraries that nothing here would use.
set -eu
needs=$1 requirements=$2 stamp=$3
CPU_INDEX=https://download.pytorch.org/whl/cpu

has_nvidia_driver() { [ -e /proc/driver/nvidia/version ] || command -v nvidia-smi >/dev/null 2>&1; }

answers() {
    .venv/bin/python - "$1" <<'PYTHON' 2>/dev/null
import sys, urllib.request
urllib.request.urlopen(sys.argv[1] + "/torch/", timeout=8).read(1)
PYTHON
}

python=$(sh scripts/preflight.sh "$needs")
if ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    echo "setup: making .venv"
    "$python" -m venv --clear .venv
fi
set -- --requirement "$requirements"
if ! has_nvidia_driver && answers "$CPU_INDEX"; then
    echo "setup: no NVIDIA driver here, so torch comes from its CPU index"
    set -- "$@" --extra-index-url "$CPU_INDEX"
fi
echo "setup: installing $requirements (the first time some hundred MB are fetched)"
.venv/bin/python -m pip install "$@"
# PyMatting compiles itself when it is first imported, half a minute that no job should wait for.
if .venv/bin/python -c 'import importlib.util, sys; sys.exit(not importlib.util.find_spec("pymatting"))'; then
    echo "setup: compiling closed-form matting, once"
    .venv/bin/python -W ignore -c 'import pymatting'
fi
rm -f "${stamp%-*}"-*
touch "$stamp"
