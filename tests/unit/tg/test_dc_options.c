/* Telegram's word on its data centres: what is taken of it, what is refused, and how it is written down. */
#include <stdio.h>
#include <string.h>

#include "daemon/tg/dc_options.h"
#include "tests/unit/tg/config_json.h"
#include "tests/unit/tg/suites.h"
#include "tests/unit/tg/support.h"

static struct tg_config config;

static int read_as(int layer_n, const char *method, const char *json, bool local)
{
    struct fault fault = {0};
    struct buf b;

    bytes_of(layer_n, json, &b);
    int err = tg_config_read(shipped_layer(layer_n), method ? tl_find_method(shipped_layer(layer_n), method) : NULL,
                             b.data, b.len, local, &config, &fault);
    buf_fini(&b);
    return err;
}

static void read_options(const char *options, bool local)
{
    ck_assert_int_eq(read_as(229, "help.getConfig", config_json(3600, options), local), 0);
}

#define OPTION(more) "{'_':'dcOption','id':2,'ip_address':'149.154.167.51','port':443" more "}"

START_TEST(test_a_config_is_read_in_each_layer)
{
    static const int layers[] = {138, 229};

    ck_assert_int_eq(read_as(layers[_i], "help.getConfig", config_json(3600, OPTION("")), false), 0);
    ck_assert(config.is_whole && config.test_mode);
    ck_assert_int_eq(config.expires - config.date, 3600);
    ck_assert_int_eq(config.this_dc, 1);
    ck_assert_uint_eq(config.options.n, 1);
    const struct tg_dc_option *o = &config.options.list[0];
    ck_assert_int_eq(o->dc, 2);
    ck_assert_str_eq(o->ip, "149.154.167.51");
    ck_assert_int_eq(o->port, 443);
    ck_assert(!o->is_v6 && !o->tcpo_only && !o->is_static && !o->this_port_only && !o->secret_len);
}
END_TEST

START_TEST(test_an_update_tells_of_some_of_them)
{
    ck_assert_int_eq(read_as(229, NULL, dc_update_json(OPTION("") "," OPTION(",'static':true")), false), 0);
    ck_assert(!config.is_whole);
    ck_assert_uint_eq(config.options.n, 2);
    ck_assert(config.options.list[1].is_static);
}
END_TEST

START_TEST(test_what_is_for_files_or_caches_is_left_out)
{
    read_options(OPTION(",'media_only':true") "," OPTION(",'cdn':true") "," OPTION(",'tcpo_only':true"), false);
    ck_assert_uint_eq(config.options.n, 1);
    ck_assert(config.options.list[0].tcpo_only);
    ck_assert_uint_eq(config.refused_n, 0);
}
END_TEST

START_TEST(test_flags_and_secrets_are_taken)
{
    read_options(
        "{'_':'dcOption','ipv6':true,'this_port_only':true,'id':4,'ip_address':'2001:67C:4E8:F004:0:0:0:A','port':80}"
        ",{'_':'dcOption','tcpo_only':true,'id':4,'ip_address':'149.154.167.91','port':443,"
        "'secret':'3QABAgMEBQYHCAkKCwwNDg8='}",
        false);
    ck_assert_uint_eq(config.options.n, 2);
    const struct tg_dc_option *o = config.options.list;
    ck_assert(o[0].is_v6 && o[0].this_port_only);
    ck_assert_str_eq(o[0].ip, "2001:67c:4e8:f004::a");
    ck_assert_uint_eq(o[1].secret_len, 17);
    ck_assert_uint_eq(o[1].secret[0], 0xdd);
    ck_assert_uint_eq(o[1].secret[16], 15);
}
END_TEST

static const struct {
    const char *ip;
    bool is_good_locally;
} hostile[] = {
    {"127.0.0.1", true},
    {"127.255.255.255", true},
    {"10.0.0.1", true},
    {"100.64.0.1", true},
    {"100.127.0.1", true},
    {"169.254.1.1", true},
    {"172.16.0.1", true},
    {"172.31.255.1", true},
    {"192.168.1.1", true},
    {"192.0.0.1", true},
    {"192.0.2.1", true},
    {"198.18.0.1", true},
    {"198.19.255.1", true},
    {"198.51.100.1", true},
    {"203.0.113.1", true},
    {"::1", true},
    {"fe80::1", true},
    {"fd00::1", true},
    {"2001:db8::1", true},
    {"64:ff9b::1", true},
    {"0.0.0.0", false},
    {"0.1.2.3", false},
    {"224.0.0.1", false},
    {"239.255.255.250", false},
    {"240.0.0.1", false},
    {"255.255.255.255", false},
    {"::", false},
    {"ff02::1", false},
    {"::ffff:127.0.0.1", false},
    {"", false},
    {"telegram.org", false},
    {"149.154.167", false},
    {"149.154.167.51 ", false},
    {"149.154.167.051x", false},
    {"[2001:67c::a]", false},
    {"0x7f.1", false},
    {"2130706433", false},
    {"fe80::1%lo", false},
    {"2001:67c:4e8:f002:0000:0000:0000:000a:2001:67c:4e8:f002", false},
};
enum { HOSTILE = sizeof(hostile) / sizeof(hostile[0]) };

