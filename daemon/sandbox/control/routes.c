#include "daemon/sandbox/control/routes.h"

#include <string.h>

#include "daemon/sandbox/centre/extra.h"
#include "daemon/sandbox/control/calls.h"
#include "daemon/sandbox/control/messages.h"
#include "daemon/sandbox/control/move.h"
#include "daemon/sandbox/control/opts.h"
#include "daemon/sandbox/control/rights.h"
#include "daemon/sandbox/control/standing.h"
#include "daemon/sandbox/control/state.h"
#include "daemon/sandbox/world/json.h"

struct asked {
    struct centres *s;
    const json_t *body;
    uint64_t since;
    unsigned status;
};

static json_t *problem(struct asked *q, unsigned status, const char *detail)
{
    q->status = status;
    return json_pack("{s:i, s:s}", "status", (int)status, "detail", detail);
}

/* A rule for a method that nobody can call would wait for ever. */
static bool is_callable(const struct centres *s, const char *method)
{
    for (size_t i = 0; i < s->schemas_n; i++)
        if (tl_find_method(s->schemas[i], method))
            return true;
    return false;
}

static json_t *post_fault(struct asked *q)
{
    const char *method = json_get_text(q->body, "method");
    struct fault fault;

    fault_clear(&fault);
    if (*method && !is_callable(q->s, method)) {
        (void)fault_set(&fault, TGC_EINVAL, "no layer has a method \"%s\"", method);
        return problem(q, 422, fault.text);
    }
    if (inject_add(&q->s->inject, q->body, &fault))
        return problem(q, fault.err == TGC_EINVAL ? 422 : 503, fault.text);
    return json_pack("{s:o}", "faults", inject_list(&q->s->inject));
}

static json_t *post_clear(struct asked *q)
{
    inject_clear(&q->s->inject);
    memset(q->s->world.floods, 0, sizeof(q->s->world.floods));
    return json_object();
}

static json_t *post_opts(struct asked *q)
{
    if (!json_is_object(q->body))
        return problem(q, 422, "options are an object");
    const char *wrong = opts_set(q->s, q->body);

    return wrong ? problem(q, 422, wrong) : opts_json(q->s);
}

static json_t *post_account(struct asked *q)
{
    struct fault fault;

    fault_clear(&fault);
    json_t *answer = standing_set(q->s, q->body, &fault);
    return answer ? answer : problem(q, 422, fault.text);
}

/* PATH is behind "/calls/". */
static json_t *post_call(struct asked *q, const char *path)
{
    struct fault fault;

    fault_clear(&fault);
    json_t *answer = calls_act(q->s, path, q->body, &fault);
    return answer ? answer
                  : problem(q,
                            fault.err == TGC_EUNKNOWN ? 404
                            : fault.err == TGC_EINVAL ? 422
                                                      : 503,
                            fault.text);
}

static json_t *post_move(struct asked *q)
{
    struct fault fault;

    fault_clear(&fault);
    json_t *answer = move_set(q->s, q->body, &fault);
    return answer ? answer : problem(q, 422, fault.text);
}

static json_t *post_message(struct asked *q)
{
    struct fault fault;

    fault_clear(&fault);
    json_t *answer = messages_post(q->s, q->body, &fault);
    return answer ? answer : problem(q, 422, fault.text);
}

static json_t *post_rights(struct asked *q)
{
    struct fault fault;

    fault_clear(&fault);
    json_t *answer = rights_set(q->s, q->body, &fault);
    return answer ? answer : problem(q, 422, fault.text);
}

static json_t *get_accounts(struct asked *q)
{
    return json_pack("{s:o}", "accounts", extra_list(q->s));
}

static json_t *get_state(struct asked *q)
{
    return state_json(q->s);
}

static json_t *get_log(struct asked *q)
{
    return trace_list(&q->s->trace, q->since);
}

static json_t *get_lints(struct asked *q)
{
    return json_pack("{s:o}", "lints", lint_list(&q->s->lints));
}

static const struct {
    const char *method, *path;
    json_t *(*handler)(struct asked *q);
} routes[] = {
    {"POST", "/fault", post_fault},      {"POST", "/clear", post_clear},   {"POST", "/opts", post_opts},
    {"GET", "/state", get_state},        {"GET", "/log", get_log},         {"GET", "/lints", get_lints},
    {"POST", "/account", post_account},  {"POST", "/move", post_move},     {"GET", "/accounts", get_accounts},
    {"POST", "/messages", post_message}, {"POST", "/rights", post_rights},
};

json_t *route_request(struct centres *s, const char *method, const char *path, uint64_t since, const json_t *body,
                      unsigned *ret_status)
{
    struct asked q = {.s = s, .body = body, .since = since, .status = 200};
    static const char calls[] = "/calls/";
    bool known = false;
    json_t *answer = NULL;

    for (size_t i = 0; !answer && i < sizeof(routes) / sizeof(*routes); i++) {
        if (strcmp(routes[i].path, path) != 0)
            continue;
        known = true;
        if (strcmp(routes[i].method, method) == 0)
            answer = routes[i].handler(&q);
    }
    if (strncmp(path, calls, sizeof(calls) - 1) == 0) {
        known = true;
        if (strcmp(method, "POST") == 0)
            answer = post_call(&q, path + sizeof(calls) - 1);
    }
    if (!answer)
        answer = problem(&q, known ? 405 : 404,
                         known ? "not with this verb"
                               : "there is POST /fault, /clear, /opts, /account, /move, /messages, /rights, "
                                 "/calls/ID/ACT, GET /state, "
                                 "/log, /lints, /accounts");
    *ret_status = q.status;
    return answer;
}
