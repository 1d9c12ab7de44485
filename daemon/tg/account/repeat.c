#include "daemon/tg/account/repeat.h"

#include <stdlib.h>
#include <string.h>

/* Sorted by name (as strcmp() has it), for bsearch(). Not here, though their names may sound so:
 * messages.getBotCallbackAnswer presses a bot's button, payments.get…Url make something, contacts.getLocated and
 * messages.getMessagesViews tell where we are and count. phone.discardGroupCall and phone.startScheduledGroupCall are
 * answered otherwise the second time. */
static const struct repeat_row {
    const char *name;
    enum tg_repeat repeat;
    const char *unless; /* a parameter that, given and not false, makes it another thing each time */
} table[] = {
    {"account.checkUsername", TG_REPEAT_READ, NULL},
    {"account.getAccountTTL", TG_REPEAT_READ, NULL},
    {"account.getAuthorizations", TG_REPEAT_READ, NULL},
    {"account.getContentSettings", TG_REPEAT_READ, NULL},
    {"account.getGlobalPrivacySettings", TG_REPEAT_READ, NULL},
    {"account.getNotifySettings", TG_REPEAT_READ, NULL},
    {"account.getPassword", TG_REPEAT_READ, NULL},
    {"account.getPrivacy", TG_REPEAT_READ, NULL},
    {"account.getWebAuthorizations", TG_REPEAT_READ, NULL},
    {"auth.exportAuthorization", TG_REPEAT_READ, NULL},
    {"auth.importAuthorization", TG_REPEAT_SAME, NULL},
    {"auth.logOut", TG_REPEAT_SAME, NULL},
    {"channels.checkUsername", TG_REPEAT_READ, NULL},
    {"channels.getAdminLog", TG_REPEAT_READ, NULL},
    {"channels.getAdminedPublicChannels", TG_REPEAT_READ, NULL},
    {"channels.getChannelRecommendations", TG_REPEAT_READ, NULL},
    {"channels.getChannels", TG_REPEAT_READ, NULL},
    {"channels.getFullChannel", TG_REPEAT_READ, NULL},
    {"channels.getGroupsForDiscussion", TG_REPEAT_READ, NULL},
    {"channels.getInactiveChannels", TG_REPEAT_READ, NULL},
    {"channels.getLeftChannels", TG_REPEAT_READ, NULL},
    {"channels.getMessages", TG_REPEAT_READ, NULL},
    {"channels.getParticipant", TG_REPEAT_READ, NULL},
    {"channels.getParticipants", TG_REPEAT_READ, NULL},
    {"channels.getSendAs", TG_REPEAT_READ, NULL},
    {"contacts.getBlocked", TG_REPEAT_READ, NULL},
    {"contacts.getContactIDs", TG_REPEAT_READ, NULL},
    {"contacts.getContacts", TG_REPEAT_READ, NULL},
    {"contacts.getStatuses", TG_REPEAT_READ, NULL},
    {"contacts.getTopPeers", TG_REPEAT_READ, NULL},
    {"contacts.resolvePhone", TG_REPEAT_READ, NULL},
    {"contacts.resolveUsername", TG_REPEAT_READ, NULL},
    {"contacts.search", TG_REPEAT_READ, NULL},
    {"help.getAppConfig", TG_REPEAT_READ, NULL},
    {"help.getCdnConfig", TG_REPEAT_READ, NULL},
    {"help.getConfig", TG_REPEAT_READ, NULL},
    {"help.getCountriesList", TG_REPEAT_READ, NULL},
    {"help.getNearestDc", TG_REPEAT_READ, NULL},
    {"help.getPeerColors", TG_REPEAT_READ, NULL},
    {"help.getPremiumPromo", TG_REPEAT_READ, NULL},
    {"help.getSupport", TG_REPEAT_READ, NULL},
    {"help.getSupportName", TG_REPEAT_READ, NULL},
    {"help.getTermsOfServiceUpdate", TG_REPEAT_READ, NULL},
    {"help.getTimezonesList", TG_REPEAT_READ, NULL},
    {"help.getUserInfo", TG_REPEAT_READ, NULL},
    {"messages.checkChatInvite", TG_REPEAT_READ, NULL},
    {"messages.forwardMessages", TG_REPEAT_SAME, NULL},
    {"messages.getAdminsWithInvites", TG_REPEAT_READ, NULL},
    {"messages.getAllChats", TG_REPEAT_READ, NULL},
    {"messages.getAvailableReactions", TG_REPEAT_READ, NULL},
    {"messages.getChatInviteImporters", TG_REPEAT_READ, NULL},
    {"messages.getChats", TG_REPEAT_READ, NULL},
    {"messages.getCommonChats", TG_REPEAT_READ, NULL},
    {"messages.getCustomEmojiDocuments", TG_REPEAT_READ, NULL},
    {"messages.getDefaultHistoryTTL", TG_REPEAT_READ, NULL},
    {"messages.getDhConfig", TG_REPEAT_READ, NULL},
    {"messages.getDialogFilters", TG_REPEAT_READ, NULL},
    {"messages.getDialogUnreadMarks", TG_REPEAT_READ, NULL},
    {"messages.getDialogs", TG_REPEAT_READ, NULL},
    {"messages.getDiscussionMessage", TG_REPEAT_READ, NULL},
    {"messages.getExportedChatInvite", TG_REPEAT_READ, NULL},
    {"messages.getExportedChatInvites", TG_REPEAT_READ, NULL},
    {"messages.getForumTopics", TG_REPEAT_READ, NULL},
    {"messages.getForumTopicsByID", TG_REPEAT_READ, NULL},
    {"messages.getFullChat", TG_REPEAT_READ, NULL},
    {"messages.getHistory", TG_REPEAT_READ, NULL},
    {"messages.getMessageEditData", TG_REPEAT_READ, NULL},
    {"messages.getMessageReactionsList", TG_REPEAT_READ, NULL},
    {"messages.getMessageReadParticipants", TG_REPEAT_READ, NULL},
    {"messages.getMessages", TG_REPEAT_READ, NULL},
    {"messages.getMessagesReactions", TG_REPEAT_READ, NULL},
    {"messages.getOnlines", TG_REPEAT_READ, NULL},
    {"messages.getOutboxReadDate", TG_REPEAT_READ, NULL},
    {"messages.getPeerDialogs", TG_REPEAT_READ, NULL},
    {"messages.getPeerSettings", TG_REPEAT_READ, NULL},
    {"messages.getPinnedDialogs", TG_REPEAT_READ, NULL},
    {"messages.getPollVotes", TG_REPEAT_READ, NULL},
    {"messages.getQuickReplies", TG_REPEAT_READ, NULL},
    {"messages.getReplies", TG_REPEAT_READ, NULL},
    {"messages.getScheduledHistory", TG_REPEAT_READ, NULL},
    {"messages.getScheduledMessages", TG_REPEAT_READ, NULL},
    {"messages.getSearchCounters", TG_REPEAT_READ, NULL},
    {"messages.getSearchResultsCalendar", TG_REPEAT_READ, NULL},
    {"messages.getSearchResultsPositions", TG_REPEAT_READ, NULL},
    {"messages.getSplitRanges", TG_REPEAT_READ, NULL},
    {"messages.getStickerSet", TG_REPEAT_READ, NULL},
    {"messages.getStickers", TG_REPEAT_READ, NULL},
    {"messages.getUnreadMentions", TG_REPEAT_READ, NULL},
    {"messages.getUnreadReactions", TG_REPEAT_READ, NULL},
    {"messages.search", TG_REPEAT_READ, NULL},
    {"messages.searchGlobal", TG_REPEAT_READ, NULL},
    {"messages.sendEncrypted", TG_REPEAT_SAME, NULL},
    {"messages.sendEncryptedFile", TG_REPEAT_SAME, NULL},
    {"messages.sendEncryptedService", TG_REPEAT_SAME, NULL},
    {"messages.sendInlineBotResult", TG_REPEAT_SAME, NULL},
    {"messages.sendMedia", TG_REPEAT_SAME, NULL},
    {"messages.sendMessage", TG_REPEAT_SAME, NULL},
    {"messages.sendMultiMedia", TG_REPEAT_SAME, NULL},
    {"messages.sendScreenshotNotification", TG_REPEAT_SAME, NULL},
    {"messages.startBot", TG_REPEAT_SAME, NULL},
    {"phone.createConferenceCall", TG_REPEAT_SAME, NULL},
    {"phone.createGroupCall", TG_REPEAT_SAME, NULL},
    {"phone.editGroupCallTitle", TG_REPEAT_SAME, NULL},
    {"phone.exportGroupCallInvite", TG_REPEAT_READ, NULL},
    {"phone.getCallConfig", TG_REPEAT_READ, NULL},
    {"phone.getGroupCall", TG_REPEAT_READ, NULL},
    {"phone.getGroupCallChainBlocks", TG_REPEAT_READ, NULL},
    {"phone.getGroupCallJoinAs", TG_REPEAT_READ, NULL},
    {"phone.getGroupCallStars", TG_REPEAT_READ, NULL},
    {"phone.getGroupCallStreamChannels", TG_REPEAT_READ, NULL},
    {"phone.getGroupCallStreamRtmpUrl", TG_REPEAT_READ, "revoke"},
    {"phone.getGroupParticipants", TG_REPEAT_READ, NULL},
    {"phone.sendGroupCallMessage", TG_REPEAT_SAME, NULL},
    {"phone.toggleGroupCallSettings", TG_REPEAT_SAME, "reset_invite_hash"},
    {"phone.toggleGroupCallStartSubscription", TG_REPEAT_SAME, NULL},
    {"photos.getUserPhotos", TG_REPEAT_READ, NULL},
    {"premium.getBoostsList", TG_REPEAT_READ, NULL},
    {"premium.getBoostsStatus", TG_REPEAT_READ, NULL},
    {"premium.getMyBoosts", TG_REPEAT_READ, NULL},
    {"premium.getUserBoosts", TG_REPEAT_READ, NULL},
    {"stats.getBroadcastStats", TG_REPEAT_READ, NULL},
    {"stats.getMegagroupStats", TG_REPEAT_READ, NULL},
    {"stats.getMessageStats", TG_REPEAT_READ, NULL},
    {"stories.getAllStories", TG_REPEAT_READ, NULL},
    {"stories.getPeerStories", TG_REPEAT_READ, NULL},
    {"stories.getPinnedStories", TG_REPEAT_READ, NULL},
    {"stories.getStoriesByID", TG_REPEAT_READ, NULL},
    {"updates.getChannelDifference", TG_REPEAT_READ, NULL},
    {"updates.getDifference", TG_REPEAT_READ, NULL},
    {"updates.getState", TG_REPEAT_READ, NULL},
    {"upload.getCdnFile", TG_REPEAT_READ, NULL},
    {"upload.getCdnFileHashes", TG_REPEAT_READ, NULL},
    {"upload.getFile", TG_REPEAT_READ, NULL},
    {"upload.getFileHashes", TG_REPEAT_READ, NULL},
    {"upload.getWebFile", TG_REPEAT_READ, NULL},
    {"users.getFullUser", TG_REPEAT_READ, NULL},
    {"users.getRequirementsToContact", TG_REPEAT_READ, NULL},
    {"users.getUsers", TG_REPEAT_READ, NULL},
};

static int by_name(const void *name, const void *row)
{
    return strcmp(name, ((const struct repeat_row *)row)->name);
}

enum tg_repeat tg_repeat_judge(const struct tl_comb *method, const json_t *params)
{
    const struct repeat_row *row =
        bsearch(method->name, table, sizeof(table) / sizeof(table[0]), sizeof(table[0]), by_name);

    if (!row)
        return TG_REPEAT_NEVER;
    if (row->unless && !params)
        return TG_REPEAT_NEVER;
    const json_t *given = row->unless ? json_object_get(params, row->unless) : NULL;
    if (given && !json_is_false(given) && !json_is_null(given))
        return TG_REPEAT_NEVER;
    return row->repeat;
}
