/* The process ends, or the disk is full, at every change of a file, one after the other. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/disk.h"
#include "tests/support/temp.h"
#include "tests/unit/store/bed.h"
#include "tests/unit/store/suites.h"

enum { KEYS = 6 };

/* Which key the child heard to be written. */
static int heard_pipe[2];

/* BODY in a child, killed at its Nth change; whether it was (else it came to its end). */
static bool killed_at(int n, void (*body)(void))
{
    int status;
    pid_t pid = fork();

    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        disk_watch();
        disk_kill_at(n);
        body();
        _exit(0);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    if (WIFSIGNALED(status))
        ck_assert_int_eq(WTERMSIG(status), SIGKILL);
    else
        ck_assert_int_eq(WEXITSTATUS(status), 0);
    return WIFSIGNALED(status);
}

static void remove_store(void)
{
    static const char *const names[] = {"store.db",      "store.db-wal", "store.db-journal", "seal.key",
                                        "seal.key.next", "seal.key.new", "seal.key.next.new"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unlink(bed_path(names[i]));
}

static void make_and_write(void)
{
    bed_open();
    bed_put_account("anna");
    for (uint8_t i = 1; i <= KEYS; i++) {
        bed_put_key("anna", 2, i);
        /* Not by write(), which may be the change that kills. */
        ck_assert_int_eq(writev(heard_pipe[1], &(struct iovec){&i, 1}, 1), 1);
    }
    bed_close();
}

static uint8_t last_heard(void)
{
    uint8_t byte, last = 0;

    while (read(heard_pipe[0], &byte, 1) == 1)
        last = byte;
    return last;
}

/* The newest key that is there; 0. */
static int key_there(void)
{
    char *accounts = bed_accounts();
    const char *at = strstr(accounts, "2:");
    int key = at ? (int)strtol(at + 2, NULL, 16) : 0;

    free(accounts);
    return key;
}

START_TEST(what_was_said_to_be_written_outlives_every_kill)
{
    int n = 0;

    ck_assert_int_eq(pipe2(heard_pipe, O_NONBLOCK | O_CLOEXEC), 0);
    for (bool killed = true; killed; n++) {
        remove_store();
        killed = killed_at(n, make_and_write);
        uint8_t heard = last_heard();
        bed_open();
        int there = key_there();
        /* One may be written whose word did not come. */
        ck_assert_msg(there >= heard && there <= heard + 1, "change %d: heard %d, found %d", n, heard, there);
        bed_close();
        bed_is_sound(bed_config.path);
        if (!killed)
            ck_assert_int_eq(there, KEYS);
    }
    ck_assert_int_gt(n, 20);
}
END_TEST

static void make(void)
{
    static const struct store_peer peer = {"anna", PEER_USER, 5, 6, true, false, 0, "491700000000"};
    struct bed_heard h = {0};

    remove_store();
    bed_open();
    bed_put_account("anna");
    bed_put_account("berta");
    bed_put_key("anna", 2, 0x5a);
    bed_put_key("anna", 4, 0x5b);
    bed_put_key("berta", 2, 0x5c);
    ck_assert_int_eq(store_put_peers(bed_desk, &peer, 1, bed_done, &h), 0);
    bed_await(&h, 1);
    bed_close();
}

static void is_whole(void)
{
    static const char both[] =
        "anna ready dc 2 user {\"phone\":\"491701234567\"} login {\"tokens\":[\"dG9rZW4=\"]} keys 2:5a 4:5b | "
        "berta ready dc 2 user {\"phone\":\"491701234567\"} login {\"tokens\":[\"dG9rZW4=\"]} keys 2:5c";
    char *accounts = bed_accounts();

    ck_assert_str_eq(accounts, both);
    free(accounts);
}

static void rotate_twice(void)
{
    struct bed_heard h = {0};

    bed_open();
    for (unsigned i = 1; i <= 2; i++) {
        ck_assert_int_eq(store_rotate(bed_desk, bed_done, &h), 0);
        bed_await(&h, i);
        ck_assert_msg(h.err == 0, "%s", h.why);
    }
    bed_close();
}

START_TEST(a_kill_at_any_change_of_a_rotation_loses_nothing)
{
    int n = 0;

    make();
    for (bool killed = true; killed; n++) {
        killed = killed_at(n, rotate_twice);
        bed_open();
        is_whole();
        ck_assert_int_ne(access(bed_path("seal.key.next"), F_OK), 0);
        bed_close();
        bed_is_sound(bed_config.path);
    }
    ck_assert_int_gt(n, 20);
}
END_TEST

static void back_up(void)
{
    struct bed_heard h = {0};

    bed_open();
    ck_assert_int_eq(store_backup(bed_desk, bed_path("copy.db"), bed_done, &h), 0);
    bed_await(&h, 1);
    ck_assert_msg(h.err == 0, "%s", h.why);
    bed_close();
}

START_TEST(a_kill_at_any_change_of_a_backup_leaves_a_whole_one_or_none)
{
    int n = 0;

    make();
    for (bool killed = true; killed; n++) {
        killed = killed_at(n, back_up);
        if (access(bed_path("copy.db"), F_OK) == 0)
            bed_is_sound(bed_path("copy.db"));
        else
            ck_assert(killed);
        /* What is left is in nobody's way. */
        unlink(bed_path("copy.db"));
        back_up();
        bed_is_sound(bed_path("copy.db"));
        ck_assert_int_ne(access(bed_path("copy.db.part"), F_OK), 0);
        ck_assert_int_ne(access(bed_path("copy.db.part-journal"), F_OK), 0);
        unlink(bed_path("copy.db"));
    }
    ck_assert_int_gt(n, 10);
}
END_TEST

START_TEST(a_disk_that_is_full_at_any_change_loses_nothing_when_it_is_freed)
{
    bool failed = true;
    int n = 0;

    make();
    disk_watch();
    for (; failed; n++) {
        struct bed_heard h = {0};
        struct store_key k = bed_key("anna", 2, 0x77);
        bed_open();
        disk_full_at(n);
        ck_assert_int_eq(store_put_key(bed_desk, &k, bed_done, &h), 0);
        bed_await(&h, 1);
        failed = h.err != 0;
        if (failed) {
            ck_assert_int_eq(h.err, TGC_EFULL);
            ck_assert_ptr_nonnull(strstr(h.why, "free some space"));
            disk_well();
            is_whole();
        }
        disk_well();
        ck_assert_int_eq(store_put_key(bed_desk, &k, bed_done, &h), 0);
        bed_await(&h, 2);
        ck_assert_msg(h.err == 0, "%s", h.why);
        ck_assert_int_eq(key_there(), 0x77);
        bed_put_key("anna", 2, 0x5a);
        bed_close();
        bed_is_sound(bed_config.path);
    }
    ck_assert_int_gt(n, 1);
}
END_TEST

START_TEST(a_disk_that_is_full_in_a_rotation_leaves_one_key_that_opens_all)
{
    bool failed = true;
    int n = 0;

    make();
    disk_watch();
    for (; failed; n++) {
        struct bed_heard h = {0};
        bed_open();
        disk_full_at(n);
        ck_assert_int_eq(store_rotate(bed_desk, bed_done, &h), 0);
        bed_await(&h, 1);
        failed = h.err != 0;
        disk_well();
        is_whole();
        bed_put_account("carla");
        ck_assert_int_eq(store_drop_account(bed_desk, "carla", bed_done, &h), 0);
        bed_await(&h, 2);
        bed_close();
        bed_open();
        is_whole();
        ck_assert_int_ne(access(bed_path("seal.key.next"), F_OK), 0);
        bed_close();
    }
    ck_assert_int_gt(n, 2);
}
END_TEST

START_TEST(a_key_that_is_not_put_onto_the_disk_is_not_said_to_be)
{
    struct bed_heard h = {0};
    struct store_key k = bed_key("anna", 2, 0x77);

    make();
    disk_watch();
    bed_open();
    disk_sync_fails_at(0);
    ck_assert_int_eq(store_put_key(bed_desk, &k, bed_done, &h), 0);
    bed_await(&h, 1);
    ck_assert_int_eq(h.err, TGC_ESYSTEM);
    ck_assert(disk_well());
    ck_assert_int_eq(store_put_key(bed_desk, &k, bed_done, &h), 0);
    bed_await(&h, 2);
    ck_assert_msg(h.err == 0, "%s", h.why);
    ck_assert_int_eq(key_there(), 0x77);
}
END_TEST

/* Tells by its end whether the rotation failed. */
static void rotate_unsynced(int n)
{
    struct bed_heard h = {0};

    disk_watch();
    bed_open();
    disk_sync_fails_at(n);
    ck_assert_int_eq(store_rotate(bed_desk, bed_done, &h), 0);
    bed_await(&h, 1);
    _exit(h.err ? 1 : 0);
}

/* It may have been committed after all: who comes next finds that out, and needs the key for it. */
START_TEST(a_rotation_whose_commit_came_to_the_disk_though_it_failed_loses_nothing)
{
    int status = 1, n = 0;

    make();
    for (; status != 0; n++) {
        pid_t pid = fork();
        ck_assert_int_ge(pid, 0);
        if (pid == 0)
            rotate_unsynced(n);
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert(WIFEXITED(status) && WEXITSTATUS(status) <= 1);
        status = WEXITSTATUS(status);
        bed_open();
        is_whole();
        bed_close();
    }
    ck_assert_int_gt(n, 1);
}
END_TEST

Suite *suite_kill(void)
{
    Suite *s = suite_create("kill");
    TCase *t = tcase_create("kill");

    tcase_set_timeout(t, 30);
    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, bed_set_up, bed_tear_down);
    tcase_add_test(t, what_was_said_to_be_written_outlives_every_kill);
    tcase_add_test(t, a_kill_at_any_change_of_a_rotation_loses_nothing);
    tcase_add_test(t, a_kill_at_any_change_of_a_backup_leaves_a_whole_one_or_none);
    tcase_add_test(t, a_disk_that_is_full_at_any_change_loses_nothing_when_it_is_freed);
    tcase_add_test(t, a_disk_that_is_full_in_a_rotation_leaves_one_key_that_opens_all);
    tcase_add_test(t, a_key_that_is_not_put_onto_the_disk_is_not_said_to_be);
    tcase_add_test(t, a_rotation_whose_commit_came_to_the_disk_though_it_failed_loses_nothing);
    suite_add_tcase(s, t);
    return s;
}
