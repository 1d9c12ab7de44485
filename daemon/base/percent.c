#include "daemon/base/percent.h"

#include <string.h>

bool percent_encode(const char *text, size_t len, char *out, size_t size)
{
    static const char kept[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~@",
                      digits[] = "0123456789ABCDEF";
    size_t at = 0;

    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        bool is_kept = c && strchr(kept, c);
        if (at + (is_kept ? 1 : 3) >= size) {
            out[0] = '\0';
            return false;
        }
        if (is_kept) {
            out[at++] = (char)c;
            continue;
        }
        out[at++] = '%';
        out[at++] = digits[c >> 4];
        out[at++] = digits[c & 15];
    }
    out[at] = '\0';
    return true;
}
