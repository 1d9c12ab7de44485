/* The call of an occurrence is made, or announced. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/meter.h"
#include "daemon/worker/schedule_internal.h"

bool schedule_read_made(const struct job *job, struct schedule_made *ret)
{
    json_t *answer = json_loadb((const char *)job->text.data, job->text.len, JSON_ALLOW_NUL, NULL);
    const json_t *call = json_object_get(answer, "call");
    const char *id = json_string_value(json_object_get(call, "id")),
               *state = json_string_value(json_object_get(call, "state"));

    if (id)
        *ret = (struct schedule_made){.call = strtoll(id, NULL, 10),
                                      .schedule_date = json_integer_value(json_object_get(call, "schedule_date")),
                                      .is_existing = json_is_true(json_object_get(answer, "existing")),
                                      .is_scheduled = state && strcmp(state, "scheduled") == 0};
    json_decref(answer);
    return id != NULL;
}

bool schedule_is_announcing(const struct schedule *s)
{
    return json_object_get(s->order, "schedule_date") != NULL;
}

const char *schedule_unannounced(const struct schedule *s)
{
    return s->phase == SCHEDULE_MAKING ? json_string_value(json_object_get(s->order, "unannounced")) : NULL;
}

static void set_announced(struct schedule *s, int64_t call)
{
    schedule_spend(s);
    s->phase = SCHEDULE_ANNOUNCED;
    s->call_id = call;
    s->is_in_doubt = false;
    json_decref(s->order);
    s->order = NULL;
    schedule_forget_trouble(s);
    schedule_keep_and_tell(s, "announced", s->at, SCHEDULE_NO_OUTCOME, 0);
}

/* That another call is there long before says nothing of its time: it is asked for again, by another key, since the
 * answer to this one stands. */
static void on_look_again(struct schedule *s, const char *why_not)
{
    if (why_not) {
        schedule_stand_still(s, why_not);
        return;
    }
    schedule_put(s, schedule_look_again_us(s->at - schedule_now_s(s)));
    if (s->pending)
        schedule_serve(s);
}

static void look_again(struct schedule *s)
{
    schedule_spend(s);
    s->turn++;
    schedule_write(s, on_look_again);
}

static const char *message_of(const struct problem *p)
{
    return json_string_value(json_object_get(problem_member(p, "telegram"), "message"));
}

/* By its clock, or the way there was long, or it takes none that is so far ahead. */
static bool is_bad_date(const struct problem *p)
{
    const char *message = message_of(p);

    return message && (strcmp(message, "SCHEDULE_DATE_INVALID") == 0 || strcmp(message, "SCHEDULE_DATE_TOO_LATE") == 0);
}

/* Of what is the chat's, or the account's in it: that is told while there is time to mend it. */
static bool is_standing(const struct problem *p)
{
    static const char *const messages[] = {
        "ANONYMOUS_CALLS_DISABLED", "BROADCAST_CALLS_DISABLED", "CHANNEL_INVALID", "CHANNEL_PRIVATE",
        "CHAT_ADMIN_REQUIRED",      "CHAT_ID_INVALID",          "PEER_ID_INVALID", "GROUPCALL_ANONYMOUS_FORBIDDEN"};
    int64_t code = json_integer_value(json_object_get(problem_member(p, "telegram"), "code"));
    const char *message = message_of(p);

    if (problem_slug_of(p) == PROBLEM_CALL_EXISTS)
        return false;
    if (problem_slug_of(p) != PROBLEM_TELEGRAM_REFUSED || code == 401 || code == 403 || code == 406)
        return true;
    for (size_t i = 0; message && i < sizeof(messages) / sizeof(messages[0]); i++)
        if (strcmp(message, messages[i]) == 0)
            return true;
    return false;
}

/* What was refused with its date may be taken at its time. */
static void leave_unannounced(struct schedule *s, const struct problem *p)
{
    json_t *json = schedule_problem_json(p);
    const char *why = json_string_value(json_object_get(json, "detail"));

    schedule_spend(s);
    if (json_object_set_new(s->order, "unannounced", json_string(why ? why : "")) < 0) {
        look_again(s); /* memory is gone */
    } else {
        (void)json_object_del(s->order, "schedule_date");
        s->turn++;
        schedule_forget_trouble(s);
        schedule_keep_and_tell(s, "changed", s->at, SCHEDULE_NO_OUTCOME, 0);
    }
    json_decref(json);
}

