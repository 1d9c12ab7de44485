/* tgcalldctl login NAME: from whatever state the account is in to `ready`. */
#include "daemon/ctl/login.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/percent.h"
#include "daemon/ctl/account_text.h"
#include "daemon/ctl/command.h"
#include "daemon/ctl/say.h"

enum { CTL_KEY_PHONE = 0x200, CTL_KEY_QR };

static const struct argp_option options[] = {
    {"phone", CTL_KEY_PHONE, "NUMBER", 0, "Begin with this number, in international form", 0},
    {"qr", CTL_KEY_QR, NULL, 0, "Begin with a QR code, which an app that is logged in scans", 0},
    {0},
};

static error_t take(int key, char *arg, struct argp_state *state)
{
    struct ctl_words *words = state->input;

    switch (key) {
    case CTL_KEY_PHONE:
        words->phone = arg;
        return 0;
    case CTL_KEY_QR:
        words->by_qr = true;
        return 0;
    case ARGP_KEY_END:
        if (words->phone && words->by_qr)
            argp_error(state, "--phone or --qr, not both");
        return 0;
    default:
        return ctl_take_name(key, arg, state);
    }
}

const struct argp ctl_login_argp = {options,
                                    take,
                                    "NAME",
                                    "Logs the account NAME in, and makes it where there is none. What each step needs "
                                    "is asked for, or read from stdin, "
                                    "a line each.\v"
                                    "At a prompt the word 'resend' has the code sent another way, 'cancel' gives the "
                                    "login up. A login that was left is "
                                    "gone on with by 'tgcalldctl login NAME'.",
                                    NULL,
                                    NULL,
                                    NULL};

static const struct {
    const char *state;
    login_step_fn *run;
} steps[] = {
    {"wait_login", login_step_start},
    {"logged_out", login_step_start},
    {"revoked", login_step_start},
    {"duplicated", login_step_start},
    {"wait_code", login_step_code},
    {"wait_password", login_step_password},
    {"wait_registration", login_step_registration},
    {"wait_email", login_step_email},
    {"wait_email_code", login_step_email_code},
    {"wait_qr", login_step_qr},
};

static login_step_fn *find_step(const char *state)
{
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        if (strcmp(steps[i].state, state) == 0)
            return steps[i].run;
    return NULL;
}

static void take_account(struct ctl_login *l, json_t *account)
{
    json_decref(l->account);
    l->account = account;
}

enum ctl_exit login_post(struct ctl_login *l, const char *step, json_t *body)
{
    char path[sizeof(l->path) + 64];
    json_t *account;

    if (!body) {
        say_fault("what was typed is not UTF-8");
        return CTL_REFUSED;
    }
    snprintf(path, sizeof(path), "%s/login%s%s", l->path, *step ? "/" : "", step);
    enum ctl_exit e = ctl_ask(l->ctl, "POST", path, body, &account);
    if (!e)
        take_account(l, account);
    return e;
}

enum ctl_exit login_refresh(struct ctl_login *l)
{
    json_t *account;
    enum ctl_exit e = ctl_ask(l->ctl, "GET", l->path, NULL, &account);

    if (!e)
        take_account(l, account);
    return e;
}

enum ctl_exit login_give_up(struct ctl_login *l)
{
    enum ctl_exit e = login_post(l, "cancel", json_object());

    if (e)
        return e;
    l->is_over = true;
    say("The login was given up.");
    return CTL_REFUSED;
}

enum ctl_exit login_ask(struct ctl_login *l, const char *prompt, const char *what, bool is_secret,
                        char out[static PROMPT_SIZE])
{
    if (l->ctl->is_asked)
        say_prompt(prompt);
    int err = prompt_line(is_secret, out);
    if (!err)
        return CTL_DONE;
    if (l->ctl->is_asked && err == TGC_ECLOSED)
        say("%s", "");
    say_fault("no %s on stdin: %s", what, err == TGC_ECLOSED ? "it ended" : tgc_err_text(err));
    say("  'tgcalldctl login %s' goes on with the login.", l->name);
    l->is_over = true;
    return CTL_REFUSED;
}

/* The account, made where there is none. */
static enum ctl_exit open_account(struct ctl_login *l)
{
    enum ctl_exit e = ctl_ask_unless(l->ctl, "GET", l->path, 404, &l->account);

    if (e || l->account)
        return e;
    return ctl_ask(l->ctl, "POST", "/v1/accounts", json_pack("{s:s}", "name", l->name), &l->account);
}

static enum ctl_exit begin(struct ctl_login *l, const struct ctl_words *words)
{
    if (words->phone)
        return login_post(l, "", json_pack("{s:s}", "phone", words->phone));
    if (words->by_qr)
        return login_post(l, "", json_pack("{s:b}", "qr", 1));
    return CTL_DONE;
}

static enum ctl_exit finish(const struct ctl_login *l)
{
    const char *remedy = account_member(l->account, "remedy");
    bool is_ready = strcmp(account_member(l->account, "state"), "ready") == 0;
    char user[600];

    account_user_text(l->account, user, sizeof(user));
    if (is_ready) {
        say("%s is logged in as %s.", l->name, user);
    } else {
        say_fault("%s is %s: %s", l->name, account_member(l->account, "state"), account_member(l->account, "reason"));
        if (*remedy)
            say("  %s", remedy);
    }
    if (l->ctl->as_json && say_result(l->account) != 0)
        return CTL_REFUSED;
    if (!l->ctl->as_json && !l->ctl->is_table)
        account_say_row(l->account);
    return is_ready ? CTL_DONE : CTL_REFUSED;
}

/* A person who mistyped is asked again; a script that goes wrong must not have its next line taken for the same. */
static enum ctl_exit go_on(struct ctl_login *l, enum ctl_exit e)
{
    login_step_fn *step;

    for (;;) {
        if (e == CTL_REFUSED && l->ctl->is_asked && !l->is_over)
            e = login_refresh(l);
        if (e)
            return e;
        step = find_step(account_member(l->account, "state"));
        if (!step)
            return finish(l);
        e = step(l);
    }
}

enum ctl_exit ctl_login(const struct ctl *ctl, const struct ctl_words *words)
{
    struct ctl_login l = {.ctl = ctl, .name = words->name};
    char name[128];

    /* What is too long for this is no name either: the daemon says what one is like. */
    percent_encode(words->name, strlen(words->name), name, sizeof(name));
    snprintf(l.path, sizeof(l.path), "/v1/accounts/%s", *name ? name : "-");
    enum ctl_exit e = open_account(&l);
    if (!e)
        e = go_on(&l, begin(&l, words));
    json_decref(l.account);
    json_decref(l.told);
    return e;
}
