#include "daemon/bridge/event.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/event_type.h"

/* Events are freed when hundreds have come after them: each by itself, they would leave holes among all else that is
 * allocated, and cost more than they do to write. */
struct event_block {
    atomic_uint refs; /* its events, and who puts more into it */
    size_t used;
    _Alignas(struct event) char bytes[];
};

/* Whoever holds one event holds its block. LARGE: one that has memory of its own, so that little of a block is left
 * over. */
enum { BLOCK_SIZE = 16 << 10, LARGE = BLOCK_SIZE / 4 };

static size_t size_of(const struct event_words *text)
{
    size_t size = sizeof(struct event) + strlen(text->account) + 1 + strlen(text->type) + 1 + text->len + 1;

    return (size + _Alignof(struct event) - 1) / _Alignof(struct event) * _Alignof(struct event);
}

static struct event *fill(struct event *e, struct event_block *block, uint64_t id, const struct event_words *text)
{
    size_t account = strlen(text->account) + 1, type = strlen(text->type) + 1;
    char *data = e->bytes + account + type;

    memcpy(e->bytes, text->account, account);
    memcpy(e->bytes + account, text->type, type);
    memcpy(data, text->data, text->len);
    data[text->len] = '\0';
    atomic_init(&e->refs, 1);
    e->id = id;
    e->block = block;
    e->text = (struct event_words){.account = e->bytes,
                                   .type = e->bytes + account,
                                   .received_at = text->received_at,
                                   .data = data,
                                   .len = text->len};
    return e;
}

struct event *event_new(uint64_t id, const struct event_words *text)
{
    struct event *e = malloc(size_of(text));

    return e ? fill(e, NULL, id, text) : NULL;
}

static void drop_block(struct event_block *block)
{
    if (block && atomic_fetch_sub_explicit(&block->refs, 1, memory_order_acq_rel) == 1)
        free(block);
}

static bool make_block(struct event_block **block)
{
    struct event_block *b = malloc(BLOCK_SIZE);

    if (!b)
        return false;
    atomic_init(&b->refs, 1);
    b->used = sizeof(*b);
    drop_block(*block);
    *block = b;
    return true;
}

struct event *event_new_in(struct event_block **block, uint64_t id, const struct event_words *text)
{
    size_t size = size_of(text);

    if (size > LARGE)
        return event_new(id, text);
    if ((!*block || BLOCK_SIZE - (*block)->used < size) && !make_block(block))
        return NULL;
    struct event_block *b = *block;
    struct event *e = (struct event *)(void *)((char *)b + b->used);
    b->used += size;
    atomic_fetch_add_explicit(&b->refs, 1, memory_order_relaxed);
    return fill(e, b, id, text);
}

void event_block_end(struct event_block **block)
{
    drop_block(*block);
    *block = NULL;
}

struct event *event_new_gap(uint64_t id, uint64_t after, int64_t received_at)
{
    return event_new_gap_of("", id, after, received_at);
}

struct event *event_new_gap_of(const char *account, uint64_t id, uint64_t after, int64_t received_at)
{
    char data[EVENT_GAP_MAX];
    size_t len = event_gap_text(data, after, id, received_at);

    return event_new(
        id, &(struct event_words){
                .account = account, .type = EVENT_TYPE_GAP, .received_at = received_at, .data = data, .len = len});
}

struct event *event_hold(struct event *event)
{
    atomic_fetch_add_explicit(&event->refs, 1, memory_order_relaxed);
    return event;
}

void event_drop(struct event *event)
{
    if (!event || atomic_fetch_sub_explicit(&event->refs, 1, memory_order_acq_rel) != 1)
        return;
    if (event->block)
        drop_block(event->block);
    else
        free(event);
}

size_t event_size(const struct event *event)
{
    return sizeof(*event) + event->text.len;
}
