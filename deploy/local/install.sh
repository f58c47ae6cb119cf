#!/bin/sh
# Installs the Debian packages that building, running and testing Martlet needs; says which, and does nothing twice.
#
#   install.sh [run|test]     run: to build and run; test: also what the tests use
set -eu

build="pkg-config libssl-dev zlib1g-dev libpq-dev libsqlite3-dev librabbitmq-dev libavcodec-dev libavfilter-dev libavformat-dev libavutil-dev
libswresample-dev libswscale-dev"
run="ca-certificates curl ffmpeg python3 python3-pika rabbitmq-server util-linux"
test="chromium memcached openssl php-amqp php-amqplib php-cli php-mbstring php-symfony-amqp-messenger php-symfony-property-access
php-symfony-serializer postgresql swift-account swift-container swift-object
swift-proxy python3-boto3 python3-jsonschema python3-pytest python3-requests python3-socketio python3-venv python3-websocket
python3-websockets
python3-yaml"

wanted="$build $run"
[ "${1:-run}" = test ] && wanted="$wanted $test"

missing=
for package in $wanted; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
if [ -z "$missing" ]; then exit 0; fi

as_root=
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "install.sh: as root, run: apt-get install$missing" >&2; exit 1; }
    as_root=sudo
fi
echo "Installing with apt-get:$missing"

# Debian starts a server as soon as it is installed. Ours is a private one; leave the system's alone.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
    $as_root chmod 755 "$policy"
    trap '$as_root rm -f "$policy"' EXIT
fi
$as_root apt-get update -qq
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
