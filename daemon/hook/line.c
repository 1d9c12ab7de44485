#include "daemon/hook/line.h"

#include "daemon/base/clock.h"

static void done(struct hook_line *l, uint64_t id)
{
    if (id > l->cursor)
        l->cursor = id;
    l->head = 0;
    l->tries = 0;
    l->due_us = 0;
}

void hook_line_pass(struct hook_line *l, uint64_t id)
{
    done(l, id);
}

void hook_line_try(struct hook_line *l, uint64_t id)
{
    if (l->head == id)
        return;
    l->head = id;
    l->tries = 0;
    l->due_us = 0;
}

void hook_line_hurry(struct hook_line *l)
{
    l->due_us = 0;
}

void hook_line_renew(struct hook_line *l)
{
    l->tries = 0;
    hook_line_hurry(l);
}

enum hook_outcome hook_line_end(struct hook_line *l, const struct hook_line_answer *answer, int64_t now_us,
                                uint32_t draw)
{
    enum hook_outcome outcome = hook_outcome_of(answer->status, ++l->tries);

    if (answer->was_changed && outcome != HOOK_DELIVERED)
        outcome = HOOK_AGAIN;
    l->is_troubled = outcome != HOOK_DELIVERED;
    switch (outcome) {
    case HOOK_DELIVERED:
    case HOOK_FAILED:
        done(l, l->head);
        break;
    case HOOK_GONE:
        l->head = 0;
        l->tries = 0;
        l->due_us = 0;
        break;
    case HOOK_AGAIN:
        l->due_us = now_us + hook_retry_wait_us(l->tries, answer->retry_after_s, draw);
        if (answer->was_changed)
            hook_line_hurry(l);
        break;
    }
    return outcome;
}

bool hook_line_is_due(const struct hook_line *l, int64_t now_us)
{
    return !l->head || now_us >= l->due_us;
}
