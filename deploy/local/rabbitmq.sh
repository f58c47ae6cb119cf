#!/bin/bash
# A private RabbitMQ on loopback: its own node, cookie, data and port mapper, all below one folder.
#
#   rabbitmq.sh start DIR PORT [--watch PID] [--conf FILE] [--management]
#                                   start, or find running; prints its AMQP URL when it takes connections
#   rabbitmq.sh stop DIR            stop it and leave no process behind
#   rabbitmq.sh status DIR          print its AMQP URL, or fail
#   rabbitmq.sh ctl DIR ARGS...     rabbitmqctl on it: `ctl DIR close_all_connections "a fault"`
#
# PORT is for AMQP; PORT+20000 is used between Erlang nodes and PORT+10000 by the port mapper (minus, where that is no
# port). With --watch it stops by itself once the process PID is gone, and deletes DIR. --conf appends lines to its
# rabbitmq.conf. --management starts RabbitMQ's management API, too, for `martlet topology` and `doctor`: on PORT+5000,
# loopback only; it costs a second or two. It runs as any user, root included, and needs no systemd.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
DEFINITIONS=$HERE/../rabbitmq/definitions.json
START_SECONDS=${RABBITMQ_START_SECONDS:-90}
STOP_SECONDS=15

fail() {
    echo "rabbitmq.sh: $*" >&2
    exit 1
}

usage() {
    sed -n '2,/^set/{/^set/!s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2
    exit 2
}

# The scripts below lib, not those in /usr/sbin: Debian's wrappers there become the user rabbitmq.
find_server() {
    local found
    found=$(ls -d /usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin 2>/dev/null | sort -V | tail -n 1)
    [ -n "$found" ] || fail "rabbitmq-server is not installed: apt-get install rabbitmq-server"
    SBIN=$found
}

# A port that goes with PORT, $1 away from it.
beside() {
    if [ $((PORT + $1)) -le 65535 ]; then echo $((PORT + $1)); else echo $((PORT - $1)); fi
}

read_port() {
    PORT=$(cat "$DIR/port" 2>/dev/null) || fail "no broker was started in $DIR"
}

# Everything that RabbitMQ and its tools would otherwise take from /etc/rabbitmq, /var and the user's home.
set_environment() {
    export HOME=$DIR
    export RABBITMQ_NODENAME=martlet-$PORT@localhost
    export RABBITMQ_NODE_IP_ADDRESS=127.0.0.1
    export RABBITMQ_NODE_PORT=$PORT
    RABBITMQ_DIST_PORT=$(beside 20000)
    ERL_EPMD_PORT=$(beside 10000)
    export RABBITMQ_DIST_PORT ERL_EPMD_PORT ERL_EPMD_ADDRESS=127.0.0.1
    export RABBITMQ_MNESIA_BASE=$DIR/mnesia
    export RABBITMQ_LOG_BASE=$DIR/log
    export RABBITMQ_CONFIG_FILE=$DIR/rabbitmq
    export RABBITMQ_ADVANCED_CONFIG_FILE=$DIR/advanced.config
    export RABBITMQ_ENABLED_PLUGINS_FILE=$DIR/enabled_plugins
    export RABBITMQ_CONF_ENV_FILE=/dev/null
    export RABBITMQ_PID_FILE=$DIR/server.pid
    # Erlang's schedulers would spin on cores that others need.
    export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none"
    export RABBITMQ_CTL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1}"
}

write_configuration() {
    mkdir -p "$DIR/mnesia" "$DIR/log"
    echo "$PORT" >"$DIR/port"
    if [ ! -f "$DIR/.erlang.cookie" ]; then
        head -c 18 /dev/urandom | base64 | tr -d '+/=' >"$DIR/.erlang.cookie"
        chmod 400 "$DIR/.erlang.cookie"
    fi
    if [ -n "$MANAGEMENT" ]; then
        echo '[rabbitmq_management].' >"$DIR/enabled_plugins"
    else
        echo '[].' >"$DIR/enabled_plugins"
    fi
    # A broker that loads definitions makes no user of its own; this one is only on loopback.
    {
        echo '{ "users": [{"name": "guest", "password": "guest", "tags": "administrator"}],'
        echo '  "permissions": [{"user": "guest", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"}],'
        sed '0,/{/s/{//' "$DEFINITIONS"
    } >"$DIR/definitions.json"
    cat >"$DIR/rabbitmq.conf" <<CONF
listeners.tcp.1 = 127.0.0.1:$PORT
loopback_users = none
load_definitions = $DIR/definitions.json
vm_memory_high_watermark.absolute = 1GB
disk_free_limit.absolute = 200MB
log.console = false
log.file.level = info
heartbeat = 10
# 4 h in milliseconds: a long transcode may hold its delivery.
consumer_timeout = 14400000
CONF
    if [ -n "$MANAGEMENT" ]; then
        printf '%s\n' 'management.tcp.ip = 127.0.0.1' "management.tcp.port = $MANAGEMENT" >>"$DIR/rabbitmq.conf"
    fi
    [ -z "$CONF_EXTRA" ] || cat "$CONF_EXTRA" >>"$DIR/rabbitmq.conf"
}

