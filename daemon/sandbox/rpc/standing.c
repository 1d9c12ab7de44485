/* Logins that were ended from elsewhere, and accounts that may only read. */
#include <string.h>

#include "daemon/sandbox/rpc/rpc.h"

/* What a frozen account may still do: read, log in and out. Telegram publishes no list; in its own apps such an account
 * is read-only. */
static bool is_for_the_frozen(const char *method)
{
    static const char *const rooms[] = {"help.", "auth.", "langpack.", "updates.", "account."}, *const verbs[] = {
                                                                                                    "get", "check",
                                                                                                    "resolve"};
    const char *verb = strchr(method, '.');

    for (size_t i = 0; i < sizeof(rooms) / sizeof(*rooms); i++)
        if (strncmp(method, rooms[i], strlen(rooms[i])) == 0)
            return true;
    for (size_t i = 0; verb && i < sizeof(verbs) / sizeof(*verbs); i++)
        if (strncmp(verb + 1, verbs[i], strlen(verbs[i])) == 0)
            return true;
    return false;
}

bool rpc_is_refused(struct rpc *r, const char *method)
{
    const struct account *a = r->account;

    if (a->ended_code == 406)
        return rpc_fail(r, a->ended_code, "%s", a->ended), true;
    if (r->user && world_is_frozen(r->w, r->user) && !is_for_the_frozen(method))
        return rpc_fail(r, 420, "FROZEN_METHOD_INVALID"), true;
    return false;
}

json_t *rpc_not_logged_in(struct rpc *r)
{
    const struct account *a = r->account;

    if (a->pending)
        return rpc_fail(r, 401, "SESSION_PASSWORD_NEEDED");
    return a->ended_code ? rpc_fail(r, a->ended_code, "%s", a->ended) : rpc_fail(r, 401, "AUTH_KEY_UNREGISTERED");
}
