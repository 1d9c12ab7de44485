/* CONNECT of HTTP (RFC 9110, 9.3.6), with the Basic scheme (RFC 7617) where there is a user. */
#include <string.h>
#include <strings.h>

#include "daemon/wire/tunnel_internal.h"

enum { STATUS_AT = 9, REASON_MAX = 60, CREDENTIALS_WANTED = 407 };

/* The length of a whole head with its empty line, or 0. Lines may end with a bare LF (RFC 9112, 2.2). */
static size_t head_len(const uint8_t *p, size_t len)
{
    for (size_t i = 0; i + 1 < len; i++) {
        if (p[i] != '\n')
            continue;
        if (p[i + 1] == '\n')
            return i + 2;
        if (p[i + 1] == '\r' && i + 2 < len && p[i + 2] == '\n')
            return i + 3;
    }
    return 0;
}

/* "HTTP/1.1 200 …": the three digits, or 0. */
static int status_of(const uint8_t *p, size_t len)
{
    static const char start[] = "HTTP/1.";
    int status = 0;

    if (len < STATUS_AT + 4 || strncasecmp((const char *)p, start, sizeof(start) - 1) != 0 || p[STATUS_AT - 1] != ' ')
        return 0;
    for (size_t i = STATUS_AT; i < STATUS_AT + 3; i++) {
        if (p[i] < '0' || p[i] > '9')
            return 0;
        status = status * 10 + (p[i] - '0');
    }
    return memchr(" \r\n", p[STATUS_AT + 3], 3) ? status : 0;
}

/* The proxy's words, as far as they can be shown. */
static void copy_reason(const uint8_t *p, size_t len, char out[static REASON_MAX + 1])
{
    size_t n = 0;

    for (size_t i = STATUS_AT + 4; i < len && n < REASON_MAX && p[i] != '\r' && p[i] != '\n'; i++)
        if (p[i] >= 0x20 && p[i] < 0x7f)
            out[n++] = (char)p[i];
    out[n] = '\0';
}

static int refuse(const struct tunnel *t, int status, const char *reason, struct fault *fault)
{
    /* What it says to the method itself and to who asks; the rest may be the address's. */
    static const int for_good[] = {400, 401, 405, 501};
    int err = TGC_ECLOSED;

    if (status == CREDENTIALS_WANTED)
        return fault_set(fault, TGC_EREFUSED, "refused: 407, %s",
                         t->config.proxy->user[0] ? "wrong user or password, or it takes another scheme than Basic"
                                                  : "it wants a user and a password");
    for (size_t i = 0; i < sizeof(for_good) / sizeof(for_good[0]); i++)
        if (for_good[i] == status)
            err = TGC_EREFUSED;
    return fault_set(fault, err, "refused: %d%s%s", status, reason[0] ? " " : "", reason);
}

static int take_head(struct tunnel *t, const uint8_t *p, size_t len, size_t *ret_used, struct buf *out,
                     struct fault *fault)
{
    char reason[REASON_MAX + 1];
    size_t head = head_len(p, len);

    (void)out;
    if (p[0] != 'H' && p[0] != 'h')
        return tunnel_stranger(p[0], "HTTP", fault);
    if (head == 0)
        return 0;
    int status = status_of(p, head);
    if (status < 100)
        return fault_set(fault, TGC_EPROTO, "answers with a line that is none of HTTP/1's");
    copy_reason(p, head, reason);
    if (status >= 300)
        return refuse(t, status, reason, fault);
    /* A 1xx comes before the answer. A 2xx has no body, whatever its head says. */
    *ret_used = head;
    if (status >= 200)
        t->step = NULL;
    return 0;
}

static const struct tunnel_step answer = {"CONNECT", take_head};

void tunnel_begin_http(struct tunnel *t, struct buf *out)
{
    char target[TUNNEL_TARGET_SIZE], basic[PROXY_BASIC_SIZE];

    tunnel_target_text(&t->config.target, target);
    buf_printf(out, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n", target, target);
    if (t->config.proxy->user[0]) {
        proxy_basic(t->config.proxy, basic);
        buf_printf(out, "Proxy-Authorization: Basic %s\r\n", basic);
        explicit_bzero(basic, sizeof(basic));
    }
    buf_put_text(out, "\r\n");
    t->step = &answer;
}
