#include "tests/unit/mt/support.h"

#include <stdlib.h>
#include <string.h>

static void fill(void *ctx, void *out, size_t len)
{
    struct script *s = ctx;

    for (size_t i = 0; i < s->n; i++) {
        if (!s->entries[i].used && s->entries[i].len == len) {
            s->entries[i].used = true;
            memcpy(out, s->entries[i].data, len);
            return;
        }
    }
    random_fill(&s->rest, out, len);
    if (s->leading_zeros && len >= 16)
        ((uint8_t *)out)[0] = 0;
}

void script_init(struct script *s, uint64_t seed)
{
    memset(s, 0, sizeof(*s));
    random_seeded_init(&s->seeded, seed);
    s->rest = random_seeded_source(&s->seeded);
    s->source = (struct random_source){fill, s};
}

void script_add(struct script *s, const json_t *object, const char *key, size_t len)
{
    size_t got;

    if (!json_object_get(object, key))
        return;
    uint8_t *bytes = unit_json_hex(object, key, &got);
    ck_assert_uint_le(got, len);
    uint8_t *data = calloc(1, len);
    memcpy(data, bytes, got);
    free(bytes);
    s->entries[s->n].data = data;
    s->entries[s->n++].len = len;
}

void script_fini(struct script *s)
{
    for (size_t i = 0; i < s->n; i++)
        free(s->entries[i].data);
    s->n = 0;
}

void check_bytes(const void *got, size_t got_len, const void *want, size_t want_len, const char *what)
{
    ck_assert_msg(got_len == want_len, "%s: %zu bytes, expected %zu", what, got_len, want_len);
    for (size_t i = 0; i < want_len; i++) {
        int g = ((const uint8_t *)got)[i], w = ((const uint8_t *)want)[i];
        ck_assert_msg(g == w, "%s: byte %zu is %02x, expected %02x", what, i, (unsigned)g, (unsigned)w);
    }
}
