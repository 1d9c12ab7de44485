#include "daemon/tg/way.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tg_way {
    unsigned refs;
    bool is_direct, is_lost;
    struct proxy proxy;
    size_t size; /* of all this */
    char text[];
};

static struct tg_way *with_text(const char *text)
{
    size_t text_size = strlen(text) + 1, size = sizeof(struct tg_way) + text_size;
    struct tg_way *way = calloc(1, size);

    if (!way)
        return NULL;
    way->refs = 1;
    way->size = size;
    memcpy(way->text, text, text_size);
    return way;
}

int tg_way_new(const char *text, struct tg_way **ret, struct fault *fault)
{
    struct tg_way *way = with_text(text);

    if (!way)
        return fault_set(fault, TGC_ENOMEM, "%s", tgc_err_text(TGC_ENOMEM));
    way->is_direct = strcmp(text, PROXY_NONE) == 0;
    int err = way->is_direct ? 0 : proxy_parse(text, &way->proxy, fault);
    if (err) {
        tg_way_unref(way);
        return err;
    }
    *ret = way;
    return 0;
}

int tg_way_new_lost(struct tg_way **ret)
{
    struct tg_way *way = with_text("?"); /* no proxy: were it kept, it would be lost again */

    if (!way)
        return TGC_ENOMEM;
    way->is_lost = true;
    *ret = way;
    return 0;
}

struct tg_way *tg_way_ref(struct tg_way *way)
{
    if (way)
        way->refs++;
    return way;
}

void tg_way_unref(struct tg_way *way)
{
    if (!way || --way->refs)
        return;
    explicit_bzero(way, way->size);
    free(way);
}

const char *tg_way_text(const struct tg_way *way)
{
    return way->text;
}

void tg_way_show(const struct tg_way *way, char out[static PROXY_SHOWN_SIZE])
{
    if (way->is_direct || way->is_lost)
        snprintf(out, PROXY_SHOWN_SIZE, "%s", way->is_lost ? "unknown" : PROXY_NONE);
    else
        proxy_show(&way->proxy, out);
}

bool tg_way_is(const struct tg_way *way, const struct tg_way *other)
{
    return way == other || (way && other && strcmp(way->text, other->text) == 0);
}

const struct proxy *tg_way_proxy(const struct tg_way *way, const struct tg_env *env)
{
    if (!way)
        return env->proxy;
    return way->is_direct || way->is_lost ? NULL : &way->proxy;
}

const char *tg_way_unfit(const struct tg_way *way, const struct tg_env *env)
{
    const struct proxy *proxy = tg_way_proxy(way, env);

    if (way && way->is_lost)
        return "its proxy cannot be read from the store, so that it connects by no way";
    return proxy ? proxy_unfit(proxy, wire_framing_name(env->framing)) : NULL;
}

void tg_way_remedy(const struct tg_way *way, const struct tg_env *env, const char *account,
                   char out[static TG_WAY_REMEDY_SIZE])
{
    const struct proxy *proxy = tg_way_proxy(way, env);
    char shown[PROXY_SHOWN_SIZE];

    out[0] = '\0';
    if (way && way->is_lost)
        snprintf(out, TG_WAY_REMEDY_SIZE,
                 "Put a backup of the database in place, or remove the account with DELETE /v1/accounts/%s and make it "
                 "anew with its proxy",
                 account);
    if (!proxy)
        return;
    proxy_show(proxy, shown);
    if (way)
        snprintf(out, TG_WAY_REMEDY_SIZE,
                 "This account connects through %s alone: mend that proxy, or give the account another way with PATCH "
                 "/v1/accounts/%s {\"proxy\": …} (null: the daemon's own, \"none\": directly)",
                 shown, account);
    else
        snprintf(
            out, TG_WAY_REMEDY_SIZE,
            "It connects through the daemon's own proxy, %s: mend that, or [telegram] proxy, or give the account a "
            "way of its own with PATCH /v1/accounts/%s {\"proxy\": …} (\"none\": directly)",
            shown, account);
}
