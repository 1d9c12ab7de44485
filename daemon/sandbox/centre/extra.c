#include "daemon/sandbox/centre/extra.h"

#include "daemon/sandbox/world/json.h"

static int log_in(struct centres *s, struct world_user *user)
{
    uint8_t bytes[256];
    uint64_t salt;

    random_fill(&s->random, bytes, sizeof(bytes));
    random_fill(&s->random, &salt, sizeof(salt));
    struct mt_auth_key *key = mt_auth_key_new(bytes);
    struct auth *a = key ? keys_add(&s->keys, user->home_dc, key, salt, centres_now_us(s)) : NULL;
    if (!a)
        return TGC_ENOMEM;
    keys_log_in(&s->keys, a, user);
    return 0;
}

int extra_add(struct centres *s, unsigned n)
{
    size_t first = s->world.users_n;
    int err = world_seed_extra(&s->world, n);

    for (size_t i = first; i < s->world.users_n && !err; i++)
        err = log_in(s, s->world.users[i]);
    return err;
}

/* The key that it began with stands last. */
static const struct auth *first_key(const struct keys *k, const struct world_user *user)
{
    const struct auth *first = NULL;

    for (const struct auth *a = keys_of_user(k, user); a; a = a->user_next)
        if (a->filed == user && !a->temporary)
            first = a;
    return first;
}

json_t *extra_list(const struct centres *s)
{
    json_t *list = json_array();

    for (size_t i = 0; i < s->world.users_n; i++) {
        const struct world_user *u = s->world.users[i];
        bool is_extra = u->id > WORLD_EXTRA_ID && u->id <= WORLD_EXTRA_ID + WORLD_EXTRA_MAX;
        const struct auth *a = is_extra ? first_key(&s->keys, u) : NULL;
        if (a)
            json_array_append_new(list,
                                  json_pack("{s:I, s:s, s:i, s:o}", "user", (json_int_t)u->id, "phone", u->phone, "dc",
                                            a->dc, "key", json_from_bytes(a->key->key, sizeof(a->key->key))));
    }
    return list;
}
