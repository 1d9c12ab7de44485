/* POST /v1/schedules, GET /v1/schedules and /v1/schedules/{schedule}. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/random.h"
#include "daemon/bridge/choose.h"
#include "daemon/worker/op_schedule.h"
#include "daemon/worker/op_unkept.h"

enum { LIMIT_DEFAULT = 100 };

struct schedule *op_schedule_find(struct worker *w, struct job *job)
{
    const char *name = json_string_value(json_object_get(job->path, "schedule"));
    struct schedule *s = name ? schedules_find(w->schedules, name) : NULL;

    /* One that is about to be made is nobody's yet. */
    if (s && !s->is_new && accounts_name_is_visible(job, s->owner->account))
        return s;
    op_reply_problem(job, choose_no_schedule(name ? name : ""));
    return NULL;
}

void op_schedule_get(struct worker *w, struct job *job)
{
    struct schedule *s = op_schedule_find(w, job);

    if (s)
        op_reply_json(job, 200, schedule_json(s));
}

/* --- the list --- */

static int by_name(const void *a, const void *b)
{
    return strcmp((*(struct schedule *const *)a)->name, (*(struct schedule *const *)b)->name);
}

static bool is_listed(const struct job *job, const struct schedule *s, const char *account, const char *after)
{
    return !s->is_new && (!account || strcmp(s->owner->account, account) == 0) &&
           accounts_name_is_visible(job, s->owner->account) && (!after || strcmp(s->name, after) > 0);
}

static int put_row(struct job *job, const struct schedule *s)
{
    int err = rows_begin(&job->rows, s->name, 0);
    json_t *o = err ? NULL : schedule_json(s);

    if (err || !o)
        return err ? err : TGC_ENOMEM;
    err = json_dump_callback(o, op_dump_to_buf, &job->rows.text, JSON_COMPACT) ? TGC_ENOMEM : 0;
    json_decref(o);
    return err ? err : rows_end(&job->rows);
}

/* The first N by name. */
static int put_rows(struct worker *w, struct job *job, const char *account, size_t n)
{
    const char *after = json_string_value(json_object_get(job->query, "cursor"));
    size_t count = HASH_COUNT(w->schedules->by_name), k = 0;
    struct schedule **list = calloc(count ? count : 1, sizeof(struct schedule *));
    int err = list ? 0 : TGC_ENOMEM;

    for (struct schedule *s = w->schedules->by_name; s && list; s = s->hh.next)
        if (is_listed(job, s, account, after))
            list[k++] = s;
    if (k)
        qsort(list, k, sizeof(struct schedule *), by_name);
    for (size_t i = 0; i < k && i < n && !err; i++)
        err = put_row(job, list[i]);
    free(list);
    return err;
}

void op_schedule_list(struct worker *w, struct job *job)
{
    const json_t *given = json_object_get(job->query, "limit");
    const char *account = json_string_value(json_object_get(job->query, "account"));
    size_t limit = given ? (size_t)json_integer_value(given) : LIMIT_DEFAULT;

    /* One more than is shown tells that there are more. */
    if (put_rows(w, job, account, limit + 1) != 0)
        op_reply_no_memory(job);
    else if (account || !op_pass_on(w, job))
        op_reply_page(job, "schedules", limit);
}

/* --- a new one --- */

struct schedule_making {
    struct worker *worker;
    struct job *job;
    char account[DIRECTORY_NAME_MAX];
    struct schedule_spec spec;
};

static const char *name_of(const struct job *job)
{
    return json_string_value(json_object_get(job->body, "name"));
}

static void give_name_back(struct worker *w, const char *name, const char *account)
{
    directory_drop_schedule(w->config.workers->directory, name, account);
}

static void on_made(struct schedule *s, const char *why_not)
{
    struct worker *w = s->room->worker;
    struct job *job = s->asked;

    s->asked = NULL;
    if (why_not) {
        const struct op_unkept u = {.err = s->write_err,
                                    .why = why_not,
                                    .state = "There is none",
                                    .mend = "See to the disk of the daemon, then repeat the request"};
        struct problem *p = op_unkept(&u, "the schedule could not be written down");
        give_name_back(w, s->name, s->owner->account);
        schedule_drop(s);
        if (job)
            op_reply_problem(job, p);
        else
            problem_free(p);
        return;
    }
    s->is_new = false;
    if (job) {
        snprintf(job->location, sizeof(job->location), "/v1/schedules/%s", s->name);
        op_reply_json(job, 201, schedule_json(s));
    }
    schedule_tell_news(s);
    schedule_put(s, 0);
}

static int64_t draw_id(const struct worker *w)
{
    uint64_t id;

    do {
        w->env.random->fill(w->env.random->ctx, &id, sizeof(id));
        id >>= 1;
    } while (!id || schedules_find_id(w->schedules, (int64_t)id));
    return (int64_t)id;
}

