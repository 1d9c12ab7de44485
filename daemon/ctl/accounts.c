/* tgcalldctl accounts, logout */
#include <string.h>

#include "daemon/ctl/account_text.h"
#include "daemon/ctl/command.h"
#include "daemon/ctl/prompt.h"
#include "daemon/ctl/say.h"

enum { PATH_SIZE = 2048 };

static const struct ctl_column columns[] = {
    {.title = "NAME", .path = "name", .is_whole = true},
    {.title = "STATE", .path = "state", .is_whole = true},
    {.title = "ID", .path = "user.id", .is_whole = true},
    {.title = "USERNAME", .path = "user.username"},
    {.title = "FULL NAME", .path = "user.first_name user.last_name"},
    {.title = "DC", .path = "dc", .where = CTL_IN_PIPE},
    {.title = "CONNECTION", .path = "connection.state"},
    {.title = "PROXY", .path = "proxy", .where = CTL_ON_TERMINAL},
    {.title = "REASON", .path = "reason|connection.reason", .where = CTL_ON_TERMINAL, .is_below = true},
    {.title = "REMEDY", .path = "remedy", .where = CTL_ON_TERMINAL, .is_below = true},
    {0},
};
static const struct ctl_column list_columns[] = {
    {.title = "NAME", .path = "name", .is_whole = true},
    {.title = "STATE", .path = "state", .is_whole = true},
    {.title = "ID", .path = "user.id", .is_whole = true},
    {.title = "USERNAME", .path = "user.username"},
    {.title = "FULL NAME", .path = "user.first_name user.last_name"},
    {.title = "DC", .path = "dc", .where = CTL_IN_PIPE},
    {.title = "CONNECTION", .path = "connection.state", .is_whole = true},
    {.title = "REASON", .path = "reason|connection.reason", .where = CTL_ON_TERMINAL, .is_below = true},
    {0},
};
static const struct ctl_view one = {.columns = columns}, all = {.list = "accounts", .columns = list_columns};

static const struct ctl_word name_word[] = {
    {.name = "name", .arg = "NAME", .place = CTL_IN_PATH, .help = "The account"},
    {0},
};
static const struct ctl_word logout_words[] = {
    {.name = "name", .arg = "NAME", .place = CTL_IN_PATH, .help = "The account"},
    CTL_WORD_NO_WAIT,
    {0},
};

static const struct ctl_word add_words[] = {
    {.name = "name", .arg = "NAME", .place = CTL_IN_BODY, .help = "What it is called"},
    {0},
};
static const struct ctl_word proxy_words[] = {
    {.name = "name", .arg = "NAME", .place = CTL_IN_PATH, .help = "The account"},
    {.name = "proxy",
     .arg = "PROXY",
     .may_lack = true,
     .help = "As in tgcalld.conf(5), none, or default for the daemon's own; left out, a line of stdin, which does not "
             "show"},
    {0},
};
static const struct ctl_word export_words[] = {
    {.name = "name", .arg = "NAME", .place = CTL_IN_PATH, .help = "The account"},
    {.name = "format", .arg = "FORMAT", .place = CTL_IN_BODY, .help = "telethon, pyrogram, gramjs or mtcute"},
    {.name = "yes", .option = "yes", .kind = CTL_TRUE, .help = "Show it on a terminal, too"},
    {0},
};

/* A proxy's password is no word for a command line, which every process of the machine can read. */
static json_t *proxy_body(const struct ctl *ctl, const char *given)
{
    char line[PROMPT_SIZE] = "";
    json_t *body = NULL;

    if (!given && ctl->is_asked)
        say_prompt("Proxy (hidden): ");
    int err = given ? 0 : prompt_line(true, line);
    if (!err)
        prompt_trim(line);
    const char *text = given ? given : line;
    if (err || !*text)
        say_fault("no proxy on stdin: %s", err ? tgc_err_text(err) : "the line is empty");
    else if (!(body = strcmp(text, "default") == 0 ? json_pack("{s:n}", "proxy") : json_pack("{s:s}", "proxy", text)))
        say_fault("the proxy is not UTF-8");
    explicit_bzero(line, sizeof(line));
    return body;
}

/* Where nothing is to be asked and the words are no request's; false was said. */
static bool put_path(const struct ctl_words *words, char path[static PATH_SIZE])
{
    if (ctl_verb_path(words, path, PATH_SIZE) == 0)
        return true;
    say_fault("no account's name is as long");
    return false;
}

static enum ctl_exit run_proxy(const struct ctl *ctl, const struct ctl_words *words)
{
    char path[PATH_SIZE];
    json_t *answer;

    if (!put_path(words, path))
        return CTL_USAGE;
    json_t *body = proxy_body(ctl, ctl_given(words, "proxy"));
    if (!body)
        return CTL_USAGE;
    enum ctl_exit e = ctl_ask(ctl, "PATCH", path, body, &answer);
    return e ? e : ctl_verb_show(ctl, &one, answer);
}

/* On a terminal it would stay for whoever looks at it later. */
static enum ctl_exit run_export(const struct ctl *ctl, const struct ctl_words *words)
{
    static const struct ctl_column session_columns[] = {{.title = "SESSION", .path = "text", .is_whole = true}, {0}};
    static const struct ctl_view session = {.columns = session_columns};
    struct fault fault = {0};
    char path[PATH_SIZE];
    json_t *body, *answer;

    if (ctl->is_table && !ctl_given(words, "yes")) {
        say_fault("whoever has the session string is logged in as %s: send it to a file that only its user can read, "
                  "or say --yes",
                  ctl_given(words, "name"));
        return CTL_USAGE;
    }
    if (!put_path(words, path))
        return CTL_USAGE;
    if (ctl_verb_body(words, &body, &fault) != 0) {
        say_fault("%s", fault.text);
        return CTL_USAGE;
    }
    enum ctl_exit e = ctl_ask(ctl, "POST", path, body, &answer);
    if (e)
        return e;
    say("%s", account_member(answer, "warning"));
    return ctl_verb_show(ctl, &session, answer);
}

const struct ctl_verb ctl_accounts[] = {
    {.name = "list",
     .method = "GET",
     .path = "/v1/accounts",
     .view = &all,
     .summary = "List the accounts and what each waits for"},
    {.name = "show",
     .method = "GET",
     .path = "/v1/accounts/{name}",
     .words = name_word,
     .view = &one,
     .summary = "Show one account"},
    {.name = "add",
     .method = "POST",
     .path = "/v1/accounts",
     .words = add_words,
     .view = &one,
     .summary = "Add an account, which login then logs in"},
    {.name = "proxy",
     .path = "/v1/accounts/{name}",
     .words = proxy_words,
     .run = run_proxy,
     .summary = "Choose by which proxy an account connects"},
    {.name = "export",
     .method = "POST",
     .path = "/v1/accounts/{name}/session",
     .words = export_words,
     .run = run_export,
     .summary = "Write an account's login as a session string, a secret"},
    {.name = "remove",
     .method = "DELETE",
     .path = "/v1/accounts/{name}",
     .words = name_word,
     .view = &one,
     .summary = "Log an account out and forget it",
     .word = "The account is forgotten."},
    {0},
};

const struct ctl_verb ctl_logout = {
    .name = "logout",
    .method = "POST",
    .path = "/v1/accounts/{name}/logout",
    .words = logout_words,
    .view = &one,
    .summary = "Log an account out; its key is destroyed here and at Telegram",
    .may_wait = true,
};
