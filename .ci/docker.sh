# A Docker daemon for the tests that need one, to be sourced: the one that answers, or Debian's, started here.

docker_home=""
docker_pid=""

# Installs what is missing of Docker and Compose; starts a daemon of our own unless one answers.
start_docker() {
    if ! command -v debootstrap >/dev/null || ! { docker compose version || docker-compose version; } >/dev/null 2>&1 \
        || ! { docker info >/dev/null 2>&1 || command -v dockerd >/dev/null; }; then
        apt-get -o DPkg::Lock::Timeout=300 update -qq
        DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -qq --no-install-recommends \
            docker.io docker-compose debootstrap iptables >/dev/null </dev/null
    fi
    if docker info >/dev/null 2>&1; then
        return
    fi
    docker_home=$(mktemp -d)
    export DOCKER_HOST="unix://$docker_home/docker.sock"
    dockerd --host "$DOCKER_HOST" --data-root "$docker_home/data" --exec-root "$docker_home/exec" \
        --pidfile "$docker_home/docker.pid" >"$docker_home/log" 2>&1 </dev/null &
    docker_pid=$!
    for _ in $(seq 60); do
        if docker info >/dev/null 2>&1; then
            return
        fi
        sleep 1
    done
    echo "dockerd did not answer within 60 s; the end of its log:" >&2
    tail -20 "$docker_home/log" >&2
    stop_docker
    return 1
}

# Ends the daemon that start_docker has started, and removes all that it kept.
stop_docker() {
    if [ -n "$docker_pid" ]; then
        kill "$docker_pid" 2>/dev/null || true
        wait "$docker_pid" 2>/dev/null || true
        rm -rf "$docker_home"
    fi
}
