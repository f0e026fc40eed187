#!/usr/bin/env bash
# A LangGraph server of a certain version with the demo's graphs, in memory, on this machine alone; its files are in $LANGGRAPH_HOME.
# usage: langgraph.sh setup VERSION | start VERSION PORT | stop PORT
# VERSION is one of langgraph-api: 0.2.86, or newest.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd); root=$(cd "$here/../.." && pwd)
home=${LANGGRAPH_HOME:-${TMPDIR:-/tmp}/langgraph-servers}; mkdir -p "$home"
case "${1:-}" in
setup)
  venv=$home/$2; "${PYTHON:-python3}" -m venv "$venv"
  case $2 in
  newest) "$venv/bin/pip" install -q -U 'langgraph-cli[inmem]' langchain ;;
  0.2.*) "$venv/bin/pip" install -q "langgraph-api==$2" langgraph-runtime-inmem langgraph-cli 'langgraph<0.6' 'langchain-core<1' ;; # of its time
  *) "$venv/bin/pip" install -q "langgraph-api==$2" langgraph-runtime-inmem langgraph-cli langchain ;;
  esac ;;
start)
  folder=$home/run-$3; mkdir -p "$folder"; cd "$folder"
  graphs=$(for name in agent approval task_maistro workbench; do printf '"%s": "%s/graphs.py:%s", ' $name "$here" $name; done)
  printf '{"dependencies": ["%s"], "graphs": {%s}}\n' "$here" "${graphs%, }" >langgraph.json
  PYTHONPATH="$root" setsid "$home/$2/bin/langgraph" dev --config langgraph.json --host 127.0.0.1 --port "$3" --no-browser --no-reload >log 2>&1 &
  echo $! >pid
  for _ in $(seq 80); do curl -sf "http://127.0.0.1:$3/ok" >/dev/null && { echo "http://127.0.0.1:$3"; exit 0; }; sleep 0.5; done
  echo "the server did not start:"; tail -n 20 log; exit 1 ;;
stop) kill "$(cat "$home/run-$2/pid")" && rm "$home/run-$2/pid" ;;
*) sed -n 3p "$0" | cut -c3-; exit 2 ;;
esac
