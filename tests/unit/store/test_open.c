#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/store/migrate.h"
#include "tests/support/temp.h"
#include "tests/unit/store/bed.h"
#include "tests/unit/store/suites.h"

static const char anna[] =
    "anna ready dc 2 user {\"phone\":\"491701234567\"} login {\"tokens\":[\"dG9rZW4=\"]} keys 2:5a";

/* One account with a key, closed. */
static void make(void)
{
    bed_open();
    bed_put_account("anna");
    bed_put_key("anna", 2, 0x5a);
    bed_close();
}

static void has_anna(void)
{
    bed_open();
    char *accounts = bed_accounts();
    ck_assert_str_eq(accounts, anna);
    free(accounts);
    bed_close();
}

static void write_bytes(const char *path, const char *bytes, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, bytes, len), (ssize_t)len);
    close(fd);
}

static void write_file(const char *path, const char *text, mode_t mode)
{
    write_bytes(path, text, strlen(text));
    chmod(path, mode);
}

/* Runs BODY in a process of its own, as which it says what it found by its exit status: 0 is well. */
static void in_child(void (*body)(void))
{
    int status;
    pid_t pid = fork();

    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        body();
        _exit(0);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 0);
}

static void refuses_in_child(int err, const char *says)
{
    struct fault fault;
    struct store *s;

    fault_clear(&fault);
    if (store_open(&bed_config, &s, &fault) != err || !strstr(fault.text, says)) {
        fprintf(stderr, "# %d: %s\n", fault.err, fault.text);
        _exit(1);
    }
}

START_TEST(a_new_store_makes_its_key_and_file_for_its_user_alone)
{
    struct stat st;

    umask(0);
    bed_open();
    static const char *const names[] = {"store.db", "seal.key", "store.db-wal"};
    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(stat(bed_path(names[i]), &st), 0);
        ck_assert_uint_eq(st.st_mode & 0777, 0600);
    }
    bed_close();
}
END_TEST

START_TEST(what_was_written_is_there_again)
{
    make();
    has_anna();
    has_anna();
    bed_is_sound(bed_config.path);
}
END_TEST

START_TEST(a_database_without_its_key_is_refused)
{
    make();
    ck_assert_int_eq(rename(bed_config.key_path, bed_path("elsewhere")), 0);
    bed_refused(TGC_ENOKEY, "put that file back");
    ck_assert_int_eq(rename(bed_path("elsewhere"), bed_config.key_path), 0);
    has_anna();
}
END_TEST

START_TEST(another_key_is_refused)
{
    static const char other[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";

    make();
    char *right = unit_read_file(bed_config.key_path, NULL);
    write_file(bed_config.key_path, other, 0600);
    bed_refused(TGC_EWRONGKEY, "put that one back");
    write_file(bed_config.key_path, right, 0600);
    free(right);
    has_anna();
}
END_TEST

START_TEST(a_key_that_is_none_or_anybodys_is_refused)
{
    write_file(bed_config.key_path, "not a key\n", 0600);
    bed_refused(TGC_EINVAL, "64 hexadecimal digits");
    unlink(bed_config.key_path);
    make();
    chmod(bed_config.key_path, 0604);
    bed_refused(TGC_EINVAL, "chmod 600");
    chmod(bed_config.key_path, 0640);
    has_anna();
}
END_TEST

START_TEST(a_given_key_is_never_made)
{
    bed_config.key_is_given = true;
    bed_refused(TGC_ENOKEY, "was to be given");
    write_file(bed_config.key_path, "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n", 0400);
    make();
    has_anna();
}
END_TEST

START_TEST(a_newer_version_is_refused)
{
    char back[48];

    make();
    snprintf(back, sizeof(back), "PRAGMA user_version = %d", STORE_VERSION);
    bed_sql("PRAGMA user_version = 9999");
    bed_refused(TGC_ENEWER, "newer tgcalld");
    bed_sql(back);
    has_anna();
}
END_TEST

START_TEST(another_environment_is_refused)
{
    make();
    bed_config.environment = "production";
    bed_refused(TGC_EFOREIGN, "belongs to the environment \"sandbox\", not to \"production\"");
    bed_config.environment = "sandbox";
    bed_config.fingerprint = (const uint8_t *)"keys two";
    bed_refused(TGC_EFOREIGN, "other keys");
    bed_config.fingerprint = (const uint8_t *)"keys one";
    bed_config.fingerprint_len = 4;
    bed_refused(TGC_EFOREIGN, "other keys");
    bed_config.fingerprint_len = 8;
    has_anna();
}
END_TEST

START_TEST(what_is_no_database_is_refused)
{
    make();
    write_file(bed_config.path,
               "This is somebody's text, and not a database. It goes on for more than a hundred bytes, "
               "so that it could be the head of one.\n",
               0600);
    bed_refused(TGC_EDAMAGED, "damaged");
}
END_TEST

START_TEST(another_programs_database_is_refused)
{
    write_file(bed_config.key_path, "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n", 0600);
    bed_sql("CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)");
    bed_refused(TGC_EDAMAGED, "another program's");
    ck_assert_int_eq(bed_number("SELECT a FROM theirs"), 1);
}
END_TEST

START_TEST(a_database_that_lost_its_meta_is_refused)
{
    make();
    bed_sql("DELETE FROM meta WHERE name = 'environment'");
    bed_refused(TGC_EDAMAGED, "does not say its environment");
}
END_TEST

static unsigned loads;

/* Keys that are shown are whole; what is missing is told. */
static void see_what_is_left(void *ctx, int err, const char *why, const struct store_loaded_account *list, size_t n)
{
    ck_assert_msg(err == 0 || err == TGC_EDAMAGED, "%d: %s", err, why);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < list[i].keys_n; k++)
            for (size_t b = 0; b < sizeof(list[i].keys[k].key); b++)
                ck_assert_uint_eq(list[i].keys[k].key[b], 0x5a);
    loads++;
}

