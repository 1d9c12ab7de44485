# shellcheck shell=bash
# Gets one client of other people's ready, as the interop tests do: its packages, and its layer as TL text. The last line
# says where. usage: clients.sh mtcute|tdlib|telethon
client=$1
# shellcheck source=tests/interop/common.sh
. "${TGCALLD_SRCDIR:-.}/tests/interop/common.sh"

case $client in
    mtcute)
        install_npm
        node "$work/schema.mjs" "$work/node_modules/@mtcute/core/tl/api-schema.json" "$work/$client.tl" || exit 1
        cp -f "${TGCALLD_SRCDIR:-.}"/tests/bench/mtcute_*.mjs "$work" || exit 1
        ;;
    tdlib) install_npm ;;
    telethon)
        mkdir -p "$work" || exit 1
        /usr/bin/python3 -c 'import telethon' || exit 1
        /usr/bin/python3 "$here/schema.py" "$work/$client.tl" || exit 1
        ;;
    *) exit 2 ;;
esac
echo "$work"
