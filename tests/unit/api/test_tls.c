/* TLS without sockets: a client of OpenSSL's, and what comes of its bytes however they are split. */
#include "api/clients.h"
#include "api/server.h"
#include "api/tls.h"
#include "api/tls_keys.h"
#include "daemon/base/limits.h"
#include "tests/support/unit.h"
#include "tests/unit/api/suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/ssl.h>

static char folder[] = "/tmp/tgcalld-tls-XXXXXX", certificate[64], key[64];
static struct tls_keys *keys;

static void write_pair(void)
{
    EVP_PKEY *pair = EVP_EC_gen("P-256");
    X509 *x = X509_new();
    X509_NAME *name = X509_get_subject_name(x);
    FILE *f;

    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    X509_gmtime_adj(X509_getm_notBefore(x), -60);
    X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    X509_set_pubkey(x, pair);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost", -1, -1, 0);
    X509_set_issuer_name(x, name);
    ck_assert_int_gt(X509_sign(x, pair, EVP_sha256()), 0);
    f = fopen(certificate, "w");
    ck_assert(f && PEM_write_X509(f, x) == 1);
    fclose(f);
    f = fopen(key, "w");
    ck_assert(f && PEM_write_PrivateKey(f, pair, NULL, NULL, 0, NULL, NULL) == 1);
    fclose(f);
    ck_assert_int_eq(chmod(key, 0600), 0);
    X509_free(x);
    EVP_PKEY_free(pair);
}

static int read_files(const char *its_certificate, const char *its_key, struct fault *fault)
{
    return tls_keys_read(keys, &(struct api_tls_files){.certificate = its_certificate, .key = its_key}, fault);
}

/* Who shows what is in force itself is believed. */
static int ask_clients(const char *authority)
{
    struct fault fault = {0};

    return tls_keys_read(keys, &(struct api_tls_files){.certificate = certificate, .key = key, .client_ca = authority},
                         &fault);
}

static void up(void)
{
    struct fault fault = {0};

    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(certificate, sizeof(certificate), "%s/c.pem", folder);
    snprintf(key, sizeof(key), "%s/k.pem", folder);
    write_pair();
    keys = tls_keys_new();
    ck_assert_msg(read_files(certificate, key, &fault) == 0, "%s", fault.text);
}

static void down(void)
{
    tls_keys_free(keys);
    unlink(certificate);
    unlink(key);
    rmdir(folder);
}

/* A client, whose bytes go over in steps of so many. */
struct peer {
    SSL_CTX *context;
    SSL *ssl;
    BIO *in, *out;
    struct tls *server;
    struct buf said; /* to the server, in plain */
    size_t step;
};

static void peer_init(struct peer *p, int version, size_t step)
{
    *p = (struct peer){.context = SSL_CTX_new(TLS_client_method()), .server = tls_new(keys), .step = step};
    ck_assert_ptr_nonnull(p->server);
    SSL_CTX_set_min_proto_version(p->context, version);
    SSL_CTX_set_max_proto_version(p->context, version);
    p->ssl = SSL_new(p->context);
    p->in = BIO_new(BIO_s_mem());
    p->out = BIO_new(BIO_s_mem());
    SSL_set_bio(p->ssl, p->in, p->out);
    SSL_set_connect_state(p->ssl);
    buf_init(&p->said, 1 << 20);
}

static void show(struct peer *p)
{
    ck_assert_int_eq(SSL_use_certificate_file(p->ssl, certificate, SSL_FILETYPE_PEM), 1);
    ck_assert_int_eq(SSL_use_PrivateKey_file(p->ssl, key, SSL_FILETYPE_PEM), 1);
}

static void peer_fini(struct peer *p)
{
    SSL_free(p->ssl);
    SSL_CTX_free(p->context);
    tls_free(p->server);
    buf_fini(&p->said);
}

static void to_client(struct peer *p)
{
    const uint8_t *data;
    size_t n;

    while ((n = tls_waiting(p->server, &data)) > 0) {
        n = n < p->step ? n : p->step;
        ck_assert_int_eq(BIO_write(p->in, data, (int)n), (int)n);
        tls_sent(p->server, n);
    }
}