static void make(struct schedule_making *m)
{
    struct worker *w = m->worker;
    struct job *job = m->job;
    struct schedule *s = schedules_add(w->schedules, m->account, name_of(job), draw_id(w), &m->spec);

    if (!s) {
        give_name_back(w, name_of(job), m->account);
        op_reply_no_memory(job);
        return;
    }
    s->is_new = true;
    s->asked = job;
    s->cursor = schedule_now_us(s) / SECOND_US;
    schedule_be_of_user(s);
    s->news = (struct schedule_news){.what = "created", .outcome = -1};
    schedule_write(s, on_made);
}

bool op_schedule_take_peer(struct worker *w, struct job *job, const char *account, const struct tg_resolved *resolved,
                           int64_t *ret)
{
    struct tg_account *a = accounts_find(&w->accounts, account);
    struct problem *p;

    if (!a) {
        op_reply_problem(job, accounts_gone(account));
        return false;
    }
    if (!resolved->peer) {
        op_reply_problem(job, op_problem_unresolved(w, a, resolved));
        return false;
    }
    if (resolved->peer->kind == PEER_USER) {
        p = problem_new(PROBLEM_INVALID_REQUEST, 0, "peer is a user: calls of a schedule are a chat's");
        problem_add_error(p, "/peer", "is a user: give a group or a channel");
        op_reply_problem(job, p);
        return false;
    }
    *ret = peer_marked_id(resolved->peer->kind, resolved->peer->id);
    return true;
}

static void on_resolved(void *ctx, const struct tg_resolved *resolved)
{
    struct schedule_making *m = ctx;

    if (op_schedule_take_peer(m->worker, m->job, m->account, resolved, &m->spec.peer))
        make(m);
    else
        give_name_back(m->worker, name_of(m->job), m->account);
    schedule_spec_fini(&m->spec);
    free(m);
}

/* A name stands for one schedule of the daemon, also where JOB's token does not see it: that it is taken is all that is
 * told of it then. */
static struct problem *problem_of_name(const struct worker *w, const struct job *job, int err)
{
    const char *name = name_of(job);
    struct directory_pick pick;
    struct problem *p = NULL;

    if (err == TGC_EEXIST) {
        p = problem_new(PROBLEM_EXISTS, 0, "there is a schedule \"%s\" already", name);
        if (directory_find_schedule(w->config.workers->directory, name, job->accounts, &pick))
            problem_print_remedy(p, "Change it with PATCH /v1/schedules/%s, or take another name", name);
        else
            problem_set_remedy(p, "Take another name: it is of an account that this token does not see");
    } else if (err == TGC_ELIMIT) {
        p = problem_new(PROBLEM_QUEUE_FULL, 0, "there are %d schedules, and no more fit", LIMIT_SCHEDULES);
        problem_set_remedy(p, "Forget one first: GET /v1/schedules lists them");
    }
    return p;
}

/* Those that are about to be made are among them. */
static bool is_full(const struct worker *w, const char *account)
{
    return directory_count_schedules(w->config.workers->directory, account) >= LIMIT_SCHEDULES_EACH;
}

static struct problem *problem_of_full(void)
{
    struct problem *p = problem_new(PROBLEM_QUEUE_FULL, 0, "an account has at most %d schedules", LIMIT_SCHEDULES_EACH);

    problem_set_remedy(p, "Forget one of GET /v1/schedules with DELETE first");
    return p;
}

static void resolve(struct schedule_making *m, struct tg_account *account)
{
    struct job *job = m->job;
    struct worker *w = m->worker;
    struct fault fault = {0};

    if (is_full(w, m->account)) {
        op_reply_problem(job, problem_of_full());
        schedule_spec_fini(&m->spec);
        free(m);
        return;
    }
    int err = directory_put_schedule(w->config.workers->directory, name_of(job), m->account);

    if (err) {
        op_reply_problem(job, problem_of_name(w, job, err));
    } else {
        err = tg_resolve_json(account, json_object_get(job->body, "peer"), job->deadline_us, on_resolved, m, &fault);
        if (!err)
            return;
        give_name_back(w, name_of(job), m->account);
        op_reply_problem(job, err == TGC_EINVAL ? op_problem_bad_peer(&fault) : NULL);
    }
    schedule_spec_fini(&m->spec);
    free(m);
}

void op_schedule_create(struct worker *w, struct job *job)
{
    int64_t now_us;
    struct problem *problem = NULL;
    struct tg_account *account = accounts_select(&w->accounts, job, &problem);
    struct schedule_making *m = account ? malloc(sizeof(*m)) : NULL;

    if (!m) {
        op_reply_problem(job, problem);
        return;
    }
    *m = (struct schedule_making){.worker = w, .job = job};
    snprintf(m->account, sizeof(m->account), "%s", tg_account_name(account));
    (void)schedule_time(w, m->account, &now_us);
    if (schedule_spec_read(job->body, now_us / SECOND_US, &m->spec, &problem) != 0) {
        free(m);
        op_reply_problem(job, problem);
        return;
    }
    resolve(m, account);
}
