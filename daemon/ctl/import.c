/* tgcalldctl import NAME [FORMAT]: the session string comes from stdin, never from the command line, which everybody on
 * the machine may read. */
#include <string.h>

#include "daemon/ctl/account_text.h"
#include "daemon/ctl/command.h"
#include "daemon/ctl/prompt.h"
#include "daemon/ctl/say.h"

#define FORMATS "telethon, pyrogram, gramjs or mtcute"

static error_t take(int key, char *arg, struct argp_state *state)
{
    struct ctl_words *words = state->input;

    if (key != ARGP_KEY_ARG || !words->name || words->format)
        return ctl_take_name(key, arg, state);
    words->format = arg;
    return 0;
}

const struct argp ctl_import_argp = {
    NULL,
    take,
    "NAME [FORMAT]",
    "Makes the account NAME of a session string of another client library, one line on stdin. FORMAT is " FORMATS ".\v"
    "The other program must not run with the same session any more.",
    NULL,
    NULL,
    NULL};

/* FALSE: there is none; the reason was said. */
static bool read_line_of(const struct ctl *ctl, const char *prompt, bool hidden, char out[static PROMPT_SIZE])
{
    if (ctl->is_asked)
        say_prompt(prompt);
    int err = prompt_line(hidden, out);
    if (err)
        say_fault("no line on stdin where the session string was wanted: %s", tgc_err_text(err));
    else
        prompt_trim(out);
    return err == 0;
}

static enum ctl_exit tell(const struct ctl *ctl, const char *name, const json_t *account)
{
    char user[600];

    if (!json_is_string(json_object_get(json_object_get(account, "user"), "id"))) {
        say_fault("whether %s is logged in is not known, as the answer does not say who: 'tgcalldctl accounts' tells",
                  name);
        return CTL_REFUSED;
    }
    account_user_text(account, user, sizeof(user));
    say("%s is logged in as %s.", name, user);
    say("%s", account_member(account, "warning"));
    if (ctl->as_json)
        return say_result(account) ? CTL_REFUSED : CTL_DONE;
    if (!ctl->is_table)
        account_say_row(account);
    return CTL_DONE;
}

static enum ctl_exit import(const struct ctl *ctl, const char *name, const char *format, const char *session)
{
    json_t *body = json_pack("{s:s, s:{s:s, s:s}}", "name", name, "session", "format", format, "text", session);
    json_t *account;

    if (!body) {
        say_fault("the name, the format or the session string is not UTF-8");
        return CTL_REFUSED;
    }
    enum ctl_exit e = ctl_ask(ctl, "POST", "/v1/accounts", body, &account);
    if (e)
        return e;
    e = tell(ctl, name, account);
    json_decref(account);
    return e;
}

enum ctl_exit ctl_import(const struct ctl *ctl, const struct ctl_words *words)
{
    char format[PROMPT_SIZE] = "", session[PROMPT_SIZE] = "";
    enum ctl_exit e = CTL_REFUSED;

    if (!words->format && !ctl->is_asked) {
        say_fault("which FORMAT is the session string in: " FORMATS "?");
        return CTL_USAGE;
    }
    if ((words->format || read_line_of(ctl, "Format (" FORMATS "): ", false, format)) &&
        read_line_of(ctl, "Session string: ", true, session))
        e = import(ctl, words->name, words->format ? words->format : format, session);
    explicit_bzero(session, sizeof(session));
    return e;
}
