/* The case folders tests/data/config/{valid,invalid}: NAME.conf is read, and what comes of it is held against
 * NAME.expected: the settings that differ from the defaults and the warnings, or the errors. TGCALLD_WRITE_EXPECTED=1
 * in the environment writes those files anew, to be looked over. */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config/settings.h"
#include "config/settings_internal.h"
#include "daemon/base/buf.h"
#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "tests/support/temp.h"
#include "tests/support/unit.h"
#include "tests/unit/config/suites.h"

static char *joined(const char *a, const char *b)
{
    size_t n = strlen(a) + strlen(b) + 1;
    char *text = malloc(n);

    snprintf(text, n, "%s%s", a, b);
    return text;
}

static void settle_environment(void)
{
    char *data = joined(getenv("TGCALLD_SRCDIR") ? getenv("TGCALLD_SRCDIR") : ".", "/config");

    setenv("TGCALLD_DATADIR", data, 1);
    free(data);
    setenv("STATE_DIRECTORY", "/var/lib/tgcalld", 1);
    unsetenv("JOURNAL_STREAM");
    unsetenv("CREDENTIALS_DIRECTORY");
}

static int load(const char *file, struct settings *s, struct settings_report *report)
{
    struct options o = {.log_level = -1, .config = (char *)(uintptr_t)file};

    *report = (struct settings_report){0};
    return settings_load(&o, s, report);
}

/* Lines without the folder's name, which differs from machine to machine. */
static void put_line(struct buf *out, const char *folder, const char *line)
{
    size_t n = strlen(folder);

    for (const char *at; (at = strstr(line, folder)); line = at + n)
        buf_put(out, line, (size_t)(at - line));
    buf_put_text(out, line);
    buf_put_text(out, "\n");
}

static void put_text(struct buf *out, const char *folder, const char *name, const char *value, const char *usual)
{
    char line[2048];

    if (value && (!usual || strcmp(value, usual) != 0)) {
        snprintf(line, sizeof(line), "%s = %s", name, value);
        put_line(out, folder, line);
    }
}

static void put_number(struct buf *out, const char *name, int64_t value, int64_t usual)
{
    if (value != usual)
        buf_printf(out, "%s = %" PRId64 "\n", name, value);
}

static void put_list(struct buf *out, const char *folder, const char *name, const struct text_list *list,
                     size_t usual_n)
{
    for (size_t i = 0; i < list->n && list->n != usual_n; i++)
        put_text(out, folder, name, list->items[i], NULL);
}

