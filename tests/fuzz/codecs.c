/* hex, base64, UTF-8: strict, and exactly inverse. */
#include <string.h>
#include <strings.h>

#include "daemon/base/hex.h"
#include "daemon/base/utf8.h"
#include "daemon/tl/base64.h"
#include "tests/fuzz/fuzz.h"

static void *room(size_t n)
{
    void *p = malloc(n ? n : 1);

    FUZZ_CHECK(p != NULL);
    return p;
}

static void check_base64(const uint8_t *data, size_t len)
{
    size_t n;

    if (tl_base64_decoded_len((const char *)data, len, &n) == 0) {
        uint8_t *bytes = room(n);
        if (tl_base64_decode((const char *)data, len, bytes) == 0) {
            char *text = room(tl_base64_encoded_len(n));
            tl_base64_encode(bytes, n, text);
            FUZZ_CHECK(tl_base64_encoded_len(n) == len && memcmp(text, data, len) == 0);
            free(text);
        }
        free(bytes);
    }
    char *text = room(tl_base64_encoded_len(len));
    uint8_t *back = room(len);
    tl_base64_encode(data, len, text);
    FUZZ_CHECK(tl_base64_decoded_len(text, tl_base64_encoded_len(len), &n) == 0 && n == len);
    FUZZ_CHECK(tl_base64_decode(text, tl_base64_encoded_len(len), back) == 0 && memcmp(back, data, len) == 0);
    free(text);
    free(back);
}

static void check_hex(const uint8_t *data, size_t len)
{
    uint8_t *bytes = room(len / 2), *back = room(len);
    char *text = room(2 * len + 1);

    if (hex_decode((const char *)data, len, bytes, len / 2) == 0) {
        FUZZ_CHECK(len % 2 == 0);
        hex_encode(bytes, len / 2, text);
        FUZZ_CHECK(strncasecmp(text, (const char *)data, len) == 0);
    }
    hex_encode(data, len, text);
    FUZZ_CHECK(hex_decode(text, 2 * len, back, len) == 0 && memcmp(back, data, len) == 0);
    free(bytes);
    free(back);
    free(text);
}

static void check_utf8(const uint8_t *data, size_t len)
{
    bool valid = utf8_is_valid(data, len);

    for (size_t i = 0; valid && i <= len; i++) {
        size_t cut = utf8_cut((const char *)data, i);
        FUZZ_CHECK(cut <= i && i - cut < 4 && utf8_is_valid(data, cut));
    }
    if (valid)
        FUZZ_CHECK(utf8_count((const char *)data, len) <= len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    fuzz_begin();
    if (len > 4096)
        return 0;
    check_base64(data, len);
    check_hex(data, len);
    check_utf8(data, len);
    return 0;
}
