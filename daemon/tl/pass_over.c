#include "daemon/tl/walk.h"

static int pass_object(void *ctx, const struct tl_param *field, const struct tl_comb *comb)
{
    (void)ctx, (void)field, (void)comb;
    return 0;
}

static int pass_end(void *ctx)
{
    (void)ctx;
    return 0;
}

static int pass_vector(void *ctx, const struct tl_param *field, uint32_t count)
{
    (void)ctx, (void)field, (void)count;
    return 0;
}

static int pass_int(void *ctx, const struct tl_param *field, int32_t v)
{
    (void)ctx, (void)field, (void)v;
    return 0;
}

static int pass_long(void *ctx, const struct tl_param *field, int64_t v)
{
    (void)ctx, (void)field, (void)v;
    return 0;
}

static int pass_double(void *ctx, const struct tl_param *field, double v)
{
    (void)ctx, (void)field, (void)v;
    return 0;
}

static int pass_bool(void *ctx, const struct tl_param *field, bool v)
{
    (void)ctx, (void)field, (void)v;
    return 0;
}

static int pass_bytes(void *ctx, const struct tl_param *field, const uint8_t *v, size_t len)
{
    (void)ctx, (void)field, (void)v, (void)len;
    return 0;
}

const struct tl_visitor tl_pass_over = {pass_object, pass_end,  pass_vector, pass_end,   pass_int,  pass_long,
                                        pass_double, pass_bool, pass_bytes,  pass_bytes, pass_bytes};
