#!/bin/sh
# Installs Python packages into .venv: with uv, which takes a fifth of the time, or with pip where uv is not there or fails.
if command -v uv >/dev/null; then
  uv pip install --python .venv/bin/python "$@" && exit
  echo 'uv failed; pip tries it'
fi
.venv/bin/python -m pip install "$@"
