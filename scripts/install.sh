#!/bin/sh
# Installs one requirements file into .venv and leaves a stamp that says so.
#
#   scripts/install.sh run|dev REQUIREMENTS STAMP       (what the preflight asks for comes first)
set -eu
needs=$1 requirements=$2 stamp=$3

python=$(sh scripts/preflight.sh "$needs")
if ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    echo "setup: making .venv"
    "$python" -m venv --clear .venv
fi
echo "setup: installing $requirements (the first time some hundred MB are fetched)"
.venv/bin/python -m pip install --requirement "$requirements"
rm -f "${stamp%-*}"-*
touch "$stamp"
