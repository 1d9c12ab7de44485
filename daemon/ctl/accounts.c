/* tgcalldctl accounts */
#include "daemon/ctl/account_text.h"
#include "daemon/ctl/command.h"
#include "daemon/ctl/say.h"

enum { NAME_COLUMNS = 32, STATE_COLUMNS = 17 };

/* For people: what each is waiting for stands behind it. */
static void put_account(const json_t *account)
{
    char user[600];
    const char *reason = account_member(account, "reason");

    account_user_text(account, user, sizeof(user));
    say_cell(account_member(account, "name"), NAME_COLUMNS);
    say_cell(account_member(account, "state"), STATE_COLUMNS);
    say_row((const char *const[]){*user ? user : reason}, 1);
}

static error_t take(int key, char *arg, struct argp_state *state)
{
    if (key == ARGP_KEY_ARG)
        argp_error(state, "'%s' is one word too many", arg);
    return ARGP_ERR_UNKNOWN;
}

const struct argp ctl_accounts_argp = {NULL, take, NULL, "Lists the accounts and what each waits for.",
                                       NULL, NULL, NULL};

enum ctl_exit ctl_accounts(const struct ctl *ctl, const struct ctl_words *words)
{
    json_t *answer, *account;
    size_t i;
    enum ctl_exit e = ctl_ask(ctl, "GET", "/v1/accounts", NULL, &answer);

    (void)words;
    if (e)
        return e;
    if (!json_is_array(json_object_get(answer, "accounts"))) {
        say_fault("what answers there is no tgcalld: it lists no accounts");
        e = CTL_NO_DAEMON;
    } else if (ctl->as_json) {
        e = say_result(answer) ? CTL_REFUSED : CTL_DONE;
    } else {
        json_array_foreach (json_object_get(answer, "accounts"), i, account) {
            if (ctl->is_table)
                put_account(account);
            else
                account_say_row(account);
        }
    }
    json_decref(answer);
    return e;
}
