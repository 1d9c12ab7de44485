/* rpc_error: any bytes give two clean texts. Input: code (u16), the text. */
#include <string.h>

#include "daemon/mt/rpc_error.h"
#include "tests/fuzz/fuzz.h"

static void check_text(const char text[static MT_RPC_ERROR_TEXT_MAX])
{
    FUZZ_CHECK(memchr(text, '\0', MT_RPC_ERROR_TEXT_MAX) != NULL);
    for (; *text; text++)
        FUZZ_CHECK(*text >= 0x20 && *text <= 0x7e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct feed f = {data, data + len};
    struct mt_rpc_error e;
    size_t n;

    fuzz_begin();
    memset(&e, 0xee, sizeof(e));
    int16_t code = (int16_t)feed_u16(&f);
    const uint8_t *text = feed_take(&f, feed_left(&f), &n);
    mt_rpc_error_set(&e, code, text, n);
    FUZZ_CHECK(e.code == code);
    check_text(e.message);
    check_text(e.family);
    FUZZ_CHECK(!e.has_parameter || e.parameter >= 0);
    return 0;
}