static void open_what_is_left(size_t page)
{
    struct fault fault;

    fault_clear(&fault);
    int err = store_open(&bed_config, &bed_store, &fault);
    if (err) {
        ck_assert_msg(err == TGC_EDAMAGED || err == TGC_EWRONGKEY || err == TGC_EFOREIGN || err == TGC_ENEWER,
                      "page %zu: %d, %s", page, err, fault.text);
        return;
    }
    ck_assert_int_eq(store_close(bed_store, NULL), 0);
    bed_store = NULL;
    bed_open();
    unsigned before = loads;
    ck_assert_int_eq(store_load_accounts(bed_desk, see_what_is_left, NULL), 0);
    while (loads == before)
        bed_turn();
    bed_close();
}

START_TEST(whichever_page_is_damaged_no_key_is_made_up)
{
    static const size_t spots[] = {0, 8, 100, 2000, 4000};
    size_t len;

    make();
    char *whole = unit_read_file(bed_config.path, &len);
    for (size_t page = 0; page < len / 4096; page++)
        for (size_t i = 0; i < sizeof(spots) / sizeof(spots[0]); i++) {
            int fd = open(bed_config.path, O_WRONLY | O_TRUNC);
            ck_assert_int_ge(fd, 0);
            ck_assert_int_eq(write(fd, whole, len), (ssize_t)len);
            ck_assert_int_eq(pwrite(fd, "\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5", 16,
                                    (off_t)(page * 4096 + spots[i])),
                             16);
            close(fd);
            open_what_is_left(page);
        }
    ck_assert_uint_gt(loads, 0);
    free(whole);
}
END_TEST

static void second_opener(void)
{
    refuses_in_child(TGC_EBUSY, "another process");
}

START_TEST(a_second_process_is_refused)
{
    bed_open();
    bed_put_account("anna");
    in_child(second_opener);
    bed_put_key("anna", 2, 0x5a);
    bed_close();
    has_anna();
}
END_TEST

static void nobody_opens(void)
{
    /* Root writes everywhere. */
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
        _exit(2);
    refuses_in_child(TGC_EREADONLY, "writable for the daemon's user");
}

START_TEST(a_file_that_may_only_be_read_is_refused)
{
    make();
    chmod(temp_path(""), 0755);
    chmod(bed_path(""), 0777);
    chmod(bed_config.path, 0444);
    chmod(bed_config.key_path, 0400);
    if (geteuid() == 0)
        ck_assert_int_eq(chown(bed_config.key_path, 65534, 65534), 0);
    in_child(nobody_opens);
    chmod(bed_config.path, 0600);
    has_anna();
}
END_TEST

