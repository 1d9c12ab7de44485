#include "daemon/mt/salts.h"

#include <string.h>

void salts_set(struct salts *s, uint64_t salt, int64_t server_s)
{
    s->now = salt;
    s->since = server_s;
}

void salts_fill(struct salts *s, const struct future_salt *list, size_t n)
{
    s->n = n < SALTS_MAX ? n : SALTS_MAX;
    memcpy(s->list, list, s->n * sizeof(*list));
}

bool salts_choose(struct salts *s, int64_t server_s)
{
    const struct future_salt *best = NULL;

    for (size_t i = 0; i < s->n; i++) {
        const struct future_salt *f = &s->list[i];
        if (f->since <= server_s && server_s < f->until && f->since > s->since && (!best || f->since > best->since))
            best = f;
    }
    if (!best)
        return false;
    s->since = best->since;
    bool changed = s->now != best->salt;
    s->now = best->salt;
    return changed;
}

size_t salts_left(const struct salts *s, int64_t server_s)
{
    size_t left = 0;

    for (size_t i = 0; i < s->n; i++)
        left += s->list[i].until > server_s;
    return left;
}
