/* RFC 3339 and durations. */
#include <string.h>

#include "daemon/base/time_text.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct feed f = {data, data + len};
    int64_t v = 0;

    fuzz_begin();
    if (time_rfc3339_parse((const char *)data, len, &v) == 0) {
        /* Years 0000 to 9999, and a day for the offset. */
        FUZZ_CHECK(v >= INT64_C(-62167219200) - 86400 && v <= INT64_C(253402300799) + 86400);
        FUZZ_CHECK(len >= strlen("2026-01-31T12:00:00Z"));
    }
    char *text = feed_text(&f);
    if (time_duration_parse(text, &v) == 0)
        FUZZ_CHECK(v >= 0);
    free(text);
    return 0;
}