START_TEST(test_an_address_that_cannot_be_meant_is_refused)
{
    char json[256];

    snprintf(json, sizeof(json), "{'_':'dcOption','id':2,'ip_address':'%s','port':443}", hostile[_i].ip);
    read_options(json, false);
    ck_assert_msg(config.options.n == 0 && config.refused_n == 1, "%s was taken", hostile[_i].ip);
    read_options(json, true);
    ck_assert_msg((config.options.n == 1) == hostile[_i].is_good_locally, "%s", hostile[_i].ip);
}
END_TEST

START_TEST(test_addresses_beside_those_networks_are_good)
{
    static const char *const good[] = {"126.255.255.255", "128.0.0.1",  "11.0.0.1",      "100.63.0.1",
                                       "100.128.0.1",     "172.15.0.1", "172.32.0.1",    "192.167.1.1",
                                       "198.17.0.1",      "198.20.0.1", "223.255.255.1", "2001:b28::1"};
    char json[256];

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        snprintf(json, sizeof(json), "{'_':'dcOption','id':2,'ip_address':'%s','port':443}", good[i]);
        read_options(json, false);
        ck_assert_msg(config.options.n == 1, "%s was refused", good[i]);
    }
}
END_TEST

START_TEST(test_an_option_of_no_data_centre_port_or_secret_is_refused)
{
    static const char *const bad[] = {
        "{'_':'dcOption','id':0,'ip_address':'149.154.167.51','port':443}",
        "{'_':'dcOption','id':-2,'ip_address':'149.154.167.51','port':443}",
        "{'_':'dcOption','id':32768,'ip_address':'149.154.167.51','port':443}",
        "{'_':'dcOption','id':2,'ip_address':'149.154.167.51','port':0}",
        "{'_':'dcOption','id':2,'ip_address':'149.154.167.51','port':-1}",
        "{'_':'dcOption','id':2,'ip_address':'149.154.167.51','port':65536}",
        OPTION(",'secret':'AAECAw=='"),                 /* 4 bytes */
        OPTION(",'secret':'zAABAgMEBQYHCAkKCwwNDg8='"), /* 17, and no dd in front */
    };

    read_options(bad[_i], true);
    ck_assert_uint_eq(config.options.n, 0);
    ck_assert_uint_eq(config.refused_n, 1);
}
END_TEST

START_TEST(test_there_is_a_most_of_each_and_of_all)
{
    static char json[16384];
    size_t at = 0;

    for (int i = 0; i < 100; i++)
        at += (size_t)snprintf(json + at, sizeof(json) - at,
                               "%s{'_':'dcOption','id':%d,'ip_address':'149.154.167.%d','port':443}", i ? "," : "",
                               1 + i / 10, i);
    read_options(json, false);
    ck_assert_uint_eq(config.options.n, TG_DC_OPTIONS_MAX);
    ck_assert_uint_eq(config.refused_n, 100 - TG_DC_OPTIONS_MAX);
    unsigned of_first = 0;
    for (size_t i = 0; i < config.options.n; i++)
        of_first += config.options.list[i].dc == 1;
    ck_assert_uint_eq(of_first, TG_DC_OPTIONS_OF_ONE_MAX);
    /* The same one again is no other. */
    read_options(OPTION("") "," OPTION("") "," OPTION(""), false);
    ck_assert_uint_eq(config.options.n, 1);
    ck_assert_uint_eq(config.refused_n, 0);
}
END_TEST

START_TEST(test_bytes_that_are_cut_are_no_config)
{
    struct fault fault = {0};
    struct buf b;

    bytes_of(229, config_json(3600, OPTION("")), &b);
    for (size_t len = 0; len < b.len; len++)
        ck_assert_int_ne(tg_config_read(shipped_layer(229), tl_find_method(shipped_layer(229), "help.getConfig"),
                                        b.data, len, false, &config, &fault),
                         0);
    buf_fini(&b);
}
END_TEST

