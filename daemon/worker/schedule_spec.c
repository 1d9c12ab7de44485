#include "daemon/worker/schedule_spec.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/calendar/title.h"

static int copy(const json_t *members, const char *name, char **ret)
{
    const char *text = json_string_value(json_object_get(members, name));

    if (!text || !text[0])
        return 0;
    *ret = strdup(text);
    return *ret ? 0 : TGC_ENOMEM;
}

static int64_t number(const json_t *members, const char *name)
{
    return json_integer_value(json_object_get(members, name));
}

static void wrong(struct problem **p, const char *pointer, const char *detail)
{
    if (!*p)
        *p = problem_new(PROBLEM_INVALID_REQUEST, 0, "%s: %s", pointer, detail);
    if (*p)
        problem_add_error(*p, pointer, detail);
}

static const char *zone_of(const struct schedule_spec *s)
{
    return s->timezone ? s->timezone : "UTC";
}

static void judge_at(const struct schedule_spec *s, int64_t now, struct problem **p)
{
    if (s->start || s->rrule)
        wrong(p, s->start ? "/start" : "/rrule", "does not go together with \"at\"");
    else if (now && s->at <= now)
        wrong(p, "/at", "is over already: give a date that is to come");
}

/* TGC_ENOMEM, or 0 with what is wrong, if anything, in P. */
static int judge_rule(const struct schedule_spec *s, int64_t now, struct problem **p)
{
    struct schedule_dates dates;
    struct fault fault = {0};
    int64_t next;

    if (!s->start && !s->rrule) {
        wrong(p, "/at", "is missing: give a date, or \"start\", \"timezone\" and \"rrule\"");
        return 0;
    }
    if (!s->start || !s->timezone || !s->rrule) {
        wrong(p, !s->start ? "/start" : !s->timezone ? "/timezone" : "/rrule", "is missing");
        return 0;
    }
    int err = schedule_dates_open(s, &dates, &fault);
    if (err == TGC_ENOMEM)
        return err;
    if (err) {
        wrong(p, fault.path[0] ? fault.path : "/rrule", fault.text);
        return 0;
    }
    if (now && !schedule_dates_next(&dates, now, &next))
        wrong(p, "/rrule", "has no date that is to come");
    schedule_dates_close(&dates);
    return 0;
}

static int judge(const struct schedule_spec *s, int64_t now, struct problem **p)
{
    struct fault fault = {0};
    char title[CALENDAR_TITLE_SIZE];
    int err = 0;

    if (s->at)
        judge_at(s, now, p);
    else
        err = judge_rule(s, now, p);
    if (!err && s->title && calendar_title_check(s->title, &fault) != 0)
        wrong(p, "/title", fault.text);
    else if (!err && !*p && s->at && s->timezone &&
             (err = calendar_title("%H", s->timezone, s->at, title, &fault)) != 0 && err != TGC_ENOMEM) {
        wrong(p, "/timezone", fault.text);
        err = 0;
    }
    return err;
}

void schedule_spec_fini(struct schedule_spec *s)
{
    free(s->title);
    free(s->start);
    free(s->timezone);
    free(s->rrule);
    *s = (struct schedule_spec){0};
}

int schedule_spec_read(const json_t *members, int64_t now, struct schedule_spec *ret, struct problem **ret_problem)
{
    struct schedule_spec s = {.peer = number(members, "peer"),
                              .rtmp_stream = json_is_true(json_object_get(members, "rtmp_stream")),
                              .at = number(members, "at"),
                              .announce = (int32_t)number(members, "announce"),
                              .end_after = (int32_t)number(members, "end_after"),
                              .late_max = (int32_t)number(members, "late_max")};
    int err = copy(members, "title", &s.title);

    *ret_problem = NULL;
    if (!err)
        err = copy(members, "start", &s.start);
    if (!err)
        err = copy(members, "timezone", &s.timezone);
    if (!err)
        err = copy(members, "rrule", &s.rrule);
    if (!err && now != SCHEDULE_SPEC_KEPT)
        err = judge(&s, now, ret_problem);
    if (!err && *ret_problem)
        err = TGC_EINVAL;
    if (err)
        schedule_spec_fini(&s);
    else
        *ret = s;
    return err;
}

