/* E-mail in a login: an address that is given and proved, and codes that go there. Nothing leaves the sandbox: the code
 * is RPC_EMAIL_CODE whatever the address. */
#include <stdio.h>
#include <string.h>

#include "daemon/sandbox/rpc/rpc.h"

json_t *rpc_sent_email_code(const struct world_code *code)
{
    if (code->email == WORLD_EMAIL_SET_UP)
        return json_pack("{s:s, s:{s:s}, s:s}", "_", "auth.sentCode", "type", "_",
                         "auth.sentCodeTypeSetUpEmailRequired", "phone_code_hash", code->hash);
    return json_pack("{s:s, s:{s:s, s:s, s:i}, s:s, s:{s:s}}", "_", "auth.sentCode", "type", "_",
                     "auth.sentCodeTypeEmailCode", "email_pattern", "s***@example.org", "length",
                     (int)strlen(RPC_EMAIL_CODE), "phone_code_hash", code->hash, "next_type", "_", "auth.codeTypeSms");
}

const char *rpc_email_code(const json_t *verification)
{
    return strcmp(json_tag(verification), "emailVerificationCode") == 0 ? json_get_text(verification, "code") : "";
}

/* The login that PARAMS set an address up for; NULL with the error set. */
static struct world_code *setting_up(struct rpc *r, const json_t *params)
{
    const json_t *purpose = json_object_get(params, "purpose");

    if (strcmp(json_tag(purpose), "emailVerifyPurposeLoginSetup") != 0)
        return rpc_fail(r, 401, "AUTH_KEY_UNREGISTERED"), NULL;
    struct world_code *code = rpc_code_of(r, purpose);
    if (code && code->email != WORLD_EMAIL_SET_UP)
        return rpc_fail(r, 400, "EMAIL_NOT_ALLOWED"), NULL;
    return code;
}

static json_t *send_code(struct rpc *r, const json_t *params)
{
    const char *address = json_get_text(params, "email"), *at = strchr(address, '@');
    struct world_code *code = setting_up(r, params);

    if (!code)
        return NULL;
    if (!at || at == address || !at[1] || strlen(address) >= sizeof(code->address))
        return rpc_fail(r, 400, "EMAIL_INVALID");
    snprintf(code->address, sizeof(code->address), "%s", address);
    return json_pack("{s:s, s:o, s:i}", "_", "account.sentEmailCode", "email_pattern",
                     json_sprintf("%c***%s", address[0], at), "length", (int)strlen(RPC_EMAIL_CODE));
}

static json_t *verify(struct rpc *r, const json_t *params)
{
    struct world_code *code = setting_up(r, params);

    if (!code)
        return NULL;
    if (!*code->address)
        return rpc_fail(r, 400, "EMAIL_VERIFY_EXPIRED");
    if (strcmp(rpc_email_code(json_object_get(params, "verification")), RPC_EMAIL_CODE) != 0)
        return rpc_fail(r, 400, "CODE_INVALID");
    code->email = WORLD_EMAIL_NONE;
    return json_pack("{s:s, s:s, s:o}", "_", "account.emailVerifiedLogin", "email", code->address, "sent_code",
                     rpc_sent_code(r, code));
}

const struct rpc_row rpc_email_rows[] = {
    {"account.sendVerifyEmailCode", send_code, RPC_PUBLIC},
    {"account.verifyEmail", verify, RPC_PUBLIC},
    {NULL, NULL, 0},
};
