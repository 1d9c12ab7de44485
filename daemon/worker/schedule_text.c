/* A schedule as it is shown. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/worker/schedule_internal.h"
#include "daemon/worker/peer_json.h"
#include "daemon/worker/tell_events.h"

enum { UPCOMING = 5 };

const char *schedule_state_text(enum schedule_state state)
{
    static const char *const texts[] = {[SCHEDULE_SAYS_WAITING] = "waiting",
                                        [SCHEDULE_SAYS_ANNOUNCED] = "announced",
                                        [SCHEDULE_SAYS_RUNNING] = "running",
                                        [SCHEDULE_SAYS_DONE] = "done",
                                        [SCHEDULE_SAYS_PAUSED] = "paused"};

    return texts[state];
}

static bool is_ahead(const struct schedule *s)
{
    return s->phase == SCHEDULE_MAKING || s->phase == SCHEDULE_ANNOUNCED;
}

static json_t *upcoming_of(const struct schedule *s)
{
    json_t *list = json_array();
    int64_t at = s->cursor;
    struct schedule_dates dates;

    if (is_ahead(s))
        json_array_append_new(list, json_integer(s->at));
    if (schedule_dates_open(&s->spec, &dates, NULL) != 0)
        return list;
    while (json_array_size(list) < UPCOMING && schedule_dates_next(&dates, at, &at))
        if (json_array_append_new(list, json_integer(at)) < 0)
            break;
    schedule_dates_close(&dates);
    return list;
}

json_t *schedule_json(const struct schedule *s)
{
    json_t *o = json_pack("{s:s, s:s}", "name", schedule_own_name(s), "account", s->owner->account);
    json_t *spec = schedule_spec_json(&s->spec), *upcoming = upcoming_of(s);
    struct schedule_why why;
    char call[24];
    enum peer_kind kind;
    int64_t id;

    if (!o || !spec || !upcoming || json_object_update(o, spec) < 0) {
        json_decref(o);
        json_decref(spec);
        json_decref(upcoming);
        return NULL;
    }
    json_decref(spec);
    if (peer_marked_id_parse(s->spec.peer, &kind, &id) == 0)
        json_object_set_new(o, "peer", peer_json(kind, id));
    json_object_set_new(o, "late_max", json_integer(schedule_late_max(s)));
    json_object_set_new(o, "state", json_string(schedule_state_text(schedule_state(s))));
    if (schedule_hold_why(s, &why)) {
        json_object_set_new(o, "reason", json_string(why.reason));
        json_object_set_new(o, "remedy", json_string(why.remedy));
    } else if (schedule_unannounced(s)) {
        json_object_set_new(o, "reason",
                            json_sprintf("its next call could not be announced, and is made at its time: %s",
                                         schedule_unannounced(s)));
    }
    if (json_array_size(upcoming))
        json_object_set(o, "next_at", json_array_get(upcoming, 0));
    json_object_set_new(o, "upcoming", upcoming);
    if (s->call_id) {
        snprintf(call, sizeof(call), "%" PRId64, s->call_id);
        json_object_set_new(o, "call", json_string(call));
    }
    if (s->last)
        json_object_set(o, "last", s->last);
    if (s->skipped_at)
        json_object_set_new(o, "skipped", json_integer(s->skipped_at));
    return o;
}

json_t *schedule_problem_json(const struct problem *p)
{
    static const char *const members[] = {"type", "title", "status", "detail", "remedy", "telegram"};
    json_t *all = NULL, *o = json_object();
    struct buf text;

    buf_init(&text, LIMIT_JSON_TEXT);
    if (p && problem_text(p, NULL, &text) == 0)
        all = json_loadb((const char *)text.data, text.len, JSON_ALLOW_NUL, NULL);
    buf_fini(&text);
    for (size_t i = 0; all && i < sizeof(members) / sizeof(members[0]); i++)
        if (json_object_get(all, members[i]))
            json_object_set(o, members[i], json_object_get(all, members[i]));
    if (!all) {
        json_decref(o);
        o = NULL;
    }
    json_decref(all);
    return o;
}

void schedule_note(struct schedule *s, int64_t at, const char *outcome, int64_t call, json_t *problem, int missed)
{
    json_t *last = json_pack("{s:I, s:s, s:o*}", "at", (json_int_t)at, "outcome", outcome, "problem", problem);
    char id[24];

    snprintf(id, sizeof(id), "%" PRId64, call);
    if (last && call)
        json_object_set_new(last, "call", json_string(id));
    if (last && missed)
        json_object_set_new(last, "missed", json_integer(missed));
    json_decref(s->last);
    s->last = last;
}

void schedule_tell(const struct schedule *s, const char *what, int64_t at, int n)
{
    struct tell_events *tell = s->room->worker->tell;
    json_t *o = tell ? schedule_json(s) : NULL;
    char *text = o ? json_dumps(o, JSON_COMPACT) : NULL;

    json_decref(o);
    if (text)
        tell_schedule(tell, s->owner->account, what, at, n, text);
    free(text);
}