static int to_server(struct peer *p)
{
    uint8_t data[4096];
    const char *why;
    int n, err = 0;

    while (!err && (n = BIO_read(p->out, data, (int)(p->step < sizeof(data) ? p->step : sizeof(data)))) > 0)
        err = tls_feed(p->server, data, (size_t)n, &p->said, &why);
    return err;
}

static void shake_hands(struct peer *p)
{
    for (int i = 0; i < 10 && SSL_do_handshake(p->ssl) != 1; i++) {
        ck_assert_int_eq(to_server(p), 0);
        to_client(p);
    }
    ck_assert_int_eq(to_server(p), 0);
    ck_assert_ptr_nonnull(tls_version(p->server));
}

START_TEST(what_is_said_arrives_however_it_is_split)
{
    static const size_t steps[] = {1, 7, 4096};
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    static char text[40000];
    struct peer p;

    memset(text, 'a', sizeof(text));
    peer_init(&p, versions[_i / 3], steps[_i % 3]);
    ck_assert_ptr_null(tls_version(p.server));
    ck_assert_int_eq(tls_seal(p.server, "early", 5), TGC_ESTATE);
    shake_hands(&p);
    ck_assert_int_eq(SSL_write(p.ssl, text, sizeof(text)), (int)sizeof(text));
    ck_assert_int_eq(to_server(&p), 0);
    ck_assert(p.said.len == sizeof(text) && memcmp(p.said.data, text, sizeof(text)) == 0);
    ck_assert_int_eq(tls_seal(p.server, text, TLS_RECORD_MAX), 0);
    tls_end(p.server);
    to_client(&p);
    ck_assert_int_eq(SSL_read(p.ssl, text, sizeof(text)), TLS_RECORD_MAX);
    ck_assert_int_eq(SSL_get_error(p.ssl, SSL_read(p.ssl, text, 1)), SSL_ERROR_ZERO_RETURN);
    peer_fini(&p);
}
END_TEST

START_TEST(bytes_that_are_no_tls_are_the_end)
{
    const char *why = NULL;
    const uint8_t *data;
    struct buf said;
    struct tls *t = tls_new(keys);

    buf_init(&said, 1 << 16);
    ck_assert_int_eq(tls_feed(t, "GET / HTTP/1.1\r\n", 16, &said, &why), TGC_EPROTO);
    ck_assert_str_eq(why, "http request");
    ck_assert(tls_waiting(t, &data) > 12 && memcmp(data, "HTTP/1.1 400", 12) == 0);
    ck_assert_int_eq(tls_feed(t, "more", 4, &said, &why), 0);
    ck_assert_uint_eq(said.len, 0);
    tls_free(t);
    t = tls_new(keys);
    ck_assert_int_eq(tls_feed(t, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12, &said, &why), TGC_EPROTO);
    tls_free(t);
    buf_fini(&said);
}
END_TEST

/* Each of these questions is owed an answer. */
START_TEST(who_has_answers_made_and_takes_none_is_given_up)
{
    struct peer p;
    const uint8_t *data;
    int err = 0;

    peer_init(&p, TLS1_3_VERSION, 4096);
    shake_hands(&p);
    for (int i = 0; i < 100000 && !err; i++) {
        ck_assert_int_eq(SSL_key_update(p.ssl, SSL_KEY_UPDATE_REQUESTED), 1);
        ck_assert_int_eq(SSL_do_handshake(p.ssl), 1);
        err = to_server(&p);
    }
    ck_assert(err == TGC_ELIMIT || err == TGC_EPROTO);
    ck_assert_uint_le(tls_waiting(p.server, &data), LIMIT_TLS_WAITING + 4096);
    peer_fini(&p);
}
END_TEST