START_TEST(test_what_is_written_down_is_read_back)
{
    struct tg_dc_options again;
    int64_t until = 0;
    struct buf b;

    read_options(
        OPTION("") "," OPTION(",'static':true,'this_port_only':true") "," OPTION(
            ",'tcpo_only':true,'secret':'3QABAgMEBQYHCAkKCwwNDg8='") ",{'_':'dcOption','ipv6':true,'id':1,'ip_address':"
                                                                     "'2001:b28:f23d:f001::a','port':443}",
        false);
    buf_init(&b, TG_DC_OPTIONS_TEXT_MAX);
    ck_assert_int_eq(tg_dc_options_write(&config.options, 1795950000, &b), 0);
    buf_put_byte(&b, 0);
    ck_assert_str_eq((const char *)b.data, "1 1795950000\n2 149.154.167.51 443 - -\n2 149.154.167.51 443 sp -\n"
                                           "2 149.154.167.51 443 t dd000102030405060708090a0b0c0d0e0f\n"
                                           "1 2001:b28:f23d:f001::a 443 - -\n");
    ck_assert_int_eq(tg_dc_options_read((const char *)b.data, false, &again, &until), 0);
    ck_assert_int_eq(until, 1795950000);
    ck_assert(tg_dc_options_are_same(&again, &config.options));
    ck_assert(again.list[3].is_v6 && !again.list[2].is_v6);
    buf_fini(&b);
}
END_TEST

START_TEST(test_a_damaged_list_is_refused_as_a_whole)
{
    static const char *const bad[] = {
        "",
        "1",
        "1 ",
        "2 1795950000\n",
        "1 x\n",
        "1 -5\n",
        "1 99999999999999999999\n",
        "1 5\n2\n",
        "1 5\n2 149.154.167.51\n",
        "1 5\n2 149.154.167.51 443\n",
        "1 5\n2 149.154.167.51 443 -\n",
        "1 5\n2 149.154.167.51 443 x -\n",
        "1 5\n2 149.154.167.51 443 - 00\n",
        "1 5\n2 149.154.167.51 443 - zz\n",
        "1 5\n2 149.154.167.51 65536 - -\n",
        "1 5\n2 127.0.0.1 443 - -\n",
        "1 5\n2 name 443 - -\n",
        "1 5\n2 149.154.167.51 443 - -\nx",
        "1 5\n\n",
    };
    struct tg_dc_options options;
    int64_t until;

    ck_assert_int_eq(tg_dc_options_read(bad[_i], false, &options, &until), TGC_EINVAL);
}
END_TEST

START_TEST(test_the_longest_list_has_room)
{
    struct tg_dc_options options = {.n = 0}, again;
    int64_t until;
    struct buf b;

    for (int i = 0; i < TG_DC_OPTIONS_MAX; i++) {
        struct tg_dc_option o = {.dc = TG_DC_ID_MAX - i / TG_DC_OPTIONS_OF_ONE_MAX,
                                 .port = 65535,
                                 .tcpo_only = true,
                                 .is_static = true,
                                 .this_port_only = true,
                                 .secret_len = TG_DC_SECRET_MAX};
        memset(o.secret, 0xee, sizeof(o.secret));
        snprintf(o.ip, sizeof(o.ip), "2001:b28:f23d:f001:ffff:ffff:ffff:%04x", 0x1000 + i);
        ck_assert(tg_dc_option_is_good(&o, false));
        ck_assert(tg_dc_options_put(&options, &o));
    }
    buf_init(&b, TG_DC_OPTIONS_TEXT_MAX);
    ck_assert_int_eq(tg_dc_options_write(&options, INT64_C(99999999999), &b), 0);
    buf_put_byte(&b, 0);
    ck_assert_int_eq(tg_dc_options_read((const char *)b.data, false, &again, &until), 0);
    ck_assert(tg_dc_options_are_same(&again, &options));
    buf_fini(&b);
}
END_TEST

Suite *suite_dc_options(void)
{
    Suite *s = suite_create("dc_options");
    TCase *t = tcase_create("dc_options");

    tcase_add_loop_test(t, test_a_config_is_read_in_each_layer, 0, 2);
    tcase_add_test(t, test_an_update_tells_of_some_of_them);
    tcase_add_test(t, test_what_is_for_files_or_caches_is_left_out);
    tcase_add_test(t, test_flags_and_secrets_are_taken);
    tcase_add_loop_test(t, test_an_address_that_cannot_be_meant_is_refused, 0, HOSTILE);
    tcase_add_test(t, test_addresses_beside_those_networks_are_good);
    tcase_add_loop_test(t, test_an_option_of_no_data_centre_port_or_secret_is_refused, 0, 8);
    tcase_add_test(t, test_there_is_a_most_of_each_and_of_all);
    tcase_add_test(t, test_bytes_that_are_cut_are_no_config);
    tcase_add_test(t, test_what_is_written_down_is_read_back);
    tcase_add_loop_test(t, test_a_damaged_list_is_refused_as_a_whole, 0, 19);
    tcase_add_test(t, test_the_longest_list_has_room);
    suite_add_tcase(s, t);
    return s;
}
