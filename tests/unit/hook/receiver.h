/* A receiver of webhooks on a thread of its own: what came, and what is answered. */
#ifndef TGCALLD_TESTS_HOOK_RECEIVER_H
#define TGCALLD_TESTS_HOOK_RECEIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct receiver;

/* One request that came. */
struct received {
    char id[64], signature[256], timestamp[32], body[512], path[64];
    unsigned connection; /* the number of its connection, from 1 */
};

/* Listens on loopback, and answers all by "204". */
struct receiver *receiver_new(void);
void receiver_free(struct receiver *r);
/* "http://127.0.0.1:PORT/" and PATH; static. */
const char *receiver_url(const struct receiver *r, const char *path);
uint16_t receiver_port(const struct receiver *r);
/* From now on all get TEXT as it is, and then the connection is closed where CLOSES. NULL: nothing is answered. */
void receiver_answer(struct receiver *r, const char *text, bool closes);
/* The same for the next N alone. */
void receiver_answer_next(struct receiver *r, unsigned n, const char *text);
/* Who waits for an answer gets that one now. */
void receiver_answer_late(struct receiver *r, const char *text);
/* Waits for the Nth request (from 0). */
const struct received *receiver_await(struct receiver *r, size_t n);
size_t receiver_count(struct receiver *r);

#endif
