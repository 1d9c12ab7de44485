/* tgcalldctl method */
#include <stdio.h>
#include <string.h>

#include "daemon/base/buf.h"
#include "daemon/ctl/command.h"
#include "daemon/ctl/say.h"

/* The API takes a megabyte unless its administrator has it take more. */
enum { PARAMS_MAX = 16 << 20, PATH_SIZE = 2048 };

static const struct ctl_word words[] = {
    {.name = "method", .arg = "NAME", .place = CTL_IN_PATH, .help = "As in the schema: phone.getGroupCall"},
    {.name = "params", .arg = "JSON", .may_lack = true, .help = "Its parameters as an object; - is stdin; none is {}"},
    CTL_WORD_ACCOUNT(CTL_IN_QUERY),
    CTL_WORD_NO_WAIT,
    {0},
};

static int read_stdin(struct buf *text)
{
    char part[4096];
    size_t n;

    while ((n = fread(part, 1, sizeof(part), stdin)) > 0)
        if (buf_put(text, part, n) != 0)
            return TGC_ELIMIT;
    return ferror(stdin) ? TGC_EIO : 0;
}

/* NULL: said why not. */
static json_t *read_params(const char *text)
{
    json_error_t error;
    json_t *params = NULL;
    struct buf in;

    buf_init(&in, PARAMS_MAX);
    if (strcmp(text, "-") == 0 && read_stdin(&in) != 0)
        say_fault("stdin cannot be read, or is longer than any request");
    else if (!(params = json_loadb(in.len ? (const char *)in.data : text, in.len ? in.len : strlen(text),
                                   JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error)))
        say_fault("the parameters are no JSON: line %d, column %d: %s", error.line, error.column, error.text);
    else if (!json_is_object(params))
        say_fault("the parameters are no object, such as {\"id\": [\"me\"]}");
    buf_fini_secret(&in);
    if (params && !json_is_object(params)) {
        json_decref(params);
        params = NULL;
    }
    return params;
}

static enum ctl_exit run(const struct ctl *ctl, const struct ctl_words *given)
{
    const char *text = ctl_given(given, "params");
    bool is_left = ctl_given(given, "no-wait") != NULL;
    char path[PATH_SIZE];
    json_t *answer = NULL;
    int status;

    json_t *params = read_params(text ? text : "{}");
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
