/* Keys as PEM text. */
#include <string.h>

#include "daemon/crypto/rsa.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct rsa_key *key, *again;
    struct fault fault = {0};
    char *text;

    fuzz_begin();
    int err = rsa_key_parse((const char *)data, len, &key, &fault);
    if (err) {
        FUZZ_CHECK(err == TGC_ESYNTAX || err == TGC_EINVAL);
        FUZZ_CHECK(fault.err == err && fault.text[0] != '\0');
        return 0;
    }
    FUZZ_CHECK(rsa_key_public_pem(key, &text) == 0);
    FUZZ_CHECK(rsa_key_parse(text, strlen(text), &again, NULL) == 0);
    FUZZ_CHECK(rsa_key_fingerprint(key) == rsa_key_fingerprint(again) && !rsa_key_is_private(again));
    free(text);
    rsa_key_free(key);
    rsa_key_free(again);
    return 0;
}
