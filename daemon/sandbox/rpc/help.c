#include <string.h>

#include "daemon/sandbox/rpc/rpc.h"

enum { CONFIG_LIFE_S = 3600 };

/* The numbers of config that nothing here depends on: what Telegram's own servers say. */
static const struct {
    const char *name;
    int value;
} config_numbers[] = {
    {"chat_size_max", 200},
    {"megagroup_size_max", 200000},
    {"forwarded_count_max", 100},
    {"online_update_period_ms", 210000},
    {"offline_blur_timeout_ms", 5000},
    {"offline_idle_timeout_ms", 30000},
    {"online_cloud_timeout_ms", 300000},
    {"notify_cloud_delay_ms", 30000},
    {"notify_default_delay_ms", 1500},
    {"push_chat_period_ms", 60000},
    {"push_chat_limit", 2},
    {"saved_gifs_limit", 200},
    {"edit_time_limit", 172800},
    {"revoke_time_limit", 2147483647},
    {"revoke_pm_time_limit", 2147483647},
    {"rating_e_decay", 2419200},
    {"stickers_recent_limit", 200},
    {"stickers_faved_limit", 5},
    {"channels_read_media_period", 604800},
    {"pinned_dialogs_count_max", 5},
    {"pinned_infolder_count_max", 100},
    {"call_receive_timeout_ms", 20000},
    {"call_ring_timeout_ms", 90000},
    {"call_connect_timeout_ms", 30000},
    {"call_packet_timeout_ms", 10000},
    {"caption_length_max", 1024},
    {"message_length_max", 4096},
};

json_t *rpc_dc_options(const struct world *w)
{
    json_t *list = json_array();

    for (int dc = 1; dc <= 2; dc++) {
        json_t *option = json_pack("{s:s, s:i, s:s, s:i}", "_", "dcOption", "id", dc, "ip_address", w->dc[dc].host,
                                   "port", w->dc[dc].port);
        json_put_flag(option, "ipv6", strchr(w->dc[dc].host, ':') != NULL);
        json_put_flag(option, "static", true);
        json_put_flag(option, "this_port_only", true);
        if (*w->dc[dc].host)
            json_array_append(list, option);
        json_decref(option);
    }
    return list;
}

static json_t *get_config(struct rpc *r, const json_t *params)
{
    int now = world_now(r->w);
    json_t *j = json_pack("{s:s, s:i, s:i, s:b, s:i, s:o, s:s, s:s, s:i, s:b}", "_", "config", "date", now, "expires",
                          now + CONFIG_LIFE_S, "test_mode", 0, "this_dc", r->account->dc, "dc_options",
                          rpc_dc_options(r->w), "dc_txt_domain_name", "localhost", "me_url_prefix", "https://t.me/",
                          "webfile_dc_id", 1, "revoke_pm_inbox", 1);

    for (size_t i = 0; i < sizeof(config_numbers) / sizeof(*config_numbers); i++)
        json_put(j, config_numbers[i].name, json_integer(config_numbers[i].value));
    return j;
}

static json_t *get_nearest_dc(struct rpc *r, const json_t *params)
{
    return json_pack("{s:s, s:s, s:i, s:i}", "_", "nearestDc", "country", "ZZ", "this_dc", r->account->dc, "nearest_dc",
                     1);
}

static void put_value(json_t *pairs, const char *key, const char *tag, json_t *value)
{
    json_array_append_new(pairs, json_pack("{s:s, s:s, s:{s:s, s:o}}", "_", "jsonObjectValue", "key", key, "value", "_",
                                           tag, "value", value));
}

/* "Frozen accounts": since when, until when, and where to appeal. */
static json_t *freeze(const struct rpc *r)
{
    const struct world_user *u = r->account->user;
    json_t *pairs = json_array();

    if (!u || !world_is_frozen(r->w, u))
        return pairs;
    put_value(pairs, "freeze_since_date", "jsonNumber", json_real((double)u->frozen_since));
    if (u->frozen_until)
        put_value(pairs, "freeze_until_date", "jsonNumber", json_real((double)u->frozen_until));
    put_value(pairs, "freeze_appeal_url", "jsonString", json_string("https://t.me/spambot"));
    return pairs;
}

/* Up to layer 145 the answer was the JSONValue itself. */
static json_t *get_app_config(struct rpc *r, const json_t *params)
{
    json_t *config = json_pack("{s:s, s:o}", "_", "jsonObject", "value", freeze(r));

    if (r->layer < 146)
        return config;
    return json_pack("{s:s, s:i, s:o}", "_", "help.appConfig", "hash", 1, "config", config);
}

static json_t *get_terms_update(struct rpc *r, const json_t *params)
{
    return json_pack("{s:s, s:i}", "_", "help.termsOfServiceUpdateEmpty", "expires", world_now(r->w) + CONFIG_LIFE_S);
}

static json_t *get_promo_data(struct rpc *r, const json_t *params)
{
    return json_pack("{s:s, s:i}", "_", "help.promoDataEmpty", "expires", world_now(r->w) + CONFIG_LIFE_S);
}

static json_t *get_invite_text(struct rpc *r, const json_t *params)
{
    return json_pack("{s:s, s:s}", "_", "help.inviteText", "message", "");
}

const struct rpc_row rpc_help_rows[] = {
    {"help.getConfig", get_config, RPC_PUBLIC},
    {"help.getNearestDc", get_nearest_dc, RPC_PUBLIC},
    {"help.getAppConfig", get_app_config, RPC_PUBLIC},
    {"help.getTermsOfServiceUpdate", get_terms_update, 0},
    {"help.getPromoData", get_promo_data, 0},
    {"help.getInviteText", get_invite_text, 0},
    {NULL, NULL, 0},
};
