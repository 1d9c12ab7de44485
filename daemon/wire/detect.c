#include <string.h>

#include "daemon/wire/wire_internal.h"

bool wire_is_foreign(const uint8_t *p)
{
    static const uint8_t foreign[][4] = {
        {'H', 'E', 'A', 'D'}, {'P', 'O', 'S', 'T'}, {'G', 'E', 'T', ' '}, {'O', 'P', 'T', 'I'}, {0x16, 3, 1, 2},
    };

    for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
        if (memcmp(p, foreign[i], 4) == 0)
            return true;
    return false;
}

static void found(struct wire *w, enum wire_framing framing)
{
    w->framing = framing;
    w->at = wire_framing_table(framing)->tag_len;
    w->known = true;
}

int wire_detect(struct wire *w, struct fault *fault)
{
    static const uint8_t zero[4];
    const uint8_t *p = w->in.data;
    size_t len = w->in.len;

    if (len >= 1 && p[0] == wire_abridged.tag[0])
        found(w, WIRE_ABRIDGED);
    else if (len >= 4 && memcmp(p, wire_intermediate.tag, 4) == 0)
        found(w, WIRE_INTERMEDIATE);
    else if (len >= 4 && memcmp(p, wire_padded.tag, 4) == 0)
        found(w, WIRE_PADDED);
    else if (len >= 4 && wire_is_foreign(p))
        return fault_set(fault, TGC_EPROTO, "the client speaks HTTP or TLS");
    else if (len >= 8 && memcmp(p + 4, zero, 4) == 0) /* the number of the first full packet */
        found(w, WIRE_FULL);
    else if (len >= WIRE_HEADER_SIZE)
        return wire_obfuscate_server(w, fault);
    return 0;
}