static void full_disk(void)
{
    struct rlimit small = {2048, 2048};

    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    refuses_in_child(TGC_EFULL, "free some space");
}

START_TEST(a_full_disk_is_said_at_the_start)
{
    in_child(full_disk);
    make();
    has_anna();
}
END_TEST

/* Its journal without what is in the database itself, as a process that is killed leaves it. */
static void make_with_journal(void)
{
    make();
    bed_open();
    bed_put_account("later");
    size_t len;
    char *journal = unit_read_file(bed_path("store.db-wal"), &len);
    ck_assert_uint_gt(len, 0);
    bed_close();
    write_bytes(bed_path("store.db-wal"), journal, len);
    free(journal);
}

/* SQLite would write it into the copy, page by page. */
START_TEST(a_copy_beside_the_journal_of_another_database_is_refused)
{
    struct bed_heard h = {0};

    make();
    bed_open();
    ck_assert_int_eq(store_backup(bed_desk, bed_path("copy.db"), bed_done, &h), 0);
    bed_await(&h, 1);
    ck_assert_int_eq(h.err, 0);
    bed_close();
    unlink(bed_config.path);
    make_with_journal();
    ck_assert_int_eq(rename(bed_path("copy.db"), bed_config.path), 0);
    bed_refused(TGC_EDAMAGED, "store.db-wal");
    ck_assert_int_eq(unlink(bed_path("store.db-wal")), 0);
    has_anna();
}
END_TEST

/* SQLite would throw it away. */
START_TEST(a_journal_whose_database_is_gone_or_empty_is_refused_and_stays)
{
    make_with_journal();
    ck_assert_int_eq(rename(bed_config.path, bed_path("away")), 0);
    bed_refused(TGC_EDAMAGED, "store.db-wal");
    write_file(bed_config.path, "", 0600);
    bed_refused(TGC_EDAMAGED, "store.db-wal");
    ck_assert_int_eq(rename(bed_config.key_path, bed_path("key")), 0);
    ck_assert_int_eq(unlink(bed_config.path), 0);
    bed_refused(TGC_EDAMAGED, "store.db-wal");
    ck_assert_int_eq(rename(bed_path("key"), bed_config.key_path), 0);
    ck_assert_int_eq(rename(bed_path("away"), bed_config.path), 0);
    bed_open();
    bed_close();
}
END_TEST

START_TEST(a_folder_that_is_missing_is_said)
{
    static char path[4500];

    snprintf(path, sizeof(path), "%s", bed_path("no/where.db"));
    bed_config.path = path;
    struct fault fault;
    fault_clear(&fault);
    ck_assert_int_eq(store_open(&bed_config, &bed_store, &fault), TGC_ESYSTEM);
    ck_assert_ptr_nonnull(strstr(fault.text, "No such file"));
}
END_TEST

Suite *suite_open(void)
{
    Suite *s = suite_create("open");
    TCase *t = tcase_create("open");

    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, bed_set_up, bed_tear_down);
    tcase_add_test(t, a_new_store_makes_its_key_and_file_for_its_user_alone);
    tcase_add_test(t, what_was_written_is_there_again);
    tcase_add_test(t, a_database_without_its_key_is_refused);
    tcase_add_test(t, another_key_is_refused);
    tcase_add_test(t, a_key_that_is_none_or_anybodys_is_refused);
    tcase_add_test(t, a_given_key_is_never_made);
    tcase_add_test(t, a_newer_version_is_refused);
    tcase_add_test(t, another_environment_is_refused);
    tcase_add_test(t, what_is_no_database_is_refused);
    tcase_add_test(t, another_programs_database_is_refused);
    tcase_add_test(t, a_database_that_lost_its_meta_is_refused);
    tcase_add_test(t, whichever_page_is_damaged_no_key_is_made_up);
    tcase_add_test(t, a_second_process_is_refused);
    tcase_add_test(t, a_file_that_may_only_be_read_is_refused);
    tcase_add_test(t, a_full_disk_is_said_at_the_start);
    tcase_add_test(t, a_copy_beside_the_journal_of_another_database_is_refused);
    tcase_add_test(t, a_journal_whose_database_is_gone_or_empty_is_refused_and_stays);
    tcase_add_test(t, a_folder_that_is_missing_is_said);
    suite_add_tcase(s, t);
    return s;
}