static void put_settings(struct buf *out, const char *folder, const struct settings *s)
{
    for (size_t i = 0; i < s->listen_n; i++)
        buf_printf(out, "listen = %s%s%s\n", s->listen[i].address, s->listen[i].tls ? " tls" : "",
                   s->listen[i].loopback ? "" : " outside");
    put_text(out, folder, "unix", s->unix_path, NULL);
    put_number(out, "unix_off", s->unix_off, 0);
    put_text(out, folder, "unix_group", s->unix_group, NULL);
    put_list(out, folder, "unix_scopes", &s->unix_scopes, 2);
    put_list(out, folder, "hosts", &s->hosts, 3);
    put_list(out, folder, "cors_origins", &s->cors_origins, 0);
    put_number(out, "max_body", (int64_t)s->body_max, 1 << 20);
    put_number(out, "queue_size", s->queue_size, 1024);
    put_number(out, "request_timeout", s->request_timeout_us, 30 * SECOND_US);
    put_number(out, "head_timeout", s->head_timeout_us, 10 * SECOND_US);
    put_number(out, "body_timeout", s->body_timeout_us, 300 * SECOND_US);
    put_number(out, "address_connections", s->address_connections, 256);
    put_number(out, "token_rate", s->token_rate, 0);
    put_number(out, "idle_timeout", s->idle_timeout_us, 60 * SECOND_US);
    put_number(out, "shutdown_timeout", s->shutdown_timeout_us, 10 * SECOND_US);
    put_number(out, "workers", s->workers, 1);
    put_number(out, "insecure", s->insecure, 0);
    put_text(out, folder, "tls_certificate", s->tls_certificate, NULL);
    put_text(out, folder, "tls_key", s->tls_key, NULL);
    put_text(out, folder, "tls_client_ca", s->tls_client_ca, NULL);
    for (size_t i = 0; i < s->clients_n; i++) {
        buf_printf(out, "client %s\n", s->clients[i].name);
        put_text(out, folder, "subject", s->clients[i].subject, NULL);
        put_list(out, folder, "scopes", &s->clients[i].scopes, 0);
        put_list(out, folder, "accounts", &s->clients[i].accounts, 0);
    }
    put_text(out, folder, "environment", settings_environment_name(s->environment), "production");
    put_number(out, "api_id", s->api_id, 0);
    put_text(out, folder, "api_hash", s->api_hash, NULL);
    put_number(out, "layer", s->layer, 229);
    put_list(out, folder, "schema", &s->schema, 0);
    put_text(out, folder, "transport", s->transport, "padded");
    put_number(out, "obfuscated", s->obfuscated, 0);
    put_number(out, "ipv6", s->ipv6, 0);
    put_text(out, folder, "proxy", s->proxy, NULL);
    put_number(out, "pfs", s->pfs, 1);
    put_number(out, "pfs_key_life", s->pfs_key_life_us, 24 * 3600 * SECOND_US);
    put_number(out, "flood_wait_max", s->flood_wait_max_us, 10 * SECOND_US);
    put_number(out, "handshakes_max", s->handshakes_max, 8);
    put_text(out, folder, "device_model", s->device_model, NULL);
    put_text(out, folder, "lang_code", s->lang_code, NULL);
    for (size_t i = 0; i < s->dcs_n && s->environment == SETTINGS_CUSTOM; i++) {
        buf_printf(out, "dc %d\n", s->dcs[i].id);
        put_list(out, folder, "address", &s->dcs[i].addresses, 0);
        put_text(out, folder, "public_key", s->dcs[i].public_key, NULL);
    }
    put_text(out, folder, "store url", s->store_url, NULL);
    put_text(out, folder, "store path", s->store_path, NULL);
    put_text(out, folder, "store key_file", s->store_key_file, NULL);
    put_number(out, "keep", s->events_keep, 100000);
    put_number(out, "keep_bytes", (int64_t)s->events_keep_bytes, 64 << 20);
    put_text(out, folder, "cluster node", s->cluster_node, NULL);
    put_text(out, folder, "cluster advertise", s->cluster_advertise, NULL);
    put_number(out, "cluster lease", s->cluster_lease_us, 6 * SECOND_US);
    put_number(out, "late_max", s->late_max_us, 3600 * SECOND_US);
    put_list(out, folder, "allow", &s->webhooks_allow, 2);
    put_number(out, "parallel", s->webhooks_parallel, 16);
    put_number(out, "level", s->log_level, LOG_LEVEL_INFO);
    put_number(out, "format", s->log_format, LOG_FORMAT_TEXT);
}

static void compare(const char *file, struct buf *out)
{
    char *expected_file = joined(file, "");

    strcpy(strrchr(expected_file, '.'), "");
    char *name = joined(expected_file, ".expected");
    free(expected_file);
    if (getenv("TGCALLD_WRITE_EXPECTED")) {
        FILE *f = fopen(name, "w");
        ck_assert_ptr_nonnull(f);
        fputs(buf_text(out), f);
        fclose(f);
    }
    char *want = unit_read_file(name, NULL);
    ck_assert_msg(strcmp(buf_text(out), want) == 0, "%s: got\n%s\nwanted\n%s", file, buf_text(out), want);
    free(want);
    free(name);
}

