#!/bin/sh
# Checks that Python and Node are there and new enough, in one line each. $1 is the Python to use.
python=${1:-python3} missing=
found=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || found="no $python"
case $found in
  3.1[1-9] | 3.[2-9][0-9]) ;;
  *) echo "needs Python 3.11 or newer, found $found (make PYTHON=… setup uses another one)" >&2; missing=yes ;;
esac
found=$(node -p process.versions.node 2>/dev/null) || found="no node"
case $found in
  2[0-9].* | [3-9][0-9].*) ;;
  *) echo "needs Node 20 or newer: found $found; https://nodejs.org has it" >&2; missing=yes ;;
esac
[ -z "$missing" ]
