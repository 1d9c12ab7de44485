/* How an account of an earlier process goes on. */
#include "daemon/tg/account/inside.h"
#include "daemon/tg/login/login.h"
#include "daemon/tg/login/step.h"

void tg_login_resume(struct tg_account *a)
{
    if (account_login_is_unsettled(a))
        login_ask_fate(a);
    else
        account_follow(a); /* what it hears of the login changes the account */
}