static void run_case(const char *folder, const char *file, bool valid)
{
    struct settings s = {0};
    struct settings_report report;
    struct buf out;

    buf_init(&out, 1 << 20);
    int err = load(file, &s, &report);
    ck_assert_msg(err == (valid ? 0 : TGC_EINVAL), "%s: %d, %s", file, err,
                  report.errors.n ? report.errors.items[0] : "fine");
    ck_assert_int_eq(report.errors.n == 0, valid);
    if (valid)
        put_settings(&out, folder, &s);
    for (size_t i = 0; i < report.warnings.n && valid; i++)
        put_line(&out, folder, report.warnings.items[i]);
    for (size_t i = 0; i < report.errors.n; i++)
        put_line(&out, folder, report.errors.items[i]);
    compare(file, &out);
    buf_fini(&out);
    settings_fini(&s);
    settings_report_fini(&report);
}

static void run_folder(const char *name, bool valid, int cases_min)
{
    char *folder = joined(unit_data_path(name), "/");
    DIR *dir = opendir(folder);
    const struct dirent *entry;
    int cases = 0;

    ck_assert_ptr_nonnull(dir);
    settle_environment();
    while ((entry = readdir(dir))) {
        const char *dot = strrchr(entry->d_name, '.');
        if (!dot || strcmp(dot, ".conf") != 0)
            continue;
        char *file = joined(folder, entry->d_name);
        run_case(folder, file, valid);
        free(file);
        cases++;
    }
    closedir(dir);
    free(folder);
    ck_assert_int_ge(cases, cases_min);
}

START_TEST(valid_files_give_the_settings_written_beside_them)
{
    run_folder("config/valid", true, 5);
}
END_TEST

START_TEST(invalid_files_give_all_the_errors_written_beside_them)
{
    run_folder("config/invalid", false, 30);
}
END_TEST

START_TEST(the_sample_is_valid_and_every_key_in_it_stands_at_its_default)
{
    const char *top = getenv("TGCALLD_SRCDIR") ? getenv("TGCALLD_SRCDIR") : ".";
    char *sample = joined(top, "/config/tgcalld.conf.sample"), *text = unit_read_file(sample, NULL), *save = NULL;
    const char *opened = temp_path("opened.conf");
    FILE *f = fopen(opened, "w");
    struct settings s = {0};
    struct settings_report report;
    struct buf out;

    settle_environment();
    ck_assert_int_eq(load(sample, &s, &report), 0);
    ck_assert_uint_eq(report.warnings.n, 0);
    settings_fini(&s);
    /* The same with each "#key = value" opened. */
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        const char *eq = strchr(line, '=');
        bool is_key = line[0] == '#' && line[1] != ' ' && line[1] != '[' && eq && eq[1] == ' ';
        if (strstr(line, "#address") || strstr(line, "#public_key") || strstr(line, "#unix ="))
            continue; /* examples */
        fprintf(f, "%s\n", line + is_key);
    }
    fclose(f);
    ck_assert_int_eq(load(opened, &s, &report), 0);
    buf_init(&out, 1 << 16);
    put_settings(&out, "/tmp/", &s);
    ck_assert_str_eq(buf_text(&out), "listen = 127.0.0.1:8765\n");
    buf_fini(&out);
    settings_fini(&s);
    settings_report_fini(&report);
    free(text);
    free(sample);
}
END_TEST

