#include "daemon/hook/sign.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "daemon/crypto/hmac.h"
#include "daemon/tl/base64.h"

static const char prefix[] = "whsec_";
enum { PREFIX_LEN = sizeof(prefix) - 1, DIGEST = 32, DIGEST_TEXT = 44 };

void hook_secret_make(const struct random_source *random, char out[static HOOK_SECRET_TEXT])
{
    uint8_t bytes[HOOK_SECRET_MADE];

    random_fill(random, bytes, sizeof(bytes));
    memcpy(out, prefix, PREFIX_LEN);
    tl_base64_encode(bytes, sizeof(bytes), out + PREFIX_LEN);
    out[PREFIX_LEN + tl_base64_encoded_len(sizeof(bytes))] = '\0';
    explicit_bzero(bytes, sizeof(bytes));
}

void hook_secrets_rotate(struct hook_secrets *s, const struct random_source *random, int64_t now)
{
    (void)hook_secrets_forget(s, now);
    memmove(&s->before[1], &s->before[0], (HOOK_BEFORES - 1) * sizeof(s->before[0]));
    memcpy(s->before[0].text, s->now, sizeof(s->before[0].text));
    s->before[0].until = now + HOOK_ROTATION_S;
    hook_secret_make(random, s->now);
}

bool hook_secrets_forget(struct hook_secrets *s, int64_t now)
{
    size_t n = 0;
    bool is_changed = false;

    for (size_t i = 0; i < HOOK_BEFORES && s->before[i].text[0]; i++) {
        if (now < s->before[i].until)
            s->before[n++] = s->before[i];
        else
            is_changed = true;
    }
    explicit_bzero(&s->before[n], (HOOK_BEFORES - n) * sizeof(s->before[0]));
    return is_changed;
}

int64_t hook_secrets_end(const struct hook_secrets *s)
{
    int64_t end = INT64_MAX;

    for (size_t i = 0; i < HOOK_BEFORES && s->before[i].text[0]; i++)
        if (s->before[i].until < end)
            end = s->before[i].until;
    return end;
}

void hook_secrets_write(const struct hook_secrets *s, char out[static HOOK_SECRETS_TEXT])
{
    int n = snprintf(out, HOOK_SECRETS_TEXT, "%s", s->now);

    for (size_t i = 0; i < HOOK_BEFORES && s->before[i].text[0]; i++)
        n += snprintf(out + n, HOOK_SECRETS_TEXT - (size_t)n, " %s %" PRId64, s->before[i].text, s->before[i].until);
}

/* Returns how long the secret's bytes are; 0: it is none. */
static size_t key_of(const char *text, uint8_t out[static HOOK_SECRET_MAX + 3])
{
    size_t len;

    if (strncmp(text, prefix, PREFIX_LEN) != 0)
        return 0;
    text += PREFIX_LEN;
    if (tl_base64_decoded_len(text, strlen(text), &len) != 0 || len < HOOK_SECRET_MIN || len > HOOK_SECRET_MAX ||
        tl_base64_decode(text, strlen(text), out) != 0)
        return 0;
    return len;
}

static bool is_secret(const char *text)
{
    uint8_t key[HOOK_SECRET_MAX + 3];
    size_t len = key_of(text, key);

    explicit_bzero(key, sizeof(key));
    return len != 0;
}

int hook_secrets_read(const char *text, struct hook_secrets *ret)
{
    struct hook_secrets s = {0};
    _Static_assert(HOOK_BEFORES == 2 && HOOK_SECRET_TEXT == 96, "the format has as many");
    int n = sscanf(text, "%95s %95s %" SCNd64 " %95s %" SCNd64, s.now, s.before[0].text, &s.before[0].until,
                   s.before[1].text, &s.before[1].until);
    bool is_good = n >= 1 && n % 2 == 1 && is_secret(s.now);

    for (int i = 0; i < n / 2; i++)
        is_good = is_good && is_secret(s.before[i].text);
    if (is_good)
        *ret = s;
    explicit_bzero(&s, sizeof(s));
    return is_good ? 0 : TGC_EINVAL;
}

/* Writes "v1,…" to OUT; returns its length, 0 where SECRET is none. */
static size_t sign_by(const char *secret, const struct piece *pieces, size_t n, char *out)
{
    uint8_t key[HOOK_SECRET_MAX + 3], digest[DIGEST];
    size_t len = key_of(secret, key);

    if (len) {
        hmac_sha256(key, len, pieces, n, digest);
        memcpy(out, "v1,", 3);
        tl_base64_encode(digest, sizeof(digest), out + 3);
    }
    explicit_bzero(key, sizeof(key));
    return len ? 3 + DIGEST_TEXT : 0;
}

int hook_sign(const struct hook_secrets *s, const char *id, int64_t timestamp, const void *body, size_t len,
              char out[static HOOK_SIGNATURE_TEXT])
{
    char time[24];
    int time_len = snprintf(time, sizeof(time), ".%" PRId64 ".", timestamp);
    const struct piece pieces[] = {{id, strlen(id)}, {time, (size_t)time_len}, {body, len}};

    size_t n = sign_by(s->now, pieces, 3, out);
    if (!n)
        return TGC_EINVAL;
    for (size_t i = 0; i < HOOK_BEFORES && s->before[i].text[0]; i++) {
        if (timestamp >= s->before[i].until)
            continue;
        out[n] = ' ';
        size_t more = sign_by(s->before[i].text, pieces, 3, out + n + 1);
        if (!more)
            return TGC_EINVAL;
        n += 1 + more;
    }
    out[n] = '\0';
    return 0;
}
