#include "daemon/base/proxy.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <sodium.h>

#include "daemon/base/hex.h"
#include "daemon/base/proxy_internal.h"

/* A stretch of the text. Nothing of it is quoted in an error: where a password is written wrongly, any part may be of
 * it. */
struct part {
    const char *at;
    size_t len;
};

static bool unescape(struct part from, char *out, size_t size)
{
    size_t n = 0;

    for (size_t i = 0; i < from.len; i++) {
        char c = from.at[i];
        if (c == '%') {
            if (from.len - i < 3 || hex_decode(from.at + i + 1, 2, &c, 1) != 0)
                return false;
            i += 2;
        }
        if ((unsigned char)c < 0x20 || c == 0x7f || n + 1 >= size)
            return false;
        out[n++] = c;
    }
    out[n] = '\0';
    return true;
}

static int read_word(struct part from, char *out, const char *what, struct fault *fault)
{
    if (!unescape(from, out, PROXY_WORD_MAX + 1))
        return fault_set(fault, TGC_EINVAL,
                         "the %s has more than %d bytes, a control character, or a %% without two "
                         "hex digits (a %% of its own is %%25)",
                         what, PROXY_WORD_MAX);
    if (memchr(from.at, '@', from.len))
        return fault_set(fault, TGC_EINVAL, "an @ in a user or a password is written %%40");
    return 0;
}

/* USER:PASSWORD, of which SOCKS5 wants both, and Basic no colon in the first. */
static int read_login(struct part login, struct proxy *p, struct fault *fault)
{
    const char *colon = memchr(login.at, ':', login.len);
    struct part user = {login.at, colon ? (size_t)(colon - login.at) : login.len};
    struct part password = {colon ? colon + 1 : login.at + login.len, login.len - user.len - (colon != NULL)};

    if (p->kind == PROXY_MTPROXY)
        return fault_set(fault, TGC_EINVAL, "an MTProxy has no user: mtproxy://HOST:PORT?secret=SECRET");
    int err = read_word(user, p->user, "user", fault);
    if (!err)
        err = read_word(password, p->password, "password", fault);
    if (err)
        return err;
    if (!p->user[0] || (p->kind == PROXY_SOCKS5 && !p->password[0]))
        return fault_set(fault, TGC_EINVAL, "user and password go together: USER:PASSWORD@HOST:PORT");
    if (p->kind == PROXY_HTTP && strchr(p->user, ':'))
        return fault_set(fault, TGC_EINVAL, "a user with a colon cannot be sent by HTTP");
    return 0;
}

static int read_address(struct part from, struct proxy *p, struct fault *fault)
{
    char text[sizeof(p->address.host) + 16];

    if (from.len < sizeof(text)) {
        memcpy(text, from.at, from.len);
        text[from.len] = '\0';
        if (address_from_text(text, false, &p->address, NULL) == 0)
            return 0;
    }
    return fault_set(fault, TGC_EINVAL,
                     "behind :// and a USER:PASSWORD@ belongs HOST:PORT: a name or an address (IPv6 "
                     "in brackets), and a port from 1 to 65535; / ? # @ in a password are %%2F %%3F "
                     "%%23 %%40");
}

/* The value of NAME among what follows the ?. */
static struct part query_value(struct part query, const char *name)
{
    size_t n = strlen(name);

    while (query.len > 0) {
        const char *end = memchr(query.at, '&', query.len);
        size_t len = end ? (size_t)(end - query.at) : query.len;
        if (len > n && query.at[n] == '=' && memcmp(query.at, name, n) == 0)
            return (struct part){query.at + n + 1, len - n - 1};
        query = (struct part){query.at + len + (end != NULL), query.len - len - (end != NULL)};
    }
    return (struct part){NULL, 0};
}

static int read_secret(struct part query, struct proxy *p, struct fault *fault)
{
    struct part secret = query_value(query, "secret");
    char text[512];
    int err;

    if (secret.len == 0)
        return fault_set(fault, TGC_EINVAL, "the secret is missing: mtproxy://HOST:PORT?secret=SECRET");
    if (!unescape(secret, text, sizeof(text)))
        return fault_set(fault, TGC_EINVAL, "the secret is too long, or has a %% without two hex digits");
    err = proxy_secret_parse(text, strlen(text), p, fault);
    sodium_memzero(text, sizeof(text));
    return err;
}

/* server=HOST&port=PORT&secret=SECRET, as links to MTProxies have it. */
static int read_link(struct part query, struct proxy *p, struct fault *fault)
{
    struct part host = query_value(query, "server"), port = query_value(query, "port");
    char text[300];
    bool v6 = host.len && memchr(host.at, ':', host.len) && host.at[0] != '[';

    p->kind = PROXY_MTPROXY;
    if (host.len == 0 || port.len == 0 || host.len > 256 || port.len > 5)
        return fault_set(fault, TGC_EINVAL, "a link to a proxy has server=, port= and secret=");
    snprintf(text, sizeof(text), "%s%.*s%s:%.*s", v6 ? "[" : "", (int)host.len, host.at, v6 ? "]" : "", (int)port.len,
             port.at);
    int err = read_address((struct part){text, strlen(text)}, p, fault);
    return err ? err : read_secret(query, p, fault);
}

