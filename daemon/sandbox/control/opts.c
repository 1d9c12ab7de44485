#include "daemon/sandbox/control/opts.h"

#include <string.h>

#include "daemon/sandbox/world/json.h"

enum {
    SKEW_MAX_S = 86400 * 365,
    SALT_PERIOD_MAX_S = 86400,
    GZIP_MAX = 1 << 20,
    WRITE_MAX = 1 << 16,
    CODE_TIMEOUT_MAX_S = 3600,
    LAYER_MAX = 9999,
    LIMIT_MAX = 1000
};

/* What is taken over only when every member is right. */
struct wanted {
    struct centres_options o;
    int64_t skew_us;
    int salt_period_s;
    bool is_silent, counts_seq;
    int code_timeout_s;
    int login_layer_min, codes_max, passwords_max;
    enum world_email email_login;
};

static bool is_in(const json_t *value, int64_t min, int64_t max)
{
    return json_is_integer(value) && json_integer_value(value) >= min && json_integer_value(value) <= max;
}

static bool set_any_dc(struct wanted *w, const json_t *value)
{
    w->o.any_dc = json_is_true(value);
    return json_is_boolean(value);
}

static bool set_containers(struct wanted *w, const json_t *value)
{
    w->o.containers = json_is_true(value);
    return json_is_boolean(value);
}

static bool set_transport_pad(struct wanted *w, const json_t *value)
{
    w->o.transport_pad = (unsigned)json_as_long(value);
    return is_in(value, 0, 15);
}

static bool set_gzip_min(struct wanted *w, const json_t *value)
{
    w->o.gzip_min = (unsigned)json_as_long(value);
    return is_in(value, 0, GZIP_MAX);
}

static bool set_write_size(struct wanted *w, const json_t *value)
{
    w->o.write_size = (unsigned)json_as_long(value);
    return is_in(value, 0, WRITE_MAX);
}

static bool set_handshake(struct wanted *w, const json_t *value)
{
    const char *text = json_string_value(value);

    w->o.handshake = text ? mt_handshake_lie_find(text) : MT_LIE_NONE;
    return text && (!*text || w->o.handshake != MT_LIE_NONE);
}

static bool set_clock_skew(struct wanted *w, const json_t *value)
{
    bool ok = is_in(value, -SKEW_MAX_S, SKEW_MAX_S);

    w->skew_us = ok ? json_integer_value(value) * SECOND_US : 0;
    return ok;
}

static bool set_volunteer(struct wanted *w, const json_t *value)
{
    w->is_silent = json_is_false(value);
    return json_is_boolean(value);
}

static bool set_seq(struct wanted *w, const json_t *value)
{
    w->counts_seq = json_is_true(value);
    return json_is_boolean(value);
}

static bool set_salt_period(struct wanted *w, const json_t *value)
{
    w->salt_period_s = (int)json_as_long(value);
    return is_in(value, 1, SALT_PERIOD_MAX_S);
}

static const char *const email_logins[] = {
    [WORLD_EMAIL_NONE] = "", [WORLD_EMAIL_SET_UP] = "set_up", [WORLD_EMAIL_CODE] = "code"};

static bool set_email_login(struct wanted *w, const json_t *value)
{
    const char *text = json_string_value(value);

    for (size_t i = 0; text && i < sizeof(email_logins) / sizeof(*email_logins); i++) {
        if (strcmp(email_logins[i], text) == 0) {
            w->email_login = (enum world_email)i;
            return true;
        }
    }
    return false;
}

static bool set_code_timeout(struct wanted *w, const json_t *value)
{
    w->code_timeout_s = (int)json_as_long(value);
    return is_in(value, 0, CODE_TIMEOUT_MAX_S);
}

static bool set_login_layer_min(struct wanted *w, const json_t *value)
{
    w->login_layer_min = (int)json_as_long(value);
    return is_in(value, 0, LAYER_MAX);
}

static bool set_codes_max(struct wanted *w, const json_t *value)
{
    w->codes_max = (int)json_as_long(value);
    return is_in(value, 0, LIMIT_MAX);
}

static bool set_passwords_max(struct wanted *w, const json_t *value)
{
    w->passwords_max = (int)json_as_long(value);
    return is_in(value, 0, LIMIT_MAX);
}

static const struct {
    const char *key;
    bool (*set)(struct wanted *w, const json_t *value);
} table[] = {
    {"any_dc", set_any_dc},
    {"containers", set_containers},
    {"transport_pad", set_transport_pad},
    {"gzip_min", set_gzip_min},
    {"write_size", set_write_size},
    {"handshake", set_handshake},
    {"clock_skew_s", set_clock_skew},
    {"salt_period_s", set_salt_period},
    {"volunteer", set_volunteer},
    {"seq", set_seq},
    {"code_timeout_s", set_code_timeout},
    {"email_login", set_email_login},
    {"login_layer_min", set_login_layer_min},
    {"codes_max", set_codes_max},
    {"passwords_max", set_passwords_max},
};

enum { OPTS = sizeof(table) / sizeof(*table) };

json_t *opts_json(const struct centres *s)
{
    const struct centres_options *o = &s->options;

    return json_pack("{s:b, s:b, s:i, s:i, s:i, s:s, s:I, s:I, s:b, s:b, s:i, s:s, s:i, s:i, s:i}", "any_dc",
                     (int)o->any_dc, "containers", (int)o->containers, "transport_pad", (int)o->transport_pad,
                     "gzip_min", (int)o->gzip_min, "write_size", (int)o->write_size, "handshake",
                     o->handshake ? mt_handshake_lie_text(o->handshake) : "", "clock_skew_s",
                     (json_int_t)(s->world.skew_us / SECOND_US), "salt_period_s",
                     (json_int_t)keys_salt_period_s(&s->keys), "volunteer", (int)!s->world.is_silent, "seq",
                     (int)s->world.counts_seq, "code_timeout_s", s->world.code_timeout_s, "email_login",
                     email_logins[s->world.email_login], "login_layer_min", s->world.login_layer_min, "codes_max",
                     s->world.codes_max, "passwords_max", s->world.passwords_max);
}

const char *opts_set(struct centres *s, const json_t *members)
{
    struct wanted w = {.o = s->options,
                       .skew_us = s->world.skew_us,
                       .salt_period_s = s->keys.salt_period_s,
                       .is_silent = s->world.is_silent,
                       .counts_seq = s->world.counts_seq,
                       .code_timeout_s = s->world.code_timeout_s,
                       .login_layer_min = s->world.login_layer_min,
                       .codes_max = s->world.codes_max,
                       .passwords_max = s->world.passwords_max,
                       .email_login = s->world.email_login};
    const char *key;
    json_t *value;

    json_object_foreach ((json_t *)members, key, value) {
        bool ok = false;
        for (size_t i = 0; !ok && i < OPTS; i++)
            ok = strcmp(table[i].key, key) == 0 && table[i].set(&w, value);
        if (!ok)
            return key;
    }
    s->options = w.o;
    s->world.skew_us = w.skew_us;
    s->keys.salt_period_s = w.salt_period_s;
    s->world.is_silent = w.is_silent;
    s->world.counts_seq = w.counts_seq;
    s->world.code_timeout_s = w.code_timeout_s;
    s->world.email_login = w.email_login;
    s->world.login_layer_min = w.login_layer_min;
    s->world.codes_max = w.codes_max;
    s->world.passwords_max = w.passwords_max;
    return NULL;
}
