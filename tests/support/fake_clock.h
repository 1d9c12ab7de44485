/* A clock that is turned by hand. */
#ifndef TGCALLD_TESTS_FAKE_CLOCK_H
#define TGCALLD_TESTS_FAKE_CLOCK_H

#include "daemon/base/clock.h"

struct fake_clock {
    int64_t mono_us, wall_us;
    struct clock_source source;
};

void fake_clock_init(struct fake_clock *c);
void fake_clock_pass(struct fake_clock *c, int64_t us);
/* The clock behind a source of this kind; NULL for another. */
struct fake_clock *fake_clock_of(const struct clock_source *source);

#endif
