/* The grammar of peers: what is taken is within its ranges, and its canonical text is taken again as the same. */
#include <inttypes.h>
#include <string.h>

#include "daemon/base/le.h"
#include "daemon/base/peer_text.h"
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

static void check_peer(const struct peer_text *p)
{
    struct peer_text again;
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
    FUZZ_CHECK(peer_text_parse(text, strlen(text), &again, NULL) == 0);
    FUZZ_CHECK(again.kind == p->kind && strcmp(again.text, p->text) == 0 && again.id == p->id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct peer_text p;
    struct fault fault = {0};

    fuzz_begin();
    if (peer_text_parse((const char *)data, len, &p, &fault) == 0)
        check_peer(&p);
    else
        FUZZ_CHECK(fault.err == TGC_EINVAL && fault.text[0] != '\0');
    if (len >= 8)
        check_marked((int64_t)le64_load(data));
    return 0;
}
