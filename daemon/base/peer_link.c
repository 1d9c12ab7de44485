/* Peers as links, in the forms that people copy out of Telegram's apps and web pages. */
#include "daemon/base/peer_text_internal.h"

static const char *const hosts[] = {"t.me", "telegram.me", "telegram.dog"};
enum { HOSTS = sizeof(hosts) / sizeof(hosts[0]) };

/* First segments of a path that are no usernames: what stands behind them is no chat. */
static const char *const not_names[] = {"addemoji",     "addlist",     "addstickers", "addtheme", "auction", "call",
                                        "confirmphone", "contact",     "giftcode",    "invoice",  "iv",      "login",
                                        "proxy",        "setlanguage", "share",       "socks"};

static bool is(struct text_piece s, const char *word)
{
    return s.len == strlen(word) && strncasecmp(s.p, word, s.len) == 0;
}

static bool is_host(struct text_piece s)
{
    for (size_t i = 0; i < HOSTS; i++)
        if (is(s, hosts[i]))
            return true;
    return false;
}

/* Up to the first of STOPS, which stays in S. */
static struct text_piece cut(struct text_piece *s, const char *stops)
{
    struct text_piece head = {s->p, 0};

    while (head.len < s->len && !strchr(stops, s->p[head.len]))
        head.len++;
    s->p += head.len;
    s->len -= head.len;
    return head;
}

/* The next segment of a path, without slashes; empty at its end. */
static struct text_piece segment(struct text_piece *path)
{
    while (path->len && path->p[0] == '/') {
        path->p++;
        path->len--;
    }
    return cut(path, "/");
}

static bool is_at_end(struct text_piece path)
{
    return segment(&path).len == 0;
}

/* "key=value&…" after the question mark. */
static bool parameter(struct text_piece query, const char *key, struct text_piece *ret)
{
    while (query.len) {
        struct text_piece one = cut(&query, "&#");
        struct text_piece name = cut(&one, "=");
        if (is(name, key) && one.len) {
            *ret = (struct text_piece){one.p + 1, one.len - 1};
            return true;
        }
        if (query.len && query.p[0] == '#')
            return false;
        query.p += query.len > 0;
        query.len -= query.len > 0;
    }
    return false;
}

static int parse_invite(struct text_piece s, struct peer_text *out, struct fault *fault)
{
    if (s.len == 0 || s.len >= sizeof(out->text))
        return fault_set(fault, TGC_EINVAL, "the link's invite is empty or too long");
    for (size_t i = 0; i < s.len; i++)
        if (!is_letter(s.p[i]) && !is_digit(s.p[i]) && s.p[i] != '_' && s.p[i] != '-')
            return fault_set(fault, TGC_EINVAL, "an invite has only letters, digits, _ and -");
    memcpy(out->text, s.p, s.len);
    out->kind = PEER_TEXT_INVITE;
    return 0;
}

/* "+" with nothing but a phone's digits is a phone, as Telegram's own links have it. */
static int parse_plus(struct text_piece s, struct peer_text *out, struct fault *fault)
{
    if (all_digits(s) && s.len >= PEER_PHONE_MIN && s.len <= PEER_PHONE_MAX)
        return peer_parse_phone(s, out, fault);
    return parse_invite(s, out, fault);
}

/* What may follow a chat: the numbers of a message, its topic or comment. */
static int check_message(struct text_piece rest, struct fault *fault)
{
    char shown[PEER_SHOWN_MAX];

    for (struct text_piece s = segment(&rest); s.len; s = segment(&rest))
        if (!all_digits(s))
            return fault_set(fault, TGC_EINVAL, "the link leads to \"%s\" of a chat, not to the chat",
                             peer_show(s, shown));
    return 0;
}