START_TEST(production_and_test_come_with_their_data_centres)
{
    static const struct {
        const char *conf;
        size_t n;
        const char *last, *key;
    } cases[] = {{"[telegram]\nenvironment = production\n", 5, "149.154.171.5:443", "/keys/production.pem"},
                 {"[telegram]\nenvironment = test\n", 3, "149.154.175.117:443", "/keys/test.pem"}};

    settle_environment();
    for (size_t i = 0; i < 2; i++) {
        const char *file = temp_path("environment.conf");
        FILE *f = fopen(file, "w");
        struct settings s = {0};
        struct settings_report report;

        fputs(cases[i].conf, f);
        fclose(f);
        ck_assert_int_eq(load(file, &s, &report), 0);
        ck_assert_uint_eq(s.dcs_n, cases[i].n);
        for (size_t d = 0; d < s.dcs_n; d++) {
            ck_assert_int_eq(s.dcs[d].id, (int)d + 1);
            ck_assert_uint_ge(s.dcs[d].addresses.n, 6);
            ck_assert_ptr_nonnull(strstr(s.dcs[d].public_key, cases[i].key));
        }
        ck_assert_str_eq(s.dcs[s.dcs_n - 1].addresses.items[0], cases[i].last);
        settings_fini(&s);
        settings_report_fini(&report);
    }
}
END_TEST

static void load_valid(const char *name, struct settings *s)
{
    struct settings_report report;
    char *file = joined(unit_data_path("config/valid/"), name);

    ck_assert_int_eq(load(file, s, &report), 0);
    settings_report_fini(&report);
    free(file);
}

START_TEST(a_unix_socket_stands_beside_the_file_that_names_it)
{
    char *file = joined(temp_path("unix.conf"), "");
    char *socket = joined(temp_path("api.sock"), "");
    FILE *f = fopen(file, "w");
    struct settings s = {0};
    struct settings_report report;

    settle_environment();
    fputs("[server]\nunix = api.sock\n", f);
    fclose(f);
    ck_assert_int_eq(load(file, &s, &report), 0);
    ck_assert_str_eq(s.unix_path, socket);
    settings_fini(&s);
    settings_report_fini(&report);
    free(socket);
    free(file);
}
END_TEST

START_TEST(changes_are_named_by_their_keys)
{
    struct settings everything, again, empty;
    struct text_list changes = {0};

    settle_environment();
    load_valid("everything.conf", &everything);
    load_valid("everything.conf", &again);
    load_valid("empty.conf", &empty);
    ck_assert_int_eq(settings_changes(&everything, &again, &changes), 0);
    ck_assert_uint_eq(changes.n, 0);
    ck_assert_int_eq(settings_changes(&empty, &everything, &changes), 0);
    /* All keys but those that this version takes at one value alone, the file's hash, and a database beside a file with
     * its three of [cluster]. */
    ck_assert_uint_eq(changes.n, settings_keys_n - 6 + 1);
    ck_assert_str_eq(changes.items[0], "[server] listen");
    ck_assert_str_eq(changes.items[changes.n - 1], "[dc N]");
    text_list_fini(&changes);
    settings_fini(&everything);
    settings_fini(&again);
    settings_fini(&empty);
}
END_TEST

START_TEST(the_unit_may_hand_over_the_api_hash)
{
    static const char hash[] = "0123456789abcdef0123456789abcdef";
    static const struct {
        const char *conf, *want;
    } cases[] = {
        {"[telegram]\napi_id = 1\n", hash},
        {"[telegram]\napi_id = 1\napi_hash = ffffffffffffffffffffffffffffffff\n", "ffffffffffffffffffffffffffffffff"},
        {"", NULL}};
    char *folder = strdup(temp_path("credentials")), *credential = joined(folder, "/api_hash");

    settle_environment();
    ck_assert_int_eq(mkdir(folder, 0700), 0);
    setenv("CREDENTIALS_DIRECTORY", folder, 1);
    FILE *f = fopen(credential, "w");
    fprintf(f, "%s\n", hash);
    fclose(f);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *file = temp_path("credentials.conf");
        struct settings s;
        struct settings_report report;

        f = fopen(file, "w");
        fputs(cases[i].conf, f);
        fclose(f);
        ck_assert_int_eq(load(file, &s, &report), 0);
        if (cases[i].want)
            ck_assert_str_eq(s.api_hash, cases[i].want);
        else
            ck_assert_ptr_null(s.api_hash);
        settings_fini(&s);
        settings_report_fini(&report);
    }
    unsetenv("CREDENTIALS_DIRECTORY");
    free(credential);
    free(folder);
}
END_TEST

