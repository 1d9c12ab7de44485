#include "daemon/tg/call/remedy.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static const struct {
    const char *family, *remedy;
} table[] = {
    {"API_ID_INVALID", "Set api_id and api_hash of your own application from https://my.telegram.org"},
    {"API_ID_PUBLISHED_FLOOD", "Use an api_id of your own: this one is a published one that Telegram blocks"},
    {"ANONYMOUS_CALLS_DISABLED", "Switch off \"Remain anonymous\" for this admin, or let another admin start the call"},
    {"AUTH_RESTART", "Start the login again with POST /v1/accounts/{account}/login"},
    {"AUTH_TOKEN_EXPIRED", "Show a new code with POST /v1/accounts/{account}/login {\"qr\": true}, and scan that"},
    {"BROADCAST_CALLS_DISABLED", "Telegram does not allow live streams in this channel"},
    {"CHANNEL_INVALID", "Use the chat's @name or link again: what is remembered of it is out of date"},
    {"CHANNEL_PRIVATE",
     "Join the chat with the account {account}; where it was banned there, an admin has to let it in"},
    {"CHAT_ADMIN_REQUIRED", "Give the account {account} the admin right \"Manage video chats\" in the chat; "
                            "rtmp_stream is for the owner only. "
                            "GET /v1/peers/{peer}/preflight?account={account} says what is missing"},
    {"CHAT_ID_INVALID", "There is no such group for {account}: the id of a group is -ID, and that of a channel "
                        "-1000000000000 - ID, as Bot API has it; its @name or link will do as well"},
    {"CHAT_FORBIDDEN", "The account {account} has lost access to the chat: join it again"},
    {"CREATE_CALL_FAILED", "Try again; if the chat shows a call already, end that one first"},
    {"CODE_INVALID", "The code is wrong: try again"},
    {"EMAIL_INVALID", "This is no e-mail address that Telegram takes: give another"},
    {"EMAIL_NOT_ALLOWED", "Telegram takes no e-mail address of this kind: give another"},
    {"EMAIL_VERIFY_EXPIRED", "Give the e-mail address again with POST /v1/accounts/{account}/login/email"},
    {"FIRSTNAME_INVALID", "Give another first_name"},
    {"LASTNAME_INVALID", "Give another last_name"},
    {"PHONE_NUMBER_APP_SIGNUP_FORBIDDEN",
     "Telegram lets numbers sign up in official apps alone: register there, then log in again"},
    {"FILE_MIGRATE_X", "This is kept in another data centre of Telegram, and tgcalld asks the account's own alone"},
    {"GROUPCALL_ALREADY_DISCARDED", "The call has ended: create a new one"},
    {"GROUPCALL_ANONYMOUS_FORBIDDEN",
     "Switch off \"Remain anonymous\" for this admin, or let another admin start the call"},
    {"GROUPCALL_CHANGE_FORBIDDEN",
     "Ask who created the call, or an admin with \"Manage video chats\": {account} may not change this setting"},
    {"GROUPCALL_FORBIDDEN", "The call has ended, or {account} may not manage it: read GET "
                            "/v1/calls/{call}?account={account}, and give {account} the "
                            "admin right \"Manage video "
                            "chats\" where it lacks that"},
    {"GROUPCALL_INVALID", "The call has ended: read the chat's current call, or create a new one"},
    {"METHOD_INVALID", "Telegram no longer serves this method: use the one that took its place"},
    {"METHOD_NOT_IN_SANDBOX",
     "The sandbox serves the methods of logins, chats and group calls alone: try this one against Telegram"},
    {"PASSWORD_HASH_INVALID", "The password is wrong: try again"},
    {"PEER_ID_INVALID", "Give a group, supergroup or channel: private chats have no group calls"},
    {"PHONE_CODE_EMPTY", "Send the code that Telegram delivered"},
    {"PHONE_CODE_EXPIRED", "Ask for a new code with POST /v1/accounts/{account}/login"},
    {"PHONE_CODE_INVALID", "The code is wrong: try again"},
    {"PHONE_NUMBER_BANNED", "Telegram has banned this phone number"},
    {"PHONE_NUMBER_FLOOD", "Too many codes were asked for: wait a day"},
    {"PHONE_NUMBER_INVALID", "Give the phone number in international form, with its country code"},
    {"PHONE_PASSWORD_FLOOD", "Too many attempts: wait, then try again"},
    {"PUBLIC_CHANNEL_MISSING", "Only chats with a public @name have such links"},
    {"RANDOM_ID_DUPLICATE", "A call was created with this random_id before: leave it out, or use a new one"},
    {"SCHEDULE_DATE_INVALID",
     "Give a schedule_date between 10 seconds and 8 days ahead, and check this machine's clock"},
    {"SCHEDULE_DATE_TOO_LATE", "Give a schedule_date at most 8 days ahead"},
    {"SEND_CODE_UNAVAILABLE",
     "Telegram has no other way to send a code: use the one that it sent, or begin again with POST "
     "/v1/accounts/{account}/login later"},
    {"STATS_MIGRATE_X", "These are kept in another data centre of Telegram, and tgcalld asks the account's own alone"},
    {"UPDATE_APP_TO_LOGIN", "Start tgcalld with a newer schema (--schema FILE --layer N)"},
    {"USER_BANNED_IN_CHANNEL", "An admin of the chat has to unban {account}, or use another account"},
    /* Of what is done in a call. */
    {"BUSINESS_CONNECTION_NOT_ALLOWED",
     "Call the method without a business connection: calls are for users themselves"},
    {"CHANNEL_MONOFORUM_UNSUPPORTED", "Use the channel itself: its direct messages have no calls"},
    {"CHAT_TYPE_INVALID", "Share the link of POST /v1/calls/{call}/invite-link?account={account} instead: nobody is "
                          "invited by name into a live stream or a call of this kind"},
    {"CHAT_WRITE_FORBIDDEN", "An admin has to let {account} write in the chat, or join as a peer that may"},
    {"CONF_WRITE_CHAIN_INVALID*",
     "Joining a conference needs a block for its end-to-end chain from a media engine: read its last with "
     "phone.getGroupCallChainBlocks, build on that, and try again"},
    {"DATA_JSON_INVALID",
     "Give the media engine's own params: a JSON object with its ssrc, ufrag, pwd and fingerprints"},
    {"GROUPCALL_ADD_PARTICIPANTS_FAILED", "Telegram could not add {account} to the call: join again after a moment"},
    {"GROUPCALL_ALREADY_STARTED", "The call runs: there is nothing left to start or to wait for"},
    {"GROUPCALL_JOIN_MISSING", "Join the call with {account} first (POST /v1/calls/{call}/join?account={account}); "
                               "whoever was dropped from it joins again"},
    {"GROUPCALL_NOT_MODIFIED", "It is so already: nothing has to be done"},
    {"GROUPCALL_PARTICIPANTS_TOO_MUCH", "The call is full: try again when somebody has left"},
    {"GROUPCALL_PARTICIPANT_INVALID",
     "Give a peer that is in the call: GET /v1/calls/{call}/participants?account={account} lists them"},
    {"GROUPCALL_SSRC_DUPLICATE_MUCH", "Draw another ssrc in the media engine, and join with that"},
    {"GROUPCALL_VIDEO_TOO_MUCH", "The call has as many videos as it may: wait until one ends"},
    {"INVITE_FORBIDDEN_WITH_JOINAS", "Join as {account} itself to invite: who joined as a channel invites nobody"},
    {"JOIN_AS_PEER_INVALID", "Give join_as one of the peers that GET /v1/peers/{peer}/join-as?account={account} lists"},
    {"MESSAGE_ID_INVALID", "The message is not there, or is no invitation that still rings: read the chat again"},
    {"PARTICIPANT_JOIN_MISSING",
     "Both have to be in the call, {account} too (POST /v1/calls/{call}/join?account={account}): GET "
     "/v1/calls/{call}/participants?account={account} lists who is"},
    {"PARTICIPANT_PRESENTATION_MISSING", "No screen is shown by {account}: there is nothing to stop"},
    {"PUBLIC_KEY_INVALID", "A conference is joined with an end-to-end key of a media engine: call phone.joinGroupCall "
                           "with its public_key and block"},
    {"RAISE_HAND_FORBIDDEN", "A hand is raised by {account} for itself alone, while it is muted and in the call"},
    {"SEND_AS_PEER_INVALID", "Leave send_as out, or give {account} or a channel of its own"},
    {"STORY_LIVE_ALREADY_X", "A live story runs already: end it before you start another"},
    {"USER_ALREADY_INVITED", "That user was invited already: leave the user out"},
    {"USER_ALREADY_PARTICIPANT", "That user is in the call already: leave the user out"},
    {"USER_ID_INVALID", "Give a user that {account} can see, and not {account} itself"},
    {"USER_KICKED",
     "That user was removed from it: share the link of POST /v1/calls/{call}/invite-link?account={account} instead"},
    {"USER_WAS_KICKED", "That user was removed from the call: share the link of POST "
                        "/v1/calls/{call}/invite-link?account={account} instead"},
    {"USER_NOT_PARTICIPANT", "Add the user to the chat first: only members are invited to its call"},
    {"USER_PRIVACY_RESTRICTED", "That user's privacy settings forbid it: send the link of POST "
                                "/v1/calls/{call}/invite-link?account={account} instead"},
    {"USER_VOLUME_INVALID", "Give a volume from 1 to 20000, which is 200 %"},
    {"VIDEO_PAUSE_FORBIDDEN", "Only {account}'s own video can be paused by it"},
    {"VIDEO_STOP_FORBIDDEN", "Only {account}'s own video can be stopped by it, and only while it is in the call"},
    /* What was sent does not fit. */
    {"CONNECTION_LAYER_INVALID", "Start tgcalld with a schema that Telegram still takes (--schema FILE --layer N)"},
    {"INPUT_LAYER_INVALID", "Start tgcalld with a schema that Telegram still takes (--schema FILE --layer N)"},
    {"INPUT_METHOD_INVALID*",
     "Telegram does not know this method in the layer that is in use: start tgcalld with another schema (--schema FILE "
     "--layer N)"},
};

/* A trailing * takes any ending. */
static bool fits(const char *pattern, const char *family)
{
    size_t n = strlen(pattern);

    return n && pattern[n - 1] == '*' ? strncmp(pattern, family, n - 1) == 0 : strcmp(pattern, family) == 0;
}

const char *tg_remedy(const char *family)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (fits(table[i].family, family))
            return table[i].remedy;
    return NULL;
}
