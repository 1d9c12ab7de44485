#include "daemon/sandbox/centre/stored.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/le.h"
#include "daemon/base/table.h"

enum create_id {
    CREATE_GROUP_CALL = 0x48cdc6d8,
    INPUT_PEER_CHAT = 0x35a95cb9,
    INPUT_PEER_CHANNEL = 0x27bcbbfc,
};

enum {
    PEER_AT = 8,                     /* behind the method's id and its flags */
    PLACES_MAX = 8,                  /* where an answer names the calls */
    FIRST_ID_BIT = 24,               /* the bits below are the call's place in the world */
    KEY_MAX = STORED_QUERY_MAX + 12, /* and who asks, in which layer */
};

/* Who asks, in which layer, for what: the query without its random_id. */
struct stored_key {
    uint8_t bytes[KEY_MAX];
    size_t len;
};

struct stored_place {
    uint16_t at;
    bool of_ended;
};

struct stored_item {
    UT_hash_handle hh;
    struct stored_key key;
    int64_t ended, made; /* the ids that it said last */
    struct stored_place places[PLACES_MAX];
    unsigned places_n;
    size_t len;
    uint8_t bytes[];
};

struct stored {
    struct stored_item *by_key;
};

struct stored *stored_new(void)
{
    return calloc(1, sizeof(struct stored));
}

static void clear(struct stored *t)
{
    struct stored_item *a, *next;

    HASH_ITER (hh, t->by_key, a, next) {
        HASH_DEL(t->by_key, a);
        free(a);
    }
}

void stored_free(struct stored *t)
{
    if (t)
        clear(t);
    free(t);
}

/* Where the random_id stands in a create; 0: it is none, or of another form. */
static size_t random_id_at(const uint8_t *query, size_t len)
{
    size_t at = 0;

    if (len < PEER_AT + 4 || len > STORED_QUERY_MAX || le32_load(query) != CREATE_GROUP_CALL)
        return 0;
    if (le32_load(query + PEER_AT) == INPUT_PEER_CHAT)
        at = PEER_AT + 4 + 8;
    else if (le32_load(query + PEER_AT) == INPUT_PEER_CHANNEL)
        at = PEER_AT + 4 + 16;
    return at + 4 <= len ? at : 0;
}

static void key_put(struct stored_key *k, const void *data, size_t len)
{
    memcpy(k->bytes + k->len, data, len);
    k->len += len;
}

static bool key_of(const struct invocation *v, const struct world_user *user, struct stored_key *ret)
{
    size_t at = random_id_at(v->q.data, v->q.len);

    if (!at || !user)
        return false;
    ret->len = 0;
    key_put(ret, &user->id, sizeof(user->id));
    key_put(ret, &v->q.layer, sizeof(v->q.layer));
    key_put(ret, v->q.data, at);
    key_put(ret, v->q.data + at + 4, v->q.len - at - 4);
    return true;
}

static struct stored_item *find(const struct stored *t, const struct stored_key *k)
{
    struct stored_item *a;

    HASH_FIND(hh, t->by_key, k->bytes, k->len, a);
    return a;
}

bool stored_answer(struct stored *t, struct invocation *v, const struct world_user *user)
{
    struct stored_key key;
    struct stored_item *a = key_of(v, user, &key) ? find(t, &key) : NULL;

    if (!a)
        return false;
    a->ended = a->made;
    a->made += INT64_C(1) << FIRST_ID_BIT;
    for (unsigned i = 0; i < a->places_n; i++)
        le64_store(a->bytes + a->places[i].at, (uint64_t)(a->places[i].of_ended ? a->ended : a->made));
    buf_put(&v->answer, a->bytes, a->len);
    v->is_stored = true;
    return true;
}

/* The 62 bits of an id stand nowhere by chance. False: it does not name both calls, or too often. */
static bool find_places(struct stored_item *a)
{
    bool of_ended = false, of_made = false;

    for (size_t at = 0; at + 8 <= a->len; at += 4) {
        int64_t id = (int64_t)le64_load(a->bytes + at);
        if (id != a->ended && id != a->made)
            continue;
        if (a->places_n == PLACES_MAX)
            return false;
        a->places[a->places_n++] = (struct stored_place){(uint16_t)at, id == a->ended};
        *(id == a->ended ? &of_ended : &of_made) = true;
    }
    return of_ended && of_made;
}

/* The one that its chat had before. */
static const struct world_call *before(const struct world *w, const struct world_call *call)
{
    const struct world_call *latest = NULL;

    for (size_t i = 0; i < w->calls_n && w->calls[i] != call; i++)
        if (w->calls[i]->chat == call->chat)
            latest = w->calls[i];
    return latest;
}

void stored_keep(struct stored *t, const struct invocation *v, const struct world_call *call)
{
    const struct world_call *ended = before(v->rpc.w, call);
    struct stored_key key;

    if (!ended || v->rpc.code || v->answer.err || v->answer.len > STORED_ANSWER_MAX ||
        HASH_COUNT(t->by_key) >= STORED_MAX || !key_of(v, call->creator, &key))
        return;
    struct stored_item *a = malloc(sizeof(*a) + v->answer.len);
    if (!a)
        return;
    *a = (struct stored_item){.key = key, .ended = ended->id, .made = call->id, .len = v->answer.len};
    memcpy(a->bytes, v->answer.data, a->len);
    if (find_places(a)) {
        HASH_ADD_KEYPTR(hh, t->by_key, a->key.bytes, a->key.len, a);
        if (a->hh.tbl)
            return;
    }
    free(a);
}
