# shellcheck shell=bash
# What the runs of other people's clients share. Sourced with $client set to the client's name, and $folder to where
# below tests/ its files are, unless that is interop.
set -u
: "${client:?}"

folder=${folder:-interop}
sources=${TGCALLD_SRCDIR:-.}/tests/$folder
here=$sources/$client
work=${TGCALLD_BUILDDIR:-.}/tests/$folder/$client.work
keys=${TGCALLD_SRCDIR:-.}/config/keys
sandbox=
run=

# Without the client this proves nothing, and says so: only who asks for it by TGCALLD_OFFLINE=1 may go without.
skip() {
    if [ -n "${TGCALLD_OFFLINE:-}" ]; then
        echo "1..0 # SKIP $1"
        exit 0
    fi
    echo "Bail out! $1"
    exit 1
}

fetch_npm() {
    (cd "$work" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >npm.log 2>&1)
}

# The packages of package-lock.json and the client's scripts, side by side: modules are looked up from where a script lies.
install_npm() {
    local script installed=$work/node_modules/.installed

    { command -v node && command -v npm; } >/dev/null || skip 'node and npm are needed'
    mkdir -p "$work" || exit 1
    # Another test of the client may be at it, or run what is there: that is left as it is.
    exec 9>"$work/.lock"
    flock 9 || exit 1
    if [ ! -e "$installed" ] || ! cmp -s "$here/package-lock.json" "$work/package-lock.json"; then
        cp "$here/package.json" "$here/package-lock.json" "$work/" || exit 1
        chmod u+w "$work/package.json" "$work/package-lock.json"
        # A registry may be away for a moment.
        fetch_npm || fetch_npm || fetch_npm || {
            tail -n 20 "$work/npm.log" | sed 's/^/# /'
            skip "$client cannot be installed (no registry?)"
        }
        touch "$installed"
    fi
    for script in "$here"/*.mjs "$sources"/*.mjs; do
        [ ! -e "$script" ] || cmp -s "$script" "$work/${script##*/}" || cp -f "$script" "$work/" || exit 1
    done
    exec 9>&-
}

start_one() {
    local line schema="$work/$client.tl"

    if [ -e "$schema" ]; then
        set -- "$@" --schema "$schema"
    fi
    rm -f "$work/ready"
    mkfifo "$work/ready" || exit 1
    "$@" --listen 127.0.0.1:0 --second 127.0.0.1:0 --control 127.0.0.1:0 --key "$keys/sandbox.pem" \
        >"$work/ready" 2>"$work/sandbox.log" &
    sandbox=$!
    # Its one line, or its end.
    if read -r -t 180 line <"$work/ready"; then
        printf '%s\n' "$line" >"$work/ready.json"
    else
        kill "$sandbox" 2>/dev/null
        return 1
    fi
}

stop_sandbox() {
    local status=0

    [ -n "$sandbox" ] || return 0
    kill "$sandbox" 2>/dev/null
    wait "$sandbox" || status=$?
    sandbox=
    return $status
}

stop_all() {
    [ -z "$run" ] || kill "$run" 2>/dev/null
    stop_sandbox
}

# A sandbox that speaks $work/$client.tl too, where there is one; it says where it listens in $work/ready.json.
start_sandbox() {
    local daemon=${TGCALLD_BUILDDIR:-.}/tgcalld

    start_one "$daemon" sandbox || {
        sed 's/^/# /' "$work/sandbox.log"
        echo 'Bail out! the sandbox does not start'
        exit 1
    }
    trap stop_all EXIT
}

# Its status is the run's; a sandbox that does not end cleanly (leaks under a sanitizer, say) is a failure too.
run_client() {
    local status=0

    # Waited for, so that a signal to this shell ends it too.
    "$@" "$work/ready.json" "$keys/sandbox.pub.pem" &
    run=$!
    wait "$run" || status=$?
    run=
    stop_sandbox || {
        echo '# the sandbox failed'
        status=1
    }
    grep -i error "$work/sandbox.log" | sed 's/^/# /'
    return $status
}
