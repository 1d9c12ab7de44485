#include "tests/support/fake_rpc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

static const struct fake_method *const tables[] = {fake_auth_methods, fake_chat_methods, fake_call_methods};

json_t *fake_rpc_fail(struct fake_rpc *r, int code, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    vsnprintf(r->text, sizeof(r->text), format, ap);
    va_end(ap);
    r->code = code;
    return NULL;
}

json_t *fake_rpc_run(struct fake_rpc *r, const char *method, const json_t *params)
{
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        for (const struct fake_method *m = tables[i]; m->name; m++) {
            if (strcmp(m->name, method) != 0)
                continue;
            if (!m->is_public && !r->login->user)
                return fake_rpc_fail(r, 401, r->login->pending ? "SESSION_PASSWORD_NEEDED" : "AUTH_KEY_UNREGISTERED");
            if (r->login->user && r->login->user->home_dc != r->centre && strncmp(method, "auth.", 5) != 0)
                return fake_rpc_fail(r, 303, "USER_MIGRATE_%d", r->login->user->home_dc);
            return m->run(r, params);
        }
    }
    ck_abort_msg("the fake world has no %s", method);
}

int64_t fake_long(const json_t *object, const char *member)
{
    const json_t *v = json_object_get(object, member);

    return json_is_string(v) ? strtoll(json_string_value(v), NULL, 10) : json_integer_value(v);
}

const char *fake_text(const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));

    return text ? text : "";
}

struct fake_chat *fake_rpc_chat(struct fake_rpc *r, const json_t *input, const char *wrong)
{
    const char *kind = fake_text(input, "_");
    struct fake_chat *c = NULL;

    if (strcmp(kind, "inputPeerChat") == 0)
        c = fake_world_chat(r->w, PEER_CHAT, fake_long(input, "chat_id"));
    else if (strcmp(kind, "inputPeerChannel") == 0 || strcmp(kind, "inputChannel") == 0)
        c = fake_world_chat(r->w, PEER_CHANNEL, fake_long(input, "channel_id"));
    if (!c || c->access_hash != fake_long(input, "access_hash")) {
        fake_rpc_fail(r, 400, "%s", wrong);
        return NULL;
    }
    return c;
}