static int put(json_t *o, const char *name, json_t *value)
{
    return json_object_set_new(o, name, value) == 0 ? 0 : TGC_ENOMEM;
}

static int put_number(json_t *o, const char *name, int64_t value)
{
    return value ? put(o, name, json_integer(value)) : 0;
}

static int put_text(json_t *o, const char *name, const char *text)
{
    return text ? put(o, name, json_string(text)) : 0;
}

json_t *schedule_spec_json(const struct schedule_spec *s)
{
    json_t *o = json_object();

    if (put(o, "peer", json_integer(s->peer)) == 0 && put_text(o, "title", s->title) == 0 &&
        put(o, "rtmp_stream", json_boolean(s->rtmp_stream)) == 0 && put_number(o, "at", s->at) == 0 &&
        put_text(o, "start", s->start) == 0 && put_text(o, "timezone", s->timezone) == 0 &&
        put_text(o, "rrule", s->rrule) == 0 && put_number(o, "announce", s->announce) == 0 &&
        put_number(o, "end_after", s->end_after) == 0 && put_number(o, "late_max", s->late_max) == 0)
        return o;
    json_decref(o);
    return NULL;
}

static bool is_given(const json_t *body, const char *name)
{
    const json_t *value = json_object_get(body, name);

    return value && !json_is_null(value);
}

json_t *schedule_spec_change(const struct schedule_spec *s, const json_t *body)
{
    json_t *o = schedule_spec_json(s);
    const char *name;
    json_t *value;

    if (!o)
        return NULL;
    /* One kind of dates takes the other's place. */
    if (is_given(body, "at")) {
        (void)json_object_del(o, "start");
        (void)json_object_del(o, "rrule");
    } else if (is_given(body, "start") || is_given(body, "rrule")) {
        (void)json_object_del(o, "at");
    }
    json_object_foreach ((json_t *)(uintptr_t)body, name, value) {
        if (json_is_null(value)) {
            (void)json_object_del(o, name);
        } else if (json_object_set(o, name, value) < 0) {
            json_decref(o);
            return NULL;
        }
    }
    return o;
}

int schedule_dates_open(const struct schedule_spec *s, struct schedule_dates *ret, struct fault *fault)
{
    *ret = (struct schedule_dates){.at = s->at};
    return s->at ? 0 : calendar_rule_new(s->start, s->timezone, s->rrule, &ret->rule, fault);
}

void schedule_dates_close(struct schedule_dates *d)
{
    if (d->rule)
        calendar_rule_free(d->rule);
    *d = (struct schedule_dates){0};
}

bool schedule_dates_next(const void *dates, int64_t after, int64_t *ret)
{
    const struct schedule_dates *d = dates;

    if (d->rule)
        return calendar_rule_next(d->rule, after, ret);
    if (d->at <= after)
        return false;
    *ret = d->at;
    return true;
}

bool schedule_spec_next(const struct schedule_spec *s, int64_t after, int64_t *ret)
{
    struct schedule_dates dates;

    if (schedule_dates_open(s, &dates, NULL) != 0)
        return false;
    bool found = schedule_dates_next(&dates, after, ret);
    schedule_dates_close(&dates);
    return found;
}

int schedule_spec_title(const struct schedule_spec *s, int64_t at, char **ret)
{
    char title[CALENDAR_TITLE_SIZE];
    int err = 0;

    *ret = NULL;
    if (!s->title)
        return 0;
    err = calendar_title(s->title, zone_of(s), at, title, NULL);
    if (!err && !(*ret = strdup(title)))
        err = TGC_ENOMEM;
    return err;
}
