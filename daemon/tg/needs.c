#include "daemon/tg/needs.h"

#include <stdio.h>
#include <string.h>

/* In the words of a schema: a name, then the fields that are relied on, present always or by a flag. */
static const char *const methods[] = {
    "invokeWithLayer layer:int query:!X",
    ("initConnection api_id:int device_model:string system_version:string app_version:string system_lang_code:string "
     "lang_pack:string lang_code:string query:!X"),
    "help.getConfig",
    "updates.getState",
    "updates.getDifference pts:int date:int qts:int",
    "updates.getChannelDifference channel:InputChannel filter:ChannelMessagesFilter pts:int limit:int",
    "auth.sendCode phone_number:string api_id:int api_hash:string settings:CodeSettings",
    "auth.resendCode phone_number:string phone_code_hash:string",
    "auth.cancelCode phone_number:string phone_code_hash:string",
    "auth.signIn phone_number:string phone_code_hash:string phone_code:string",
    "auth.signUp phone_number:string phone_code_hash:string first_name:string last_name:string",
    "auth.checkPassword password:InputCheckPasswordSRP",
    "auth.exportAuthorization dc_id:int",
    "auth.importAuthorization id:long bytes:bytes",
    "auth.logOut",
    "account.getPassword",
    "users.getUsers id:Vector",
    "contacts.resolveUsername username:string",
    "contacts.getContacts hash:long",
    "messages.checkChatInvite hash:string",
    "messages.getChats id:Vector",
    "messages.getDialogs offset_date:int offset_id:int offset_peer:InputPeer limit:int hash:long",
    "messages.getFullChat chat_id:long",
    "channels.getChannels id:Vector",
    "channels.getFullChannel channel:InputChannel",
    "phone.createGroupCall peer:InputPeer random_id:int title:string schedule_date:int",
    "phone.getGroupCall call:InputGroupCall limit:int",
    "phone.discardGroupCall call:InputGroupCall",
    "phone.startScheduledGroupCall call:InputGroupCall",
    "phone.editGroupCallTitle call:InputGroupCall title:string",
    "phone.toggleGroupCallSettings call:InputGroupCall join_muted:Bool",
};

static const char *const constructors[] = {
    "config date:int expires:int test_mode:Bool this_dc:int dc_options:Vector",
    "dcOption id:int ip_address:string port:int",
    "codeSettings",
    "channelMessagesFilterEmpty",
    "auth.sentCode type:auth.SentCodeType phone_code_hash:string timeout:int",
    "auth.authorization user:User",
    "auth.exportedAuthorization id:long bytes:bytes",
    "account.password current_algo:PasswordKdfAlgo srp_B:bytes srp_id:long hint:string",
    "passwordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow salt1:bytes salt2:bytes g:int p:bytes",
    "inputCheckPasswordSRP srp_id:long A:bytes M1:bytes",
    "user self:true min:true id:long access_hash:long username:string phone:string",
    "chat id:long migrated_to:InputChannel",
    "chatForbidden id:long",
    "channel min:true id:long access_hash:long username:string",
    "channelForbidden id:long access_hash:long",
    "chatInviteAlready chat:Chat",
    "messages.chatFull full_chat:ChatFull chats:Vector users:Vector",
    "chatFull id:long call:InputGroupCall",
    "channelFull id:long call:InputGroupCall",
    "contacts.resolvedPeer peer:Peer chats:Vector users:Vector",
    "peerUser user_id:long",
    "peerChat chat_id:long",
    "peerChannel channel_id:long",
    "inputPeerEmpty",
    "inputPeerSelf",
    "inputPeerUser user_id:long access_hash:long",
    "inputPeerChat chat_id:long",
    "inputPeerChannel channel_id:long access_hash:long",
    "inputUserSelf",
    "inputUser user_id:long access_hash:long",
    "inputChannel channel_id:long access_hash:long",
    "inputGroupCall id:long access_hash:long",
    ("groupCall join_muted:true id:long access_hash:long participants_count:int title:string schedule_date:int "
     "version:int"),
    "groupCallDiscarded id:long access_hash:long duration:int",
    "phone.groupCall call:GroupCall",
    "updateGroupCall call:GroupCall",
    "updateGroupCallParticipants call:InputGroupCall participants:Vector version:int",
    "groupCallParticipant left:true just_joined:true versioned:true",
    "messageService from_id:Peer peer_id:Peer action:MessageAction",
    "messageActionGroupCall call:InputGroupCall duration:int",
    "messageActionGroupCallScheduled call:InputGroupCall schedule_date:int",
    "updateChannel channel_id:long",
    "updateUserName user_id:long",
    "updatesTooLong",
    "updates.difference",
    "updates.channelDifference",
    "updateConfig",
    "updateDcOptions dc_options:Vector",
    "messages.dialogsSlice",
    "dialogFolder",
};

