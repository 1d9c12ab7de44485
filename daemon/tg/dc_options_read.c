/* The config of help.getConfig, and updateDcOptions, from their bytes. Both have dcOptions somewhere within. */
#include <string.h>

#include "daemon/tg/dc_options.h"
#include "daemon/tl/walk.h"

struct config_walk {
    const struct tl_comb *config, *option; /* what they are in the schema; NULL where it lacks them */
    struct tg_config *ret;
    bool local;
    unsigned depth;
    unsigned config_depth, option_depth; /* where one is being read; 0: none is */
    bool is_void;                        /* that option is none for a main connection, or cannot be meant */
    struct tg_dc_option now;
};

static bool is_in_option(const struct config_walk *w)
{
    return w->option_depth && w->depth == w->option_depth;
}

static bool is_in_config(const struct config_walk *w)
{
    return w->config_depth && w->depth == w->config_depth;
}

static bool is_named(const struct tl_param *field, const char *name)
{
    return field && strcmp(field->name, name) == 0;
}

static int begin_object(void *ctx, const struct tl_param *field, const struct tl_comb *comb)
{
    struct config_walk *w = ctx;

    (void)field;
    w->depth++;
    if (comb == w->config && w->depth == 1) {
        w->config_depth = w->depth;
        w->ret->is_whole = true;
    } else if (comb == w->option && !w->option_depth) {
        w->option_depth = w->depth;
        w->now = (struct tg_dc_option){0};
        w->is_void = false;
    }
    return 0;
}

static void take_option(struct config_walk *w)
{
    if (w->is_void)
        return;
    if (!tg_dc_option_is_good(&w->now, w->local) || !tg_dc_options_put(&w->ret->options, &w->now))
        w->ret->refused_n++;
}

static int end_object(void *ctx)
{
    struct config_walk *w = ctx;

    if (is_in_option(w)) {
        take_option(w);
        w->option_depth = 0;
    }
    w->depth--;
    return 0;
}

static int begin_vector(void *ctx, const struct tl_param *field, uint32_t count)
{
    (void)ctx, (void)field, (void)count;
    return 0;
}

static int end_vector(void *ctx)
{
    (void)ctx;
    return 0;
}

static int on_int(void *ctx, const struct tl_param *field, int32_t v)
{
    struct config_walk *w = ctx;

    if (is_in_option(w)) {
        if (is_named(field, "id"))
            w->now.dc = v;
        else if (is_named(field, "port"))
            w->now.port = v > 0 && v <= UINT16_MAX ? (uint16_t)v : 0;
    } else if (is_in_config(w)) {
        if (is_named(field, "date"))
            w->ret->date = v;
        else if (is_named(field, "expires"))
            w->ret->expires = v;
        else if (is_named(field, "this_dc"))
            w->ret->this_dc = v;
    }
    return 0;
}

static int on_long(void *ctx, const struct tl_param *field, int64_t v)
{
    (void)ctx, (void)field, (void)v;
    return 0;
}

static int on_double(void *ctx, const struct tl_param *field, double v)
{
    (void)ctx, (void)field, (void)v;
    return 0;
}

static int on_bool(void *ctx, const struct tl_param *field, bool v)
{
    struct config_walk *w = ctx;

    if (is_in_config(w) && is_named(field, "test_mode"))
        w->ret->test_mode = v;
    if (!is_in_option(w))
        return 0;
    if (is_named(field, "media_only") || is_named(field, "cdn"))
        w->is_void |= v;
    else if (is_named(field, "tcpo_only"))
        w->now.tcpo_only = v;
    else if (is_named(field, "static"))
        w->now.is_static = v;
    else if (is_named(field, "this_port_only"))
        w->now.this_port_only = v;
    return 0;
}

static int on_raw(void *ctx, const struct tl_param *field, const uint8_t *v, size_t len)
{
    (void)ctx, (void)field, (void)v, (void)len;
    return 0;
}

static int on_bytes(void *ctx, const struct tl_param *field, const uint8_t *v, size_t len)
{
    struct config_walk *w = ctx;

    if (!is_in_option(w) || !is_named(field, "secret"))
        return 0;
    if (len > TG_DC_SECRET_MAX) {
        w->now.port = 0; /* it cannot be meant */
        return 0;
    }
    if (len > 0)
        memcpy(w->now.secret, v, len);
    w->now.secret_len = (uint8_t)len;
    return 0;
}

static int on_string(void *ctx, const struct tl_param *field, const uint8_t *v, size_t len)
{
    struct config_walk *w = ctx;

    if (!is_in_option(w) || !is_named(field, "ip_address"))
        return 0;
    /* One that does not fit, or has a NUL within, is no address. */
    if (len > 0 && len < sizeof(w->now.ip) && !memchr(v, '\0', len))
        memcpy(w->now.ip, v, len);
    return 0;
}

static const struct tl_visitor visitor = {begin_object, end_object, begin_vector, end_vector, on_int,   on_long,
                                          on_double,    on_bool,    on_raw,       on_bytes,   on_string};

int tg_config_read(const struct tl_schema *schema, const struct tl_comb *method, const void *data, size_t len,
                   bool local, struct tg_config *ret, struct fault *fault)
{
    struct config_walk w = {.config = tl_find_constructor_name(schema, "config"),
                            .option = tl_find_constructor_name(schema, "dcOption"),
                            .ret = ret,
                            .local = local};

    *ret = (struct tg_config){0};
    return method ? tl_walk_result(schema, method, data, len, &visitor, &w, NULL, fault)
                  : tl_walk_object(schema, data, len, &visitor, &w, NULL, fault);
}