static struct options parse(int argc, char **argv)
{
    struct options o;

    ck_assert_int_eq(options_parse(argc, argv, &o), 0);
    return o;
}
#define PARSE(...) parse(sizeof((char *[]){__VA_ARGS__}) / sizeof(char *), (char *[]){__VA_ARGS__, NULL})

START_TEST(the_command_line_wins_over_the_file)
{
    char *file = joined(unit_data_path("config/valid/everything.conf"), "");
    struct options o = PARSE("tgcalld", "--config", file, "--listen", "127.0.0.1:9", "--unix", "none", "--layer", "229",
                             "--log-level", "error", "--schema", file, "--state-dir", "here", "--host", "box",
                             "--cors-origin", "http://localhost:3000", "--store", "postgresql://db/calls");
    struct settings s;
    struct settings_report report = {0};

    settle_environment();
    ck_assert_int_eq(settings_load(&o, &s, &report), 0);
    ck_assert_uint_eq(s.listen_n, 1);
    ck_assert_str_eq(s.listen[0].address, "127.0.0.1:9");
    ck_assert(s.unix_off);
    ck_assert_ptr_null(s.unix_path);
    ck_assert_uint_eq(s.layer, 229);
    ck_assert_int_eq(s.log_level, LOG_LEVEL_ERROR);
    ck_assert_uint_eq(s.schema.n, 2);
    ck_assert_str_eq(s.state_dir, "here");
    ck_assert(s.state_dir_given);
    ck_assert_str_eq(s.file, file);
    ck_assert_uint_eq(s.hosts.n, 1);
    ck_assert_str_eq(s.hosts.items[0], "box");
    ck_assert_uint_eq(s.cors_origins.n, 1);
    ck_assert_str_eq(s.cors_origins.items[0], "http://localhost:3000");
    ck_assert_str_eq(s.store_url, "postgresql://db/calls");
    ck_assert_ptr_null(s.store_path);
    settings_fini(&s);
    settings_fini(&s);
    settings_report_fini(&report);
    options_fini(&o);
    free(file);
}
END_TEST

START_TEST(a_store_that_is_named_wrongly_on_the_command_line_is_told_without_its_secret)
{
    struct options o = PARSE("tgcalld", "--sandbox", "--store", "postgresql://me:wo@Rd@db/calls");
    struct settings s;
    struct settings_report report = {0};

    settle_environment();
    ck_assert_int_eq(settings_load(&o, &s, &report), TGC_EINVAL);
    ck_assert_uint_eq(report.errors.n, 1);
    ck_assert_msg(strncmp(report.errors.items[0], "--store: ", 9) == 0, "%s", report.errors.items[0]);
    ck_assert_msg(!strstr(report.errors.items[0], "Rd"), "%s", report.errors.items[0]);
    settings_report_fini(&report);
    options_fini(&o);
}
END_TEST

START_TEST(the_sandbox_needs_neither_file_nor_state_directory)
{
    struct options o = PARSE("tgcalld", "--sandbox", "--listen", "127.0.0.1:0");
    struct settings s;
    struct settings_report report = {0};

    unsetenv("STATE_DIRECTORY");
    unsetenv("XDG_STATE_HOME");
    unsetenv("HOME");
    ck_assert_int_eq(settings_load(&o, &s, &report), 0);
    ck_assert_int_eq(s.environment, SETTINGS_SANDBOX);
    ck_assert_ptr_null(s.file);
    ck_assert_ptr_null(s.state_dir);
    ck_assert_uint_gt(s.api_id, 0);
    ck_assert_ptr_nonnull(s.api_hash);
    ck_assert_uint_eq(s.dcs_n, 0);
    ck_assert_uint_eq(report.warnings.n, 0);
    settings_fini(&s);
    options_fini(&o);
}
END_TEST

