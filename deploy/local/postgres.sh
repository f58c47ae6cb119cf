#!/bin/bash
# A private PostgreSQL on loopback: its own cluster, user and data, all below one folder.
#
#   postgres.sh start DIR PORT [--watch PID] [--conf FILE]
#                                   start, or find running; prints its URL when it takes connections
#   postgres.sh stop DIR            stop it and leave no process behind
#   postgres.sh kill DIR            kill all its processes at once, as a power cut would
#   postgres.sh status DIR          print its URL, or fail
#   postgres.sh sql DIR STATEMENT   run a statement as superuser on the database `martlet`, and print its rows
#
# With --watch it stops by itself once the process PID is gone, and deletes DIR. --conf appends lines to its
# postgresql.conf. It runs as any user and needs no systemd; for root, whom PostgreSQL refuses, it runs as `postgres`.
set -euo pipefail

START_SECONDS=${POSTGRES_START_SECONDS:-60}
STOP_SECONDS=15
NAME=martlet

fail() {
    echo "postgres.sh: $*" >&2
    exit 1
}

usage() {
    sed -n '2,/^set/{/^set/!s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2
    exit 2
}

find_server() {
    BIN=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
    [ -x "$BIN/postgres" ] || fail "postgresql is not installed: apt-get install postgresql"
    AS=()
    if [ "$(id -u)" = 0 ]; then AS=(setpriv --reuid=postgres --regid=postgres --init-groups --); fi
}

read_port() {
    PORT=$(cat "$DIR/port" 2>/dev/null) || fail "no server was started in $DIR"
}

url() {
    echo "postgres://$NAME:$NAME@127.0.0.1:$PORT/$NAME"
}

