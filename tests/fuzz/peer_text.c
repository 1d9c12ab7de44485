/* The grammar of peers: what is taken is within its ranges, and its canonical text and each link to it are taken as the
 * same; what is refused is so with a reason that can be shown. */
#include <inttypes.h>
#include <string.h>

#include "daemon/base/le.h"
#include "daemon/base/peer_text.h"
#include "daemon/base/utf8.h"
#include "tests/fuzz/fuzz.h"

static void check_marked(int64_t marked)
{
    enum peer_kind kind;
    int64_t id;

    if (peer_marked_id_parse(marked, &kind, &id) == 0) {
        FUZZ_CHECK(id > 0);
        FUZZ_CHECK(peer_marked_id(kind, id) == marked);
    }
    for (int k = PEER_USER; k <= PEER_CHANNEL; k++) {
        int64_t back = peer_marked_id((enum peer_kind)k, marked);
        if (back) {
            FUZZ_CHECK(peer_marked_id_parse(back, &kind, &id) == 0);
            FUZZ_CHECK((int)kind == k && id == marked);
        }
    }
}

static void check_same(const char *text, const struct peer_text *p)
{
    struct peer_text again;

    FUZZ_CHECK(peer_text_parse(text, strlen(text), &again, NULL) == 0);
    FUZZ_CHECK(again.kind == p->kind && strcmp(again.text, p->text) == 0 && again.id == p->id && again.peer == p->peer);
}

static const struct {
    enum peer_text_kind kind;
    const char *before, *behind;
} links[] = {
    {PEER_TEXT_NAME, "https://www.t.me/s/", "/7?single"},
    {PEER_TEXT_NAME, "Telegram.Dog/@", ""},
    {PEER_TEXT_NAME, "tg://resolve?post=7&domain=", "#x"},
    {PEER_TEXT_INVITE, "tg:join?invite=", ""},
    {PEER_TEXT_PHONE, "http://t.me/+", ""},
    {PEER_TEXT_PHONE, "tg://resolve?phone=", ""},
};

static void check_links(const struct peer_text *p)
{
    char text[200];

    for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
        if (links[i].kind != p->kind)
            continue;
        snprintf(text, sizeof(text), "%s%s%s", links[i].before, p->text, links[i].behind);
        check_same(text, p);
    }
    if (p->kind == PEER_TEXT_ID && p->peer == PEER_CHANNEL) {
        snprintf(text, sizeof(text), "t.me/c/%" PRId64 "/7", p->id);
        check_same(text, p);
    }
    if (p->kind == PEER_TEXT_NAME) {
        struct peer_text other;
        snprintf(text, sizeof(text), "t.mex%s.t.me", p->text); /* a host that only ends like one of Telegram's */
        FUZZ_CHECK(peer_text_parse(text, strlen(text), &other, NULL) == TGC_EINVAL);
    }
}

static void check_peer(const struct peer_text *p)
{
    char text[160];

    FUZZ_CHECK(memchr(p->text, '\0', sizeof(p->text)) != NULL);
    switch (p->kind) {
    case PEER_TEXT_NAME:
        snprintf(text, sizeof(text), "@%s", p->text);
        break;
    case PEER_TEXT_INVITE:
        snprintf(text, sizeof(text), "t.me/joinchat/%s", p->text);
        break;
    case PEER_TEXT_PHONE:
        snprintf(text, sizeof(text), "+%s", p->text);
        break;
    case PEER_TEXT_ID:
        FUZZ_CHECK(p->id > 0);
        snprintf(text, sizeof(text), "%" PRId64, peer_marked_id(p->peer, p->id));
        break;
    default:
        snprintf(text, sizeof(text), "me");
        break;
    }
    check_same(text, p);
    check_links(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct peer_text p;
    struct fault fault = {0};

    fuzz_begin();
    if (peer_text_parse((const char *)data, len, &p, &fault) == 0)
        check_peer(&p);
    else
        FUZZ_CHECK(fault.err == TGC_EINVAL && fault.text[0] != '\0' && utf8_is_valid(fault.text, strlen(fault.text)));
    if (len >= 8)
        check_marked((int64_t)le64_load(data));
    return 0;
}
