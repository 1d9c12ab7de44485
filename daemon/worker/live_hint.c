#include "daemon/worker/live_hint.h"

#include <string.h>

#include "daemon/tl/schema.h"

bool live_hint_of_rights(const struct tg_update *update)
{
    static const char *const names[] = {"updateChannel",
                                        "updateChannelParticipant",
                                        "updateChat",
                                        "updateChatParticipants",
                                        "updateChatParticipant",
                                        "updateChatParticipantAdmin",
                                        "updateChatDefaultBannedRights"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(update->comb->name, names[i]) == 0)
            return true;
    return false;
}
