/* Server salts to come ("get_future_salts"). Times are Unix seconds on the server's clock. Internal to daemon/mt. */
#ifndef TGCALLD_MT_SALTS_H
#define TGCALLD_MT_SALTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SALTS_MAX = 64 };

struct future_salt {
    int32_t since, until;
    uint64_t salt;
};

struct salts {
    uint64_t now;  /* the one in use */
    int64_t since; /* of the one in use: salts from before are never gone back to */
    struct future_salt list[SALTS_MAX];
    size_t n;
};

/* The server said that this one is right. */
void salts_set(struct salts *s, uint64_t salt, int64_t server_s);
/* Replaces the list. */
void salts_fill(struct salts *s, const struct future_salt *list, size_t n);
/* Goes on to the salt that SERVER_S falls to; whether that changed it. */
bool salts_choose(struct salts *s, int64_t server_s);
/* How many are known that are not over. */
size_t salts_left(const struct salts *s, int64_t server_s);

#endif