/* Each costs as much as some records, and none asks for anything. */
START_TEST(who_says_nothing_in_many_bytes_is_given_up)
{
    struct peer p;
    int i, err = 0;

    peer_init(&p, TLS1_3_VERSION, 4096);
    shake_hands(&p);
    for (i = 0; i < 100000 && !err; i++) {
        ck_assert_int_eq(SSL_key_update(p.ssl, SSL_KEY_UPDATE_NOT_REQUESTED), 1);
        ck_assert_int_eq(SSL_do_handshake(p.ssl), 1);
        err = to_server(&p);
        if (i == 500) /* who says something at times may go on */
            ck_assert(SSL_write(p.ssl, "x", 1) == 1 && to_server(&p) == 0);
    }
    ck_assert_int_eq(err, TGC_EPROTO);
    ck_assert_int_gt(i, 500);
    ck_assert_int_lt(i, 5000);
    peer_fini(&p);
}
END_TEST

START_TEST(a_hello_is_no_longer_than_there_is_need_for)
{
    /* A record of four bytes, which begins a message of 16384 or 16385. */
    uint8_t begins[] = {22, 3, 1, 0, 4, 1, 0, 0x40, (uint8_t)(_i % 2)};
    struct tls *t = tls_new(keys);
    const char *why = NULL;
    struct buf said;
    int err = 0;

    buf_init(&said, 1 << 16);
    for (size_t i = 0, step = _i < 2 ? sizeof(begins) : 1; i < sizeof(begins) && !err; i += step)
        err = tls_feed(t, begins + i, step, &said, &why);
    ck_assert_int_eq(err, _i % 2 ? TGC_EPROTO : 0);
    if (err)
        ck_assert_str_eq(why, "the client's hello is too long");
    tls_free(t);
    buf_fini(&said);
}
END_TEST

/* Asked for with another key (HelloRetryRequest), it is another hello. */
START_TEST(nor_is_the_second_hello)
{
    static const uint8_t begins[] = {22, 3, 3, 0, 4, 1, 0, 0x40, 1};
    const char *why = NULL;
    struct peer p;

    peer_init(&p, TLS1_3_VERSION, 4096);
    ck_assert_int_eq(SSL_set1_groups_list(p.ssl, "P-521:P-256"), 1);
    SSL_CTX *context = tls_keys_hold(keys);
    ck_assert_int_eq(SSL_CTX_set1_groups_list(context, "P-256"), 1);
    SSL_CTX_free(context);
    tls_free(p.server);
    p.server = tls_new(keys);
    ck_assert_int_ne(SSL_do_handshake(p.ssl), 1);
    if (_i == 0) { /* one as it should be is heard */
        shake_hands(&p);
        peer_fini(&p);
        return;
    }
    ck_assert_int_eq(to_server(&p), 0);
    ck_assert_int_eq(tls_feed(p.server, begins, sizeof(begins), &p.said, &why), TGC_EPROTO);
    ck_assert_str_eq(why, "the client's hello is too long");
    peer_fini(&p);
}
END_TEST

START_TEST(who_ends_says_so)
{
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    struct peer p;

    peer_init(&p, versions[_i], 4096);
    shake_hands(&p);
    ck_assert(!tls_has_ended(p.server));
    ck_assert_int_eq(SSL_write(p.ssl, "last", 4), 4);
    ck_assert_int_eq(SSL_shutdown(p.ssl), 0);
    ck_assert_int_eq(to_server(&p), 0);
    ck_assert(tls_has_ended(p.server));
    ck_assert_uint_eq(p.said.len, 4);
    tls_end(p.server);
    to_client(&p);
    ck_assert_int_eq(SSL_shutdown(p.ssl), 1);
    peer_fini(&p);
}
END_TEST

static struct api_client known = {.name = "billing", .subject = "CN=localhost", .scopes = SCOPE_READ};

static bool may(struct clients *clients, struct client_memo *memo, const struct peer *p, struct token_grant *ret)
{
    *ret = (struct token_grant){0};
    return clients_check(clients, memo, p->server, ret);
}

static void connect_client(struct peer *p, int version)
{
    ck_assert_int_eq(ask_clients(certificate), 0);
    peer_init(p, version, 4096);
    show(p);
    shake_hands(p);
}