static int parse_path(struct text_piece path, struct peer_text *out, struct fault *fault)
{
    char shown[PEER_SHOWN_MAX];
    struct text_piece first = segment(&path);
    int err;

    if (first.len == 0)
        return fault_set(fault, TGC_EINVAL, "the link names nobody");
    if (is(first, "joinchat"))
        first = segment(&path);
    else if (drop_prefix(&first, "+") || drop_prefix(&first, "%2B")) {
        err = parse_plus(first, out, fault);
        return err || is_at_end(path) ? err : fault_set(fault, TGC_EINVAL, "something follows the link's invite");
    } else if (is(first, "c")) {
        err = peer_parse_bare_id(segment(&path), PEER_CHANNEL, out, fault);
        return err ? err : check_message(path, fault);
    } else {
        bool surely_name = is(first, "s") && !is_at_end(path);
        if (surely_name)
            first = segment(&path);
        surely_name |= drop_prefix(&first, "@");
        for (size_t i = 0; i < sizeof(not_names) / sizeof(not_names[0]); i++)
            if (!surely_name && is(first, not_names[i]))
                return fault_set(fault, TGC_EINVAL, "a link to \"%s\" is not a link to a chat",
                                 peer_show(first, shown));
        err = peer_parse_name(first, out, fault);
        return err ? err : check_message(path, fault);
    }
    err = parse_invite(first, out, fault);
    return err || is_at_end(path) ? err : fault_set(fault, TGC_EINVAL, "something follows the link's invite");
}

/* tg://WHAT?PARAMETERS, the form that apps hand to each other. */
static int parse_tg(struct text_piece s, struct peer_text *out, struct fault *fault)
{
    struct text_piece what = cut(&s, "?/#"), value;
    char shown[PEER_SHOWN_MAX];

    while (s.len && s.p[0] == '/')
        s = (struct text_piece){s.p + 1, s.len - 1};
    struct text_piece query =
        s.len && s.p[0] == '?' ? (struct text_piece){s.p + 1, s.len - 1} : (struct text_piece){s.p, 0};
    if (is(what, "resolve") && parameter(query, "domain", &value))
        return peer_parse_name(value, out, fault);
    if (is(what, "resolve") && parameter(query, "phone", &value)) {
        (void)!drop_prefix(&value, "+");
        return peer_parse_phone(value, out, fault);
    }
    if (is(what, "join") && parameter(query, "invite", &value))
        return parse_invite(value, out, fault);
    if (is(what, "privatepost") && parameter(query, "channel", &value))
        return peer_parse_bare_id(value, PEER_CHANNEL, out, fault);
    if (is(what, "user") && parameter(query, "id", &value))
        return peer_parse_bare_id(value, PEER_USER, out, fault);
    return fault_set(fault, TGC_EINVAL, "the link tg://%s names no chat", peer_show(what, shown));
}

/* "name" of "name.t.me"; empty where the host is Telegram's own, NULL where it is somebody else's. */
static struct text_piece name_of_host(struct text_piece host)
{
    struct text_piece name = {host.p, 0};

    (void)!drop_prefix(&host, "www.");
    if (is_host(host))
        return name;
    for (size_t i = 0; i < host.len; i++)
        if (host.p[i] == '.' && is_host((struct text_piece){host.p + i + 1, host.len - i - 1}))
            return (struct text_piece){host.p, i};
    return (struct text_piece){NULL, 0};
}

static bool drop_scheme(struct text_piece *s)
{
    return drop_prefix(s, "https://") || drop_prefix(s, "http://");
}

bool peer_is_link(struct text_piece s)
{
    struct text_piece rest = s;

    if (drop_scheme(&rest) || drop_prefix(&rest, "tg:") || memchr(s.p, '/', s.len))
        return true;
    return name_of_host(cut(&rest, "/?#")).p != NULL;
}

int peer_parse_link(struct text_piece s, struct peer_text *out, struct fault *fault)
{
    char shown[PEER_SHOWN_MAX];

    if (drop_prefix(&s, "tg:")) {
        (void)!drop_prefix(&s, "//");
        return parse_tg(s, out, fault);
    }
    (void)!drop_scheme(&s);
    struct text_piece host = cut(&s, "/?#"), path = cut(&s, "?#"), name = name_of_host(host);
    if (!name.p)
        return fault_set(fault, TGC_EINVAL, "\"%s\" is none of Telegram's hosts: t.me, telegram.me, telegram.dog",
                         peer_show(host, shown));
    if (!name.len)
        return parse_path(path, out, fault);
    int err = peer_parse_name(name, out, fault);
    return err ? err : check_message(path, fault);
}
