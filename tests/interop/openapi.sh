# shellcheck shell=bash
# A TypeScript client generated from api/openapi.json: its simplest create compiles and runs against the daemon.
client=openapi
# shellcheck source=tests/interop/common.sh
. "${TGCALLD_SRCDIR:-.}/tests/interop/common.sh"

failed=0
told() {
    if [ "$1" = 0 ]; then
        echo "ok $2"
    else
        echo "not ok $2"
        sed 's/^/# /' "$work/$3.log"
        failed=1
    fi
}

compile() {
    cp "$here/create.ts" "$work/" &&
        (cd "$work" && npx --no-install openapi-typescript api.json -o api.ts &&
            npx --no-install tsc --strict --target es2022 --module es2022 --moduleResolution bundler --lib es2022,dom \
                --skipLibCheck --outDir out create.ts globals.d.ts)
}

create() {
    local daemon status=0

    rm -rf "$work/state"
    "${TGCALLD_BUILDDIR:-.}/tgcalld" --sandbox --listen 127.0.0.1:0 --state-dir "$work/state" &
    daemon=$!
    for ((i = 0; i < 1800; i++)); do
        [ ! -e "$work/state/listen" ] || break
        sleep 0.1
    done
    cp "$work/out/create.js" "$work/create.mjs"
    [ "$(node "$work/create.mjs" "$(head -n 1 "$work/state/listen")" "$(cat "$work/state/admin.token")" | tee /dev/stderr)" = '201 true' ] || status=1
    kill "$daemon"
    wait "$daemon" || status=1
    return $status
}

install_npm
cp "${TGCALLD_SRCDIR:-.}/api/openapi.json" "$work/api.json"
echo 'declare const process: { argv: string[] };' >"$work/globals.d.ts"
echo 1..2
compile >"$work/compile.log" 2>&1
told $? '1 - the simplest create compiles' compile
create >"$work/create.log" 2>&1
told $? '2 - the simplest create runs' create
exit $failed
