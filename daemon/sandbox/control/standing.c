#include "daemon/sandbox/control/standing.h"

#include <stdio.h>
#include <string.h>

#include "daemon/sandbox/centre/expel.h"
#include "daemon/sandbox/world/json.h"

enum { FREEZE_MAX_S = 86400 * 365 };

struct deed {
    struct centres *s;
    struct world_user *user;
    const char *error; /* that was asked for, or the act's first */
    int64_t seconds;
};

static unsigned duplicate(const struct deed *d)
{
    return expel(d->s, d->user, 406, d->error);
}

static unsigned revoke(const struct deed *d)
{
    return expel(d->s, d->user, 401, d->error);
}

static unsigned ban(const struct deed *d)
{
    snprintf(d->user->banned, sizeof(d->user->banned), "%s", d->error);
    return expel(d->s, d->user, 401, d->error);
}

static unsigned freeze(const struct deed *d)
{
    d->user->frozen_since = world_now(&d->s->world);
    d->user->frozen_until = d->seconds ? d->user->frozen_since + d->seconds : 0;
    return 0;
}

static unsigned restore(const struct deed *d)
{
    d->user->banned[0] = '\0';
    d->user->frozen_since = d->user->frozen_until = 0;
    return 0;
}

static const struct act {
    const char *name;
    unsigned (*run)(const struct deed *d);
    const char *errors[5]; /* that it may be told by */
    bool has_seconds;
} acts[] = {
    {"duplicate", duplicate, {"AUTH_KEY_DUPLICATED"}, false},
    {"revoke", revoke, {"SESSION_REVOKED", "AUTH_KEY_UNREGISTERED", "SESSION_EXPIRED", "AUTH_KEY_INVALID"}, false},
    {"ban", ban, {"USER_DEACTIVATED_BAN", "USER_DEACTIVATED"}, false},
    {"freeze", freeze, {NULL}, true},
    {"restore", restore, {NULL}, false},
};

static const struct act *find_act(const char *name)
{
    for (size_t i = 0; i < sizeof(acts) / sizeof(*acts); i++)
        if (strcmp(acts[i].name, name) == 0)
            return &acts[i];
    return NULL;
}

static bool has_error(const struct act *act, const char *error)
{
    for (size_t i = 0; act->errors[i]; i++)
        if (strcmp(act->errors[i], error) == 0)
            return true;
    return false;
}

static bool is_member(const struct act *act, const char *key)
{
    return strcmp(key, "user") == 0 || strcmp(key, "phone") == 0 || strcmp(key, "act") == 0 ||
           (strcmp(key, "error") == 0 && act->errors[0]) || (strcmp(key, "seconds") == 0 && act->has_seconds);
}

static int check(const struct act *act, const json_t *body, struct fault *fault)
{
    const json_t *seconds = json_object_get(body, "seconds"), *error = json_object_get(body, "error");
    const char *key;
    json_t *value;

    json_object_foreach ((json_t *)body, key, value)
        if (!is_member(act, key))
            return fault_set(fault, TGC_EINVAL, "\"%s\" has no member \"%s\"", act->name, key);
    if (error && !has_error(act, json_get_text(body, "error")))
        return fault_set(fault, TGC_EINVAL, "\"%s\" is not told by this error", act->name);
    if (seconds &&
        (!json_is_integer(seconds) || json_integer_value(seconds) < 1 || json_integer_value(seconds) > FREEZE_MAX_S))
        return fault_set(fault, TGC_EINVAL, "seconds must be an integer from 1 to %d", FREEZE_MAX_S);
    return 0;
}

json_t *standing_set(struct centres *s, const json_t *body, struct fault *fault)
{
    const struct act *act = find_act(json_get_text(body, "act"));
    const char *phone = json_get_text(body, "phone");
    struct deed d = {.s = s, .seconds = json_get_long(body, "seconds")};

    if (!json_is_object(body) || !act) {
        (void)fault_set(fault, TGC_EINVAL, "act is one of duplicate, revoke, ban, freeze, restore");
        return NULL;
    }
    d.user = *phone ? world_user_by_phone(&s->world, phone) : world_user_by_id(&s->world, json_get_long(body, "user"));
    if (!d.user) {
        (void)fault_set(fault, TGC_EINVAL, "there is no such user: give user, its id, or phone");
        return NULL;
    }
    if (check(act, body, fault))
        return NULL;
    d.error = json_object_get(body, "error") ? json_get_text(body, "error") : act->errors[0];
    return json_pack("{s:i}", "keys", (int)act->run(&d));
}
