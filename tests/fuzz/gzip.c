/* Unpacking: bounded, and all or nothing; what is packed comes back. */
#include <string.h>

#include "daemon/base/gzip.h"
#include "tests/fuzz/fuzz.h"

enum { OUT_MAX = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct buf out, packed;
    int zlib = -1;

    fuzz_begin();
    buf_init(&out, OUT_MAX);
    buf_init(&packed, 2 << 20);
    buf_put_text(&out, "before");
    int err = gzip_unpack(data, len, &out, &zlib);
    FUZZ_CHECK(err == 0 || err == TGC_ELIMIT || err == TGC_ESYNTAX || err == TGC_ETRUNCATED || err == TGC_ETRAILING);
    FUZZ_CHECK(out.len >= 6 && out.len <= OUT_MAX && memcmp(out.data, "before", 6) == 0 && buf_err(&out) == 0);
    FUZZ_CHECK(!err || out.len == 6);
    FUZZ_CHECK(err || zlib == 0 || zlib == 1);
    if (len < OUT_MAX) {
        buf_reset(&out);
        FUZZ_CHECK(gzip_pack(data, len, &packed) == 0);
        FUZZ_CHECK(gzip_unpack(packed.data, packed.len, &out, NULL) == 0);
        FUZZ_CHECK(out.len == len && (len == 0 || memcmp(out.data, data, len) == 0));
    }
    buf_fini(&out);
    buf_fini(&packed);
    return 0;
}
