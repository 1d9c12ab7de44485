#include "daemon/tg/login/sent_code.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/fill.h"

/* auth.sentCodeType…, where to look, and the member of it that is told there. */
static const struct {
    const char *kind, *words, *member;
} kinds[] = {
    {"app", "The code is a message from Telegram in its app, on a device where the number is logged in", NULL},
    {"sms", "The code comes by SMS", NULL},
    {"call", "Telegram calls the phone, and a voice says the code", NULL},
    {"flashCall", "Telegram calls the phone for a moment: the code is the caller's number, {it}", "pattern"},
    {"missedCall", "Telegram calls the phone for a moment: the code is the end of the caller's number, {it}…",
     "prefix"},
    {"emailCode", "The code comes by e-mail to {it}", "email_pattern"},
    {"setUpEmailRequired", "Telegram sends no code before this account has an e-mail address for logging in", NULL},
    {"fragmentSms", "The code is shown at {it}", "url"},
    {"firebaseSms", "The code goes by way of Google or Apple, to official apps alone", NULL},
    {"smsWord", "The code comes by SMS: it is one word, {it}…", "beginning"},
    {"smsPhrase", "The code comes by SMS: it is some words, {it}…", "beginning"},
};

static const char *text_of(const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));

    return text ? text : "";
}

static int64_t number_of(const json_t *object, const char *member)
{
    const json_t *v = json_object_get(object, member);

    return json_is_integer(v) ? json_integer_value(v) : strtoll(text_of(object, member), NULL, 10);
}

/* "auth.sentCodeTypeApp" → "app", "auth.codeTypeSms" → "sms". */
static void kind_of(const json_t *object, const char *prefix, char *out, size_t size)
{
    const char *name = text_of(object, "_");
    size_t n = strlen(prefix);

    if (strncmp(name, prefix, n) != 0 || !name[n])
        return;
    snprintf(out, size, "%s", name + n);
    if (out[0] >= 'A' && out[0] <= 'Z')
        out[0] = (char)(out[0] - 'A' + 'a');
}

/* What Telegram says in it goes into a sentence of ours whole, or not at all. */
static void set_words(struct sent_code *c, const json_t *type)
{
    snprintf(c->words, sizeof(c->words), "Telegram sends the code by a way that this version does not know: %s",
             c->kind);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i].kind, c->kind) != 0)
            continue;
        const char *it = kinds[i].member ? text_of(type, kinds[i].member) : "";
        bool is_told = *it && strlen(kinds[i].words) + strlen(it) < sizeof(c->words);
        fill_name(c->words, sizeof(c->words), kinds[i].words, "it", is_told ? it : "which Telegram does not tell");
        return;
    }
}

int sent_code_read(const json_t *sent, int64_t now_us, int64_t wall_us, struct sent_code *ret)
{
    const json_t *type = json_object_get(sent, "type");
    const char *hash = text_of(sent, "phone_code_hash");
    int64_t timeout_s = number_of(sent, "timeout");
    struct sent_code c = {.length = (int)number_of(type, "length")};

    if (strcmp(text_of(sent, "_"), "auth.sentCode") != 0 || !*hash || strlen(hash) >= sizeof(c.hash))
        return TGC_EPROTO;
    snprintf(c.hash, sizeof(c.hash), "%s", hash);
    kind_of(type, "auth.sentCodeType", c.kind, sizeof(c.kind));
    kind_of(json_object_get(sent, "next_type"), "auth.codeType", c.next_kind, sizeof(c.next_kind));
    set_words(&c, type);
    if (timeout_s > 0) {
        c.resend_at = wall_us / SECOND_US + timeout_s;
        c.resend_us = now_us + timeout_s * SECOND_US;
    }
    *ret = c;
    return 0;
}

void sent_code_by_mail(struct sent_code *c, const char *pattern)
{
    json_t *type = json_pack("{s:s}", "email_pattern", pattern);

    snprintf(c->kind, sizeof(c->kind), "emailCode");
    c->next_kind[0] = '\0';
    c->resend_at = c->resend_us = 0;
    set_words(c, type);
    json_decref(type);
}

json_t *sent_code_json(const struct sent_code *c)
{
    json_t *code = json_pack("{s:s}", "kind", c->kind);

    if (c->length)
        json_object_set_new(code, "length", json_integer(c->length));
    if (c->next_kind[0])
        json_object_set_new(code, "next_kind", json_string(c->next_kind));
    if (c->resend_at)
        json_object_set_new(code, "resend_at", json_integer(c->resend_at));
    return code;
}