START_TEST(mistakes_on_the_command_line_name_the_option)
{
    struct options o =
        PARSE("tgcalld", "--listen", "0.0.0.0:80", "--listen", "https://127.0.0.1:1", "--listen", "x", "--schema",
              "/nonexistent.tl", "--config", "/nonexistent.conf", "--host", "http://a", "--cors-origin", "a");
    struct settings s;
    struct settings_report report = {0};
    static const char *const want[] = {
        "/nonexistent.conf: cannot read it: No such file or directory",
        "--listen: 'x' is not ADDRESS:PORT or [IPv6]:PORT",
        "--schema: cannot read /nonexistent.tl: No such file or directory",
        "--listen: '0.0.0.0:80': it is not on loopback, and without TLS everyone on the way reads the tokens: serve on "
        "127.0.0.1 or by https://, or say insecure = yes",
        "--listen: '127.0.0.1:1': https:// needs tls_certificate and tls_key in the section [server]",
        "--host: 'http://a' matches no Host header: a name or an address, perhaps with :PORT; no wildcards",
        "--cors-origin: 'a' is not an origin as browsers send it, such as https://app.example or "
        "http://localhost:3000: "
        "no path, no wildcard, no usual port",
    };

    settle_environment();
    ck_assert_int_eq(settings_load(&o, &s, &report), TGC_EINVAL);
    ck_assert_uint_eq(report.errors.n, sizeof(want) / sizeof(want[0]));
    for (size_t i = 0; i < report.errors.n; i++)
        ck_assert_str_eq(report.errors.items[i], want[i]);
    settings_report_fini(&report);
    options_fini(&o);
}
END_TEST

START_TEST(a_folder_is_no_configuration)
{
    struct settings s;
    struct settings_report report;

    settle_environment();
    ck_assert_int_eq(load("/", &s, &report), TGC_EINVAL);
    ck_assert_str_eq(report.errors.items[0], "/: cannot read it: Is a directory");
    settings_report_fini(&report);
}
END_TEST

START_TEST(secrets_never_reach_the_report)
{
    static const char *const cases[] = {"config/invalid/proxy_full.conf", "config/invalid/proxy_dd.conf"};

    settle_environment();
    for (size_t n = 0; n < sizeof(cases) / sizeof(cases[0]); n++) {
        char *file = joined(unit_data_path(cases[n]), "");
        struct settings s;
        struct settings_report report;
        ck_assert_int_eq(load(file, &s, &report), TGC_EINVAL);
        ck_assert_uint_gt(report.errors.n, 0);
        for (size_t i = 0; i < report.errors.n; i++)
            ck_assert_ptr_null(strstr(report.errors.items[i], "f05fb7acb549be047a7c585116581418"));
        settings_report_fini(&report);
        free(file);
    }
}
END_TEST

Suite *suite_settings(void)
{
    Suite *s = suite_create("settings");
    TCase *t = tcase_create("settings");

    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_test(t, valid_files_give_the_settings_written_beside_them);
    tcase_add_test(t, invalid_files_give_all_the_errors_written_beside_them);
    tcase_add_test(t, the_sample_is_valid_and_every_key_in_it_stands_at_its_default);
    tcase_add_test(t, production_and_test_come_with_their_data_centres);
    tcase_add_test(t, a_unix_socket_stands_beside_the_file_that_names_it);
    tcase_add_test(t, changes_are_named_by_their_keys);
    tcase_add_test(t, the_unit_may_hand_over_the_api_hash);
    tcase_add_test(t, the_command_line_wins_over_the_file);
    tcase_add_test(t, a_store_that_is_named_wrongly_on_the_command_line_is_told_without_its_secret);
    tcase_add_test(t, the_sandbox_needs_neither_file_nor_state_directory);
    tcase_add_test(t, mistakes_on_the_command_line_name_the_option);
    tcase_add_test(t, a_folder_is_no_configuration);
    tcase_add_test(t, secrets_never_reach_the_report);
    suite_add_tcase(s, t);
    return s;
}
