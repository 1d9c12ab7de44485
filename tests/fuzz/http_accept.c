/* A request's Accept lines. Input: the lines, each up to a line break. */
#include <stdlib.h>
#include <string.h>

#include "api/accept.h"
#include "tests/fuzz/fuzz.h"

static void check(const struct accept_wish *w)
{
    FUZZ_CHECK(w->rank >= 0 && w->rank <= 3 && w->thousandths >= 0 && w->thousandths <= 1000);
    FUZZ_CHECK(w->rank > 0 || w->thousandths == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct accept_wish wish = {.type = "image/svg+xml"}, again = wish;
    struct feed f = {data, data + len};

    fuzz_begin();
    char *text = feed_text(&f), *rest = text, *line;
    while ((line = strsep(&rest, "\n"))) {
        int rank = wish.rank;
        accept_read(line, &wish);
        check(&wish);
        /* A narrower range tells, and no other changes it; so the same line again tells nothing new. */
        FUZZ_CHECK(wish.rank >= rank);
        again = wish;
        accept_read(line, &again);
        FUZZ_CHECK(again.rank == wish.rank && again.thousandths == wish.thousandths);
    }
    free(text);
    return 0;
}
