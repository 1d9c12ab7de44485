/* Schema text: whatever is read as one can be looked up whole. */
#include <string.h>

#include "tests/fuzz/fuzz.h"

static void look_up(const struct tl_schema *s)
{
    size_t n;
    const struct tl_comb *combs = tl_schema_combs(s, &n);

    for (size_t i = 0; i < n; i++) {
        const struct tl_comb *c = &combs[i];
        if (c->is_method) {
            FUZZ_CHECK(tl_find_method(s, c->name) == c);
            FUZZ_CHECK(tl_find_method_id(s, c->id) == c);
        } else {
            FUZZ_CHECK(tl_find_constructor_name(s, c->name) == c);
            FUZZ_CHECK(tl_find_constructor(s, c->id) == c);
        }
        for (unsigned p = 0; p < c->params_n; p++) {
            FUZZ_CHECK(!memchr(tl_json_key(&c->params[p]), '\0', c->params[p].json_key_len));
            FUZZ_CHECK(c->params[p].flag_word < (int)c->params_n);
        }
        if (c->result.kind == TL_OBJECT)
            FUZZ_CHECK(tl_find_type(s, c->result.type->name) == c->result.type);
    }
    FUZZ_CHECK(tl_schema_mismatches(s, NULL) <= n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct tl_schema *s;
    struct fault fault = {0};

    fuzz_begin();
    int err = tl_schema_parse((const char *)data, len, "input", &s, &fault);
    if (!err) {
        look_up(s);
        tl_schema_free(s);
    } else {
        FUZZ_CHECK(fault.err == err && fault.text[0] != '\0');
    }
    return 0;
}
