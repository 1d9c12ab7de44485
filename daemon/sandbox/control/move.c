#include "daemon/sandbox/control/move.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/sandbox/centre/push.h"
#include "daemon/sandbox/world/json.h"

static const char *wrong_member(const json_t *body)
{
    const char *key;
    json_t *value;

    json_object_foreach ((json_t *)body, key, value)
        if (strcmp(key, "dc") != 0 && strcmp(key, "address") != 0 && strcmp(key, "told") != 0)
            return key;
    return NULL;
}

/* What stands before a data centre is where clients are told to go. */
static bool tell_address(struct world *w, int dc, const char *text)
{
    const char *colon = strrchr(text, ':');
    size_t len = colon ? (size_t)(colon - text) : 0;
    char *end;
    long port = colon ? strtol(colon + 1, &end, 10) : 0;

    if (port < 1 || port > 65535 || *end || len >= sizeof(w->dc[dc].host) || strncmp(text, "127.", 4) != 0)
        return false;
    memcpy(w->dc[dc].host, text, len);
    w->dc[dc].host[len] = '\0';
    w->dc[dc].port = (int)port;
    return true;
}

json_t *move_set(struct centres *s, const json_t *body, struct fault *fault)
{
    const char *text = json_object_get(body, "address") ? json_get_text(body, "address") : "127.0.0.1:0";
    int64_t dc = json_get_long(body, "dc");
    char address[80];

    if (!json_is_object(body) || (dc != 1 && dc != 2) || wrong_member(body)) {
        (void)fault_set(fault, TGC_EINVAL, "give dc, 1 or 2, and, if it is to be a certain one, address");
        return NULL;
    }
    if (json_get_true(body, "told")) {
        if (!tell_address(&s->world, (int)dc, text)) {
            (void)fault_set(fault, TGC_EINVAL, "an address to be told is 127.0.0.1:PORT");
            return NULL;
        }
        push_dc_options(s);
        return json_pack("{s:i, s:s}", "dc", (int)dc, "address", text);
    }
    if (!s->move) {
        (void)fault_set(fault, TGC_EINVAL, "it listens nowhere");
        return NULL;
    }
    if (s->move(s->move_ctx, (int)dc, text, address, sizeof(address), fault))
        return NULL;
    push_dc_options(s);
    return json_pack("{s:i, s:s}", "dc", (int)dc, "address", address);
}
