#include <stdio.h>

#include "daemon/base/limits.h"
#include "daemon/base/peer_text_internal.h"
#include "daemon/base/utf8.h"

#define USER_ID_MAX ((INT64_C(1) << 40) - 1)
#define CHAT_ID_MAX INT64_C(999999999999)
#define CHANNEL_BASE INT64_C(1000000000000)
#define CHANNEL_ID_MAX INT64_C(997852516352)
#define MONOFORUM_ID_MIN INT64_C(1002147483649)
#define MONOFORUM_ID_MAX INT64_C(3000000000000)

int peer_parse_name(struct text_piece s, struct peer_text *out, struct fault *fault)
{
    char shown[PEER_SHOWN_MAX];

    if (s.len < PEER_NAME_MIN || s.len > PEER_NAME_MAX)
        return fault_set(fault, TGC_EINVAL,
                         "\"%s\" is no username, which has 4 to 32 characters; other peers are t.me links, me, +phone "
                         "and ids",
                         peer_show(s, shown));
    if (!is_letter(s.p[0]))
        return fault_set(fault, TGC_EINVAL, "\"%s\" is no username, which starts with one of the letters a to z",
                         peer_show(s, shown));
    for (size_t i = 0; i < s.len; i++) {
        if (!is_letter(s.p[i]) && !is_digit(s.p[i]) && s.p[i] != '_')
            return fault_set(fault, TGC_EINVAL, "\"%s\" is no username, which has only letters, digits and _",
                             peer_show(s, shown));
        out->text[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] - 'A' + 'a' : s.p[i]);
    }
    out->kind = PEER_TEXT_NAME;
    return 0;
}

int peer_parse_phone(struct text_piece s, struct peer_text *out, struct fault *fault)
{
    size_t n = 0;

    for (size_t i = 0; i < s.len; i++) {
        if (strchr(" -()", s.p[i]))
            continue;
        if (!is_digit(s.p[i]))
            return fault_set(fault, TGC_EINVAL, "a phone number has only digits after +");
        if (n == PEER_PHONE_MAX)
            return fault_set(fault, TGC_EINVAL, "a phone number has at most 20 digits");
        out->text[n++] = s.p[i];
    }
    if (n < PEER_PHONE_MIN)
        return fault_set(fault, TGC_EINVAL, "a phone number has at least 5 digits");
    out->kind = PEER_TEXT_PHONE;
    return 0;
}

static bool read_id(struct text_piece s, int64_t *ret)
{
    int64_t v = 0;

    /* 13 digits reach the last monoforum; more cannot be an id, and never overflow here. */
    if (!all_digits(s) || s.p[0] == '0' || s.len > 13)
        return false;
    for (size_t i = 0; i < s.len; i++)
        v = v * 10 + (s.p[i] - '0');
    *ret = v;
    return true;
}

int peer_parse_bare_id(struct text_piece s, enum peer_kind kind, struct peer_text *out, struct fault *fault)
{
    char shown[PEER_SHOWN_MAX];

    if (!read_id(s, &out->id) || peer_marked_id(kind, out->id) == 0)
        return fault_set(fault, TGC_EINVAL, "\"%s\" is no %s's id", peer_show(s, shown),
                         kind == PEER_USER ? "user" : "channel");
    out->peer = kind;
    out->kind = PEER_TEXT_ID;
    return 0;
}

static int parse_id(struct text_piece s, struct peer_text *out, struct fault *fault)
{
    struct text_piece whole = s;
    bool negative = drop_prefix(&s, "-");
    char shown[PEER_SHOWN_MAX];
    int64_t v;

    if (!read_id(s, &v))
        return fault_set(fault, TGC_EINVAL, "\"%s\" is no marked id, which is a number as the Bot API has it",
                         peer_show(whole, shown));
    if (peer_marked_id_parse(negative ? -v : v, &out->peer, &out->id) < 0)
        return fault_set(fault, TGC_EINVAL, "no user, group or channel has the id %s", peer_show(whole, shown));
    out->kind = PEER_TEXT_ID;
    return 0;
}

const char *peer_show(struct text_piece s, char text[static PEER_SHOWN_MAX])
{
    size_t shown = s.len < PEER_SHOWN_MAX ? s.len : utf8_cut(s.p, PEER_SHOWN_MAX - sizeof("..."));
    bool plain = utf8_is_valid(s.p, shown);

    for (size_t i = 0; i < shown && plain; i++) {
        uint8_t c = (uint8_t)s.p[i], before = i ? (uint8_t)s.p[i - 1] : 0;
        plain = c >= ' ' && c != 0x7f && !(before == 0xc2 && c < 0xa0);
    }
    snprintf(text, PEER_SHOWN_MAX, "%.*s%s", plain ? (int)shown : 0, s.p, plain && shown == s.len ? "" : "...");
    return text;
}

int peer_text_parse(const char *text, size_t len, struct peer_text *ret, struct fault *fault)
{
    struct text_piece s = {text, len};
    struct peer_text out = {0};
    int err;

    if (len == 0)
        return fault_set(fault, TGC_EINVAL, "a peer is @name, a t.me link, me, +phone or a marked id, not empty");
    if (len > LIMIT_PEER_TEXT)
        return fault_set(fault, TGC_EINVAL, "a peer has at most %d bytes", LIMIT_PEER_TEXT);
    if (memchr(text, '\0', len))
        return fault_set(fault, TGC_EINVAL, "a peer has no NUL in it");
    if (strchr(" \t\r\n", text[0]) || strchr(" \t\r\n", text[len - 1]))
        return fault_set(fault, TGC_EINVAL, "there is white space around the peer");
    if (len == 2 && memcmp(text, "me", 2) == 0)
        out.kind = PEER_TEXT_SELF, err = 0;
    else if (drop_prefix(&s, "@"))
        err = peer_parse_name(s, &out, fault);
    else if (drop_prefix(&s, "+"))
        err = peer_parse_phone(s, &out, fault);
    else if (s.p[0] == '-' || is_digit(s.p[0]))
        err = parse_id(s, &out, fault);
    else if (peer_is_link(s))
        err = peer_parse_link(s, &out, fault);
    else
        err = peer_parse_name(s, &out, fault);
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
