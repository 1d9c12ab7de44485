#include "tests/unit/bridge/tokens_bed.h"

#include <check.h>

struct tokens *new_tokens(void)
{
    struct tokens *t;

    ck_assert_int_eq(tokens_new(&t), 0);
    return t;
}

int load_text(struct tokens *t, const char *text, struct fault *fault)
{
    json_t *json = json_loads(text, 0, NULL);

    ck_assert_ptr_nonnull(json);
    int err = tokens_load(t, json, fault);
    json_decref(json);
    return err;
}
