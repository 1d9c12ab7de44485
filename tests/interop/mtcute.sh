# mtcute (a TypeScript client) against the sandbox, in mtcute's own layer. Installs it below the build directory.
set -u

here=${TGCALLD_SRCDIR:-.}/tests/interop
build=${TGCALLD_BUILDDIR:-.}/tests/interop/mtcute.work
keys=${TGCALLD_SRCDIR:-.}/config/keys

# Without a registry this proves nothing, and says so: only who asks for it by TGCALLD_OFFLINE=1 may go without.
skip() {
    if [ -n "${TGCALLD_OFFLINE:-}" ]; then
        echo "1..0 # SKIP $1"
        exit 0
    fi
    echo "Bail out! $1"
    exit 1
}

command -v node >/dev/null && command -v npm >/dev/null || skip 'node and npm are needed'
mkdir -p "$build" || exit 1
installed=$build/node_modules/.installed
if [ ! -e "$installed" ] || ! cmp -s "$here/mtcute/package-lock.json" "$build/package-lock.json"; then
    cp "$here/mtcute/package.json" "$here/mtcute/package-lock.json" "$build/" || exit 1
    chmod u+w "$build/package.json" "$build/package-lock.json"
    (cd "$build" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >npm.log 2>&1) ||
        skip 'mtcute cannot be installed (no registry?)'
    touch "$installed"
fi
# Modules are looked up from where a script lies.
cp -f "$here"/mtcute/*.mjs "$build/" || exit 1
node "$build/schema.mjs" "$build/node_modules/@mtcute/core/tl/api-schema.json" "$build/mtcute.tl" || exit 1

start() {
    rm -f "$build/ready.json"
    "$@" --listen 127.0.0.1:0 --second 127.0.0.1:0 --control 127.0.0.1:0 --key "$keys/sandbox.pem" \
        --schema "$build/mtcute.tl" >"$build/ready.json" 2>"$build/sandbox.log" &
    sandbox=$!
    for _ in $(seq 100); do
        grep -q ready "$build/ready.json" 2>/dev/null && return 0
        kill -0 "$sandbox" 2>/dev/null || return 1
        sleep 0.1
    done
    kill "$sandbox"
    return 1
}

daemon=${TGCALLD_BUILDDIR:-.}/tgcalld
{ [ -x "$daemon" ] && start "$daemon" sandbox; } || start "${TGCALLD_BUILDDIR:-.}/tests/support/sandbox_host" || {
    sed 's/^/# /' "$build/sandbox.log"
    echo 'Bail out! the sandbox does not start'
    exit 1
}
trap 'kill "$sandbox" 2>/dev/null; wait "$sandbox" 2>/dev/null' EXIT
node "$build/run.mjs" "$build/ready.json" "$keys/sandbox.pub.pem"
status=$?
grep -i error "$build/sandbox.log" | sed 's/^/# /'
exit $status
