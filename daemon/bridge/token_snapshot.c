#include "daemon/bridge/token_snapshot.h"

#include <stdlib.h>

#include "daemon/base/le.h"

enum { TOKENS_MAX = 10000 };

struct token_snapshot *token_snapshot_new(size_t count)
{
    struct token_snapshot *s = calloc(1, sizeof(struct token_snapshot) + count * sizeof(struct token_entry));
    uint32_t size = 2;

    if (!s)
        return NULL;
    while (size < 2 * count)
        size *= 2;
    s->mask = size - 1;
    s->slots = calloc(size, sizeof(*s->slots));
    if (s->slots)
        return s;
    free(s);
    return NULL;
}

static void add(struct token_snapshot *s, const struct token_entry *e)
{
    uint32_t at = le32_load(e->hash) & s->mask;

    while (s->slots[at])
        at = (at + 1) & s->mask;
    s->entries[s->count++] = *e;
    s->slots[at] = (uint32_t)s->count;
}

const struct token_entry *token_snapshot_find(const struct token_snapshot *s, const uint8_t hash[static DIGEST_SIZE])
{
    const struct token_entry *hit = NULL;

    for (uint32_t at = le32_load(hash) & s->mask; s->slots[at]; at = (at + 1) & s->mask) {
        const struct token_entry *e = &s->entries[s->slots[at] - 1];
        if (digest_equal(hash, e->hash, DIGEST_SIZE))
            hit = e;
    }
    return hit;
}

void token_snapshot_free(struct token_snapshot *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->count; i++)
        token_entry_fini(&s->entries[i]);
    free(s->slots);
    free(s);
}

static int read_entry(const json_t *json, json_t *names, struct token_entry *e, struct fault *fault)
{
    int err = token_entry_read(json, e, fault);

    if (!err && json_object_get(names, e->name))
        err = fault_set(fault, TGC_EEXIST, "the name is there twice");
    if (!err && json_object_set_new_nocheck(names, e->name, json_true()) < 0)
        err = fault_set(fault, TGC_ENOMEM, "out of memory");
    if (err)
        token_entry_fini(e);
    return err;
}

static void go_on_with_use(struct token_entry *e, const struct token_snapshot *before)
{
    const struct token_entry *was = token_snapshot_find(before, e->hash);

    if (!was)
        return;
    /* One that is read again may have been used meanwhile where it was written. */
    int64_t read_at = atomic_load(&e->use->at), was_at = atomic_load(&was->use->at);
    while (read_at > was_at && !atomic_compare_exchange_weak(&was->use->at, &was_at, read_at))
        ;
    token_use_drop(e->use);
    e->use = token_use_hold(was->use);
}

int token_snapshot_read(const json_t *json, const struct token_snapshot *before, struct token_snapshot **ret,
                        struct fault *fault)
{
    const json_t *list = json_object_get(json, "tokens");
    size_t count = json_array_size(list);

    if (!json_is_array(list))
        return fault_set(fault, TGC_EINVAL, "an object with a list \"tokens\" was expected");
    if (count > TOKENS_MAX)
        return fault_set(fault, TGC_ELIMIT, "more than %d tokens", TOKENS_MAX);
    struct token_snapshot *s = token_snapshot_new(count);
    json_t *names = json_object();
    int err = s && names ? 0 : fault_set(fault, TGC_ENOMEM, "out of memory");
    for (size_t i = 0; !err && i < count; i++) {
        struct token_entry e;
        err = read_entry(json_array_get(list, i), names, &e, fault);
        if (err) {
            fault_path_index(fault, i);
            fault_path_member(fault, "tokens");
            break;
        }
        go_on_with_use(&e, before);
        add(s, &e);
    }
    json_decref(names);
    if (err)
        token_snapshot_free(s);
    else
        *ret = s;
    return err;
}