struct check {
    const struct tl_schema *schema;
    char text[200];
    size_t len, faults, told;
};

static void miss(struct check *c, const char *what, int len)
{
    char one[160];
    int n = snprintf(one, sizeof(one), "%s%.*s", c->faults ? "; " : "", len, what);

    c->faults++;
    if (n > 0 && (size_t)n < sizeof(one) && c->len + (size_t)n < sizeof(c->text)) {
        memcpy(c->text + c->len, one, (size_t)n + 1);
        c->len += (size_t)n;
        c->told++;
    }
}

/* The next word of a need; its length, 0 at the end. */
static size_t word(const char **at, const char **ret)
{
    while (**at == ' ')
        (*at)++;
    *ret = *at;
    size_t n = strcspn(*at, " ");
    *at += n;
    return n;
}

static bool is(const char *text, size_t len, const char *want)
{
    return strlen(want) == len && memcmp(text, want, len) == 0;
}

static bool is_of_type(const struct tl_expr *expr, const char *type, size_t len)
{
    static const struct {
        const char *name;
        enum tl_kind kind;
    } plain[] = {{"int", TL_INT},   {"long", TL_LONG}, {"string", TL_STRING}, {"bytes", TL_BYTES},
                 {"Bool", TL_BOOL}, {"true", TL_TRUE}, {"!X", TL_QUERY},      {"Vector", TL_VECTOR}};

    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
        if (is(type, len, plain[i].name))
            return expr->kind == plain[i].kind;
    return expr->kind == TL_OBJECT && is(type, len, expr->type->name);
}

static const struct tl_param *find_field(const struct tl_comb *comb, const char *name, size_t len)
{
    for (unsigned i = 0; i < comb->params_n; i++)
        if (is(name, len, comb->params[i].name))
            return &comb->params[i];
    return NULL;
}

static void check_fields(struct check *c, const struct tl_comb *comb, const char *fields)
{
    const char *field;
    char what[140];

    for (size_t n = word(&fields, &field); n; n = word(&fields, &field)) {
        const char *type = memchr(field, ':', n);
        size_t name_len = (size_t)(type++ - field);
        const struct tl_param *param = find_field(comb, field, name_len);
        if (param && is_of_type(&param->expr, type, n - name_len - 1))
            continue;
        snprintf(what, sizeof(what), "%.60s.%.*s%s", comb->name, (int)n, field,
                 param ? ", which is of another type" : "");
        miss(c, what, (int)strlen(what));
    }
}

static void check_all(struct check *c, const char *const *needs, size_t n, bool are_methods)
{
    for (size_t i = 0; i < n; i++) {
        const char *at = needs[i], *name;
        char text[128];
        size_t len = word(&at, &name);

        snprintf(text, sizeof(text), "%.*s", (int)len, name);
        const struct tl_comb *comb =
            are_methods ? tl_find_method(c->schema, text) : tl_find_constructor_name(c->schema, text);
        if (comb)
            check_fields(c, comb, at);
        else
            miss(c, name, (int)len);
    }
}

int tg_needs_check(const struct tl_schema *schema, struct fault *fault)
{
    struct check c = {.schema = schema};

    check_all(&c, methods, sizeof(methods) / sizeof(methods[0]), true);
    check_all(&c, constructors, sizeof(constructors) / sizeof(constructors[0]), false);
    if (!c.faults)
        return 0;
    return fault_set(fault, TGC_EPROTO, "layer %d lacks %zu of the things that tgcalld needs: %s%s",
                     tl_schema_layer(schema), c.faults, c.text, c.told < c.faults ? ", ..." : "");
}

static bool has(const char *const *needs, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        const char *at = needs[i], *first;
        size_t len = word(&at, &first);
        if (is(first, len, name))
            return true;
    }
    return false;
}

bool tg_needs_has(const char *name, bool is_method)
{
    return is_method ? has(methods, sizeof(methods) / sizeof(methods[0]), name)
                     : has(constructors, sizeof(constructors) / sizeof(constructors[0]), name);
}
