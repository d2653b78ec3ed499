#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
shopt -s inherit_errexit nullglob
usage() {
    cat <<'USAGE'
Usage: fixture.sh VERB DIR [ARGUMENTS]

A PostgreSQL primary, its streaming replica and PgBouncer in front of the primary, to attach to: everything
in DIR, on free ports of 127.0.0.1. As root the servers run as user postgres.

  start DIR            makes everything, or starts again what stands still
  stop DIR             stops the servers, keeps the data
  destroy DIR          stops the servers and removes DIR
  reset DIR            back to the state after start, whatever was done to the servers
  env DIR              prints where things are, as lines of a shell (TS_LIVE_PRIMARY, ...)
  missing              says what is not installed; fails when something is
  shards DIR N         N more servers (users postgres and app) for tables that are spread

  lag DIR on|off       pauses or resumes replay on the replica
  delay DIR S          the replica applies S seconds late; 0 = at once
  link DIR cut|mend    the replica cannot reach the primary
  promote DIR          the replica becomes a primary
  kill DIR primary|replica|bouncer      SIGKILL, as when a machine dies
  up DIR primary|replica|bouncer        starts it again
  freeze DIR PID | thaw DIR PID         SIGSTOP, SIGCONT for a process of the servers

  write DIR S [CLIENTS]             pgbench writes for S seconds, in the background, as are the next ones
  saturate DIR CLIENTS S HOLD       more clients than the pool has connections, each transaction HOLD seconds
  block DIR S                       chain-3 waits for chain-2, that for chain-1; idler sits in a transaction
  sessions DIR N S                  N idle sessions
  statements DIR N                  N different entries in pg_stat_statements
  quiet DIR                         ends what works in the background

Environment: TS_LIVE_PORT is the first port to try. FIXTURE_LIMIT seconds after the start (1800 unless told), or
when the process FIXTURE_OWNER ends, everything is destroyed.
USAGE
}

die() {
    printf 'fixture: %s\n' "$*" >&2
    exit 1
}

self=$(realpath -- "${FIXTURE_SELF:-${BASH_SOURCE[0]}}")
verb=${1:-}
if [[ $verb == -h || $verb == --help ]]; then
    usage
    exit 0
fi

# Debian keeps the programs of a server out of PATH; the newest version found is taken.
bin=
for folder in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin; do
    if [[ -x $folder/initdb ]]; then bin=$folder; fi
