#include "daemon/base/peer_text.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "daemon/base/limits.h"

enum { NAME_MIN = 4, NAME_MAX_LEN = 32, PHONE_MIN = 5, PHONE_MAX = 20 };

#define USER_ID_MAX ((INT64_C(1) << 40) - 1)
#define CHAT_ID_MAX INT64_C(999999999999)
#define CHANNEL_BASE INT64_C(1000000000000)
#define CHANNEL_ID_MAX INT64_C(997852516352)
#define MONOFORUM_ID_MIN INT64_C(1002147483649)
#define MONOFORUM_ID_MAX INT64_C(3000000000000)

/* ctype's classes follow the locale. */
static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char to_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* A borrowed piece of the text. */
struct piece {
    const char *p;
    size_t len;
};

static bool drop_prefix(struct piece *s, const char *prefix)
{
    size_t n = strlen(prefix);

    if (s->len < n || strncasecmp(s->p, prefix, n) != 0)
        return false;
    s->p += n;
    s->len -= n;
    return true;
}

static bool all_digits(struct piece s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_digit(s.p[i]))
            return false;
    return s.len > 0;
}

static int parse_name(struct piece s, struct peer_text *out, struct fault *fault)
{
    if (s.len < NAME_MIN || s.len > NAME_MAX_LEN)
        return fault_set(fault, TGC_EINVAL,
                         "a username has 4 to 32 characters; other peers are t.me links, me, +phone and ids");
    if (!is_letter(s.p[0]))
        return fault_set(fault, TGC_EINVAL, "a username starts with a letter");
    for (size_t i = 0; i < s.len; i++) {
        if (!is_letter(s.p[i]) && !is_digit(s.p[i]) && s.p[i] != '_')
            return fault_set(fault, TGC_EINVAL, "a username has only letters, digits and _");
        out->text[i] = to_lower(s.p[i]);
    }
    out->kind = PEER_TEXT_NAME;
    return 0;
}

static int parse_phone(struct piece s, struct peer_text *out, struct fault *fault)
{
    size_t n = 0;

    for (size_t i = 0; i < s.len; i++) {
        if (strchr(" -()", s.p[i]))
            continue;
        if (!is_digit(s.p[i]))
            return fault_set(fault, TGC_EINVAL, "a phone number has only digits after +");
        if (n == PHONE_MAX)
            return fault_set(fault, TGC_EINVAL, "a phone number has at most 20 digits");
        out->text[n++] = s.p[i];
    }
    if (n < PHONE_MIN)
        return fault_set(fault, TGC_EINVAL, "a phone number has at least 5 digits");
    out->kind = PEER_TEXT_PHONE;
    return 0;
}

static int parse_invite(struct piece s, struct peer_text *out, struct fault *fault)
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

/* What follows the host: "/name", "/+hash", "/joinchat/hash"; "/+" with nothing but a phone's digits is a phone. */
static int parse_link(struct piece s, struct peer_text *out, struct fault *fault)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.p[i] == '?' || s.p[i] == '#')
            s.len = i;
    if (s.len > 1 && s.p[s.len - 1] == '/')
        s.len--;
    if (!drop_prefix(&s, "/") || s.len == 0)
        return fault_set(fault, TGC_EINVAL, "the link names nobody");
    if (drop_prefix(&s, "joinchat/"))
        return parse_invite(s, out, fault);
    if (strncasecmp(s.p, "joinchat", s.len) == 0 && s.len == strlen("joinchat"))
        return fault_set(fault, TGC_EINVAL, "the link's invite is empty or too long");
    if (drop_prefix(&s, "+")) {
        if (all_digits(s) && s.len >= PHONE_MIN && s.len <= PHONE_MAX)
            return parse_phone(s, out, fault);
        return parse_invite(s, out, fault);
    }
    if (memchr(s.p, '/', s.len))
        return fault_set(fault, TGC_EINVAL, "the link leads to something inside a chat, not to a peer");
    return parse_name(s, out, fault);
}

