/* The file of tokens: what is loaded is saved and loaded again as the same; a fault changes nothing. */
#include <string.h>

#include "daemon/bridge/tokens.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct tokens *t;
    struct token_grant grant;
    struct fault fault = {0};

    fuzz_begin();
    FUZZ_CHECK(tokens_new(&t) == 0);
    json_t *json = json_loadb((const char *)data, len, JSON_REJECT_DUPLICATES, NULL);
    if (json) {
        int err = tokens_load(t, json, &fault);
        FUZZ_CHECK(!err || (tokens_count(t) == 0 && fault.text[0] != '\0'));
        json_t *saved = tokens_save(t);
        FUZZ_CHECK(saved != NULL && tokens_load(t, saved, &fault) == 0);
        json_t *again = tokens_save(t);
        FUZZ_CHECK(again != NULL && json_equal(saved, again));
        FUZZ_CHECK(json_array_size(json_object_get(saved, "tokens")) == tokens_count(t));
        json_decref(saved);
        json_decref(again);
    }
    json_decref(json);
    FUZZ_CHECK(!tokens_check(t, (const char *)data, len, &grant));
    tokens_free(t);
    return 0;
}
