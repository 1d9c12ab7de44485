/* The room of schedules: who is there, and when each is looked at. */
#include "daemon/worker/schedule.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/base/meter.h"
#include "daemon/bridge/choose.h"
#include "daemon/worker/schedule_internal.h"

/* What a clock may go wrong before all that wait by it are looked at anew. */
#define DRIFT_US (SECOND_US / 5)

/* Others have their turn in between: dates are reckoned, at a start for all schedules. */
enum { LOOKS_A_TURN = 64 };

/* --- time --- */

static int64_t mono(const struct schedules *room)
{
    return clock_mono_us(room->worker->env.clock);
}

static int64_t time_of(const struct schedules *room, const char *account)
{
    int64_t us;

    (void)schedule_time(room->worker, account, &us);
    return us;
}

int64_t schedule_now_us(const struct schedule *s)
{
    return time_of(s->room, s->owner->account);
}

int32_t schedule_late_max(const struct schedule *s)
{
    int64_t us = s->room->worker->config.late_max_us;

    return s->spec.late_max                         ? s->spec.late_max
           : us > SCHEDULE_ANNOUNCE_MIN * SECOND_US ? (int32_t)(us / SECOND_US)
                                                    : SCHEDULE_ANNOUNCE_MIN;
}

/* --- the timer --- */

static void set_timer(struct schedules *room)
{
    const struct due *first = due_first(&room->line);
    int64_t at_us = first ? first->at_us : INT64_MAX;

    if (first && room->look_us < at_us)
        at_us = room->look_us;
    if (at_us == room->timer_us)
        return;
    room->timer_us = at_us;
    net_timer_set(room->timer, at_us);
}

static void put_at(struct schedule *s, int64_t at_us)
{
    if (due_put(&s->room->line, &s->due, at_us) != 0)
        log_error("worker", "out of memory: the schedule %s stands still until the next start", s->name);
    set_timer(s->room);
}

void schedule_put(struct schedule *s, int64_t in_us)
{
    if (!s->room->is_stopped)
        put_at(s, mono(s->room) + in_us);
}

static void put_all(struct schedule_owner *o)
{
    struct schedule *s;

    o->ahead_us = time_of(o->list->room, o->account) - mono(o->list->room);
    DL_FOREACH (o->list, s)
        if (!s->tries)
            schedule_put(s, 0);
}

/* A clock was set, or Telegram's time became known. */
static void look_at_clocks(struct schedules *room)
{
    for (struct schedule_owner *o = room->owners; o; o = o->hh.next) {
        int64_t off_us = time_of(room, o->account) - mono(room) - o->ahead_us;
        if (off_us > DRIFT_US || off_us < -DRIFT_US)
            put_all(o);
    }
}

static void on_timer(void *ctx)
{
    struct schedules *room = ctx;
    int64_t now_us = mono(room);
    struct due *d;

    room->timer_us = INT64_MAX;
    if (room->is_stopped)
        return;
    if (now_us >= room->look_us) {
        room->look_us = (now_us / SCHEDULES_LOOK_US + 1) * SCHEDULES_LOOK_US;
        look_at_clocks(room);
    }
    for (int n = 0; n < LOOKS_A_TURN && (d = due_take(&room->line, now_us)) != NULL; n++)
        schedule_look((struct schedule *)d);
    set_timer(room);
}

/* --- who is there --- */

struct schedule *schedules_find(struct schedules *room, const char *name)
{
    struct schedule *s;

    HASH_FIND_STR(room->by_name, name, s);
    return s;
}

struct schedule *schedules_find_id(struct schedules *room, int64_t id)
{
    struct schedule *s;

    HASH_FIND(hh_id, room->by_id, &id, sizeof(id), s);
    return s;
}

static struct schedule_owner *get_owner(struct schedules *room, const char *account)
{
    struct schedule_owner *o;

    HASH_FIND_STR(room->owners, account, o);
    if (o || !(o = calloc(1, sizeof(*o))))
        return o;
    snprintf(o->account, sizeof(o->account), "%s", account);
    o->ahead_us = time_of(room, account) - mono(room);
    HASH_ADD_STR(room->owners, account, o);
    if (o->hh.tbl)
        return o;
    free(o);
    return NULL;
}

static void leave_owner(struct schedules *room, struct schedule_owner *o)
{
    if (o->list)
        return;
    HASH_DEL(room->owners, o);
    free(o);
}

static bool add_to_tables(struct schedules *room, struct schedule *s)
{
    HASH_ADD_STR(room->by_name, name, s);
    if (!s->hh.tbl)
        return false;
    HASH_ADD(hh_id, room->by_id, id, sizeof(s->id), s);
    if (s->hh_id.tbl)
        return true;
    HASH_DEL(room->by_name, s);
    return false;
}

struct schedule *schedules_add(struct schedules *room, const char *account, const char *name, int64_t id,
                               struct schedule_spec *spec)
{
    struct schedule_owner *o = get_owner(room, account);
    struct schedule *s = o ? calloc(1, sizeof(*s)) : NULL;

    if (s) {
        s->room = room;
        s->owner = o;
        s->id = id;
        s->counted = -1;
        snprintf(s->name, sizeof(s->name), "%s", name);
    }
    if (!s || !add_to_tables(room, s)) {
        schedule_spec_fini(spec);
        free(s);
        if (o)
            leave_owner(room, o);
        return NULL;
    }
    s->spec = *spec;
    *spec = (struct schedule_spec){0};
    DL_APPEND(o->list, s);
    return s;
}

static void answer_gone(const struct schedule *s, struct job *job)
{
    if (job)
        op_reply_problem(job, s->room->is_stopped ? problem_stopping(true) : choose_no_schedule(schedule_own_name(s)));
}

