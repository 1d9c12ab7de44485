#include "daemon/base/near.h"

#include <stddef.h>

#include "daemon/base/limits.h"

enum { SLIPS_MAX = 2, FAR = SLIPS_MAX + 1 };

/* The letters that count; 0 for what is too long to be a slip. */
static size_t plain(const char *text, char out[static LIMIT_WORD])
{
    size_t n = 0;

    for (; *text; text++) {
        if (*text == '_' || *text == '-')
            continue;
        if (n == LIMIT_WORD)
            return 0;
        out[n++] = *text >= 'A' && *text <= 'Z' ? (char)(*text | 0x20) : *text;
    }
    return n;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* The distance with neighbours swapped as one slip; FAR where it is more than SLIPS_MAX. What lies farther from the
 * table's diagonal cannot become less, so only that band of it is worked out. */
static unsigned distance(const char *x, size_t n, const char *y, size_t m)
{
    unsigned rows[3][LIMIT_WORD + 1];

    if (n > m + SLIPS_MAX || m > n + SLIPS_MAX)
        return FAR;
    for (size_t j = 0; j <= m; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= n; i++) {
        unsigned *now = rows[i % 3], *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
        size_t from = i > SLIPS_MAX ? i - SLIPS_MAX : 1, to = i + SLIPS_MAX < m ? i + SLIPS_MAX : m;
        now[from - 1] = from == 1 ? (unsigned)i : FAR;
        if (to < m)
            now[to + 1] = FAR;
        for (size_t j = from; j <= to; j++) {
            now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + (x[i - 1] != y[j - 1]));
            if (i > 1 && j > 1 && x[i - 1] == y[j - 2] && x[i - 2] == y[j - 1])
                now[j] = least(now[j], before[j - 2] + 1);
        }
    }
    return rows[n % 3][m];
}

bool near_is(const char *a, const char *b, unsigned *ret_slips)
{
    char x[LIMIT_WORD], y[LIMIT_WORD];
    size_t n = plain(a, x), m = plain(b, y);

    if (n == 0 || m == 0)
        return false;
    *ret_slips = distance(x, n, y, m);
    return *ret_slips <= (m < 4 ? 0u : m < 7 ? 1u : (unsigned)SLIPS_MAX);
}