static int read_url(const char *text, struct proxy *p, struct fault *fault)
{
    struct part authority = {text, strcspn(text, "/?#")};
    const char *tail = text + authority.len, *at = NULL;

    for (size_t i = 0; i < authority.len; i++)
        if (authority.at[i] == '@')
            at = authority.at + i;
    if (at) {
        int err = read_login((struct part){authority.at, (size_t)(at - authority.at)}, p, fault);
        if (err)
            return err;
        authority = (struct part){at + 1, (size_t)(tail - at - 1)};
    }
    int err = read_address(authority, p, fault);
    if (err)
        return err;
    tail += *tail == '/';
    if (p->kind == PROXY_MTPROXY)
        return read_secret((struct part){tail + (*tail == '?'), strlen(tail + (*tail == '?'))}, p, fault);
    return *tail ? fault_set(fault, TGC_EINVAL,
                             "nothing follows HOST:PORT; / ? # @ in a password are %%2F %%3F %%23 "
                             "%%40")
                 : 0;
}

static const struct {
    const char *start;
    enum proxy_kind kind;
    bool link;
} forms[] = {
    {"socks5://", PROXY_SOCKS5, false},           {"http://", PROXY_HTTP, false},
    {"mtproxy://", PROXY_MTPROXY, false},         {"tg://proxy?", PROXY_MTPROXY, true},
    {"https://t.me/proxy?", PROXY_MTPROXY, true},
};

int proxy_parse(const char *text, struct proxy *ret, struct fault *fault)
{
    struct proxy p = {0};
    int err = TGC_EUNKNOWN;

    if (strnlen(text, PROXY_TEXT_MAX + 1) > PROXY_TEXT_MAX)
        return fault_set(fault, TGC_EINVAL, "a proxy is written in at most %d bytes", PROXY_TEXT_MAX);
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]) && err == TGC_EUNKNOWN; i++) {
        size_t n = strlen(forms[i].start);
        if (strncasecmp(text, forms[i].start, n) != 0)
            continue;
        p.kind = forms[i].kind;
        err = forms[i].link ? read_link((struct part){text + n, strlen(text + n)}, &p, fault)
                            : read_url(text + n, &p, fault);
    }
    if (err == TGC_EUNKNOWN)
        err = fault_set(fault, TGC_EINVAL,
                        "a proxy is socks5://USER:PASSWORD@HOST:PORT, http://USER:PASSWORD@HOST:PORT "
                        "or mtproxy://HOST:PORT?secret=SECRET");
    if (!err)
        *ret = p;
    proxy_wipe(&p);
    return err;
}

void proxy_name(const struct proxy *p, char out[static PROXY_NAME_SIZE])
{
    bool v6 = p->address.v6;

    snprintf(out, PROXY_NAME_SIZE, "%s%.52s%s:%u", v6 ? "[" : "", p->address.host, v6 ? "]" : "", p->address.port);
}

void proxy_show(const struct proxy *p, char out[static PROXY_SHOWN_SIZE])
{
    static const char *const schemes[] = {
        [PROXY_SOCKS5] = "socks5", [PROXY_HTTP] = "http", [PROXY_MTPROXY] = "mtproxy"};
    bool v6 = p->address.v6;

    snprintf(out, PROXY_SHOWN_SIZE, "%s://%s%s%s:%u", schemes[p->kind], v6 ? "[" : "", p->address.host, v6 ? "]" : "",
             p->address.port);
}

const char *proxy_unfit(const struct proxy *p, const char *framing)
{
    if (p->kind != PROXY_MTPROXY || strcmp(framing, "padded") == 0)
        return NULL;
    if (p->padded)
        return "a secret that begins with dd or ee demands transport = padded";
    return strcmp(framing, "full") == 0 ? "an MTProxy takes transport = padded, intermediate or abridged" : NULL;
}

void proxy_basic(const struct proxy *p, char out[static PROXY_BASIC_SIZE])
{
    char both[2 * PROXY_WORD_MAX + 2];
    int n = snprintf(both, sizeof(both), "%s:%s", p->user, p->password);

    sodium_bin2base64(out, PROXY_BASIC_SIZE, (const unsigned char *)both, (size_t)n, sodium_base64_VARIANT_ORIGINAL);
    sodium_memzero(both, sizeof(both));
}

void proxy_wipe(struct proxy *p)
{
    sodium_memzero(p, sizeof(*p));
}