void schedule_answer_gone(struct schedule *s)
{
    struct job *job = s->asked;

    s->asked = NULL;
    answer_gone(s, job);
    while ((job = s->pending) != NULL) {
        s->pending = job->next;
        job->next = NULL;
        answer_gone(s, job);
    }
}

static void count_out(struct schedule *s)
{
    if (s->counted >= 0)
        meter_add(s->room->worker->env.meter, (enum meter_number)s->counted, -1);
    s->counted = -1;
}

void schedule_be_gone(struct schedule *s)
{
    count_out(s);
    HASH_DEL(s->room->by_name, s);
    s->is_gone = true;
}

int schedule_give_name_up(struct schedule *s)
{
    if (json_object_set_new(s->order, "name", json_string(s->name)) < 0)
        return TGC_ENOMEM;
    schedule_be_gone(s);
    /* No client's can be such. */
    snprintf(s->name, sizeof(s->name), "~%016" PRIx64, (uint64_t)s->id);
    return 0;
}

void schedule_take_name_back(struct schedule *s)
{
    snprintf(s->name, sizeof(s->name), "%s", schedule_own_name(s));
    (void)json_object_del(s->order, "name");
    HASH_ADD_STR(s->room->by_name, name, s);
    s->is_gone = !s->hh.tbl;
    schedule_recount(s);
}

const char *schedule_own_name(const struct schedule *s)
{
    const char *name = json_string_value(json_object_get(s->order, "name"));

    return name ? name : s->name;
}

void schedule_drop(struct schedule *s)
{
    struct schedules *room = s->room;

    own_job_leave(s->own);
    schedule_answer_gone(s);
    count_out(s);
    due_drop(&room->line, &s->due);
    if (!s->is_gone)
        HASH_DEL(room->by_name, s);
    HASH_DELETE(hh_id, room->by_id, s);
    DL_DELETE(s->owner->list, s);
    leave_owner(room, s->owner);
    schedule_spec_fini(&s->spec);
    json_decref(s->order);
    json_decref(s->last);
    free(s->why);
    free(s);
    set_timer(room);
}

/* --- what is known of one --- */

bool schedule_is_busy(const struct schedule *s)
{
    return s->own || s->is_writing;
}

enum schedule_state schedule_state(const struct schedule *s)
{
    struct schedule_why why;
    int64_t next;

    if (schedule_hold_why(s, &why))
        return SCHEDULE_SAYS_PAUSED;
    if (s->phase == SCHEDULE_ANNOUNCED)
        return SCHEDULE_SAYS_ANNOUNCED;
    if (s->phase == SCHEDULE_RUNNING)
        return SCHEDULE_SAYS_RUNNING;
    return s->phase == SCHEDULE_MAKING || schedule_spec_next(&s->spec, s->cursor, &next) ? SCHEDULE_SAYS_WAITING
                                                                                         : SCHEDULE_SAYS_DONE;
}

void schedule_recount(struct schedule *s)
{
    int number = METER_SCHEDULE_WAITING + (int)schedule_state(s);

    if (number == s->counted || s->is_gone)
        return;
    count_out(s);
    s->counted = number;
    meter_add(s->room->worker->env.meter, (enum meter_number)number, 1);
}

/* --- the room --- */

void schedules_account_changed(struct schedules *room, struct tg_account *account)
{
    struct schedule_owner *o;
    struct schedule *s;

    if (tg_account_state(account) != TG_ACCOUNT_READY || room->is_stopped)
        return;
    HASH_FIND_STR(room->owners, tg_account_name(account), o);
    if (!o)
        return;
    DL_FOREACH (o->list, s)
        s->tries = 0;
    put_all(o);
}

/* An announcement waits for the end of a call that was there before. */
void schedules_call_told(struct schedules *room, const struct tg_account *account, const struct tg_call *call)
{
    struct schedule_owner *o;
    struct schedule *s;

    if (!room->owners || call->state != TG_CALL_DISCARDED || !call->has_peer)
        return;
    HASH_FIND_STR(room->owners, tg_account_name(account), o);
    if (!o)
        return;
    DL_FOREACH (o->list, s)
        if (s->phase == SCHEDULE_MAKING && s->spec.peer == peer_marked_id(call->peer_kind, call->peer_id))
            schedule_put(s, 0);
}

void schedules_forget_account(struct schedules *room, const char *account)
{
    struct schedule_owner *o;

    HASH_FIND_STR(room->owners, account, o);
    for (struct schedule *s = o ? o->list : NULL, *next; s; s = next) {
        next = s->next;
        schedule_drop(s);
    }
}

void schedules_go_on(struct schedules *room)
{
    for (struct schedule *s = room->by_id; s; s = s->hh_id.next)
        schedule_put(s, 0);
}

void schedules_stop(struct schedules *room)
{
    room->is_stopped = true;
    for (struct schedule *s = room->by_id; s; s = s->hh_id.next)
        schedule_answer_gone(s);
}

bool schedules_are_kept(const struct schedules *room)
{
    return !room->asked_n;
}

int schedules_new(struct worker *w, struct schedules **ret)
{
    struct schedules *room = calloc(1, sizeof(*room));

    if (!room)
        return TGC_ENOMEM;
    room->worker = w;
    room->timer_us = INT64_MAX;
    if (net_timer_new(w->loop, on_timer, room, &room->timer) != 0) {
        free(room);
        return TGC_ENOMEM;
    }
    *ret = room;
    return 0;
}

void schedules_free(struct schedules *room)
{
    if (!room)
        return;
    room->is_stopped = true;
    while (room->by_id)
        schedule_drop(room->by_id);
    net_timer_free(room->timer);
    due_fini(&room->line);
    free(room);
}
