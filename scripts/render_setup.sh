#!/bin/sh
# Installs the renderer (Blender as a Python module) into .venv-render, apart from everything else.
#
#   scripts/render_setup.sh STAMP            ends with a sentence where it cannot be had
#   scripts/render_setup.sh STAMP offered    says so and goes on: nothing but rendering needs it
set -eu
stamp=$1 how=${2:-wanted}

cannot() {
    printf 'render-setup: %s\n' "$*" >&2
    [ "$how" = offered ] && exit 0
    exit 1
}

if [ -n "${MATTEWEB_BLENDER:-}" ]; then
    echo "render-setup: MATTEWEB_BLENDER names $MATTEWEB_BLENDER, which is used as it is"
    exit 0
fi
[ "$(uname -m)" = x86_64 ] ||
    cannot "Blender's module is built for x86_64: install Blender 4.2 to 4.5 and name it in" \
        "MATTEWEB_BLENDER."
python=$(PYTHON=${PYTHON:-python3.11} sh scripts/preflight.sh render) ||
    cannot "what Blender needs is missing on this machine; the line above says what to install."
"$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' ||
    cannot "Blender's module is made for Python 3.11 and this is $("$python" -V): install python3.11," \
        "or install Blender 4.2 to 4.5 and name it in MATTEWEB_BLENDER."
echo "render-setup: installing Blender into .venv-render (0.4 GB are fetched, 1 GB is written)"
rm -rf .venv-render
"$python" -m venv .venv-render
.venv-render/bin/python -m pip install --quiet --requirement requirements-render.txt
touch "$stamp"
