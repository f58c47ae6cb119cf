#!/bin/bash
# A private S3 store on loopback: OpenStack Swift with its s3api, one node, all below one folder.
#
#   s3.sh start DIR PORT [--watch PID]   start, or find running; prints its endpoint when it answers
#   s3.sh stop DIR                       stop it and leave no process behind
#   s3.sh status DIR                     print its endpoint, or fail
#
# It takes PORT and the four that follow. Its keys are AWS_ACCESS_KEY_ID=test:tester and AWS_SECRET_ACCESS_KEY=testing,
# its region is us-east-1, its style is path. With --watch it stops by itself once the process PID is gone, and deletes
# DIR. It runs as any user and needs no systemd.
set -euo pipefail

START_SECONDS=${S3_START_SECONDS:-60}
STOP_SECONDS=10
PARTS=(account container object proxy memory)

fail() {
    echo "s3.sh: $*" >&2
    exit 1
}

usage() {
    sed -n '2,/^set/{/^set/!s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2
    exit 2
}

endpoint() {
    echo "http://127.0.0.1:$PORT"
}

# A zombie is dead, even where nobody reaps it.
alive() {
    local line
    [ -n "${1:-}" ] && read -r line 2>/dev/null <"/proc/$1/stat" && [[ ${line##*) } != Z* ]]
}

# Whether $1 is a process of this store: after a reboot the number may be somebody else's.
is_ours() {
    alive "$1" && grep -qzxF "MARTLET_S3=$DIR" "/proc/$1/environ" 2>/dev/null
}

noted_processes() {
    local file pid
    for file in "$DIR"/run/*.pid; do
        pid=$(cat "$file" 2>/dev/null) || continue
        if is_ours "$pid"; then echo "$pid"; fi
    done
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

end_processes() {
    local processes
    processes=$(noted_processes)
    [ -n "$processes" ] || return 0
    kill -TERM $processes 2>/dev/null || true
    await_end "$STOP_SECONDS" $processes || kill -KILL $processes 2>/dev/null || true
}

# The ring of $1: which disk has what, of which there is one.
make_ring() {
    local port=$2
    [ ! -f "$DIR/etc/$1.ring.gz" ] || return 0
    (
        cd "$DIR/etc"
        swift-ring-builder "$1.builder" create 4 1 1
        swift-ring-builder "$1.builder" add --region 1 --zone 1 --ip 127.0.0.1 --port "$port" --device disk --weight 1
        swift-ring-builder "$1.builder" rebalance
    ) >"$DIR/log/ring-$1" 2>&1
}

default_section() {
    printf '[DEFAULT]\nbind_ip = 127.0.0.1\nbind_port = %s\nworkers = 0\nuser = %s\nswift_dir = %s\n' \
        "$1" "$(id -un)" "$DIR/etc"
    # Only errors, and not to a syslog that may not be there.
    printf 'log_level = ERROR\nlog_address = %s\n' "$DIR/run/no-syslog"
}

configure_storage() {
    local name=$1 port=$2
    make_ring "$name" "$port"
    {
        default_section "$port"
        printf 'devices = %s\nmount_check = false\ndisable_fallocate = true\n' "$DIR/srv"
        printf '[pipeline:main]\npipeline = %s-server\n[app:%s-server]\nuse = egg:swift#%s\n' "$name" "$name" "$name"
    } >"$DIR/etc/$name.conf"
}

configure_proxy() {
    {
        default_section "$PORT"
        cat <<'CONF'
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck cache listing_formats bulk s3api tempauth copy slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
s3_acl = false
dns_compliant_bucket_names = true
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
CONF
        printf '[filter:cache]\nuse = egg:swift#memcache\nmemcache_servers = 127.0.0.1:%s\n' $((PORT + 4))
        for filter in catch_errors gatekeeper healthcheck listing_formats bulk copy slo dlo; do
            printf '[filter:%s]\nuse = egg:swift#%s\n' "$filter" "$filter"
        done
    } >"$DIR/etc/proxy.conf"
}

configure() {
    mkdir -p "$DIR"/{etc,srv/disk,run,log}
    echo "$PORT" >"$DIR/port"
    configure_storage account $((PORT + 1))
    configure_storage container $((PORT + 2))
    configure_storage object $((PORT + 3))
    configure_proxy
}

run_part() {
    case $1 in
    memory) exec memcached -u "$(id -un)" -l 127.0.0.1 -p $((PORT + 4)) -U 0 -m 64 -t 1 ;;
    *) exec "swift-$1-server" "$DIR/etc/$1.conf" ;;
    esac
}

# Runs as long as the store, whose processes are its children.
keeper() {
    local part descriptor
    echo $$ >"$DIR/run/keeper.pid"
    # Whoever started us may wait for the end of what we inherited; bash itself reads this script from 255.
    for descriptor in /proc/$$/fd/*; do
        descriptor=${descriptor##*/}
        if [ "$descriptor" -gt 2 ] && [ "$descriptor" -ne 255 ]; then eval "exec $descriptor>&-"; fi
    done
    for part in "${PARTS[@]}"; do
        run_part "$part" >>"$DIR/log/$part" 2>&1 &
        echo $! >"$DIR/run/$part.pid"
    done
    trap 'end_children; exit 0' TERM INT
    while [ -z "$WATCH" ] || alive "$WATCH"; do
        sleep 0.5 &
        wait $! || true
    done
    STOP_SECONDS=0
    end_children
    rm -rf "$DIR"
}

end_children() {
    rm -f "$DIR/run/keeper.pid"
    end_processes
    wait || true
    rm -f "$DIR"/run/*.pid
}

keeper_process() {
    local pid
    pid=$(cat "$DIR/run/keeper.pid" 2>/dev/null) || return 0
    if is_ours "$pid"; then echo "$pid"; fi
}

answers() {
    local port
    for port in 1 2 3; do
        curl -s -m 2 -o /dev/null "http://127.0.0.1:$((PORT + port))/" || return 1
    done
    curl -sf -m 2 -o /dev/null "$(endpoint)/healthcheck"
}

start() {
    [ $# -ge 2 ] || usage
    mkdir -p "$1"
    DIR=$(cd "$1" && pwd -P)
    PORT=$2
    shift 2
    WATCH=
    while [ $# -gt 0 ]; do
        case $1 in
        --watch) WATCH=${2:?} ;;
        *) usage ;;
        esac
        shift 2
    done
    [[ $PORT =~ ^[0-9]+$ ]] && [ "$PORT" -ge 1024 ] && [ "$PORT" -le 65531 ] || fail "'$PORT' is no port from 1024 on"
    command -v swift-proxy-server >/dev/null && command -v memcached >/dev/null ||
        fail "swift is not installed: apt-get install swift-proxy swift-account swift-container swift-object memcached"
    KEEPER=$(keeper_process)
    if [ -n "$KEEPER" ]; then
        [ "$(cat "$DIR/port")" = "$PORT" ] || fail "a store runs in $DIR already, on port $(cat "$DIR/port")"
    else
        # What a keeper that was killed has left.
        end_processes
        configure
        launch
    fi
    await_ready
    endpoint
}

launch() {
    # A session of its own: a signal to whoever started it does not reach it.
    export DIR WATCH PORT MARTLET_S3=$DIR
    setsid bash "${BASH_SOURCE[0]}" keep </dev/null >>"$DIR/log/keeper" 2>&1 &
    KEEPER=$!
    echo "$KEEPER" >"$DIR/run/keeper.pid"
}

await_ready() {
    local deadline=$((SECONDS + START_SECONDS)) part
    until answers; do
        for part in "${PARTS[@]}"; do
            [ ! -f "$DIR/run/$part.pid" ] || alive "$(cat "$DIR/run/$part.pid")" || {
                tail -n 20 "$DIR/log/$part" >&2 || true
                stop "$DIR"
                fail "the $part server did not start; its log is in $DIR/log"
            }
        done
        alive "$KEEPER" && [ $SECONDS -lt $deadline ] || {
            stop "$DIR"
            fail "it did not start within $START_SECONDS s; its logs are in $DIR/log"
        }
        sleep 0.1
    done
}

enter() {
    DIR=$(cd "$1" 2>/dev/null && pwd -P) || fail "no store was started in $1"
}

stop() {
    [ -d "$1" ] || exit 0
    enter "$1"
    local keeper
    keeper=$(keeper_process)
    if [ -n "$keeper" ]; then
        kill -TERM "$keeper" 2>/dev/null || true
        await_end $((STOP_SECONDS + 5)) "$keeper" || kill -KILL "$keeper" 2>/dev/null || true
    fi
    end_processes
}

status() {
    enter "$1"
    PORT=$(cat "$DIR/port" 2>/dev/null) || fail "no store was started in $DIR"
    [ -n "$(keeper_process)" ] && answers || fail "the store in $DIR does not run"
    endpoint
}

command=${1:-}
shift || usage
case $command in
start) start "$@" ;;
stop | status) [ $# -ge 1 ] || usage; $command "$@" ;;
keep) keeper ;;
*) usage ;;
esac
