#include "daemon/worker/service_notice.h"

#include <string.h>

#include "daemon/base/le.h"

/* "Telegram" in everybody's list of chats. */
enum { SERVICE_USER = 777000 };

static bool has(const struct tg_update *u, const uint8_t *bytes, size_t len)
{
    return memmem(u->data, u->len, bytes, len) != NULL;
}

/* A peer is boxed wherever it stands: from whom, to whom, of a forward, of a reply. A look at the bytes misses none,
 * also in what later layers add. */
bool update_is_service_notice(const struct tl_schema *schema, const struct tg_update *update)
{
    const char *name = update->comb->name;
    const struct tl_comb *peer = tl_find_constructor_name(schema, "peerUser");
    uint8_t bytes[4 + 8];

    if (strcmp(name, "updateServiceNotification") == 0)
        return true;
    le64_store(bytes + 4, SERVICE_USER);
    /* These have users as bare numbers. */
    if (strcmp(name, "updateShortMessage") == 0 || strcmp(name, "updateShortChatMessage") == 0)
        if (has(update, bytes + 4, 8))
            return true;
    if (!peer)
        return false;
    le32_store(bytes, peer->id);
    return has(update, bytes, sizeof(bytes));
}
