/* What each field says of the update, or the container, that is being read. */
#include <string.h>

#include "daemon/tg/updates/split_internal.h"

static enum split_place top(const struct split_walk *w)
{
    return w->depth ? (enum split_place)w->stack[w->depth - 1] : ELSEWHERE;
}

static bool is(const struct tl_param *field, const char *name)
{
    return field && strcmp(field->name, name) == 0;
}

/* Where the object begins whose id was just read. */
static uint32_t begin_offset(const struct split_walk *w)
{
    return (uint32_t)tl_reader_offset(&w->r) - 4;
}

static void begin_item(struct split_walk *w, const struct tl_comb *comb, enum split_what what)
{
    w->item = (struct split_item){.comb = comb, .offset = begin_offset(w), .what = what};
    w->has_pts = w->has_count = w->has_qts = false;
}

static enum split_place begin_update(struct split_walk *w, const struct tl_comb *comb)
{
    enum split_what what = SPLIT_UPDATE;

    if (strcmp(comb->name, "updateChannelTooLong") == 0)
        what = SPLIT_CHANNEL_IS_BEHIND;
    else if (strcmp(comb->name, "updatePtsChanged") == 0)
        what = SPLIT_PTS_CHANGED;
    begin_item(w, comb, what);
    return UPDATE;
}

static enum split_place begin_in_container(struct split_walk *w, const struct tl_comb *comb)
{
    const struct tl_type *type = comb->result.type;
    bool is_new = is(w->vector, "new_messages");

    if (type == w->words->update)
        return begin_update(w, comb);
    if (type == w->words->message && is_new) {
        begin_item(w, comb, SPLIT_MESSAGE);
        return ITEM;
    }
    if (type == w->words->encrypted) {
        begin_item(w, comb, SPLIT_ENCRYPTED);
        return ITEM;
    }
    return type == w->words->state || type == w->words->dialog ? NUMBERS : ELSEWHERE;
}

static enum split_place begin(struct split_walk *w, const struct tl_param *field, const struct tl_comb *comb)
{
    switch (top(w)) {
    case ELSEWHERE:
        if (w->out->kind != SPLIT_NOTHING || w->depth > 1 || split_kind_of(comb) == SPLIT_NOTHING)
            return ELSEWHERE;
        w->out->kind = split_kind_of(comb);
        w->out->comb = comb;
        w->out->offset = begin_offset(w);
        return CONTAINER;
    case CONTAINER:
        return begin_in_container(w, comb);
    case UPDATE:
        return comb->result.type == w->words->message && is(field, "message") ? MESSAGE : ELSEWHERE;
    case MESSAGE:
    case ITEM:
        return is(field, "peer_id") && strcmp(comb->name, "peerChannel") == 0 ? CHANNEL : ELSEWHERE;
    default:
        return ELSEWHERE;
    }
}

static int begin_object(void *ctx, const struct tl_param *field, const struct tl_comb *comb)
{
    struct split_walk *w = ctx;

    if (w->depth >= sizeof(w->stack))
        return TGC_ELIMIT;
    enum split_place place = begin(w, field, comb);
    /* A container is an answer or stands right in it; nothing else is looked for. */
    if (place == ELSEWHERE && w->depth)
        return TL_PASS_OVER;
    w->stack[w->depth++] = (uint8_t)place;
    return 0;
}

/* An update with pts and pts_count moves a sequence: a channel's where it says of which it is. Of one that is of a
 * channel and does not say so none is known to be moved. */
static void judge(struct split_walk *w)
{
    struct split_item *item = &w->item;

    if (item->what != SPLIT_UPDATE)
        return;
    if (w->has_pts && w->has_count) {
        if (item->channel_id)
            item->box = SPLIT_OF_CHANNEL;
        else if (!strstr(item->comb->name, "Channel"))
            item->box = SPLIT_COMMON;
    } else if (w->has_qts) {
        item->box = SPLIT_QTS;
        item->count = 1;
    }
}

