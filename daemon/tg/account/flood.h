/* Which methods Telegram asked to wait for, and until when. Belongs to the account's thread. */
#ifndef TGCALLD_TG_FLOOD_H
#define TGCALLD_TG_FLOOD_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "daemon/tl/model.h"

enum { FLOODS_MAX = 32 };

struct floods {
    struct flood {
        const struct tl_comb *method;
        int64_t until_us; /* monotonic */
    } list[FLOODS_MAX];
    size_t n;
};

/* Until when METHOD has to wait; 0 for not at all. Waits that are over at NOW are forgotten. */
int64_t floods_until(struct floods *f, const struct tl_comb *method, int64_t now_us);
/* Past FLOODS_MAX methods nothing more is kept: Telegram says it again. */
void floods_put(struct floods *f, const struct tl_comb *method, int64_t until_us, int64_t now_us);
/* [{"method", "until"}] with Unix seconds; a new reference. */
json_t *floods_json(struct floods *f, int64_t now_us, int64_t wall_us);

#endif
