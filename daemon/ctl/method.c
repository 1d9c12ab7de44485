/* tgcalldctl method */
#include "daemon/ctl/command.h"
#include "daemon/ctl/object.h"
#include "daemon/ctl/say.h"

enum { PATH_SIZE = 2048 };

static const struct ctl_word words[] = {
    {.name = "method", .arg = "NAME", .place = CTL_IN_PATH, .help = "As in the schema: phone.getGroupCall"},
    {.name = "params", .arg = "JSON", .may_lack = true, .help = "Its parameters as an object; - is stdin; none is {}"},
    CTL_WORD_ACCOUNT(CTL_IN_QUERY),
    CTL_WORD_NO_WAIT,
    {0},
};

static enum ctl_exit run(const struct ctl *ctl, const struct ctl_words *given)
{
    const char *text = ctl_given(given, "params");
    bool is_left = ctl_given(given, "no-wait") != NULL;
    char path[PATH_SIZE];
    json_t *answer = NULL;
    int status;

    json_t *params = object_read(text ? text : "{}", "such as {\"id\": [\"me\"]}");
    if (!params)
        return CTL_USAGE;
    if (ctl_verb_path(given, path, sizeof(path)) != 0) {
        json_decref(params);
        say_fault("no method's name is as long");
        return CTL_USAGE;
    }
    /* An answer may be a secret, which would be kept with its job. */
    enum ctl_exit e = ctl_ask_prefer(ctl, "POST", path, params, is_left ? CTL_IMPATIENT : NULL, &status, &answer);
    if (!e && answer && say_result(answer) != 0) {
        say_fault("out of memory");
        e = CTL_REFUSED;
    }
    if (!e)
        json_decref(answer);
    return e;
}

const struct ctl_verb ctl_method = {
    .name = "method",
    .method = "POST",
    .path = "/v1/methods/{method}",
    .words = words,
    .run = run,
    .summary = "Call any method of the layer; the result is always JSON",
};