# A zombie is dead, even where nobody reaps it.
alive() {
    local line
    [ -n "${1:-}" ] && read -r line 2>/dev/null <"/proc/$1/stat" && [[ ${line##*) } != Z* ]]
}

# The keeper, if the process noted still is the one: after a reboot the number may be somebody else's.
keeper_process() {
    local pid
    pid=$(cat "$DIR/keeper.pid" 2>/dev/null) || return 0
    if alive "$pid" && grep -qzxF "MARTLET_POSTGRES=$DIR" "/proc/$pid/environ" 2>/dev/null; then echo "$pid"; fi
}

# The server and its children, which all work in the folder of the data. They write over their environment.
server_processes() {
    find /proc -maxdepth 2 -name cwd -lname "$DIR/data" 2>/dev/null | cut -d / -f 3 || true
}

# The one that the others are children of, if it runs.
server_process() {
    local pid
    pid=$(head -n 1 "$DIR/data/postmaster.pid" 2>/dev/null) || return 0
    if alive "$pid" && [ "$(readlink "/proc/$pid/cwd")" = "$DIR/data" ]; then echo "$pid"; fi
}

# Waits up to $1 seconds for the processes that follow to be gone.
await_end() {
    local deadline=$((SECONDS + $1)) pid
    shift
    for pid in "$@"; do
        while alive "$pid"; do
            [ $SECONDS -lt $deadline ] || return 1
            sleep 0.05
        done
    done
}

# Ends the server, politely within $1 seconds and then for sure.
end_server() {
    local server
    server=$(server_process)
    # SIGINT: without waiting for clients to leave.
    if [ -n "$server" ]; then
        kill -INT "$server" 2>/dev/null || true
        await_end "$1" "$server" || true
    fi
    kill_processes
}

kill_processes() {
    local processes
    processes=$(server_processes)
    [ -z "$processes" ] || kill -KILL $processes 2>/dev/null || true
    await_end 5 $processes || fail "processes $processes do not end"
}

make_cluster() {
    mkdir -p "$DIR/log"
    echo "$PORT" >"$DIR/port"
    if [ ! -f "$DIR/initialized" ]; then
        rm -rf "$DIR/data"
        mkdir "$DIR/data"
        echo "$NAME" >"$DIR/password"
        if [ "$(id -u)" = 0 ]; then
            chmod 755 "$DIR"
            chown -R postgres: "$DIR/data" "$DIR/log"
        fi
        "${AS[@]}" test -x "$DIR/data" || fail "the user postgres cannot get to $DIR: choose one outside of /root"
        # Not flushed: it would be made again.
        "${AS[@]}" "$BIN/initdb" --no-sync --no-instructions -D "$DIR/data" -U "$NAME" -A scram-sha-256 \
            --pwfile "$DIR/password" -E UTF8 --locale C.UTF-8 >"$DIR/log/initdb" 2>&1 || {
            tail -n 20 "$DIR/log/initdb" >&2
            fail "initdb failed"
        }
        touch "$DIR/initialized"
    fi
    {
        echo "listen_addresses = '127.0.0.1'"
        echo "port = $PORT"
        echo "unix_socket_directories = ''"
        echo "max_connections = 200"
        echo "log_line_prefix = '%m [%p] '"
        [ -z "$CONF_EXTRA" ] || cat "$CONF_EXTRA"
    } >"$DIR/martlet.conf"
    grep -q martlet.conf "$DIR/data/postgresql.conf" || echo "include '$DIR/martlet.conf'" >>"$DIR/data/postgresql.conf"
}

psql_as_owner() {
    PGPASSWORD=$NAME PGCONNECT_TIMEOUT=10 "$BIN/psql" -X -q -t -A -v ON_ERROR_STOP=1 \
        -h 127.0.0.1 -p "$PORT" -U "$NAME" "$@"
}

# Runs as long as the server, which is its child.
keeper() {
    local server descriptor
    find_server
    echo $$ >"$DIR/keeper.pid"
    # Whoever started us may wait for the end of what we inherited; bash itself reads this script from 255.
    for descriptor in /proc/$$/fd/*; do
        descriptor=${descriptor##*/}
        if [ "$descriptor" -gt 2 ] && [ "$descriptor" -ne 255 ]; then eval "exec $descriptor>&-"; fi
    done
    "${AS[@]}" "$BIN/postgres" -D "$DIR/data" >>"$DIR/log/server" 2>&1 &
    server=$!
    trap 'end_server $STOP_SECONDS; wait; rm -f "$DIR/keeper.pid"; exit 0' TERM INT
    while alive $server && { [ -z "$WATCH" ] || alive "$WATCH"; }; do
        sleep 0.5 &
        wait -n || true
    done
    # Its data goes, too: there is nothing to be polite about.
    if [ -n "$WATCH" ] && ! alive "$WATCH"; then STOP_SECONDS=0; fi
    end_server $STOP_SECONDS
    wait || true
    rm -f "$DIR/keeper.pid"
    if [ -n "$WATCH" ] && ! alive "$WATCH"; then rm -rf "$DIR"; fi
}

start() {
    [ $# -ge 2 ] || usage
    mkdir -p "$1"
    DIR=$(cd "$1" && pwd -P)
    PORT=$2
    shift 2
    WATCH= CONF_EXTRA=
    while [ $# -gt 0 ]; do
        case $1 in
        --watch) WATCH=${2:?} ;;
        --conf) CONF_EXTRA=${2:?} ;;
        *) usage ;;
        esac
        shift 2
    done
    [[ $PORT =~ ^[0-9]+$ ]] && [ "$PORT" -ge 1024 ] && [ "$PORT" -le 65535 ] || fail "'$PORT' is no port from 1024 on"
    find_server
    KEEPER=$(keeper_process)
    if [ -n "$KEEPER" ]; then
        [ "$(cat "$DIR/port")" = "$PORT" ] || fail "a server runs in $DIR already, on port $(cat "$DIR/port")"
    else
        # What a keeper that was killed has left.
        end_server $STOP_SECONDS
        make_cluster
        launch
    fi
    await_ready
    [ "$(psql_as_owner -d postgres -c "SELECT count(*) FROM pg_database WHERE datname = '$NAME'")" = 1 ] ||
        psql_as_owner -d postgres -c "CREATE DATABASE $NAME"
    url
}

launch() {
    # A session of its own: a signal to whoever started it does not reach it.
    export DIR WATCH PORT MARTLET_POSTGRES=$DIR
    setsid bash "${BASH_SOURCE[0]}" keep </dev/null >>"$DIR/log/keeper" 2>&1 &
    KEEPER=$!
    echo "$KEEPER" >"$DIR/keeper.pid"
}

await_ready() {
    local deadline=$((SECONDS + START_SECONDS))
    # Who answers at the port must be ours: without our server process it is somebody else.
    until [ -n "$(server_process)" ] && "$BIN/pg_isready" -q -t 2 -h 127.0.0.1 -p "$PORT"; do
        alive "$KEEPER" || {
            tail -n 20 "$DIR/log/server" >&2 || true
            fail "PostgreSQL did not start; its log is in $DIR/log"
        }
        [ $SECONDS -lt $deadline ] || fail "PostgreSQL did not start within $START_SECONDS s; its log is in $DIR/log"
        sleep 0.05
    done
}

enter() {
    DIR=$(cd "$1" 2>/dev/null && pwd -P) || fail "no server was started in $1"
}

stop() {
    [ -d "$1" ] || exit 0
    enter "$1"
    local keeper
    keeper=$(keeper_process)
    if [ -n "$keeper" ]; then
        kill -TERM "$keeper" 2>/dev/null || true
        await_end $((STOP_SECONDS + 10)) "$keeper" || kill -KILL "$keeper" 2>/dev/null || true
    fi
    end_server $STOP_SECONDS
    rm -f "$DIR/keeper.pid"
}

kill_all() {
    enter "$1"
    local keeper
    keeper=$(keeper_process)
    kill_processes
    # It notices by itself, and then has gone.
    [ -z "$keeper" ] || await_end 10 "$keeper" || fail "process $keeper does not end"
}

status() {
    enter "$1"
    read_port
    find_server
    [ -n "$(server_process)" ] && "$BIN/pg_isready" -q -h 127.0.0.1 -p "$PORT" || fail "the server in $DIR does not run"
    url
}

sql() {
    [ $# -ge 2 ] || usage
    enter "$1"
    read_port
    find_server
    psql_as_owner -d "$NAME" -c "$2"
}

command=${1:-}
shift || usage
case $command in
start) start "$@" ;;
stop | status | sql) [ $# -ge 1 ] || usage; $command "$@" ;;
kill) [ $# -ge 1 ] || usage; kill_all "$@" ;;
keep) keeper ;;
*) usage ;;
esac
