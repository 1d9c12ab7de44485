#include <string.h>

#include "daemon/mt/handshake_server.h"

static const char *const texts[MT_LIE_COUNT] = {[MT_LIE_NONE] = "none",
#define X(name, text) [MT_LIE_##name] = text,
                                                MT_HANDSHAKE_LIES(X)
#undef X
};

enum mt_handshake_lie mt_handshake_lie_find(const char *text)
{
    for (int i = 0; i < MT_LIE_COUNT; i++) {
        if (strcmp(texts[i], text) == 0)
            return (enum mt_handshake_lie)i;
    }
    return MT_LIE_NONE;
}

const char *mt_handshake_lie_text(enum mt_handshake_lie lie)
{
    return (unsigned)lie < MT_LIE_COUNT ? texts[lie] : "none";
}
