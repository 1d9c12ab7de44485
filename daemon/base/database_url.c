#include "daemon/base/database_url.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/hex.h"

/* Of a text: scheme, USER:PASSWORD (NULL: none), HOST:PORT,HOST:PORT, /DATABASE, and what stands behind the question
 * mark (NULL: none). */
struct parts {
    const char *login, *hosts, *path, *query;
    size_t scheme_len, login_len, hosts_len, path_len;
};

static bool split(const char *text, struct parts *ret)
{
    static const char *const schemes[] = {"postgresql://", "postgres://"};
    struct parts p = {0};

    for (size_t i = 0; i < 2 && !p.scheme_len; i++)
        if (strncmp(text, schemes[i], strlen(schemes[i])) == 0)
            p.scheme_len = strlen(schemes[i]);
    if (!p.scheme_len)
        return false;
    p.hosts = text + p.scheme_len;
    /* As libpq does: the first @ before a slash. */
    size_t n = strcspn(p.hosts, "@/");
    if (p.hosts[n] == '@') {
        p.login = p.hosts;
        p.login_len = n;
        p.hosts += n + 1;
    }
    p.hosts_len = strcspn(p.hosts, "/?");
    p.path = p.hosts + p.hosts_len;
    p.path_len = strcspn(p.path, "?");
    if (p.path[p.path_len] == '?')
        p.query = p.path + p.path_len + 1;
    *ret = p;
    return true;
}

static bool is_escaped(const char *text)
{
    char byte;

    for (; *text; text++) {
        if ((unsigned char)*text <= 0x20 || *text == 0x7f)
            return false;
        if (*text == '%' && (strlen(text) < 3 || hex_decode(text + 1, 2, &byte, 1) != 0 || byte == '\0'))
            return false;
    }
    return true;
}

/* HOST, HOST:PORT or [ADDRESS]:PORT. */
static bool is_host(const char *at, size_t len)
{
    size_t n = 0;

    if (len > 0 && at[0] == '[') {
        n = strspn(at, "[0123456789abcdefABCDEF:.%");
        if (n >= len || at[n] != ']')
            return false;
        n++;
    } else {
        while (n < len && at[n] != ':' && at[n] != '@')
            n++;
    }
    return n == len || (at[n] == ':' && strspn(at + n + 1, "0123456789") >= len - n - 1);
}

static bool are_hosts(const struct parts *p)
{
    for (size_t at = 0; at <= p->hosts_len;) {
        size_t n = 0;
        while (at + n < p->hosts_len && p->hosts[at + n] != ',')
            n++;
        if (!is_host(p->hosts + at, n))
            return false;
        at += n + 1;
    }
    return true;
}

int database_url_check(const char *text, struct fault *fault)
{
    struct parts p;

    if (!split(text, &p))
        return fault_set(fault, TGC_EINVAL,
                         "it is no URL such as postgresql://tgcalld@db.example/tgcalld, which begins with "
                         "postgresql:// or postgres://");
    if (strlen(text) > DATABASE_URL_MAX)
        return fault_set(fault, TGC_EINVAL, "longer than %d bytes", DATABASE_URL_MAX);
    if (!is_escaped(text))
        return fault_set(fault, TGC_EINVAL,
                         "a blank in it, or a %% without two hex digits; in a URL they are written %%20 and %%25");
    if (!are_hosts(&p))
        return fault_set(fault, TGC_EINVAL,
                         "what should be HOST:PORT is not; in a user or a password / is written %%2F, @ %%40, : %%3A, "
                         "%% %%25");
    if (p.path_len > 1 && memchr(p.path + 1, '/', p.path_len - 1))
        return fault_set(fault, TGC_EINVAL,
                         "a / in the database's name, where it is written %%2F, as in a password; what comes after a "
                         "host is PORT/DATABASE");
    return 0;
}

static bool may_be_shown(const char *at, size_t name_len)
{
    static const char *const shown[] = {"host", "hostaddr", "port", "dbname", "user", "sslmode"};
    bool may = false;

    for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
        may = may || (strlen(shown[i]) == name_len && memcmp(at, shown[i], name_len) == 0);
    return may;
}

void database_url_show(const char *text, char out[static DATABASE_URL_MAX + 4])
{
    struct parts p;
    size_t n = 0;

    out[0] = '\0';
    if (!split(text, &p))
        return;
    const char *colon = p.login ? memchr(p.login, ':', p.login_len) : NULL;
    size_t user_len = colon ? (size_t)(colon - p.login) : p.login_len;
    n = (size_t)snprintf(out, DATABASE_URL_MAX + 4, "%.*s%.*s%s%s%.*s%.*s", (int)p.scheme_len, text, (int)user_len,
                         p.login ? p.login : "", colon ? ":***" : "", p.login ? "@" : "", (int)p.hosts_len, p.hosts,
                         (int)p.path_len, p.path);
    char before = '?';
    for (const char *at = p.query; at && *at && n < DATABASE_URL_MAX; at += strcspn(at, "&"), at += *at == '&') {
        size_t len = strcspn(at, "&");
        if (!may_be_shown(at, strcspn(at, "=&")))
            continue;
        n += (size_t)snprintf(out + n, DATABASE_URL_MAX + 4 - n, "%c%.*s", before, (int)len, at);
        before = '&';
    }
}
