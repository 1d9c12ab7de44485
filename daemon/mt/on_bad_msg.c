/* bad_msg_notification and bad_server_salt: what the server did not take, and why. */
#include "daemon/base/log.h"
#include "daemon/mt/session_internal.h"

enum remedy {
    RESEND = 1,      /* the named message under a new id */
    NEW_SESSION = 2, /* everything in a new session */
    FIX_TIME = 4,
    OUR_FAULT = 8, /* once more, then no more */
    UNSURE = 16,   /* whether it was taken once cannot be told; else it certainly was not */
};

/* code, remedy, what it means ("Notice of Ignored Error Message") */
static const struct {
    uint32_t code;
    unsigned remedy;
    const char *text;
} codes[] = {
    {16, FIX_TIME | RESEND, "our message id is too low"},
    {17, FIX_TIME | NEW_SESSION, "our message id is too high"},
    {18, NEW_SESSION | OUR_FAULT, "our message id is no multiple of 4"},
    {19, NEW_SESSION | OUR_FAULT, "our container's id was used before"},
    {20, RESEND | UNSURE, "our message is too old to be known"},
    {32, NEW_SESSION, "our sequence number is too low"},
    {33, NEW_SESSION, "our sequence number is too high"},
    {34, NEW_SESSION | OUR_FAULT, "our sequence number is odd and should be even"},
    {35, NEW_SESSION | OUR_FAULT, "our sequence number is even and should be odd"},
    {64, NEW_SESSION | OUR_FAULT, "our container is malformed"},
};

static void mark(struct mt_session *s, struct sent *e, void *ctx)
{
    const unsigned *remedy = ctx;

    if (e->kind == SENT_QUERY) {
        struct mt_request *q = e->request;
        if (!(*remedy & UNSURE))
            mt_request_not_taken(e);
        q->bad_n++;
        q->blamed_n = (uint8_t)(q->blamed_n + ((*remedy & OUR_FAULT) != 0));
        if (q->blamed_n > 1 || q->bad_n > BAD_MAX) {
            mt_request_give_up(s, q, TGC_ESTATE);
            return;
        }
    }
    if (!(*remedy & RESEND))
        return;
    if (e->kind != SENT_QUERY && ++e->bad_n > SERVICE_BAD_MAX)
        outbox_service_drop(s, e);
    else
        outbox_resend(s, e);
}

int on_bad_msg_notification(struct mt_session *s, const struct incoming *in, struct tl_reader *r)
{
    uint64_t id = tl_read_u64(r);
    (void)tl_read_u32(r);
    uint32_t code = tl_read_u32(r);
    /* A code nobody knows is taken for a fault of ours in that one message. */
    unsigned remedy = RESEND | OUR_FAULT | UNSURE;
    const char *text = "unknown code";

    if (r->err)
        return TGC_EPROTO;
    if (!outbox_is_own(s, id))
        return 0;
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        if (codes[i].code == code) {
            remedy = codes[i].remedy;
            text = codes[i].text;
        }
    }
    log_write(remedy & OUR_FAULT ? LOG_LEVEL_WARNING : LOG_LEVEL_DEBUG, "mt",
              "The server refused a message, code %u: %s", (unsigned)code, text);
    if (id == s->probe_id)
        session_salt_trust(s); /* it came as far as having its other fields judged */
    outbox_each(s, id, mark, &remedy);
    if (remedy & FIX_TIME)
        session_time_set(s, in->msg_id);
    if (remedy & NEW_SESSION)
        session_restart(s, text);
    return 0;
}

/* Once a salt: a message that is refused for the salt it was sent again with waits until its state is asked for, and so
 * does one that no salt is right for. Service messages are not waited for. */
static void resend_salted(struct mt_session *s, struct sent *e, void *ctx)
{
    const uint64_t *salt = ctx;
    struct salted *salted = e->kind == SENT_QUERY ? &e->request->salted : &e->salted;

    if (e->kind == SENT_QUERY)
        mt_request_not_taken(e);
    if (salted->n && salted->salt == *salt)
        return;
    if (salted->n < SALTED_MAX) {
        *salted = (struct salted){*salt, (uint8_t)(salted->n + 1)};
        outbox_resend(s, e);
        return;
    }
    *salted = (struct salted){0};
    if (e->kind != SENT_QUERY)
        outbox_service_drop(s, e);
}

int on_bad_server_salt(struct mt_session *s, const struct incoming *in, struct tl_reader *r)
{
    uint64_t id = tl_read_u64(r);
    (void)tl_read_u32(r);
    (void)tl_read_u32(r);
    uint64_t salt = tl_read_u64(r);

    if (r->err)
        return TGC_EPROTO;
    if (!outbox_is_own(s, id))
        return 0;
    session_salt_refused(s, id, salt);
    outbox_each(s, id, resend_salted, &salt);
    return 0;
}
