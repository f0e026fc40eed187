#!/bin/sh
# Runs one step: prints its name, then how long it took. Its output goes to a file, which is shown if the step fails.
# usage: scripts/step.sh 2/4 'Python packages' command...
number=$1 name=$2
shift 2
mkdir -p .venv/log
log=.venv/log/$(echo "$name" | tr ' A-Z' '-a-z').txt
began=$(date +%s)
echo "[$number] $name …"
if "$@" >"$log" 2>&1; then
  echo "[$number] $name … $(($(date +%s) - began)) s"
else
  status=$?
  echo "[$number] $name … failed after $(($(date +%s) - began)) s. The end of $log:" >&2
  tail -n 60 "$log" >&2
  exit $status
fi