# A zombie is dead, even where nobody reaps it.
alive() {
    local line
    [ -n "${1:-}" ] && read -r line 2>/dev/null <"/proc/$1/stat" && [[ ${line##*) } != Z* ]]
}

# The process noted in a file of ours, if it still is the one: after a reboot the number may be somebody else's.
process_in() {
    local pid
    pid=$(cat "$DIR/$1" 2>/dev/null) || return 0
    if alive "$pid" && grep -qzxF "MARTLET_BROKER=$DIR" "/proc/$pid/environ" 2>/dev/null; then echo "$pid"; fi
}

listening() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

url() {
    echo "amqp://guest:guest@127.0.0.1:$PORT"
}

# Waits up to $1 seconds for the processes that follow to be gone.
await_end() {
    local deadline=$((SECONDS + $1)) pid
    shift
    for pid in "$@"; do
        while alive "$pid"; do
            [ $SECONDS -lt $deadline ] || return 1
            sleep 0.1
        done
    done
}

# Ends the broker and its port mapper, politely and then for sure.
end_processes() {
    local server script epmd
    server=$(process_in server.pid)
    script=$(process_in script.pid)
    epmd=$(process_in epmd.pid)
    if [ -n "$server" ]; then
        kill -TERM "$server" 2>/dev/null || true
        await_end $STOP_SECONDS "$server" || kill -KILL "$server" 2>/dev/null || true
    fi
    if [ -n "$epmd" ]; then kill -KILL "$epmd" 2>/dev/null || true; fi
    await_end 5 $server $script $epmd || fail "processes $server $script $epmd do not end"
    rm -f "$DIR/server.pid" "$DIR/script.pid" "$DIR/epmd.pid"
}

# Runs as long as the broker: its children are the broker and the port mapper.
keeper() {
    local epmd server_script descriptor
    echo $$ >"$DIR/keeper.pid"
    # Whoever started us may wait for the end of what we inherited; bash itself reads this script from 255.
    for descriptor in /proc/$$/fd/*; do
        descriptor=${descriptor##*/}
        if [ "$descriptor" -gt 2 ] && [ "$descriptor" -ne 255 ]; then eval "exec $descriptor>&-"; fi
    done
    epmd=$(command -v epmd) || fail "epmd is not installed: apt-get install rabbitmq-server"
    "$epmd" -port "$ERL_EPMD_PORT" -address 127.0.0.1 >/dev/null 2>&1 &
    echo $! >"$DIR/epmd.pid"
    "$SBIN/rabbitmq-server" >"$DIR/log/stdout" 2>&1 &
    server_script=$!
    echo $server_script >"$DIR/script.pid"
    trap 'end_processes; wait; exit 0' TERM INT
    while alive $server_script && { [ -z "$WATCH" ] || alive "$WATCH"; }; do
        sleep 0.5 &
        wait $! || true
    done
    # Its data goes, too: there is nothing to be polite about.
    if [ -n "$WATCH" ] && ! alive "$WATCH"; then STOP_SECONDS=0; fi
    end_processes
    wait || true
    rm -f "$DIR/keeper.pid"
    if [ -n "$WATCH" ] && ! alive "$WATCH"; then rm -rf "$DIR"; fi
}

start() {
    [ $# -ge 2 ] || usage
    mkdir -p "$1"
    DIR=$(cd "$1" && pwd)
    PORT=$2
    shift 2
    [[ $PORT =~ ^[0-9]+$ ]] && [ "$PORT" -ge 1024 ] && [ "$PORT" -le 65535 ] || fail "'$PORT' is no port from 1024 on"
    WATCH= CONF_EXTRA= MANAGEMENT=
    while [ $# -gt 0 ]; do
        case $1 in
        --watch) WATCH=${2:?} && shift ;;
        --conf) CONF_EXTRA=${2:?} && shift ;;
        --management) MANAGEMENT=$(beside 5000) ;;
        *) usage ;;
        esac
        shift
    done
    find_server
    KEEPER=$(process_in keeper.pid)
    if [ -n "$KEEPER" ]; then
        [ "$(cat "$DIR/port")" = "$PORT" ] || fail "a broker runs in $DIR already, on port $(cat "$DIR/port")"
        [ -z "$MANAGEMENT" ] || grep -q rabbitmq_management "$DIR/enabled_plugins" ||
            fail "the broker in $DIR runs without --management: stop it first"
    else
        local had_queues=
        [ -d "$DIR/mnesia/martlet-$PORT@localhost/quorum" ] && had_queues=yes
        # What a keeper that was killed has left.
        end_processes
        listening "$PORT" && fail "port $PORT is taken by another program"
        [ -n "$MANAGEMENT" ] && listening "$MANAGEMENT" && fail "port $MANAGEMENT is taken by another program"
        write_configuration
        set_environment
        launch
        await_ready
        [ -z "$had_queues" ] || elect_leaders
    fi
    await_ready
    url
}

