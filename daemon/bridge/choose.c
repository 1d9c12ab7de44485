#include "daemon/bridge/choose.h"

#include <stdlib.h>
#include <string.h>

/* What a method is about, and so who has to do it. */
enum about {
    ABOUT_ONE,         /* an account that is named, or the only one that is ready */
    ABOUT_ONE_OR_ALL,  /* all, where neither an account nor a peer is named */
    ABOUT_A_CALL,      /* path: id */
    ABOUT_AN_ACCOUNT,  /* path: name */
    ABOUT_A_SCHEDULE,  /* path: schedule */
    ABOUT_NEW_ACCOUNT, /* body: name */
    ABOUT_A_JOB,       /* path: id; any worker, which passes it on to whose it is */
    ABOUT_ALL,
    ABOUT_NOBODY, /* no account: any worker */
};

static const enum about table[JOB_METHOD_COUNT] = {
    [JOB_CALL_CREATE] = ABOUT_ONE,
    [JOB_CALL_LIST] = ABOUT_ONE_OR_ALL,
    [JOB_CALL_GET] = ABOUT_A_CALL,
    [JOB_CALL_EDIT] = ABOUT_A_CALL,
    [JOB_CALL_START] = ABOUT_A_CALL,
    [JOB_CALL_DISCARD] = ABOUT_A_CALL,
    [JOB_CALL_INVITE] = ABOUT_A_CALL,
    [JOB_CALL_INVITE_LINK] = ABOUT_A_CALL,
    [JOB_CALL_PARTICIPANTS] = ABOUT_A_CALL,
    [JOB_CALL_PARTICIPANT_EDIT] = ABOUT_A_CALL,
    [JOB_CALL_RECORD] = ABOUT_A_CALL,
    [JOB_CALL_RECORD_END] = ABOUT_A_CALL,
    [JOB_CALL_SUBSCRIBE] = ABOUT_A_CALL,
    [JOB_CALL_UNSUBSCRIBE] = ABOUT_A_CALL,
    [JOB_CALL_JOIN] = ABOUT_A_CALL,
    [JOB_CALL_LEAVE] = ABOUT_A_CALL,
    [JOB_CALL_CHECK] = ABOUT_A_CALL,
    [JOB_CALL_MESSAGE] = ABOUT_A_CALL,
    [JOB_CALL_MESSAGE_DELETE] = ABOUT_A_CALL,
    [JOB_SCHEDULE_CREATE] = ABOUT_ONE,
    [JOB_SCHEDULE_LIST] = ABOUT_ONE_OR_ALL,
    [JOB_SCHEDULE_GET] = ABOUT_A_SCHEDULE,
    [JOB_SCHEDULE_EDIT] = ABOUT_A_SCHEDULE,
    [JOB_SCHEDULE_DELETE] = ABOUT_A_SCHEDULE,
    [JOB_SCHEDULE_SKIP] = ABOUT_A_SCHEDULE,
    [JOB_PEER_GET] = ABOUT_ONE,
    [JOB_PEER_JOIN_AS] = ABOUT_ONE,
    [JOB_PEER_JOIN_AS_SAVE] = ABOUT_ONE,
    [JOB_PEER_RTMP] = ABOUT_ONE,
    [JOB_PEER_PREFLIGHT] = ABOUT_ONE,
    [JOB_LIVE_PUT] = ABOUT_ONE,
    [JOB_LIVE_GET] = ABOUT_ONE,
    [JOB_LIVE_DELETE] = ABOUT_ONE,
    [JOB_LIVE_LIST] = ABOUT_ONE_OR_ALL,
    [JOB_METHOD_INVOKE] = ABOUT_ONE,
    [JOB_ACCOUNT_CREATE] = ABOUT_NEW_ACCOUNT,
    [JOB_ACCOUNT_LIST] = ABOUT_ALL,
    [JOB_ACCOUNT_GET] = ABOUT_AN_ACCOUNT,
    [JOB_ACCOUNT_EDIT] = ABOUT_AN_ACCOUNT,
    [JOB_ACCOUNT_DELETE] = ABOUT_AN_ACCOUNT,
    [JOB_ACCOUNT_EXPORT] = ABOUT_AN_ACCOUNT,
    [JOB_LOGIN] = ABOUT_AN_ACCOUNT,
    [JOB_LOGIN_QR] = ABOUT_AN_ACCOUNT,
    [JOB_LOGIN_CODE] = ABOUT_AN_ACCOUNT,
    [JOB_LOGIN_RESEND] = ABOUT_AN_ACCOUNT,
    [JOB_LOGIN_CANCEL] = ABOUT_AN_ACCOUNT,
    [JOB_LOGIN_REGISTRATION] = ABOUT_AN_ACCOUNT,
    [JOB_LOGIN_EMAIL] = ABOUT_AN_ACCOUNT,
    [JOB_LOGIN_EMAIL_CODE] = ABOUT_AN_ACCOUNT,
    [JOB_LOGIN_PASSWORD] = ABOUT_AN_ACCOUNT,
    [JOB_LOGOUT] = ABOUT_AN_ACCOUNT,
    [JOB_TOKEN_CREATE] = ABOUT_NOBODY,
    [JOB_NODES] = ABOUT_NOBODY,
    [JOB_TOKEN_LIST] = ABOUT_NOBODY,
    [JOB_TOKEN_DELETE] = ABOUT_NOBODY,
    [JOB_WEBHOOK_CREATE] = ABOUT_NOBODY,
    [JOB_WEBHOOK_LIST] = ABOUT_NOBODY,
    [JOB_WEBHOOK_GET] = ABOUT_NOBODY,
    [JOB_WEBHOOK_EDIT] = ABOUT_NOBODY,
    [JOB_WEBHOOK_DELETE] = ABOUT_NOBODY,
    [JOB_WEBHOOK_TEST] = ABOUT_NOBODY,
    [JOB_WEBHOOK_ROTATE] = ABOUT_NOBODY,
    [JOB_WEBHOOK_DELIVERIES] = ABOUT_NOBODY,
    [JOB_WEBHOOK_REPLAY] = ABOUT_NOBODY,
    [JOB_AUDIT_READ] = ABOUT_NOBODY,
    [JOB_EVENTS_READ] = ABOUT_NOBODY,
    [JOB_JOB_GET] = ABOUT_A_JOB,
    [JOB_JOB_LIST] = ABOUT_ALL,
    [JOB_JOB_CANCEL] = ABOUT_A_JOB,
    [JOB_READY] = ABOUT_ONE_OR_ALL,
};

