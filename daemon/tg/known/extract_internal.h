/* The walk that takes the facts out of an answer or an update: for its own files. */
#ifndef TGCALLD_TG_EXTRACT_INTERNAL_H
#define TGCALLD_TG_EXTRACT_INTERNAL_H

#include "daemon/base/limits.h"
#include "daemon/tg/known/facts_internal.h"
#include "daemon/tl/walk.h"

struct fact_walk {
    const struct tg_words *words;
    struct tg_facts *facts;
    struct fact_level {
        enum what what;
        const struct tl_comb *comb;
        const uint8_t *roles;
    } stack[LIMIT_TL_DEPTH + 1];
    unsigned depth;
    /* What is being read; none of them nests in one of its own. */
    struct tg_fact peer, names, call, people, full, small, said;
    struct tg_fact_act act;   /* of the SERVICE message, as is SAID */
    bool is_place;            /* the Peer being read is the chat of that message, and not who sent it */
    struct tg_fact_text name; /* of the USERNAME */
    bool name_active;
    size_t update_call; /* index + 1 of the fact of the call in the updateGroupCall */
    bool update_has_peer, update_has_chat_id;
    enum peer_kind update_kind;
    int64_t update_id;
    size_t names_of_peer; /* where the names of the peer, or of updateUserName, begin */
};

static inline const struct fact_level *fact_walk_top(const struct fact_walk *w)
{
    static const struct fact_level none;

    return w->depth ? &w->stack[w->depth - 1] : &none;
}

static inline enum role fact_role_of(const struct fact_level *level, const struct tl_param *field)
{
    return level->roles && field ? (enum role)level->roles[field - level->comb->params] : NO_ROLE;
}

enum peer_kind fact_peer_kind(enum what what);

/* What the fields say, of the object on top. */
int fact_on_int(void *ctx, const struct tl_param *field, int32_t v);
int fact_on_long(void *ctx, const struct tl_param *field, int64_t v);
int fact_on_double(void *ctx, const struct tl_param *field, double v);
int fact_on_bool(void *ctx, const struct tl_param *field, bool v);
int fact_on_raw(void *ctx, const struct tl_param *field, const uint8_t *v, size_t len);
int fact_on_string(void *ctx, const struct tl_param *field, const uint8_t *v, size_t len);

#endif
