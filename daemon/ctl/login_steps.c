/* The steps that a person takes by typing. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "daemon/ctl/account_text.h"
#include "daemon/ctl/login.h"
#include "daemon/ctl/say.h"

/* auth.codeType…, as the API names them. */
static const struct {
    const char *kind, *words;
} ways[] = {
    {"sms", "by SMS"},
    {"call", "by a call that says it"},
    {"flashCall", "by a call whose number is the code"},
    {"missedCall", "by a call whose number's end is the code"},
    {"fragmentSms", "by Fragment"},
};

static const char *way_text(const char *kind)
{
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
        if (strcmp(ways[i].kind, kind) == 0)
            return ways[i].words;
    return kind;
}

static void tell_resend(const json_t *code)
{
    time_t at = (time_t)json_integer_value(json_object_get(code, "resend_at"));
    const char *next = account_member(code, "next_kind");
    char clock[16];
    struct tm tm;

    if (!*next)
        say("'cancel' gives the login up.");
    else if (at > time(NULL) && localtime_r(&at, &tm) && strftime(clock, sizeof(clock), "%H:%M:%S", &tm) > 0)
        say("'resend' has it sent %s, from %s on (in %ld s); 'cancel' gives the login up.", way_text(next), clock,
            (long)(at - time(NULL)));
    else
        say("'resend' has it sent %s; 'cancel' gives the login up.", way_text(next));
}

/* Which way the code went and where to look for it; once, not after each mistake. */
static void tell_code(struct ctl_login *l)
{
    json_t *code = json_object_get(l->account, "code");
    json_t *now = json_pack("{s:O*, s:O*}", "code", code, "reason", json_object_get(l->account, "reason"));

    if (!json_equal(now, l->told)) {
        say("%s.", account_member(l->account, "reason"));
        if (l->ctl->is_asked)
            tell_resend(code);
    }
    json_decref(l->told);
    l->told = now;
}

/* One that may be a word for us instead. *RET_IS_WORD: it was, and the result is what came of it. */
static enum ctl_exit ask_or_word(struct ctl_login *l, const char *prompt, const char *what, bool is_hidden,
                                 char out[static PROMPT_SIZE], bool *ret_is_word)
{
    enum ctl_exit e = login_ask(l, prompt, what, is_hidden, out);

    *ret_is_word = true;
    if (e)
        return e;
    prompt_trim(out);
    if (strcmp(out, "cancel") == 0)
        return login_give_up(l);
    if (strcmp(out, "resend") == 0 && json_object_get(l->account, "code"))
        return login_post(l, "resend", json_object());
    *ret_is_word = false;
    return CTL_DONE;
}

/* A line that is one member of the step's body. */
static enum ctl_exit ask_and_post(struct ctl_login *l, const char *prompt, const char *member, bool is_hidden,
                                  const char *step)
{
    char line[PROMPT_SIZE];
    bool is_word;
    enum ctl_exit e = ask_or_word(l, prompt, member, is_hidden, line, &is_word);

    if (!e && !is_word)
        e = login_post(l, step, json_pack("{s:s}", member, line));
    explicit_bzero(line, sizeof(line));
    return e;
}

enum ctl_exit login_step_start(struct ctl_login *l)
{
    const char *reason = account_member(l->account, "reason");
    char line[PROMPT_SIZE];
    bool is_word;

    if (*reason)
        say("%s.", reason);
    enum ctl_exit e = ask_or_word(l, "Phone number in international form, or 'qr' for a QR code: ", "phone number",
                                  false, line, &is_word);
    if (e || is_word)
        return e;
    if (strcmp(line, "qr") == 0)
        return login_post(l, "", json_pack("{s:b}", "qr", 1));
    return login_post(l, "", json_pack("{s:s}", "phone", line));
}

enum ctl_exit login_step_code(struct ctl_login *l)
{
    tell_code(l);
    return ask_and_post(l, "Code (hidden): ", "code", true, "code");
}

enum ctl_exit login_step_email(struct ctl_login *l)
{
    const char *reason = account_member(l->account, "reason");

    if (*reason)
        say("%s.", reason);
    return ask_and_post(l, "E-mail address: ", "email", false, "email");
}

enum ctl_exit login_step_email_code(struct ctl_login *l)
{
    tell_code(l);
    return ask_and_post(l, "Code from the e-mail (hidden): ", "code", true, "email-code");
}

/* It may be any text: no word of ours is looked for in it. */
enum ctl_exit login_step_password(struct ctl_login *l)
{
    const char *hint = account_member(l->account, "hint");
    char line[PROMPT_SIZE], prompt[512];

    if (*hint)
        snprintf(prompt, sizeof(prompt), "Password of two-step verification (hint: %s): ", hint);
    else
        snprintf(prompt, sizeof(prompt), "Password of two-step verification: ");
    enum ctl_exit e = login_ask(l, prompt, "password", true, line);
    if (!e)
        e = login_post(l, "password", json_pack("{s:s}", "password", line));
    explicit_bzero(line, sizeof(line));
    return e;
}

enum ctl_exit login_step_registration(struct ctl_login *l)
{
    const char *terms = account_member(json_object_get(l->account, "terms_of_service"), "text");
    char first[PROMPT_SIZE], last[PROMPT_SIZE];

    say("No account has this number yet: it signs up.");
    if (*terms && l->ctl->is_asked) {
        say("Who goes on accepts Telegram's terms of service:");
        say_lines(terms);
    }
    enum ctl_exit e = login_ask(l, "First name: ", "first name", false, first);
    if (!e)
        e = login_ask(l, "Last name (may be empty): ", "last name (which may be an empty line)", false, last);
    if (e)
        return e;
    prompt_trim(first);
    prompt_trim(last);
    return login_post(l, "registration", json_pack("{s:s, s:s}", "first_name", first, "last_name", last));
}
