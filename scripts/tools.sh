#!/bin/sh
# Makes .venv, and installs into it what installs the rest: uv, if it can be had, and jupyter-builder, which brings jlpm.
# usage: scripts/tools.sh python3 'jupyter-builder…'
python=$(command -v "$1") builder=$2 # before .venv, which comes first on PATH, has one
with_uv_of_this_machine() {
  command -v uv && uv venv --seed --allow-existing --python "$python" .venv
}
with_pip_of_this_machine() { # a .venv without its own pip is there in a second
  "$python" -m venv --without-pip .venv &&
    "$python" -m pip --python .venv/bin/python install uv &&
    uv pip install --python .venv/bin/python pip
}
with_pip_of_its_own() {
  "$python" -m venv .venv && { .venv/bin/python -m pip install uv || true; }
}
{ with_uv_of_this_machine || with_pip_of_this_machine || with_pip_of_its_own; } && sh scripts/install.sh "$builder"
