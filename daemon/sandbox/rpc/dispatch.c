#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "daemon/sandbox/rpc/call.h"

static const struct rpc_row *const tables[] = {
    rpc_help_rows,
    rpc_auth_rows,
    rpc_login_token_rows,
    rpc_account_rows,
    rpc_users_rows,
    rpc_email_rows,
    rpc_contacts_rows,
    rpc_chats_rows,
    rpc_updates_rows,
    rpc_deletion_rows,
    rpc_phone_rows,
    rpc_call_conference_rows,
    rpc_call_settings_rows,
    rpc_call_invite_rows,
    rpc_call_join_rows,
    rpc_call_message_rows,
    rpc_call_participant_rows,
    rpc_call_presentation_rows,
    rpc_call_read_rows,
};

json_t *rpc_fail(struct rpc *r, int code, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    vsnprintf(r->message, sizeof(r->message), format, ap);
    va_end(ap);
    r->code = code;
    return NULL;
}

json_t *rpc_in_bytes(void)
{
    return json_null();
}

const struct rpc_row *rpc_find(const char *method)
{
    for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
        for (const struct rpc_row *row = tables[i]; row->method; row++)
            if (strcmp(row->method, method) == 0)
                return row;
    return NULL;
}

json_t *rpc_dispatch(struct rpc *r, const char *method, const json_t *params)
{
    const struct rpc_row *row = rpc_find(method);

    r->method = method;
    r->user = r->account->user;
    if (rpc_is_refused(r, method))
        return NULL;
    if (!row) {
        /* Not logged in: Telegram says so before it looks at the method. */
        if (!r->user && strncmp(method, "help.", 5) != 0 && strncmp(method, "langpack.", 9) != 0)
            return rpc_not_logged_in(r);
        return rpc_fail(r, 404, "METHOD_NOT_IN_SANDBOX"); /* not Telegram's word: there it would be served */
    }
    if (!r->user && !(row->flags & RPC_PUBLIC))
        return rpc_not_logged_in(r);
    r->is_executed = true;
    json_t *answer = row->handler(r, params);
    if (!answer && !r->code)
        rpc_fail(r, 500, "RPC_CALL_FAIL");
    return answer;
}