START_TEST(a_client_is_whom_its_certificate_names)
{
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    static const char *const accounts[] = {"main", NULL};
    struct clients *clients = clients_new(keys);
    struct client_memo *memo = client_memo_new();
    struct token_grant grant;
    struct peer p;

    connect_client(&p, versions[_i]);
    ck_assert(!may(clients, memo, &p, &grant));
    ck_assert_int_eq(clients_set(clients, &known, 1), 0);
    ck_assert(may(clients, memo, &p, &grant));
    ck_assert_str_eq(grant.name, "client billing");
    ck_assert_uint_eq(strlen(grant.id), TOKEN_ID_MAX);
    ck_assert_uint_eq(grant.scopes, SCOPE_READ);
    ck_assert_ptr_null(grant.accounts);
    ck_assert(clients_hold(clients, memo, p.server, SCOPE_READ, NULL));
    /* Up to its certificate's end. */
    int64_t end = memo->ends_at;
    ck_assert_int_eq(end, tls_keys_end(keys));
    memo->ends_at = time(NULL);
    ck_assert(!may(clients, memo, &p, &grant));
    ck_assert(!clients_hold(clients, memo, p.server, SCOPE_READ, NULL));
    memo->ends_at = end;
    /* With other rights it is not who it was. */
    struct api_client bound = known;
    bound.accounts = accounts;
    bound.scopes = SCOPE_ADMIN;
    ck_assert_int_eq(clients_set(clients, &bound, 1), 0);
    ck_assert(!clients_hold(clients, memo, p.server, SCOPE_READ, NULL));
    ck_assert(!clients_hold(clients, memo, p.server, SCOPE_ALL, NULL));
    ck_assert(may(clients, memo, &p, &grant));
    ck_assert_uint_eq(grant.scopes, SCOPE_ALL);
    ck_assert_str_eq(json_string_value(json_array_get(grant.accounts, 0)), "main");
    ck_assert(clients_hold(clients, memo, p.server, SCOPE_ALL, grant.accounts));
    json_decref(grant.accounts);
    /* Nor without a section. */
    ck_assert_int_eq(clients_set(clients, NULL, 0), 0);
    ck_assert(!may(clients, memo, &p, &grant));
    client_memo_free(memo);
    clients_free(clients);
    peer_fini(&p);
}
END_TEST

START_TEST(who_is_there_is_judged_by_the_authorities_of_now)
{
    struct clients *clients = clients_new(keys);
    struct client_memo *memo = client_memo_new();
    struct token_grant grant;
    struct peer p;

    connect_client(&p, TLS1_3_VERSION);
    ck_assert_int_eq(clients_set(clients, &known, 1), 0);
    ck_assert(may(clients, memo, &p, &grant));
    /* Of the same name. */
    write_pair();
    ck_assert_int_eq(ask_clients(certificate), 0);
    clients_look_again(clients);
    ck_assert(!clients_hold(clients, memo, p.server, SCOPE_READ, NULL));
    ck_assert(!may(clients, memo, &p, &grant));
    client_memo_free(memo);
    clients_free(clients);
    peer_fini(&p);
}
END_TEST

START_TEST(a_client_without_a_certificate_that_holds_is_refused)
{
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    struct tls_client shown;
    struct peer p;
    int err = 0;

    ck_assert_int_eq(ask_clients(certificate), 0);
    for (int shows = 0; shows < 2; shows++, err = 0) {
        if (shows)
            write_pair(); /* of the right name, by itself */
        peer_init(&p, versions[_i], 4096);
        if (shows)
            show(&p);
        for (int i = 0; i < 10 && !err; i++) {
            (void)SSL_do_handshake(p.ssl);
            err = to_server(&p);
            to_client(&p);
        }
        ck_assert_int_eq(err, TGC_EPROTO);
        ck_assert(!tls_client(p.server, keys, &shown));
        peer_fini(&p);
    }
}
END_TEST

START_TEST(nobody_is_a_client_where_none_is_asked)
{
    struct tls_client shown;
    struct peer p;

    peer_init(&p, TLS1_3_VERSION, 4096);
    show(&p);
    shake_hands(&p);
    ck_assert(!tls_client(p.server, keys, &shown));
    peer_fini(&p);
}
END_TEST

