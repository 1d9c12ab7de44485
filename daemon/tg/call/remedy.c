#include "daemon/tg/call/remedy.h"

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
    {"CHANNEL_PRIVATE", "Join the chat with this account; if it was banned there, an admin has to let it in"},
    {"CHAT_ADMIN_REQUIRED",
     "Give this account the admin right \"Manage video chats\" in the chat; rtmp_stream is for the owner only"},
    {"CHAT_FORBIDDEN", "The account has lost access to the chat: join it again"},
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
    {"GROUPCALL_CHANGE_FORBIDDEN", "This setting cannot be changed by this account"},
    {"GROUPCALL_FORBIDDEN", "The call has ended, or the account may not manage it"},
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
    {"USER_BANNED_IN_CHANNEL", "The account is banned in this chat"},
};

const char *tg_remedy(const char *family)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (strcmp(table[i].family, family) == 0)
            return table[i].remedy;
    return NULL;
}
