#include "daemon/base/long_text.h"

#include <string.h>

#include "daemon/base/le.h"

static const char pairs[] =
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748"
    "4950515253545556575859606162636465666768697071727374757677787980818283848586878889909192939495969798"
    "99";

/* Eight digits are made of one number at a time: each division waits for the one before it, and those of 19 digits are
 * two chains side by side so. */
#define EIGHT_DIGITS UINT32_C(100000000)

static inline void put_pair(char *out, uint32_t v)
{
    memcpy(out, pairs + v * 2, 2);
}

/* V below EIGHT_DIGITS, with zeros before it. */
static inline void put_eight(char *out, uint32_t v)
{
    uint32_t high = v / 10000, low = v % 10000;

    put_pair(out, high / 100);
    put_pair(out + 2, high % 100);
    put_pair(out + 4, low / 100);
    put_pair(out + 6, low % 100);
}

/* The same without them; eight bytes may be written all the same. Most numbers are short, or have two digits in front
 * of eight, as a date does. */
static inline size_t put_first(char *out, uint32_t v)
{
    if (v < 10) {
        out[0] = (char)('0' + v);
        return 1;
    }
    if (v < 100) {
        put_pair(out, v);
        return 2;
    }
    const uint64_t all_zeros = UINT64_C(0x3030303030303030), last_digit = UINT64_C(1) << 56;
    char text[8];

    put_eight(text, v);
    uint64_t digits = le64_load(text);
    unsigned zeros = (unsigned)__builtin_ctzll((digits ^ all_zeros) | last_digit) / 8;
    le64_store(out, digits >> 8 * zeros);
    return 8 - zeros;
}

size_t long_text(char out[static LONG_TEXT_MAX], int64_t v)
{
    uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v, high = u / EIGHT_DIGITS;
    size_t n = 0;

    if (v < 0)
        out[n++] = '-';
    if (!high)
        return n + put_first(out + n, (uint32_t)u);
    if (high < EIGHT_DIGITS) {
        n += put_first(out + n, (uint32_t)high);
    } else {
        n += put_first(out + n, (uint32_t)(high / EIGHT_DIGITS));
        put_eight(out + n, (uint32_t)(high % EIGHT_DIGITS));
        n += 8;
    }
    put_eight(out + n, (uint32_t)(u % EIGHT_DIGITS));
    return n + 8;
}
