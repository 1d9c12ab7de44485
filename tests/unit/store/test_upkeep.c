#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/disk.h"
#include "tests/support/temp.h"
#include "tests/unit/store/bed.h"
#include "tests/unit/store/suites.h"

static const char anna[] =
    "anna ready dc 2 user {\"phone\":\"491701234567\"} login {\"tokens\":[\"dG9rZW4=\"]} keys 2:5a";

static struct bed_heard h;

static void set_up(void)
{
    bed_set_up();
    bed_open();
    bed_put_account("anna");
    bed_put_key("anna", 2, 0x5a);
    memset(&h, 0, sizeof(h));
}

static int wait_for(int accepted)
{
    ck_assert_int_eq(accepted, 0);
    bed_await(&h, h.n + 1);
    return h.err;
}

static void accounts_are(const char *expected)
{
    char *accounts = bed_accounts();

    ck_assert_str_eq(accounts, expected);
    free(accounts);
}

static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

/* --- copies --- */

START_TEST(a_copy_is_what_was_put_before_it_and_opens)
{
    struct store_key later = bed_key("anna", 4, 0x44);
    static char copy[4400];
    struct stat st;

    snprintf(copy, sizeof(copy), "%s", bed_path("copy.db"));
    ck_assert_int_eq(store_backup(bed_desk, copy, bed_done, &h), 0);
    ck_assert_int_eq(store_put_key(bed_desk, &later, bed_done, &h), 0);
    bed_await(&h, 2);
    ck_assert_int_eq(h.err, 0);
    ck_assert_int_eq(stat(copy, &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0600);
    ck_assert_int_ne(access(bed_path("copy.db.part"), F_OK), 0);
    bed_close();
    bed_config.path = copy;
    bed_open();
    accounts_are(anna);
    bed_close();
    bed_is_sound(copy);
}
END_TEST

START_TEST(a_copy_takes_nobodys_place)
{
    write_file(bed_path("copy.db"), "mine");
    ck_assert_int_eq(wait_for(store_backup(bed_desk, bed_path("copy.db"), bed_done, &h)), TGC_EEXIST);
    char *text = unit_read_file(bed_path("copy.db"), NULL);
    ck_assert_str_eq(text, "mine");
    free(text);
    ck_assert_int_eq(wait_for(store_backup(bed_desk, bed_path("no/where.db"), bed_done, &h)), TGC_ESYSTEM);
    accounts_are(anna);
}
END_TEST

START_TEST(a_copy_that_finds_no_space_leaves_nothing)
{
    int n = 0, err = TGC_EFULL;

    disk_watch();
    for (; err; n++) {
        disk_full_at(n);
        err = wait_for(store_backup(bed_desk, bed_path("copy.db"), bed_done, &h));
        disk_well();
        ck_assert(err == 0 || err == TGC_EFULL);
        ck_assert_int_ne(access(bed_path("copy.db.part"), F_OK), 0);
        ck_assert_int_eq(access(bed_path("copy.db"), F_OK), err ? -1 : 0);
        accounts_are(anna);
    }
    ck_assert_int_gt(n, 4);
}
END_TEST

/* --- where it was before --- */

static const char place_sql[] = "SELECT count(*) FROM meta WHERE name = 'place' AND CAST(value AS TEXT) = 'me /here'";
static const char copied_sql[] = "SELECT count(*) FROM meta WHERE name = 'copied_at'";

START_TEST(a_database_knows_where_it_is_used)
{
    bed_close();
    ck_assert_int_eq(bed_number(place_sql), 0);
    bed_config.place = "me /here";
    bed_open();
    accounts_are(anna);
    bed_close();
    ck_assert_int_eq(bed_number(place_sql), 1);
    /* One that is only kept changes nothing. */
    bed_config.place = NULL;
    bed_open();
    bed_close();
    ck_assert_int_eq(bed_number(place_sql), 1);
    bed_config.place = "other /there";
    bed_open();
    bed_close();
    ck_assert_int_eq(bed_number(place_sql), 0);
}
END_TEST

START_TEST(a_copy_is_one_until_it_is_used)
{
    static char copy[4400];

    snprintf(copy, sizeof(copy), "%s", bed_path("copy.db"));
    ck_assert_int_eq(wait_for(store_backup(bed_desk, copy, bed_done, &h)), 0);
    bed_close();
    ck_assert_int_eq(bed_number(copied_sql), 0);
    bed_config.path = copy;
    ck_assert_int_eq(bed_number(copied_sql), 1);
    bed_open();
    bed_close();
    ck_assert_int_eq(bed_number(copied_sql), 1);
    bed_config.place = "me /here";
    bed_open();
    accounts_are(anna);
    bed_close();
    ck_assert_int_eq(bed_number(copied_sql), 0);
}
END_TEST

/* A process of its own, since one's own locks are not seen. */
START_TEST(a_copy_is_not_used_beside_what_it_was_made_of)
{
    static char place[4500], copy[4400];
    int ready[2];
    char byte;

    snprintf(place, sizeof(place), "me %s", bed_config.path);
    snprintf(copy, sizeof(copy), "%s", bed_path("copy.db"));
    bed_close();
    bed_config.place = place;
    bed_open();
    ck_assert_int_eq(wait_for(store_backup(bed_desk, copy, bed_done, &h)), 0);
    bed_close();
    ck_assert_int_eq(pipe(ready), 0);
    pid_t other = fork();
    ck_assert_int_ge(other, 0);
    if (other == 0) {
        bed_open();
        bed_must(write(ready[1], "x", 1) == 1);
        pause();
        _exit(0);
    }
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
    bed_config.path = copy;
    bed_config.place = "me /copy.db";
    struct fault fault = {0};
    ck_assert_int_eq(store_open(&bed_config, &bed_store, &fault), TGC_EBUSY);
    ck_assert_ptr_nonnull(strstr(fault.text, "stop that one first"));
    /* Elsewhere a path says nothing of this machine. */
    bed_config.place = "elsewhere /copy.db";
    ck_assert_int_eq(store_open(&bed_config, &bed_store, &fault), 0);
    ck_assert_int_eq(store_close(bed_store, &fault), 0);
    bed_store = NULL;
    ck_assert_int_eq(kill(other, SIGKILL), 0);
    ck_assert_int_eq(waitpid(other, NULL, 0), other);
}
END_TEST

static void refused_beside_another(const char *path)
{
    struct fault fault = {0};
    struct store_config config = bed_config;
    struct store *s;

    config.path = path;
    config.place = "me /another";
    ck_assert_int_eq(store_open(&config, &s, &fault), TGC_EBUSY);
    ck_assert_ptr_nonnull(strstr(fault.text, "another daemon on this machine"));
    ck_assert_ptr_nonnull(strstr(fault.text, "AUTH_KEY_DUPLICATED"));
}

/* 1: of a version that wrote no lineage down. */
START_TEST(a_copy_and_what_it_was_made_of_are_used_one_at_a_time)
{
    static const char forget[] = "DELETE FROM meta WHERE name = 'lineage'";
    static char copy[4400], first[4400];

    snprintf(first, sizeof(first), "%s", bed_config.path);
    snprintf(copy, sizeof(copy), "%s", bed_path("copy.db"));
    bed_close();
    bed_config.place = "me /here";
    bed_open();
    ck_assert_int_eq(wait_for(store_backup(bed_desk, copy, bed_done, &h)), 0);
    bed_close();
    for (int i = 0; _i == 1 && i < 2; i++) {
        bed_config.path = i ? first : copy;
        bed_sql(forget);
    }
    for (int i = 0; i < 4; i++) {
        bed_config.path = i % 2 ? first : copy;
        bed_open();
        accounts_are(anna);
        refused_beside_another(i % 2 ? copy : first);
        bed_close();
        ck_assert_int_eq(bed_number("SELECT count(*) FROM meta WHERE name = 'lineage' AND length(value) = 32"), 1);
    }
}
END_TEST

START_TEST(what_is_only_kept_must_be_there)
{
    struct fault fault = {0};

    bed_close();
    bed_config.environment = NULL;
    bed_open();
    accounts_are(anna);
    bed_close();
    unlink(bed_config.path);
    ck_assert_int_eq(store_open(&bed_config, &bed_store, &fault), TGC_EUNKNOWN);
    ck_assert_int_ne(access(bed_config.path, F_OK), 0);
    write_file(bed_config.path, "");
    ck_assert_int_eq(store_open(&bed_config, &bed_store, &fault), TGC_EUNKNOWN);
}
END_TEST

/* --- another seal key --- */

START_TEST(after_a_rotation_the_old_key_opens_nothing)
{
    size_t len;
    char *old = unit_read_file(bed_config.key_path, &len);
    struct stat st;

    ck_assert_int_eq(wait_for(store_rotate(bed_desk, bed_done, &h)), 0);
    accounts_are(anna);
    bed_put_key("anna", 4, 0x44);
    char *new = unit_read_file(bed_config.key_path, &len);
    ck_assert_str_ne(old, new);
    ck_assert_int_eq(stat(bed_config.key_path, &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0600);
    bed_close();
    write_file(bed_config.key_path, old);
    bed_refused(TGC_EWRONGKEY, "put that one back");
    write_file(bed_config.key_path, new);
    bed_open();
    accounts_are("anna ready dc 2 user {\"phone\":\"491701234567\"} login {\"tokens\":[\"dG9rZW4=\"]} keys 2:5a 4:44");
    free(old);
    free(new);
}
END_TEST

START_TEST(a_rotation_seals_a_proxy_anew_too)
{
    struct store_account a = bed_account("anna");

    a.proxy = "socks5://me:word@127.0.0.1:1080";
    ck_assert_int_eq(wait_for(store_put_account(bed_desk, &a, bed_done, &h)), 0);
    ck_assert_int_eq(wait_for(store_rotate(bed_desk, bed_done, &h)), 0);
    bed_close();
    bed_open();
    accounts_are("anna ready dc 2 user {\"phone\":\"491701234567\"} login {\"tokens\":[\"dG9rZW4=\"]} proxy "
                 "socks5://me:word@127.0.0.1:1080 keys 2:5a");
}
END_TEST

START_TEST(what_was_damaged_before_a_rotation_is_left_as_it_is)
{
    bed_put_key("anna", 4, 0x44);
    bed_close();
    bed_sql("UPDATE keys SET key_sealed = zeroblob(80) WHERE dc = 4");
    bed_open();
    ck_assert_int_eq(wait_for(store_rotate(bed_desk, bed_done, &h)), 0);
    char *accounts = bed_accounts();
    ck_assert_ptr_nonnull(strstr(accounts, "keys 2:5a damage: its key of data centre 4"));
    free(accounts);
    bed_close();
    ck_assert_int_eq(bed_number("SELECT key_sealed = zeroblob(80) FROM keys WHERE dc = 4"), 1);
}
END_TEST

/* Somebody tidies up what a rotation that failed has left. */
START_TEST(a_next_key_whose_file_is_gone_is_written_again)
{
    bool was_there = false, has_failed = true;

    disk_watch();
    for (int n = 0; has_failed; n++) {
        disk_full_at(n);
        int err = wait_for(store_rotate(bed_desk, bed_done, &h));
        has_failed = disk_well();
        ck_assert_msg(has_failed || !err, "%d: %s", err, h.why);
        was_there = unlink(bed_path("seal.key.next")) == 0 || was_there;
        ck_assert_msg(wait_for(store_rotate(bed_desk, bed_done, &h)) == 0, "at %d: %s", n, h.why);
        bed_close();
        bed_open();
        accounts_are(anna);
        ck_assert_int_ne(access(bed_path("seal.key.next"), F_OK), 0);
    }
    ck_assert(was_there);
}
END_TEST

/* The key that is in use stands in the second file alone then, which the one after it must not take. */
START_TEST(a_rotation_that_was_not_settled_loses_no_key_to_the_next)
{
    bool has_failed = true;

    disk_watch();
    for (int n = 0; has_failed; n++) {
        ck_assert_int_eq(rename(bed_config.key_path, bed_path("away")), 0);
        ck_assert_int_eq(mkdir(bed_config.key_path, 0700), 0);
        ck_assert_int_ne(wait_for(store_rotate(bed_desk, bed_done, &h)), 0);
        ck_assert_int_eq(rmdir(bed_config.key_path), 0);
        ck_assert_int_eq(rename(bed_path("away"), bed_config.key_path), 0);
        disk_full_at(n);
        (void)!wait_for(store_rotate(bed_desk, bed_done, &h));
        has_failed = disk_well();
        bed_close();
        bed_open();
        accounts_are(anna);
    }
}
END_TEST

START_TEST(a_key_whose_file_was_lost_while_it_was_used_is_written_again)
{
    bool has_failed = true, was_written = false;

    disk_watch();
    for (int n = 0; has_failed; n++) {
        char *text = unit_read_file(bed_config.key_path, NULL);
        unlink(bed_config.key_path);
        disk_full_at(n);
        int err = wait_for(store_rotate(bed_desk, bed_done, &h));
        has_failed = disk_well();
        if (access(bed_config.key_path, F_OK) != 0)
            write_file(bed_config.key_path, text);
        else if (err)
            was_written = true;
        free(text);
        bed_close();
        bed_open();
        accounts_are(anna);
    }
    ck_assert(was_written);
}
END_TEST

static const char given[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";
static const char given_next[] = "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";

static void file_is(const char *path, const char *expected)
{
    char *text = unit_read_file(path, NULL);

    ck_assert_str_eq(text, expected);
    free(text);
}

START_TEST(a_given_key_is_followed_by_the_one_beside_it)
{
    static char path[4400], key_path[4400];

    bed_close();
    snprintf(path, sizeof(path), "%s", bed_path("given.db"));
    snprintf(key_path, sizeof(key_path), "%s", bed_path("given.key"));
    bed_config.path = path;
    bed_config.key_path = key_path;
    bed_config.key_is_given = true;
    write_file(key_path, given);
    bed_open();
    bed_put_account("anna");
    bed_put_key("anna", 2, 0x5a);
    ck_assert_int_eq(wait_for(store_rotate(bed_desk, bed_done, &h)), TGC_ESTATE);
    ck_assert_ptr_nonnull(strstr(h.why, "given.key.next"));
    accounts_are(anna);
    write_file(bed_path("given.key.next"), given_next);
    ck_assert_int_eq(wait_for(store_rotate(bed_desk, bed_done, &h)), 0);
    accounts_are(anna);
    /* It would be no change. */
    ck_assert_int_eq(wait_for(store_rotate(bed_desk, bed_done, &h)), TGC_ESTATE);
    ck_assert_ptr_nonnull(strstr(h.why, "in use"));
    /* Both files stay as they were given, and either order opens. */
    for (int i = 0; i < 2; i++) {
        bed_close();
        bed_open();
        accounts_are(anna);
    }
    file_is(key_path, given);
    file_is(bed_path("given.key.next"), given_next);
    bed_close();
    write_file(key_path, given_next);
    unlink(bed_path("given.key.next"));
    bed_open();
    accounts_are(anna);
}
END_TEST

Suite *suite_upkeep(void)
{
    Suite *s = suite_create("upkeep");
    TCase *t = tcase_create("upkeep");

    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, set_up, bed_tear_down);
    tcase_add_test(t, a_copy_is_what_was_put_before_it_and_opens);
    tcase_add_test(t, a_copy_takes_nobodys_place);
    tcase_add_test(t, a_copy_that_finds_no_space_leaves_nothing);
    tcase_add_test(t, a_database_knows_where_it_is_used);
    tcase_add_test(t, a_copy_is_one_until_it_is_used);
    tcase_add_test(t, a_copy_is_not_used_beside_what_it_was_made_of);
    tcase_add_loop_test(t, a_copy_and_what_it_was_made_of_are_used_one_at_a_time, 0, 2);
    tcase_add_test(t, what_is_only_kept_must_be_there);
    tcase_add_test(t, after_a_rotation_the_old_key_opens_nothing);
    tcase_add_test(t, a_rotation_seals_a_proxy_anew_too);
    tcase_add_test(t, what_was_damaged_before_a_rotation_is_left_as_it_is);
    tcase_add_test(t, a_next_key_whose_file_is_gone_is_written_again);
    tcase_add_test(t, a_rotation_that_was_not_settled_loses_no_key_to_the_next);
    tcase_add_test(t, a_key_whose_file_was_lost_while_it_was_used_is_written_again);
    tcase_add_test(t, a_given_key_is_followed_by_the_one_beside_it);
    suite_add_tcase(s, t);
    return s;
}