# A node of RabbitMQ 3 that was killed while it wrote may leave a queue without a leader for good, the only member waiting
# for others (rabbitmq-server issue 10070): has such queues elect themselves.
elect_leaders() {
    "$SBIN/rabbitmqctl" -q eval '
        [ra:trigger_election({Name, node()}) ||
            Queue <- rabbit_amqqueue:list(), amqqueue:get_type(Queue) =:= rabbit_quorum_queue,
            {Name, _} <- [amqqueue:get_pid(Queue)],
            case ra:members({Name, node()}, 1000) of {ok, _, Leader} when Leader =/= undefined -> false; _ -> true end].
    ' >>"$DIR/log/keeper" 2>&1 || fail "queues have no leader; its log is in $DIR/log"
}

launch() {
    # A session of its own: a signal to whoever started it does not reach it.
    export SBIN DIR WATCH PORT MARTLET_BROKER=$DIR
    setsid bash "${BASH_SOURCE[0]}" keep </dev/null >>"$DIR/log/keeper" 2>&1 &
    KEEPER=$!
    echo "$KEEPER" >"$DIR/keeper.pid"
}

await_ready() {
    local deadline=$((SECONDS + START_SECONDS))
    # The listener opens last, when definitions are loaded.
    until listening "$PORT" && { [ -z "$MANAGEMENT" ] || listening "$MANAGEMENT"; }; do
        alive "$KEEPER" || {
            tail -n 20 "$DIR/log/stdout" >&2 || true
            fail "RabbitMQ did not start; its log is in $DIR/log"
        }
        [ $SECONDS -lt $deadline ] || fail "RabbitMQ did not start within $START_SECONDS s; its log is in $DIR/log"
        sleep 0.1
    done
}

stop() {
    DIR=$(cd "$1" 2>/dev/null && pwd) || exit 0
    local keeper
    keeper=$(process_in keeper.pid)
    if [ -n "$keeper" ]; then
        kill -TERM "$keeper" 2>/dev/null || true
        await_end $((STOP_SECONDS + 10)) "$keeper" || kill -KILL "$keeper" 2>/dev/null || true
    fi
    end_processes
    rm -f "$DIR/keeper.pid"
}

status() {
    DIR=$(cd "$1" 2>/dev/null && pwd) || fail "no broker was started in $1"
    read_port
    [ -n "$(process_in server.pid)" ] && listening "$PORT" || fail "the broker in $DIR does not run"
    url
}

ctl() {
    DIR=$(cd "$1" 2>/dev/null && pwd) || fail "no broker was started in $1"
    shift
    find_server
    read_port
    set_environment
    exec "$SBIN/rabbitmqctl" "$@"
}

command=${1:-}
shift || usage
case $command in
start) start "$@" ;;
stop | status | ctl) [ $# -ge 1 ] || usage; $command "$@" ;;
keep) keeper ;;
*) usage ;;
esac
