#include "daemon/ctl/ctl.h"

#include "daemon/ctl/say.h"
#include "daemon/ctl/say_problem.h"

/* What a request may say besides itself, and what is told of its answer. */
struct ctl_exchange {
    const char *prefer;
    int quiet, status;
};

static enum ctl_exit ask(const struct ctl *ctl, const char *method, const char *path, const json_t *body,
                         struct ctl_exchange *exchange, json_t **ret_json)
{
    struct ctl_answer answer;
    struct fault fault = {0};

    int err = ctl_http_ask(ctl->http, method, path, body, exchange->prefer, &answer, &fault);
    if (err) {
        say_fault("%s", fault.text);
        return err == TGC_ELIMIT ? CTL_USAGE : err == TGC_ENOMEM ? CTL_REFUSED : CTL_NO_DAEMON;
    }
    exchange->status = answer.status;
    if (answer.status >= 200 && answer.status <= 299) {
        *ret_json = answer.json;
        return CTL_DONE;
    }
    bool is_quiet = answer.status == exchange->quiet;
    if (!is_quiet)
        say_problem(answer.json);
    json_decref(answer.json);
    if (is_quiet)
        *ret_json = NULL;
    return is_quiet ? CTL_DONE : CTL_REFUSED;
}

enum ctl_exit ctl_ask(const struct ctl *ctl, const char *method, const char *path, json_t *body, json_t **ret_json)
{
    int status;

    return ctl_ask_prefer(ctl, method, path, body, NULL, &status, ret_json);
}

enum ctl_exit ctl_ask_prefer(const struct ctl *ctl, const char *method, const char *path, json_t *body,
                             const char *prefer, int *ret_status, json_t **ret_json)
{
    struct ctl_exchange exchange = {.prefer = prefer};
    enum ctl_exit e = ask(ctl, method, path, body, &exchange, ret_json);

    *ret_status = exchange.status;
    json_decref(body);
    return e;
}

enum ctl_exit ctl_ask_unless(const struct ctl *ctl, const char *method, const char *path, int quiet, json_t **ret_json)
{
    struct ctl_exchange exchange = {.quiet = quiet};

    return ask(ctl, method, path, NULL, &exchange, ret_json);
}
