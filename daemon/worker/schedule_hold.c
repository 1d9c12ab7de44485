/* What keeps a schedule from going on, whatever its dates are. */
#include <stdio.h>

#include "daemon/base/log.h"
#include "daemon/worker/schedule_internal.h"

/* Looks again after so long: the network's first word of the time is told to nobody, nor is what the system does to
 * its zones. */
#define TIME_LOOK_US SECOND_US
#define DATES_LOOK_US (60 * SECOND_US)

static struct tg_account *account_of(const struct schedule *s)
{
    return accounts_find(&s->room->worker->accounts, s->owner->account);
}

bool schedule_is_of_another(const struct schedule *s)
{
    const struct tg_account *a = account_of(s);
    int64_t self = a ? tg_account_self_id(a) : 0;

    return s->user_id && self && self != s->user_id;
}

void schedule_be_of_user(struct schedule *s)
{
    const struct tg_account *a = account_of(s);

    if (a && tg_account_self_id(a))
        s->user_id = tg_account_self_id(a);
}

bool schedule_hold_why(const struct schedule *s, struct schedule_why *ret)
{
    struct schedule_dates dates;
    struct fault fault = {0};

    if (schedule_is_of_another(s)) {
        snprintf(ret->reason, sizeof(ret->reason), "the account is logged in as another user than when this was made");
        ret->remedy = "Change it with PATCH to have it for this user (peer, where he does not know the chat), or "
                      "forget it with DELETE";
        return true;
    }
    int err = schedule_dates_open(&s->spec, &dates, &fault);
    if (!err) {
        schedule_dates_close(&dates);
        return false;
    }
    if (err == TGC_ENOMEM)
        return false;
    snprintf(ret->reason, sizeof(ret->reason), "its dates cannot be reckoned: %s", fault.text);
    ret->remedy = "Bring the zone back (package tzdata-legacy has the old names), or PATCH timezone to another";
    return true;
}

/* What is told is what became of it since the process began. */
static void be_held(struct schedule *s, bool is_held)
{
    struct schedule_why why;

    if (is_held == s->is_held)
        return;
    s->is_held = is_held;
    schedule_recount(s);
    if (s->is_gone)
        return;
    if (is_held && schedule_hold_why(s, &why))
        log_warning("worker", "the schedule %s waits: %s", s->name, why.reason);
    schedule_tell(s, "changed", 0, 0);
}

bool schedule_is_held(struct schedule *s, struct schedule_dates *ret)
{
    const struct tg_account *a = account_of(s);
    int64_t us;

    *ret = (struct schedule_dates){0};
    if (schedule_is_of_another(s)) { /* until the account changes */
        if (s->is_gone)
            schedule_forget_back(s);
        else
            be_held(s, true);
        return true;
    }
    if (!schedule_time(s->room->worker, s->owner->account, &us)) {
        if (a && tg_account_state(a) == TG_ACCOUNT_READY)
            schedule_put(s, TIME_LOOK_US);
        return true;
    }
    if (!s->user_id && a && tg_account_self_id(a)) { /* of an earlier version */
        schedule_be_of_user(s);
        schedule_keep(s);
        return true;
    }
    if (s->phase == SCHEDULE_BACK) /* by no date */
        return false;
    if (schedule_dates_open(&s->spec, ret, NULL) != 0) {
        schedule_put(s, DATES_LOOK_US);
        be_held(s, true);
        return true;
    }
    be_held(s, false);
    return false;
}