static const char *member(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

/* In a create it is a member of the body; a method's body has parameters of its own. */
static bool is_named_in_body(const struct job *job)
{
    return job->method == JOB_CALL_CREATE || job->method == JOB_SCHEDULE_CREATE || job->method == JOB_LIVE_PUT;
}

static const char *name_given(const struct job *job)
{
    const char *name = member(job->query, "account");

    return name || !is_named_in_body(job) ? name : member(job->body, "account");
}

/* Who may see but one can mean no other. */
static const char *name_meant(const struct job *job)
{
    const char *name = name_given(job);

    return name || json_array_size(job->accounts) != 1 ? name : json_string_value(json_array_get(job->accounts, 0));
}

static struct choose_route of_name(enum choose_of of, const char *name)
{
    return name ? (struct choose_route){.of = of, .name = name} : (struct choose_route){.of = CHOOSE_NONE};
}

static struct choose_route of_id(enum choose_of of, const struct job *job)
{
    const char *id = member(job->path, "id");

    return id ? (struct choose_route){.of = of, .id = strtoll(id, NULL, 10)} : (struct choose_route){.of = CHOOSE_NONE};
}

struct choose_route choose_route(const struct job *job)
{
    switch (table[job->method]) {
    case ABOUT_ONE:
        return of_name(CHOOSE_ACCOUNT, name_meant(job));
    case ABOUT_ONE_OR_ALL:
        return of_name(CHOOSE_ACCOUNT, json_object_get(job->query, "peer") ? name_meant(job) : name_given(job));
    case ABOUT_A_CALL:
        return name_given(job) ? of_name(CHOOSE_ACCOUNT, name_given(job)) : of_id(CHOOSE_CALL, job);
    case ABOUT_AN_ACCOUNT:
        return of_name(CHOOSE_ACCOUNT, member(job->path, "name"));
    case ABOUT_NEW_ACCOUNT:
        return of_name(CHOOSE_ACCOUNT, member(job->body, "name"));
    case ABOUT_A_SCHEDULE:
        return of_name(CHOOSE_SCHEDULE, member(job->path, "schedule"));
    case ABOUT_A_JOB:
        return of_id(CHOOSE_JOB, job);
    case ABOUT_ALL:
    case ABOUT_NOBODY:
    default:
        return (struct choose_route){.of = CHOOSE_NONE};
    }
}

struct problem *choose_no_account(const char *name)
{
    struct problem *p = problem_new(PROBLEM_NOT_FOUND, 0, "there is no account \"%s\"", name);

    problem_set_remedy(p, "List the accounts with GET /v1/accounts, or create one with POST /v1/accounts");
    return p;
}

struct problem *choose_no_schedule(const char *name)
{
    struct problem *p = problem_new(PROBLEM_NOT_FOUND, 0, "there is no schedule \"%s\"", name);

    problem_set_remedy(p, "List the schedules with GET /v1/schedules, or create one with POST /v1/schedules");
    return p;
}

static bool named(struct directory *d, const struct job *job, const char *name, struct directory_pick *ret,
                  struct problem **ret_problem)
{
    if (directory_find(d, name, job->accounts, ret))
        return true;
    *ret_problem = choose_no_account(name);
    return false;
}

static struct problem *account_required(struct directory *d, const struct job *job,
                                        const struct directory_census *census)
{
    struct problem *p = problem_new(PROBLEM_ACCOUNT_REQUIRED, 0,
                                    census->accounts == 0 ? "there is no account yet"
                                    : census->ready == 0  ? "no account is ready"
                                                          : "several accounts are ready: name one");
    json_t *names = directory_names(d, job->accounts, census->ready > 0, CHOOSE_NAMES_MAX);
    const char *first = json_string_value(json_array_get(names, 0));

    if (!first)
        problem_set_remedy(p, "Create an account with POST /v1/accounts, then log in");
    else if (census->ready == 0)
        problem_print_remedy(p, "GET /v1/accounts/%s says what that account waits for", first);
    else if (is_named_in_body(job))
        problem_print_remedy(p, "Give the member \"account\" with one of the names in \"accounts\", such as \"%s\"",
                             first);
    else
        problem_print_remedy(p,
                             "Give the query parameter account with one of the names in \"accounts\", such as "
                             "?account=%s",
                             first);
    problem_put(p, "accounts", names);
    return p;
}

static bool one(struct directory *d, const struct job *job, struct directory_pick *ret, struct problem **ret_problem)
{
    struct directory_census census;

    if (name_given(job))
        return named(d, job, name_given(job), ret, ret_problem);
    if (directory_find_only(d, job->accounts, ret, &census))
        return true;
    *ret_problem = account_required(d, job, &census);
    return false;
}

static bool of_call(struct directory *d, const struct job *job, struct directory_pick *ret,
                    struct problem **ret_problem)
{
    const char *id = member(job->path, "id");

    return (!name_given(job) && id && directory_find_call(d, strtoll(id, NULL, 10), job->accounts, ret)) ||
           one(d, job, ret, ret_problem);
}

static bool of_schedule(struct directory *d, const struct job *job, struct directory_pick *ret,
                        struct problem **ret_problem)
{
    const char *name = member(job->path, "schedule");

    if (name && directory_find_schedule(d, name, job->accounts, ret))
        return true;
    *ret_problem = choose_no_schedule(name ? name : "");
    return false;
}

static bool pick(struct directory *d, const struct job *job, struct directory_pick *ret, struct problem **ret_problem)
{
    switch (table[job->method]) {
    case ABOUT_A_CALL:
        return of_call(d, job, ret, ret_problem);
    case ABOUT_A_SCHEDULE:
        return of_schedule(d, job, ret, ret_problem);
    case ABOUT_AN_ACCOUNT:
        return named(d, job, member(job->path, "name"), ret, ret_problem);
    case ABOUT_NEW_ACCOUNT:
        ret->worker = directory_next_worker(d);
        return true;
    case ABOUT_ONE_OR_ALL:
        if (name_given(job) || json_object_get(job->query, "peer"))
            return one(d, job, ret, ret_problem);
        return true;
    case ABOUT_ALL:
    case ABOUT_NOBODY:
    case ABOUT_A_JOB:
        return true;
    case ABOUT_ONE:
    default:
        return one(d, job, ret, ret_problem);
    }
}

int choose_worker(struct directory *d, struct job *job, size_t *ret_worker, struct problem **ret_problem)
{
    struct directory_pick picked = {0};

    *ret_problem = NULL;
    if (!pick(d, job, &picked, ret_problem))
        return TGC_EUNKNOWN;
    memcpy(job->account, picked.account, sizeof(job->account));
    *ret_worker = picked.worker;
    return 0;
}
