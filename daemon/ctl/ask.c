#include "daemon/ctl/ctl.h"

#include "daemon/ctl/say.h"

static enum ctl_exit ask(const struct ctl *ctl, const char *method, const char *path, const json_t *body, int quiet,
                         json_t **ret_json)
{
    struct ctl_answer answer;
    struct fault fault = {0};

    if (ctl_http_ask(ctl->http, method, path, body, &answer, &fault) != 0) {
        say_fault("%s", fault.text);
        return CTL_NO_DAEMON;
    }
    if (answer.status >= 200 && answer.status <= 299) {
        *ret_json = answer.json;
        return CTL_DONE;
    }
    bool is_quiet = answer.status == quiet;
    if (!is_quiet)
        say_problem(answer.json);
    json_decref(answer.json);
    if (is_quiet)
        *ret_json = NULL;
    return is_quiet ? CTL_DONE : CTL_REFUSED;
}

enum ctl_exit ctl_ask(const struct ctl *ctl, const char *method, const char *path, json_t *body, json_t **ret_json)
{
    enum ctl_exit e = ask(ctl, method, path, body, 0, ret_json);

    json_decref(body);
    return e;
}

enum ctl_exit ctl_ask_unless(const struct ctl *ctl, const char *method, const char *path, int quiet, json_t **ret_json)
{
    return ask(ctl, method, path, NULL, quiet, ret_json);
}
