/* A session and its server over a careless network, both driven by the input: each request ends once, with its own
 * answer. See tests/unit/mt/chaos.h. */
#include "tests/fuzz/fuzz.h"
#include "tests/unit/mt/chaos.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    fuzz_begin();
    if (len <= CHAOS_BYTES_MAX)
        chaos_run(data, len);
    return 0;
}
