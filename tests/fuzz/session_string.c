/* Session strings: what is read is within its ranges, is written again as the same, and is refused with a reason that
 * can be shown. The first byte chooses the format. */
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/base/utf8.h"
#include "daemon/tg/strings/session_string.h"
#include "tests/fuzz/fuzz.h"

static void check_again(enum session_format format, const struct session_string *s)
{
    struct session_string again;
    struct buf out;

    buf_init(&out, LIMIT_SESSION_STRING);
    if (session_string_encode(format, s, &out, NULL) == 0) {
        FUZZ_CHECK(session_string_decode(format, (const char *)out.data, out.len, &again, NULL) == 0);
        FUZZ_CHECK(memcmp(again.key, s->key, sizeof(s->key)) == 0 && again.dc == s->dc && again.port == s->port);
        FUZZ_CHECK(strcmp(again.address, s->address) == 0 && again.user_id == s->user_id && again.api_id == s->api_id);
        FUZZ_CHECK(again.test == s->test && (again.bot == s->bot || s->user_id == 0));
    }
    buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct session_string s;
    struct fault fault = {0};

    fuzz_begin();
    if (len == 0)
        return 0;
    enum session_format format = (enum session_format)(data[0] % SESSION_FORMATS);
    if (session_string_decode(format, (const char *)data + 1, len - 1, &s, &fault) != 0) {
        FUZZ_CHECK(fault.text[0] && utf8_count(fault.text, strlen(fault.text)) == strlen(fault.text));
        return 0;
    }
    FUZZ_CHECK(s.dc >= 1 && s.dc <= 255 && s.user_id >= 0 && s.api_id >= 0);
    FUZZ_CHECK(memchr(s.address, '\0', sizeof(s.address)));
    check_again(format, &s);
    return 0;
}
