/* How often a thing may be done for one number: "Authorization", and the errors of auth.sendCode. */
#include <stdio.h>
#include <string.h>

#include "daemon/sandbox/rpc/rpc.h"

enum { WRONG_CODES_MAX = 20, HOUR_S = 3600, DAY_S = 86400 };

static int life_s(enum rpc_limit limit)
{
    return limit == RPC_LIMIT_WRONG_CODES ? HOUR_S : DAY_S;
}

static int max_of(const struct world *w, enum rpc_limit limit)
{
    switch (limit) {
    case RPC_LIMIT_CODES:
        return w->codes_max;
    case RPC_LIMIT_WRONG_PASSWORDS:
        return w->passwords_max;
    case RPC_LIMIT_WRONG_CODES:
    default:
        return WRONG_CODES_MAX;
    }
}

static struct world_flood *find(struct world *w, const char *phone)
{
    for (size_t i = 0; i < WORLD_FLOODS; i++)
        if (strcmp(w->floods[i].phone, phone) == 0)
            return &w->floods[i];
    return NULL;
}

static struct world_count *count_of(struct world_flood *f, enum rpc_limit limit)
{
    return limit == RPC_LIMIT_WRONG_CODES ? &f->wrong_codes
           : limit == RPC_LIMIT_CODES     ? &f->codes
                                          : &f->wrong_passwords;
}

int rpc_limit_left_s(struct world *w, const char *phone, enum rpc_limit limit)
{
    struct world_flood *f = find(w, phone);
    int max = max_of(w, limit);

    if (!f || !max || count_of(f, limit)->n < max)
        return 0;
    int64_t left_s = count_of(f, limit)->since + life_s(limit) - world_now(w);
    return left_s > 0 ? (int)left_s : 0;
}

void rpc_limit_note(struct world *w, const char *phone, enum rpc_limit limit)
{
    struct world_flood *f = find(w, phone);

    if (!f) {
        f = &w->floods[w->floods_at++ % WORLD_FLOODS];
        *f = (struct world_flood){0};
        snprintf(f->phone, sizeof(f->phone), "%s", phone);
    }
    struct world_count *count = count_of(f, limit);
    if (count->since + life_s(limit) <= world_now(w))
        *count = (struct world_count){.since = world_now(w)};
    count->n++;
}

void rpc_limit_forgive(struct world *w, const char *phone, enum rpc_limit limit)
{
    struct world_flood *f = find(w, phone);

    if (f)
        *count_of(f, limit) = (struct world_count){0};
}