static int end_object(void *ctx)
{
    struct split_walk *w = ctx;
    enum split_place place = top(w);

    w->depth--;
    switch (place) {
    case CONTAINER:
        w->out->len = (uint32_t)tl_reader_offset(&w->r) - w->out->offset;
        return 0;
    case UPDATE:
    case ITEM:
        judge(w);
        w->item.len = (uint32_t)tl_reader_offset(&w->r) - w->item.offset;
        return split_put(w->out, &w->item);
    default:
        return 0;
    }
}

static int begin_vector(void *ctx, const struct tl_param *field, uint32_t count)
{
    struct split_walk *w = ctx;

    (void)count;
    if (top(w) != CONTAINER)
        return 0;
    w->vector = field;
    w->vector_at = (uint32_t)tl_reader_offset(&w->r) - 8;
    return is(field, "users") || is(field, "chats") ? TL_PASS_OVER : 0;
}

static int end_vector(void *ctx)
{
    struct split_walk *w = ctx;

    if (top(w) != CONTAINER)
        return 0;
    uint32_t len = (uint32_t)tl_reader_offset(&w->r) - w->vector_at;
    if (is(w->vector, "users")) {
        w->out->users = w->vector_at;
        w->out->users_len = len;
    } else if (is(w->vector, "chats")) {
        w->out->chats = w->vector_at;
        w->out->chats_len = len;
    }
    w->vector = NULL;
    return 0;
}

static void take_of_update(struct split_walk *w, const struct tl_param *field, int32_t v)
{
    if (is(field, "pts")) {
        w->item.pts = v;
        w->has_pts = true;
    } else if (is(field, "pts_count")) {
        w->item.count = v;
        w->has_count = true;
    } else if (is(field, "qts")) {
        w->item.pts = v;
        w->has_qts = true;
    }
}

static void take_number(struct split *s, const struct tl_param *field, int32_t v)
{
    static const struct {
        const char *name;
        size_t at;
    } numbers[] = {
        {"pts", offsetof(struct split, pts)},
        {"pts_count", offsetof(struct split, pts_count)},
        {"qts", offsetof(struct split, qts)},
        {"date", offsetof(struct split, date)},
        {"seq_start", offsetof(struct split, seq_start)},
        {"seq", offsetof(struct split, seq)},
        {"timeout", offsetof(struct split, timeout)},
    };

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        if (is(field, numbers[i].name))
            memcpy((char *)s + numbers[i].at, &v, sizeof(v));
}

static int on_int(void *ctx, const struct tl_param *field, int32_t v)
{
    struct split_walk *w = ctx;

    switch (top(w)) {
    case UPDATE:
        take_of_update(w, field, v);
        break;
    case CONTAINER:
    case NUMBERS:
        take_number(w->out, field, v);
        break;
    default:
        break;
    }
    return 0;
}

static int on_long(void *ctx, const struct tl_param *field, int64_t v)
{
    struct split_walk *w = ctx;
    enum split_place place = top(w);

    if (place == CHANNEL || (place == UPDATE && is(field, "channel_id")))
        w->item.channel_id = v;
    return 0;
}

static int on_double(void *ctx, const struct tl_param *field, double v)
{
    (void)ctx, (void)field, (void)v;
    return 0;
}

static int on_bool(void *ctx, const struct tl_param *field, bool v)
{
    struct split_walk *w = ctx;

    if (top(w) == CONTAINER && is(field, "final"))
        w->out->final = v;
    return 0;
}

static int on_bytes(void *ctx, const struct tl_param *field, const uint8_t *v, size_t len)
{
    (void)ctx, (void)field, (void)v, (void)len;
    return 0;
}

const struct tl_visitor split_visitor = {begin_object, end_object, begin_vector, end_vector, on_int,  on_long,
                                         on_double,    on_bool,    on_bytes,     on_bytes,   on_bytes};
