#!/usr/bin/env bash
# aegra with the demo's graphs, on PostgreSQL and Redis. Everything listens on this machine alone; its files are in $AEGRA_HOME.
# usage: aegra.sh setup | start PORT [redis] | stop PORT | stop-databases | log PORT
# Two processes of one deployment: start both with `redis`.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd); root=$(cd "$here/../.." && pwd)
home=${AEGRA_HOME:-${TMPDIR:-/tmp}/aegra}; mkdir -p "$home"; chmod 755 "$home"
venv=$home/venv; data=$home/postgres; pgport=${AEGRA_PGPORT:-55432}; redisport=${AEGRA_REDISPORT:-56379}
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1 || true)
as_postgres() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups env HOME="$home" "$@"; else "$@"; fi; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
sql() { psql -h 127.0.0.1 -p "$pgport" -U postgres "$@"; }
databases() {
  if ! sql -tc 'select 1' >/dev/null 2>&1; then
    mkdir -p "$data"; [ "$(id -u)" = 0 ] && chown postgres:postgres "$data"
    [ -f "$data/data/PG_VERSION" ] || as_postgres "$bin/initdb" -D "$data/data" -U postgres -A trust -E UTF8 --no-locale >/dev/null
    as_postgres "$bin/pg_ctl" -D "$data/data" -w -l "$data/server.log" \
      -o "-p $pgport -c listen_addresses=127.0.0.1 -c unix_socket_directories=$data -c fsync=off" start >/dev/null
  fi
  sql -tc "select 1 from pg_database where datname='aegra'" | grep -q 1 || sql -qc 'create database aegra'
  redis-cli -p "$redisport" ping >/dev/null 2>&1 \
    || redis-server --port "$redisport" --bind 127.0.0.1 --save '' --daemonize yes --pidfile "$home/redis.pid" --dir "$home" >/dev/null
}
case "${1:-}" in
setup)
  command -v redis-server >/dev/null && [ -n "$bin" ] \
    || { as_root apt-get update -q && as_root apt-get install -qy --no-install-recommends postgresql redis-server; }
  "${PYTHON:-python3}" -m venv "$venv"
  "$venv/bin/pip" install -q --ignore-requires-python "aegra-api==${AEGRA_VERSION:-0.11.0}" greenlet langchain ;; # it asks for 3.12, and runs on 3.11
start)
  port=$2; databases; redis=false; [ "${3:-}" = redis ] && redis=true
  graphs=$(for name in agent approval task_maistro workbench; do printf '"%s": "%s/graphs.py:%s", ' $name "$here" $name; done)
  printf '{"graphs": {%s}}\n' "${graphs%, }" >"$home/aegra.json"
  cd "$home"
  env AEGRA_CONFIG="$home/aegra.json" PYTHONPATH="$root" AUTH_TYPE=noop HOST=127.0.0.1 PORT="$port" \
    REDIS_BROKER_ENABLED=$redis REDIS_URL="redis://127.0.0.1:$redisport/0" \
    DATABASE_URL="postgresql://postgres:postgres@127.0.0.1:$pgport/aegra" OTEL_SDK_DISABLED=true LANGSMITH_TRACING=false \
    setsid "$venv/bin/python" -m uvicorn aegra_api.main:app --host 127.0.0.1 --port "$port" >"$home/$port.log" 2>&1 &
  echo $! >"$home/$port.pid"
  for _ in $(seq 80); do curl -sf "http://127.0.0.1:$port/health" >/dev/null && { echo "http://127.0.0.1:$port"; exit 0; }; sleep 0.5; done
  echo "aegra did not start:"; tail -n 20 "$home/$port.log"; exit 1 ;;
stop) kill "$(cat "$home/$2.pid")" && rm "$home/$2.pid" ;;
stop-databases)
  as_postgres "$bin/pg_ctl" -D "$data/data" -m fast stop >/dev/null || true
  redis-cli -p "$redisport" shutdown nosave 2>/dev/null || true ;;
log) tail -n 50 "$home/$2.log" ;;
*) sed -n 3p "$0" | cut -c3-; exit 2 ;;
esac
