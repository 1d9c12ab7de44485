#include "daemon/worker/schedule_rule.h"

#include "daemon/base/clock.h"

/* A pause doubles from one to the other. */
enum { PAUSE_FIRST_S = 1, PAUSE_MOST_S = 30 };
/* A date that is ten seconds off must be so still when Telegram hears of it. */
enum { LEAD_LEAST_S = SCHEDULE_ANNOUNCE_MIN + 2 };
enum { LOOK_LEAST_S = 60, LOOK_MOST_S = 3600 };

static struct schedule_verdict say(enum schedule_word word)
{
    return (struct schedule_verdict){.word = word};
}

static struct schedule_verdict wait_until(const struct schedule_facts *f, int64_t date)
{
    return (struct schedule_verdict){.word = SCHEDULE_WAIT, .wait_us = date * SECOND_US - f->now_us};
}

static bool is_too_late(const struct schedule_facts *f, int64_t date)
{
    return f->now_us > (date + f->late_max) * SECOND_US;
}

/* What of the occurrences from DUE on can still be held: the newest that has come, else the first that is to come. */
static bool find_kept(const struct schedule_facts *f, int64_t due, int64_t *ret)
{
    int64_t now = f->now_us / SECOND_US, next;

    *ret = due;
    if (is_too_late(f, due) && !f->next(f->dates, now - f->late_max - 1, ret))
        return false;
    /* Whole seconds: what is too late by less than one. */
    while (is_too_late(f, *ret))
        if (!f->next(f->dates, *ret, ret))
            return false;
    while (f->next(f->dates, *ret, &next) && next <= now)
        *ret = next;
    return true;
}

static struct schedule_verdict miss(const struct schedule_facts *f, int64_t due, bool has_kept, int64_t kept)
{
    struct schedule_verdict v = {.word = SCHEDULE_MISS, .at = due, .missed = 1, .cursor = f->now_us / SECOND_US};
    int64_t at = due;

    if (has_kept)
        v.cursor = kept - 1;
    while (v.missed < SCHEDULE_COUNT_MAX && f->next(f->dates, at, &at) && at <= v.cursor)
        v.missed++;
    return v;
}

static struct schedule_verdict begin(int64_t at, bool announces)
{
    return (struct schedule_verdict){.word = SCHEDULE_BEGIN, .at = at, .announces = announces};
}

static bool is_near(const struct schedule_facts *f, int64_t date)
{
    return date * SECOND_US - f->now_us < SCHEDULE_ANNOUNCE_MIN * SECOND_US;
}

static struct schedule_verdict judge_idle(const struct schedule_facts *f)
{
    int64_t due, kept;

    if (!f->next(f->dates, f->cursor, &due))
        return say(SCHEDULE_OVER);
    bool has_kept = find_kept(f, due, &kept);
    if (!has_kept || kept != due)
        return miss(f, due, has_kept, kept);
    if (f->now_us >= due * SECOND_US)
        return begin(due, false);
    if (!f->announce)
        return wait_until(f, due);
    int32_t lead = f->announce > LEAD_LEAST_S ? f->announce : LEAD_LEAST_S;
    if (f->now_us < (due - lead) * SECOND_US)
        return wait_until(f, due - lead);
    return is_near(f, due) ? wait_until(f, due) : begin(due, true);
}

/* A later one has come, so that this one never will. */
static bool is_overtaken(const struct schedule_facts *f)
{
    int64_t next;

    return f->next(f->dates, f->cursor, &next) && f->now_us >= next * SECOND_US;
}

static struct schedule_verdict judge_making(const struct schedule_facts *f)
{
    if (is_too_late(f, f->at) || is_overtaken(f))
        return say(SCHEDULE_GIVE_UP);
    if (f->waits_for_at && f->now_us < f->at * SECOND_US)
        return wait_until(f, f->at);
    if (!f->is_announcing || !is_near(f, f->at))
        return say(SCHEDULE_MAKE);
    return f->now_us < f->at * SECOND_US ? wait_until(f, f->at) : begin(f->at, false);
}

static struct schedule_verdict judge_announced(const struct schedule_facts *f)
{
    if (f->now_us < f->at * SECOND_US)
        return wait_until(f, f->at);
    return say(is_too_late(f, f->at) ? SCHEDULE_GIVE_UP : SCHEDULE_START);
}

/* However late: what is to be ended would run on for ever. */
static struct schedule_verdict judge_running(const struct schedule_facts *f)
{
    struct schedule_verdict v = say(SCHEDULE_END);
    int64_t end = f->started_at + f->end_after, next;

    if (!f->end_after)
        return say(SCHEDULE_GIVE_UP);
    if (f->next(f->dates, f->cursor, &next) && next < end) {
        end = next;
        v.is_cut = true;
    }
    return f->now_us < end * SECOND_US ? wait_until(f, end) : v;
}

struct schedule_verdict schedule_judge(const struct schedule_facts *f)
{
    switch (f->phase) {
    case SCHEDULE_MAKING:
        return judge_making(f);
    case SCHEDULE_ANNOUNCED:
        return judge_announced(f);
    case SCHEDULE_RUNNING:
        return judge_running(f);
    case SCHEDULE_BACK:
        return say(SCHEDULE_TAKE_BACK);
    case SCHEDULE_IDLE:
    default:
        return judge_idle(f);
    }
}

int64_t schedule_pause_us(unsigned tries, int64_t retry_after_s)
{
    int64_t s = tries < 5 ? PAUSE_FIRST_S << tries : PAUSE_MOST_S;

    if (s > PAUSE_MOST_S)
        s = PAUSE_MOST_S;
    return (retry_after_s > s ? retry_after_s : s) * SECOND_US;
}

int64_t schedule_look_again_us(int64_t left_s)
{
    int64_t s = left_s / 8;

    if (s > LOOK_MOST_S)
        s = LOOK_MOST_S;
    else if (s < LOOK_LEAST_S)
        s = LOOK_LEAST_S;
    return (s < left_s ? s : left_s) * SECOND_US;
}