static bool drop_host(struct piece *s)
{
    static const char *const schemes[] = {"https://", "http://"};
    static const char *const hosts[] = {"t.me", "telegram.me", "telegram.dog"};
    struct piece rest = *s;

    if (!drop_prefix(&rest, schemes[0]))
        (void)drop_prefix(&rest, schemes[1]);
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        if (drop_prefix(&rest, hosts[i]) && (rest.len == 0 || strchr("/?#", rest.p[0]))) {
            *s = rest;
            return true;
        }
    }
    return false;
}

static int parse_id(struct piece s, struct peer_text *out, struct fault *fault)
{
    bool negative = drop_prefix(&s, "-");
    int64_t v = 0;

    /* 13 digits reach the last monoforum; more cannot be an id, and never overflow here. */
    if (!all_digits(s) || s.p[0] == '0' || s.len > 13)
        return fault_set(fault, TGC_EINVAL, "not a marked id");
    for (size_t i = 0; i < s.len; i++)
        v = v * 10 + (s.p[i] - '0');
    if (peer_marked_id_parse(negative ? -v : v, &out->peer, &out->id) < 0)
        return fault_set(fault, TGC_EINVAL, "no user, group or channel has this id");
    out->kind = PEER_TEXT_ID;
    return 0;
}

int peer_text_parse(const char *text, size_t len, struct peer_text *ret, struct fault *fault)
{
    struct piece s = {text, len};
    struct peer_text out = {0};
    int err;

    if (len == 0)
        return fault_set(fault, TGC_EINVAL, "a peer is @name, a t.me link, me, +phone or a marked id, not empty");
    if (len > LIMIT_PEER_TEXT)
        return fault_set(fault, TGC_EINVAL, "a peer has at most %d bytes", LIMIT_PEER_TEXT);
    if (memchr(text, '\0', len))
        return fault_set(fault, TGC_EINVAL, "a peer has no NUL in it");
    if (len == 2 && memcmp(text, "me", 2) == 0)
        out.kind = PEER_TEXT_SELF, err = 0;
    else if (drop_prefix(&s, "@"))
        err = parse_name(s, &out, fault);
    else if (drop_prefix(&s, "+"))
        err = parse_phone(s, &out, fault);
    else if (s.p[0] == '-' || is_digit(s.p[0]))
        err = parse_id(s, &out, fault);
    else if (drop_host(&s))
        err = parse_link(s, &out, fault);
    else
        err = parse_name(s, &out, fault);
    if (!err)
        *ret = out;
    return err;
}

int peer_marked_id_parse(int64_t marked, enum peer_kind *ret_kind, int64_t *ret_id)
{
    enum peer_kind kind;
    int64_t id;

    if (marked > 0) {
        kind = PEER_USER;
        id = marked;
    } else if (marked >= -CHAT_ID_MAX) {
        kind = PEER_CHAT;
        id = -marked;
    } else if (marked >= -(CHANNEL_BASE + MONOFORUM_ID_MAX)) {
        kind = PEER_CHANNEL;
        id = -marked - CHANNEL_BASE;
    } else {
        return TGC_EINVAL;
    }
    if (peer_marked_id(kind, id) == 0)
        return TGC_EINVAL;
    *ret_kind = kind;
    *ret_id = id;
    return 0;
}

int64_t peer_marked_id(enum peer_kind kind, int64_t id)
{
    if (id < 1)
        return 0;
    switch (kind) {
    case PEER_USER:
        return id <= USER_ID_MAX ? id : 0;
    case PEER_CHAT:
        return id <= CHAT_ID_MAX ? -id : 0;
    case PEER_CHANNEL:
        /* Between the two ranges lie the marked ids of secret chats. */
        if (id > CHANNEL_ID_MAX && (id < MONOFORUM_ID_MIN || id > MONOFORUM_ID_MAX))
            return 0;
        return -(CHANNEL_BASE + id);
    default:
        return 0;
    }
}
