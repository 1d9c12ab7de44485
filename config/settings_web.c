#include "config.h"

#include "config/settings_internal.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

/* More than what can be dialled: names with _ are in use where a resolver of one's own has them. */
static bool is_name(const char *text, size_t len)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";

    return len > 0 && strspn(text, allowed) >= len && text[0] != '.' && !memmem(text, len, "..", 2);
}

static bool is_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");

    return digits > 0 && digits < 6 && text[digits] == '\0';
}

/* As a Host header has it, with a port or without; a bare IPv6 address too, since nobody brackets one in a list. */
static bool can_be_host(const char *text)
{
    char inner[INET6_ADDRSTRLEN];
    struct in6_addr v6;
    bool bracketed = text[0] == '[';
    size_t len = strcspn(text + bracketed, bracketed ? "]" : ":");
    const char *rest = text + bracketed + len;

    if (inet_pton(AF_INET6, text, &v6) == 1)
        return true;
    if (bracketed) {
        if (*rest++ != ']' || len >= sizeof(inner))
            return false;
        memcpy(inner, text + 1, len);
        inner[len] = '\0';
        if (inet_pton(AF_INET6, inner, &v6) != 1)
            return false;
    } else if (!is_name(text, len)) {
        return false;
    }
    return *rest == '\0' || (*rest == ':' && is_port(rest + 1));
}

/* RFC 6454 and browsers: scheme, host, and a port where it is not the scheme's own. They compare without case here, as
 * a browser sends lower case whatever was typed. */
static bool can_be_origin(const char *text)
{
    bool tls = strncasecmp(text, "https://", 8) == 0;
    const char *host = text + (tls ? 8 : 7);

    if (!tls && strncasecmp(text, "http://", 7) != 0)
        return false;
    const char *port = strrchr(host, ':');
    if (port && !strchr(port, ']') && strcmp(port, tls ? ":443" : ":80") == 0)
        return false;
    return (host[0] == '[' || !port || strchr(host, ':') == port) && can_be_host(host);
}

static void judge(struct reading *r, const struct text_list *list, bool (*can_be)(const char *text), const char *key,
                  const char *option, const char *text)
{
    for (size_t i = 0; i < list->n; i++) {
        if (can_be(list->items[i]))
            continue;
        if (option)
            reading_option_error(r, option, "'%s' %s", list->items[i], text);
        else
            reading_error_at(r, reading_line_of(r, "server", key), "server", key, "'%s' %s", list->items[i], text);
    }
}

void settings_check_web(struct reading *r)
{
    judge(r, &r->s->hosts, can_be_host, "hosts", r->options->hosts.n ? "--host" : NULL,
          "matches no Host header: a name or an address, perhaps with :PORT; no wildcards");
    judge(r, &r->s->cors_origins, can_be_origin, "cors_origins", r->options->cors_origins.n ? "--cors-origin" : NULL,
          "is not an origin as browsers send it, such as https://app.example or http://localhost:3000: no path, no "
          "wildcard, no usual port");
}