done
export PATH=${bin:+$bin:}$PATH:/usr/sbin:/sbin
if [[ $verb == missing ]]; then
    absent=()
    for program in initdb pg_ctl pg_basebackup psql pgbench pgbouncer; do
        command -v "$program" >/dev/null || absent+=("$program")
    done
    ((${#absent[@]} == 0)) || die "not installed: ${absent[*]} (packages postgresql-15, pgbouncer)"
    exit 0
fi

dir=${2:-}
if [[ -z $verb || -z $dir ]]; then
    usage >&2
    exit 2
fi
[[ $dir == /* ]] || dir=$PWD/$dir
case $dir in
/ | /tmp | /var/tmp | /home | /home/* | /usr/* | /etc/*) die "$dir is no folder for test servers" ;;
esac
shift 2

# PostgreSQL does not run as root: the same text goes on as a user who owns the folder.
if ((EUID == 0)); then
    user=postgres
    getent passwd "$user" >/dev/null || user=nobody
    if [[ $verb == start ]]; then
        mkdir -p -- "$dir"
        chown "$user" -- "$dir"
        chmod 0755 -- "$dir"
    fi
    [[ -d $dir ]] || exit 0
    cd /
    runuser -u "$user" -- test -w "$dir" || die "user $user cannot write into $dir: one of the folders above is closed"
    status=0
    FIXTURE_SELF=$self runuser -u "$user" -- timeout -k 5 240 bash -c "$(<"$self")" fixture.sh "$verb" "$dir" "$@" ||
        status=$?
    if [[ $verb == destroy && $status == 0 ]]; then rmdir -- "$dir" 2>/dev/null || true; fi
    exit "$status"
fi

# Servers live on: what they inherit (locks, pipes of a test program) must not.
for file in /proc/self/fd/*; do
    fd=${file##*/}
    if ((fd > 2 && fd < 250)); then eval "exec $fd>&-"; fi
done
for name in "${!PG@}"; do unset "$name"; done
export LC_ALL=C PGCONNECT_TIMEOUT=5 PGAPPNAME=fixture
export FIXTURE_DIR=$dir # tells our processes from others that got the same number
primary=$dir/primary replica=$dir/replica bouncer=$dir/bouncer run=$dir/run
primary_port=0 replica_port=0 bouncer_port=0
# shellcheck source=/dev/null
if [[ -f $dir/ports ]]; then source "$dir/ports"; fi

on_port() { # PORT [psql options]
    local port=$1
    shift
    psql -XqAt -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$port" -U postgres -d bench "$@"
}

until_true() { # SECONDS COMMAND...
    local tries=$(($1 * 20))
    shift
    until "$@" >/dev/null 2>&1; do
        ((--tries > 0)) || return 1
        sleep 0.05
    done
}

is_busy() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Prints the first of $1 free ports in a row; each test run begins somewhere else.
free_ports() {
    local base=${TS_LIVE_PORT:-$((20000 + RANDOM % 10000))} port
    while ((base < 32000 || base == ${TS_LIVE_PORT:-0})); do
        for ((port = base; port < base + $1; ++port)); do
            if is_busy "$port"; then break; fi
        done
        if ((port == base + $1)); then
            echo "$base"
            return
        fi
        base=$((port + 1))
    done
    die "no $1 free ports"
}

has_ended() { # PID: gone, or dead and not yet collected by whoever should
    [[ ! -d /proc/$1 ]] || grep -q '^State:[[:space:]]Z' "/proc/$1/status"
}

is_ours() { # PID: started by this script for this folder
    [[ -r /proc/$1/environ ]] && tr '\0' '\n' <"/proc/$1/environ" 2>/dev/null | grep -qxF "FIXTURE_DIR=$dir"
}

background() { # NAME COMMAND...: on its own, away from our output so that nobody waits for it
    local name=$1
    shift
    setsid "$@" </dev/null >"$run/$name.out" 2>&1 &
    echo $! >"$run/bg-$name.pid"
}

quiet() {
    local file pid
    for file in "$run"/bg-*.pid; do
        pid=$(<"$file")
        if is_ours "$pid"; then kill -- "-$pid" 2>/dev/null || kill "$pid" 2>/dev/null || true; fi
        rm -f -- "$file"
    done
    # A session that works does not notice that its client is gone.
    if is_up "$primary"; then
        on_port "$primary_port" -c "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
            WHERE application_name ~ '^(chain-[0-9]|idler|idle-[0-9]+|pgbench)$'" >/dev/null 2>&1 || true
    fi
}

data_of() {
    case $1 in
    primary | replica) echo "$dir/$1" ;;
    *) die "no server is called $1" ;;
    esac
}

postmaster_of() { head -n 1 "$1/postmaster.pid" 2>/dev/null || true; }

bouncer_pid() {
    local pid
    pid=$(cat "$bouncer/pid" 2>/dev/null) || return 0
    if is_ours "$pid"; then echo "$pid"; fi
}

is_up() { # DATA; pg_ctl takes a process that is dead and not yet collected for a server
    local pid
    pid=$(postmaster_of "$1")
    [[ -n $pid ]] && ! has_ended "$pid" && pg_ctl -D "$1" status >/dev/null 2>&1
}

start_server() { # NAME DATA
    if is_up "$2"; then return; fi
    rm -f -- "$2/postmaster.pid"
    pg_ctl -D "$2" -l "$run/$1.log" -w -t 60 -s start </dev/null >"$run/$1.start" 2>&1 ||
        { cat "$run/$1.start" "$run/$1.log" >&2; die "the $1 did not start"; }
}

stop_server() { # DATA MODE
    if is_up "$1"; then pg_ctl -D "$1" -m "$2" -s -w -t 30 stop >/dev/null 2>&1 || true; fi
}

start_bouncer() {
    if [[ -n $(bouncer_pid) ]]; then return; fi
    rm -f -- "$bouncer/pid"
    pgbouncer -d -q "$bouncer/pgbouncer.ini" </dev/null >"$run/bouncer.start" 2>&1 || true
    until_true 10 psql -XqAt -h 127.0.0.1 -p "$bouncer_port" -U postgres -d pgbouncer -c 'show version' ||
        { cat "$run/bouncer.start" "$bouncer/log" >&2; die 'PgBouncer did not start'; }
}

stop_bouncer() { # SIGNAL
    local pid
    pid=$(bouncer_pid)
    if [[ -z $pid ]]; then return; fi
    kill "-$1" "$pid" 2>/dev/null || true
    until_true 5 has_ended "$pid" || true
}

wait_streaming() {
    until_true 30 grep_streaming || die 'the replica does not stream'
}
grep_streaming() {
    [[ $(on_port "$primary_port" -c "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'") == 1 ]]
}

make_primary() {
    local preload=pg_stat_statements,auto_explain
    initdb -D "$primary" -U postgres -A trust -N -E UTF8 --locale=C.UTF-8 >"$run/initdb.out" 2>&1 ||
        { cat "$run/initdb.out" >&2; die 'initdb failed'; }
    if [[ -e ${bin%/bin}/lib/pg_wait_sampling.so ]]; then preload+=,pg_wait_sampling; fi
    cat >>"$primary/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
port = $primary_port
max_connections = 120
shared_buffers = 64MB
# The data is thrown away, so it need not survive the machine.
fsync = off
full_page_writes = off
wal_level = logical
wal_keep_size = 64MB
max_slot_wal_keep_size = 512MB
wal_receiver_status_interval = 1s
wal_retrieve_retry_interval = 500ms
max_standby_streaming_delay = 30s
shared_preload_libraries = '$preload'
pg_stat_statements.track = all
pg_stat_statements.max = 10000
compute_query_id = on
track_io_timing = on
track_wal_io_timing = on
track_functions = all
track_activity_query_size = 4096
auto_explain.log_min_duration = 50
auto_explain.log_analyze = on
auto_explain.log_buffers = on
logging_collector = on
log_directory = 'log'
log_filename = 'postgresql'
log_destination = 'stderr,csvlog,jsonlog'
log_line_prefix = '%m [%p] %q%u@%d/%a '
log_min_duration_statement = 200
log_checkpoints = on
log_lock_waits = on
log_temp_files = 0
log_autovacuum_min_duration = 0
deadlock_timeout = 200
CONF
    if command -v openssl >/dev/null && openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=localhost \
        -keyout "$primary/server.key" -out "$primary/server.crt" >/dev/null 2>&1; then
        chmod 0600 "$primary/server.key"
        echo 'ssl = on' >>"$primary/postgresql.conf"
    fi
    # One role with a password, so that wrong ones can be told.
    cat >"$primary/pg_hba.conf" <<HBA
host all         observer 127.0.0.1/32 scram-sha-256
host replication all      127.0.0.1/32 trust
host all         all      127.0.0.1/32 trust
HBA
    start_server primary "$primary"
    psql -XqAt -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$primary_port" -U postgres -d postgres >/dev/null <<SQL
CREATE DATABASE bench;
CREATE ROLE app LOGIN;
CREATE ROLE observer LOGIN PASSWORD 'observer' IN ROLE pg_monitor;
CREATE ROLE plain LOGIN;
CREATE ROLE repl LOGIN REPLICATION;
SQL
    on_port "$primary_port" -c 'CREATE EXTENSION pg_stat_statements' -c 'GRANT ALL ON SCHEMA public TO app'
    local extension
    for extension in pg_wait_sampling hypopg postgres_fdw pgstattuple; do
        on_port "$primary_port" -c "CREATE EXTENSION $extension" >/dev/null 2>&1 || true
    done
    pgbench -h 127.0.0.1 -p "$primary_port" -U app -i -s 1 -q bench >"$run/pgbench.out" 2>&1
}

make_replica() {
    rm -rf -- "$replica"
    on_port "$primary_port" -c "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
        WHERE slot_name = 'replica1' AND NOT active" >/dev/null
    pg_basebackup -h 127.0.0.1 -p "$primary_port" -U repl -D "$replica" -X stream -c fast -N -R -C -S replica1 \
        -d 'application_name=replica1' >"$run/basebackup.out" 2>&1 ||
        { cat "$run/basebackup.out" >&2; die 'pg_basebackup failed'; }
    echo "port = $replica_port" >>"$replica/postgresql.auto.conf"
    start_server replica "$replica"
}

make_bouncer() {
    mkdir -p "$bouncer"
    printf '"%s" "%s"\n' postgres '' app '' observer observer >"$bouncer/users"
    cat >"$bouncer/pgbouncer.ini" <<INI
[databases]
bench = host=127.0.0.1 port=$primary_port dbname=bench
bench_ro = host=127.0.0.1 port=$replica_port dbname=bench
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $bouncer_port
unix_socket_dir =
auth_type = trust
auth_file = $bouncer/users
admin_users = postgres
stats_users = observer
pool_mode = transaction
default_pool_size = 4
max_client_conn = 100
query_wait_timeout = 60
stats_period = 5
server_login_retry = 1
ignore_startup_parameters = extra_float_digits,options
logfile = $bouncer/log
pidfile = $bouncer/pid
INI
    start_bouncer
}

thaw_all() { # a stopped process hears no signal but this one
    local data pid
    for data in "$primary" "$replica"; do
        pid=$(postmaster_of "$data")
        if [[ -n $pid ]] && is_up "$data"; then kill -CONT "$pid" 2>/dev/null || true; fi
    done
    pid=$(bouncer_pid)
    if [[ -n $pid ]]; then kill -CONT "$pid" 2>/dev/null || true; fi
}

stop_all() { # MODE
    local data
    if [[ ! -d $run ]]; then return; fi
    thaw_all
    quiet
    stop_bouncer TERM
    for data in "$replica" "$dir"/shard* "$primary"; do stop_server "$data" "$1"; done
}

# Ends everything when its time is over, or whoever wanted it is gone, however that ended.
guard() {
    local end=$((SECONDS + ${FIXTURE_LIMIT:-1800})) owner=${FIXTURE_OWNER:-} pid=
    while ((SECONDS < end)) && [[ -f $dir/ports && (-z $owner || -d /proc/$owner) ]]; do
        pid=$(bouncer_pid)
        sleep 1
    done
    if [[ -n $pid ]] && is_ours "$pid"; then kill "$pid" || true; fi # the servers see themselves that a folder is gone
    if [[ -d $dir ]]; then
        stop_all immediate
        rm -rf -- "${dir:?}"/* || true
        rmdir -- "$dir" 2>/dev/null || true
    fi
}

start() {
    mkdir -p -- "$run"
    chmod 0755 "$dir" "$run"
    if [[ ! -f $dir/ports ]]; then
        local base
        base=$(free_ports 3)
        primary_port=$base replica_port=$((base + 1)) bouncer_port=$((base + 2))
        make_primary
        make_replica
        make_bouncer
        printf 'primary_port=%s replica_port=%s bouncer_port=%s\n' \
            "$primary_port" "$replica_port" "$bouncer_port" >"$dir/ports"
        FIXTURE_SELF=$self setsid bash -c "${BASH_EXECUTION_STRING:-$(<"$self")}" fixture.sh guard "$dir" \
            </dev/null >"$run/guard.out" 2>&1 &
    else
        start_server primary "$primary"
        start_server replica "$replica"
        start_bouncer
    fi
    wait_streaming
}

reset() {
    local state
    thaw_all
    quiet
    start_server primary "$primary"
    if [[ -d $replica ]]; then start_server replica "$replica"; fi
    state=$(on_port "$replica_port" -c 'SELECT pg_is_in_recovery()' 2>/dev/null) || state=f
    if [[ $state == t ]]; then
        on_port "$replica_port" -c 'SELECT pg_wal_replay_resume()' -c 'ALTER SYSTEM RESET recovery_min_apply_delay' >/dev/null
        mend_link
    fi
    if [[ $state != t ]] || ! until_true 10 grep_streaming; then
        stop_server "$replica" immediate
        until_true 10 no_sender || true
        make_replica
    fi
    start_bouncer
    wait_streaming
}
no_sender() { [[ $(on_port "$primary_port" -c "SELECT count(*) FROM pg_stat_replication") == 0 ]]; }

link_to() { # PORT
    on_port "$replica_port" -c "ALTER SYSTEM SET primary_conninfo = 'host=127.0.0.1 port=$1 user=repl application_name=replica1 sslmode=disable'" \
        -c 'SELECT pg_reload_conf()' >/dev/null
}
mend_link() { link_to "$primary_port"; }

promote() {
    pg_ctl -D "$replica" -w -t 30 -s promote
    until_true 10 is_writable
}
is_writable() { [[ $(on_port "$replica_port" -c 'SELECT pg_is_in_recovery()') == f ]]; }

# Children leave by themselves some time after their postmaster; a machine that dies takes them along.
kill_server() { # DATA
    local postmaster file pid all
    postmaster=$(postmaster_of "$1")
    [[ -n $postmaster ]] || return 0
    all=("$postmaster")
    for file in $(grep -lxF "PPid:	$postmaster" /proc/[0-9]*/status 2>/dev/null || true); do
        pid=${file#/proc/}
        all+=("${pid%/status}")
    done
    kill -KILL "${all[@]}" 2>/dev/null || true
    for pid in "${all[@]}"; do until_true 5 has_ended "$pid" || true; done
}

signal() { # NAME PID
    local parent data
    parent=$(sed -n 's/^PPid:\t//p' "/proc/$2/status" 2>/dev/null) || die "no process $2"
    for data in "$primary" "$replica"; do
        if [[ $(postmaster_of "$data") == "$2" || $(postmaster_of "$data") == "$parent" ]]; then
            kill "-$1" "$2"
            return
        fi
    done
    if [[ $(bouncer_pid) == "$2" ]]; then
        kill "-$1" "$2"
        return
    fi
    die "process $2 is none of these servers"
}

hold() { # NAME SQL: a session of the user app with that application_name
    background "$1" psql -XqAt -v ON_ERROR_STOP=1 -d "host=127.0.0.1 port=$primary_port user=app dbname=bench application_name=$1" \
        -c "$2"
}
works() { # NAME CONDITION: the session is there and it is so
    [[ $(on_port "$primary_port" -c "SELECT count(*) FROM pg_stat_activity WHERE application_name = '$1' AND $2") == 1 ]]
}

block() { # SECONDS
    local branch='UPDATE pgbench_branches SET bbalance = bbalance WHERE bid = 1'
    local teller='UPDATE pgbench_tellers SET tbalance = tbalance WHERE tid = 1'
    hold chain-1 "BEGIN; $branch; SELECT pg_sleep($1); ROLLBACK"
    until_true 5 works chain-1 "wait_event = 'PgSleep'"
    hold chain-2 "BEGIN; $teller; $branch; ROLLBACK"
    until_true 5 works chain-2 "wait_event_type = 'Lock'"
    hold chain-3 "BEGIN; $teller; ROLLBACK"
    until_true 5 works chain-3 "wait_event_type = 'Lock'"
    background idler bash -c "{ echo 'BEGIN; SELECT 1 FROM pgbench_accounts LIMIT 1;'; sleep $1; } |
        psql -XqAt -d 'host=127.0.0.1 port=$primary_port user=app dbname=bench application_name=idler'"
    until_true 5 works idler "state = 'idle in transaction'"
}

sessions() { # N SECONDS
    local i
    for ((i = 1; i <= $1; ++i)); do
        background "idle-$i" bash -c "{ echo 'SELECT 1;'; sleep $2; } |
            psql -XqAt -d 'host=127.0.0.1 port=$primary_port user=app dbname=bench application_name=idle-$i'"
    done
    until_true 20 works "idle-$1" "state = 'idle'"
}

# Statements that differ in their shape, cheap to parse: so many columns, so many terms.
statements() { # N
    on_port "$primary_port" <<SQL
DO \$\$
BEGIN
    FOR i IN 0..$1 - 1 LOOP
        EXECUTE 'SELECT 1' || repeat('+1', i % 40) || repeat(',1', i / 40);
    END LOOP;
END \$\$;
SQL
}

shards() { # N
    local i base data
    base=$(free_ports "$1")
    : >"$dir/shards"
    for ((i = 1; i <= $1; ++i)); do
        data=$dir/shard$i
        initdb -D "$data" -U postgres -A trust -N -E UTF8 --locale=C.UTF-8 >"$run/shard$i.out" 2>&1
        cat >>"$data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
port = $((base + i - 1))
max_connections = 20
shared_buffers = 32MB
fsync = off
full_page_writes = off
CONF
        start_server "shard$i" "$data"
        psql -XqAt -h 127.0.0.1 -p $((base + i - 1)) -U postgres -d postgres \
            -c 'CREATE DATABASE bench' -c 'CREATE ROLE app SUPERUSER LOGIN'
        echo $((base + i - 1)) >>"$dir/shards"
    done
}

print_env() {
    local bench='dbname=bench sslmode=disable' i=0 port
    local at="host=127.0.0.1 port=$primary_port $bench"
    cat <<ENV
export TS_LIVE_DIR='$dir' TS_LIVE_FIXTURE='$self'
export TS_LIVE_PRIMARY_PORT=$primary_port TS_LIVE_REPLICA_PORT=$replica_port TS_LIVE_BOUNCER_PORT=$bouncer_port
export TS_LIVE_PRIMARY='$at user=observer password=observer'
export TS_LIVE_REPLICA='host=127.0.0.1 port=$replica_port $bench user=observer password=observer'
export TS_LIVE_BOUNCER='host=127.0.0.1 port=$bouncer_port dbname=pgbouncer sslmode=disable user=observer password=observer'
export TS_LIVE_BOUNCER_ADMIN='host=127.0.0.1 port=$bouncer_port dbname=pgbouncer sslmode=disable user=postgres'
export TS_LIVE_POOLED='host=127.0.0.1 port=$bouncer_port $bench user=app'
export TS_LIVE_SUPER='$at user=postgres' TS_LIVE_PLAIN='$at user=plain' TS_LIVE_APP='$at user=app'
export TS_LIVE_REPLICA_SUPER='host=127.0.0.1 port=$replica_port $bench user=postgres'
export TS_LIVE_LOG='$primary/log/postgresql'
ENV
    if [[ -e $primary/server.crt ]]; then
        echo "export TS_LIVE_TLS='host=127.0.0.1 port=$primary_port dbname=bench user=observer password=observer sslmode=require'"
    fi
    if [[ -f $dir/shards ]]; then
        while read -r port; do
            i=$((i + 1))
            echo "export TS_LIVE_SHARD$i='host=127.0.0.1 port=$port $bench user=app'"
        done <"$dir/shards"
    fi
}

case $verb in
start | reset | quiet | promote | guard) "$verb" ;;
stop) stop_all fast ;;
destroy)
    rm -f -- "$dir/ports"
    stop_all immediate
    rm -rf -- "${dir:?}"/*
    rmdir -- "$dir" 2>/dev/null || true
    ;;
env) print_env ;;
shards) shards "${1:?how many}" ;;
lag)
    case ${1:-} in
    on) on_port "$replica_port" -c 'SELECT pg_wal_replay_pause()' >/dev/null ;;
    off) on_port "$replica_port" -c 'SELECT pg_wal_replay_resume()' >/dev/null ;;
    *) die 'lag on or lag off?' ;;
    esac
    ;;
delay)
    on_port "$replica_port" -c "ALTER SYSTEM SET recovery_min_apply_delay = '${1:?seconds}s'" \
        -c 'SELECT pg_reload_conf()' >/dev/null
    ;;
link)
    case ${1:-} in
    cut) link_to 1 ;;
    mend) mend_link ;;
    *) die 'link cut or link mend?' ;;
    esac
    ;;
kill)
    if [[ ${1:-} == bouncer ]]; then stop_bouncer KILL; else kill_server "$(data_of "${1:-}")"; fi
    ;;
up)
    if [[ ${1:-} == bouncer ]]; then start_bouncer; else start_server "$1" "$(data_of "${1:-}")"; fi
    ;;
freeze) signal STOP "${1:?process}" ;;
thaw) signal CONT "${1:?process}" ;;
write)
    background write pgbench -n -h 127.0.0.1 -p "$primary_port" -U app -c "${2:-2}" -T "${1:?seconds}" bench
    ;;
saturate)
    printf 'SELECT pg_sleep(%s);\n' "${3:?hold}" >"$run/hold.sql"
    background saturate pgbench -n -h 127.0.0.1 -p "$bouncer_port" -U app -c "${1:?clients}" -j 1 -T "${2:?seconds}" \
        -f "$run/hold.sql" bench
    ;;
block) block "${1:?seconds}" ;;
sessions) sessions "${1:?how many}" "${2:?seconds}" ;;
statements) statements "${1:?how many}" ;;
*)
    usage >&2
    exit 2
    ;;
esac