static void on_refused(struct schedule *s, const struct problem *p)
{
    if (!schedule_is_announcing(s) || is_standing(p))
        schedule_end_refused(s, p);
    else if (is_bad_date(p))
        look_again(s);
    else
        leave_unannounced(s, p);
}

bool schedule_is_own(const struct schedule *s, const struct schedule_made *made)
{
    return made->is_scheduled && made->schedule_date == s->at && json_is_true(json_object_get(s->order, "again"));
}

static void on_exists(struct schedule *s, const struct schedule_made *made)
{
    if (schedule_is_own(s, made)) {
        set_announced(s, made->call);
    } else if (schedule_is_announcing(s)) {
        look_again(s);
    } else {
        schedule_end_by(s, "existing", METER_OCCURRENCE_EXISTING, made->call);
    }
}

static void on_made(void *ctx, const struct job *job)
{
    struct schedule *s = ctx;
    struct schedule_made made;

    if (schedule_is_left(s, job))
        return;
    if (job->problem && json_is_true(problem_member(job->problem, "executed"))) {
        schedule_start_run(s, 0, schedule_problem_json(job->problem));
    } else if (job->problem) {
        if (schedule_is_refused(s, job))
            on_refused(s, job->problem);
    } else if (!schedule_read_made(job, &made)) {
        schedule_start_run(s, 0, NULL);
    } else if (made.is_existing) {
        on_exists(s, &made);
    } else if (schedule_is_announcing(s)) {
        set_announced(s, made.call);
    } else {
        schedule_start_run(s, made.call, NULL);
    }
}

static void key_of_create(const struct schedule *s, char out[static SCHEDULE_KEY_SIZE])
{
    snprintf(out, SCHEDULE_KEY_SIZE, "schedule %s@%" PRId64 " create %016" PRIx64 ".%" PRId64, schedule_own_name(s),
             s->at, (uint64_t)s->id, s->turn);
}

void schedule_ask_create(struct schedule *s, own_job_fn *answered)
{
    char key[SCHEDULE_KEY_SIZE];
    json_t *body = json_deep_copy(s->order);

    key_of_create(s, key);
    if (body) {
        (void)json_object_del(body, "again");
        (void)json_object_del(body, "unannounced");
        (void)json_object_del(body, "name");
    }
    if (!body || schedule_ask(s, JOB_CALL_CREATE, NULL, body, key, answered) != 0)
        schedule_pause(s, 0);
}

void schedule_make(struct schedule *s)
{
    schedule_ask_create(s, on_made);
}

void schedule_spend(struct schedule *s)
{
    key_of_create(s, s->spent);
}

void schedule_settle(struct schedule *s)
{
    if (s->spent[0])
        own_job_settle(s->room->worker, JOB_CALL_CREATE, NULL, s->spent);
    s->spent[0] = '\0';
}

enum own_job_rest schedule_withdraw(const struct schedule *s)
{
    char key[SCHEDULE_KEY_SIZE];

    key_of_create(s, key);
    return own_job_withdraw(s->room->worker, JOB_CALL_CREATE, NULL, key);
}

static json_t *order_of(const struct schedule *s, int64_t at, bool announces, bool is_again)
{
    char *title = NULL;
    json_t *o = NULL;

    if (schedule_spec_title(&s->spec, at, &title) == 0)
        o = json_pack("{s:I, s:s, s:s*}", "peer", (json_int_t)s->spec.peer, "if_exists", "return", "title", title);
    free(title);
    if ((s->spec.rtmp_stream && o && json_object_set_new(o, "rtmp_stream", json_true()) < 0) ||
        (announces && o && json_object_set_new(o, "schedule_date", json_integer(at)) < 0) ||
        (is_again && o && json_object_set_new(o, "again", json_true()) < 0)) {
        json_decref(o);
        return NULL;
    }
    return o;
}

void schedule_begin(struct schedule *s, const struct schedule_verdict *v)
{
    /* It was asked for with its date, and no answer was heard. */
    enum own_job_rest rest = s->phase == SCHEDULE_MAKING ? schedule_withdraw(s) : OWN_JOB_NOTHING;

    if (rest == OWN_JOB_COMES) {
        schedule_make(s);
        return;
    }
    bool is_again = rest == OWN_JOB_DOUBT || json_is_true(json_object_get(s->order, "again"));
    json_t *order = order_of(s, v->at, v->announces, is_again);
    if (!order) {
        schedule_put(s, SECOND_US);
        return;
    }
    json_decref(s->order);
    s->order = order;
    s->phase = SCHEDULE_MAKING;
    s->at = s->cursor = v->at;
    s->turn++;
    schedule_keep(s);
}