START_TEST(only_regular_files_are_read)
{
    struct fault fault = {0};
    char pipe_path[96];

    snprintf(pipe_path, sizeof(pipe_path), "%s/pipe", folder);
    ck_assert_int_eq(mkfifo(pipe_path, 0600), 0);
    for (int which = 0; which < 3; which++) {
        const struct api_tls_files files = {.certificate = which == 0 ? pipe_path : certificate,
                                            .key = which == 1 ? pipe_path : key,
                                            .client_ca = which == 2 ? pipe_path : certificate};
        ck_assert_int_eq(tls_keys_read(keys, &files, &fault), TGC_EREFUSED);
        ck_assert_ptr_nonnull(strstr(fault.text, "pipe: it is no regular file"));
    }
    ck_assert_int_eq(ask_clients(folder), TGC_EREFUSED);
    ck_assert_int_eq(ask_clients(key), TGC_EINVAL);
    unlink(pipe_path);
}
END_TEST

START_TEST(a_pair_that_cannot_be_used_leaves_the_one_that_is_there)
{
    struct fault fault = {0};
    int64_t end = tls_keys_end(keys);

    ck_assert_int_gt(end, 0);
    ck_assert_int_eq(read_files(certificate, "/nowhere", &fault), TGC_EIO);
    ck_assert_int_eq(read_files(key, key, &fault), TGC_EINVAL);
    ck_assert_int_eq(read_files(certificate, certificate, &fault), TGC_EREFUSED);
    ck_assert_int_eq(chmod(key, 0640), 0);
    ck_assert_int_eq(read_files(certificate, key, &fault), 0);
    for (mode_t mode = 1; mode < 0100; mode <<= 1) {
        if (mode == S_IRGRP || mode == S_IXGRP)
            continue;
        ck_assert_int_eq(chmod(key, 0600 | mode), 0);
        ck_assert_int_eq(read_files(certificate, key, &fault), TGC_EREFUSED);
        ck_assert_ptr_nonnull(strstr(fault.text, "chmod 600"));
    }
    ck_assert_int_eq(tls_keys_end(keys), end);
    struct tls *t = tls_new(keys);
    ck_assert_ptr_nonnull(t);
    tls_free(t);
}
END_TEST

START_TEST(without_a_pair_there_is_no_connection)
{
    struct tls_keys *none = tls_keys_new();

    ck_assert_ptr_null(tls_new(none));
    tls_keys_free(none);
}
END_TEST

Suite *suite_tls(void)
{
    Suite *s = suite_create("tls");
    TCase *tc = tcase_create("tls");

    tcase_add_checked_fixture(tc, up, down);
    tcase_add_loop_test(tc, what_is_said_arrives_however_it_is_split, 0, 6);
    tcase_add_test(tc, bytes_that_are_no_tls_are_the_end);
    tcase_add_test(tc, who_has_answers_made_and_takes_none_is_given_up);
    tcase_add_test(tc, who_says_nothing_in_many_bytes_is_given_up);
    tcase_add_loop_test(tc, a_hello_is_no_longer_than_there_is_need_for, 0, 4);
    tcase_add_loop_test(tc, nor_is_the_second_hello, 0, 2);
    tcase_add_loop_test(tc, who_ends_says_so, 0, 2);
    tcase_add_loop_test(tc, a_client_is_whom_its_certificate_names, 0, 2);
    tcase_add_test(tc, who_is_there_is_judged_by_the_authorities_of_now);
    tcase_add_loop_test(tc, a_client_without_a_certificate_that_holds_is_refused, 0, 2);
    tcase_add_test(tc, nobody_is_a_client_where_none_is_asked);
    tcase_add_test(tc, only_regular_files_are_read);
    tcase_add_test(tc, a_pair_that_cannot_be_used_leaves_the_one_that_is_there);
    tcase_add_test(tc, without_a_pair_there_is_no_connection);
    suite_add_tcase(s, tc);
    return s;
}
