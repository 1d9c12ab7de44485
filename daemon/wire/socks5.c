/* SOCKS5 (RFC 1928), with user and password (RFC 1929) where there are any. */
#include <string.h>

#include "daemon/wire/tunnel_internal.h"

enum {
    VERSION = 5,
    LOGIN_VERSION = 1,
    WITHOUT_LOGIN = 0,
    WITH_LOGIN = 2,
    NO_WAY = 0xff,
    CONNECT = 1,
    IPV4 = 1,
    NAME = 3,
    IPV6 = 4
};

static void ask(struct tunnel *t, struct buf *out);

static bool has_login(const struct tunnel *t)
{
    return t->config.proxy->user[0] != '\0';
}

/* --- the reply --- */

static int refuse(uint8_t reply, struct fault *fault)
{
    static const struct {
        const char *text;
        bool elsewhere; /* another address may be reached */
    } known[] = {
        [1] = {"general failure", true},        [2] = {"not allowed by its rules", true},
        [3] = {"network unreachable", true},    [4] = {"host unreachable", true},
        [5] = {"connection refused", true},     [6] = {"TTL expired", true},
        [7] = {"command not supported", false}, [8] = {"address type not supported", true},
    };

    if (reply >= sizeof(known) / sizeof(known[0]))
        return fault_set(fault, TGC_EREFUSED, "refused: reply %u, which SOCKS5 does not know", reply);
    return fault_set(fault, known[reply].elsewhere ? TGC_ECLOSED : TGC_EREFUSED, "refused: %s", known[reply].text);
}

/* A refusal is taken as soon as it is one: not every proxy sends the rest. */
static int take_reply(struct tunnel *t, const uint8_t *p, size_t len, size_t *ret_used, struct buf *out,
                      struct fault *fault)
{
    (void)out;
    if (p[0] != VERSION)
        return fault_set(fault, TGC_EPROTO, "answers with version %u where SOCKS5 has 5", p[0]);
    if (len >= 2 && p[1] != 0)
        return refuse(p[1], fault);
    if (len < 5)
        return 0;
    size_t address = p[3] == IPV4 ? 4 : p[3] == IPV6 ? 16 : p[3] == NAME ? 1 + (size_t)p[4] : 0;
    if (address == 0)
        return fault_set(fault, TGC_EPROTO, "says where it is by address type %u, which SOCKS5 does not know", p[3]);
    if (len < 4 + address + 2)
        return 0;
    *ret_used = 4 + address + 2;
    t->step = NULL;
    return 0;
}

static const struct tunnel_step reply = {"the request to connect", take_reply};

/* --- the login --- */

static int take_login(struct tunnel *t, const uint8_t *p, size_t len, size_t *ret_used, struct buf *out,
                      struct fault *fault)
{
    if (p[0] != LOGIN_VERSION)
        return fault_set(fault, TGC_EPROTO, "answers the login with version %u where there is 1 alone", p[0]);
    if (len < 2)
        return 0;
    if (p[1] != 0)
        return fault_set(fault, TGC_EREFUSED, "refused: wrong user or password");
    *ret_used = 2;
    ask(t, out);
    return 0;
}

static const struct tunnel_step login = {"user and password", take_login};

static void log_in(struct tunnel *t, struct buf *out)
{
    const struct proxy *p = t->config.proxy;

    buf_put_byte(out, LOGIN_VERSION);
    buf_put_byte(out, (uint8_t)strlen(p->user));
    buf_put_text(out, p->user);
    buf_put_byte(out, (uint8_t)strlen(p->password));
    buf_put_text(out, p->password);
    t->step = &login;
}

static void ask(struct tunnel *t, struct buf *out)
{
    const struct tunnel_target *target = &t->config.target;
    const uint8_t head[] = {VERSION, CONNECT, 0, target->v6 ? IPV6 : IPV4};

    buf_put(out, head, sizeof(head));
    buf_put(out, target->address, target->v6 ? 16 : 4);
    buf_put_byte(out, (uint8_t)(target->port >> 8));
    buf_put_byte(out, (uint8_t)target->port);
    t->step = &reply;
}

/* --- the greeting --- */

static int take_method(struct tunnel *t, const uint8_t *p, size_t len, size_t *ret_used, struct buf *out,
                       struct fault *fault)
{
    if (p[0] != VERSION)
        return tunnel_stranger(p[0], "SOCKS5", fault);
    if (len < 2)
        return 0;
    if (p[1] == NO_WAY)
        return fault_set(fault, TGC_EREFUSED,
                         has_login(t) ? "refused: it takes no login by user and password"
                                      : "refused: it wants a login, by user and password perhaps");
    if (p[1] != WITHOUT_LOGIN && !(p[1] == WITH_LOGIN && has_login(t)))
        return fault_set(fault, TGC_EPROTO, "wants to be logged in to by method %u, which was not offered", p[1]);
    *ret_used = 2;
    if (p[1] == WITH_LOGIN)
        log_in(t, out);
    else
        ask(t, out);
    return 0;
}

static const struct tunnel_step greeting = {"the greeting", take_method};

void tunnel_begin_socks5(struct tunnel *t, struct buf *out)
{
    buf_put_byte(out, VERSION);
    buf_put_byte(out, has_login(t) ? 2 : 1);
    buf_put_byte(out, WITHOUT_LOGIN);
    if (has_login(t))
        buf_put_byte(out, WITH_LOGIN);
    t->step = &greeting;
}
