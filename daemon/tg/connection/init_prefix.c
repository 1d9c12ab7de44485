#include "daemon/tg/connection/init_prefix.h"

#include <jansson.h>

#include "daemon/base/log.h"
#include "daemon/tl/encode.h"

/* The encoder writes whole calls, so the innermost query is help.getConfig, which has no parameters: its four bytes are
 * cut off again. */
int tg_init_prefix(const struct tg_env *env, struct buf *out)
{
    const struct tl_comb *method = tl_find_method(env->schema, "invokeWithLayer");
    struct fault fault = {0};
    json_t *call;

    if (!method)
        return TGC_EUNKNOWN;
    call =
        json_pack("{s:i, s:{s:s, s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:{s:s}}}", "layer", tl_schema_layer(env->schema),
                  "query", "_", "initConnection", "api_id", (int)env->api_id, "device_model", env->device_model,
                  "system_version", env->system_version, "app_version", env->app_version, "system_lang_code",
                  env->lang_code, "lang_pack", "", "lang_code", env->lang_code, "query", "_", "help.getConfig");
    if (!call)
        return TGC_ENOMEM;
    int err = tl_encode_method(env->schema, method, call, TL_ENCODE_STRICT, out, &fault);
    json_decref(call);
    if (err)
        log_error("tg", "initConnection cannot be encoded in layer %d: %s", tl_schema_layer(env->schema), fault.text);
    else
        buf_cut(out, out->len - 4);
    return err;
}
