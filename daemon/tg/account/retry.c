#include "daemon/tg/account/retry.h"

#include <string.h>

enum { WAIT_MOST_S = 14 * 86400, CODE_ANY = 0 };

/* In order: the first row that fits decides. */
static const struct {
    int32_t code;
    const char *family; /* a trailing * takes any ending */
    enum tg_reaction reaction;
} table[] = {
    {303, "PHONE_MIGRATE_X", TG_REACT_MIGRATE},
    {303, "NETWORK_MIGRATE_X", TG_REACT_MIGRATE},
    {303, "USER_MIGRATE_X", TG_REACT_MIGRATE},
    {400, "CONNECTION_NOT_INITED", TG_REACT_INIT},
    {400, "CONNECTION_LAYER_INVALID", TG_REACT_INIT},
    {401, "SESSION_PASSWORD_NEEDED", TG_REACT_GIVE},
    {401, "AUTH_KEY_PERM_EMPTY", TG_REACT_INIT},
    {401, "USER_DEACTIVATED*", TG_REACT_BANNED},
    {401, "AUTH_KEY_*", TG_REACT_REVOKED},
    {401, "SESSION_*", TG_REACT_REVOKED},
    {406, "AUTH_KEY_DUPLICATED", TG_REACT_DUPLICATED},
    {406, "UPDATE_APP_TO_LOGIN", TG_REACT_OLD_LAYER},
    {CODE_ANY, "FROZEN_*", TG_REACT_FROZEN},
    {420, "*WAIT_X", TG_REACT_WAIT},
    {420, "FLOOD_WAIT*", TG_REACT_WAIT}, /* with a number that is none */
    {420, "TAKEOUT_INIT_DELAY_X", TG_REACT_WAIT},
    {500, "AUTH_RESTART*", TG_REACT_GIVE},
    {500, "RANDOM_ID_DUPLICATE", TG_REACT_GIVE},
    {500, "*", TG_REACT_TRY_AGAIN},
};

static int fits(const char *pattern, const char *text)
{
    size_t n = strlen(pattern), len = strlen(text);

    if (pattern[0] == '*')
        return n == 1 || (len >= n - 1 && strcmp(text + len - (n - 1), pattern + 1) == 0);
    if (pattern[n - 1] == '*')
        return strncmp(text, pattern, n - 1) == 0;
    return strcmp(text, pattern) == 0;
}

enum tg_reaction tg_retry_judge(const struct mt_rpc_error *error)
{
    /* 0 and what lies beyond the hundreds of clients' faults is server trouble, as is every negative code. */
    int32_t code = error->code <= 0 || error->code >= 500 ? 500 : error->code;

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if ((table[i].code == CODE_ANY || table[i].code == code) && fits(table[i].family, error->family))
            return table[i].reaction;
    return TG_REACT_GIVE;
}

int64_t tg_retry_wait_s(const struct mt_rpc_error *error)
{
    if (!error->has_parameter || error->parameter < 1)
        return 1;
    return error->parameter > WAIT_MOST_S ? WAIT_MOST_S : error->parameter;
}
