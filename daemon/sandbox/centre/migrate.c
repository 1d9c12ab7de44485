#include "daemon/sandbox/centre/migrate.h"

#include <string.h>

static bool is_exempt(const char *method)
{
    return strncmp(method, "help.", 5) == 0 || strcmp(method, "auth.exportAuthorization") == 0;
}

static struct world_user *whose(const struct centres *s, const struct account *account, const json_t *params)
{
    const char *phone = json_get_text(params, "phone_number");

    if (account->user || !*phone)
        return account->user;
    return world_user_by_phone(&s->world, phone + strspn(phone, "+"));
}

bool migrate_strikes(struct centres *s, struct rpc *r, const char *method, const struct account *account,
                     const json_t *params)
{
    const json_t *rule = inject_find(&s->inject, "migrate", method);
    struct world_user *u = rule && !is_exempt(method) ? whose(s, account, params) : NULL;
    int dc = (int)json_get_long(rule, "dc");

    if (!u || dc == account->dc)
        return false;
    u->home_dc = dc;
    json_decref(inject_take(&s->inject, "migrate", method));
    rpc_fail(r, 303, strncmp(method, "auth.", 5) == 0 ? "PHONE_MIGRATE_%d" : "USER_MIGRATE_%d", dc);
    return true;
}
