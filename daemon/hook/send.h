/* Sending, by libcurl: HTTP/1.1, over connections that are kept; no redirects, no proxies, no more of an answer than
 * LIMIT_HOOK_ANSWER. An address is judged when it is connected to: it is that very one. One thread at a time. */
#ifndef TGCALLD_HOOK_SEND_H
#define TGCALLD_HOOK_SEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/clock.h"
#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/hook/address_judge.h"

/* For a try in all. */
enum { HOOK_TRY_MS = 15000 };

struct hook_sender;

struct hook_sender_config {
    const struct hook_allow *allow;
    const struct clock_source *clock;
    const char *user_agent;
    unsigned parallel; /* connections that are kept open for the next letter */
    /* "NAME:PORT:ADDRESS", for who asks nobody for names (tests); NULL: names are looked up. */
    const char *resolve;
    const char *ca_file; /* whom to trust; NULL: as the system does */
    int try_ms;          /* 0: HOOK_TRY_MS */
};

/* What CONFIG points to is borrowed. TGC_ESYSTEM: there is no libcurl. */
int hook_sender_new(const struct hook_sender_config *config, struct hook_sender **ret, struct fault *fault) TGC_MUST;
/* Gives up all that is under way. NULL is fine. */
void hook_sender_free(struct hook_sender *s);

struct hook_letter {
    const char *url, *id, *signature;
    int64_t timestamp;
    uint8_t *body; /* owned by the sender from then on, whatever comes of it */
    size_t len;
};
/* CTX: whose it is, for the reply; not NULL. TGC_ELIMIT: as many as may be are under way. TGC_ENOMEM. */
int hook_sender_post(struct hook_sender *s, const struct hook_letter *letter, void *ctx) TGC_MUST;
/* No reply comes. */
void hook_sender_give_up(struct hook_sender *s, void *ctx);

/* Goes on with what is under way, and waits for it, for FD to be readable, or for so long. */
void hook_sender_wait(struct hook_sender *s, int fd, int64_t us);

enum { HOOK_ERROR_MAX = 160 };
struct hook_reply {
    void *ctx;
    int status; /* 0: no answer came */
    int64_t retry_after_s, took_ms;
    char error[HOOK_ERROR_MAX]; /* "" with 2xx */
};
/* One that ended. */
bool hook_sender_take(struct hook_sender *s, struct hook_reply *ret);

#endif
