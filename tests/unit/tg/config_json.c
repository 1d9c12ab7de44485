#include "tests/unit/tg/config_json.h"

#include <stdio.h>

#include <check.h>

static char text[16384];

const char *config_json(int life_s, const char *options)
{
    int n = snprintf(
        text, sizeof(text),
        "{'_':'config','date':1000,'expires':%d,'test_mode':true,'this_dc':1,'dc_options':[%s],"
        "'dc_txt_domain_name':'x','chat_size_max':200,'megagroup_size_max':1,'forwarded_count_max':1,"
        "'online_update_period_ms':1,'offline_blur_timeout_ms':1,'offline_idle_timeout_ms':1,"
        "'online_cloud_timeout_ms':1,'notify_cloud_delay_ms':1,'notify_default_delay_ms':1,'push_chat_period_ms':1,"
        "'push_chat_limit':1,'edit_time_limit':1,'revoke_time_limit':1,'revoke_pm_time_limit':1,'rating_e_decay':1,"
        "'stickers_recent_limit':1,'saved_gifs_limit':1,'stickers_faved_limit':1,"
        "'pinned_dialogs_count_max':1,'pinned_infolder_count_max':1,'channels_read_media_period':1,'call_receive_"
        "timeout_ms':1,"
        "'call_ring_timeout_ms':1,'call_connect_timeout_ms':1,'call_packet_timeout_ms':1,'me_url_prefix':'x',"
        "'caption_length_max':1,'message_length_max':1,'webfile_dc_id':1}",
        1000 + life_s, options);

    ck_assert_int_lt(n, (int)sizeof(text));
    return text;
}

const char *dc_update_json(const char *options)
{
    int n = snprintf(text, sizeof(text),
                     "{'_':'updateShort','update':{'_':'updateDcOptions','dc_options':[%s]},'date':1}", options);

    ck_assert_int_lt(n, (int)sizeof(text));
    return text;
}
