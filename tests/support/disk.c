#include "tests/support/disk.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/types.h>
#include <unistd.h>

#include <sqlite3.h>

#include "tests/support/unit.h"

/* Of our own objects: the linker sends them here. */
ssize_t __real_write(int fd, const void *data, size_t n);
ssize_t __wrap_write(int fd, const void *data, size_t n);
int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __real_unlink(const char *path);
int __wrap_unlink(const char *path);
int __real_fsync(int fd);
int __wrap_fsync(int fd);

static atomic_int left = -1, syncs_left = INT_MAX;
static atomic_bool kills, is_full, failed;

/* Whether the change is made. */
static bool allows(void)
{
    if (is_full) {
        failed = true;
    } else if (left >= 0 && atomic_fetch_sub(&left, 1) == 0) {
        if (kills)
            raise(SIGKILL);
        is_full = failed = true;
    }
    errno = ENOSPC;
    return !is_full;
}

/* What takes nothing can be done on a full disk. */
static void passes(void)
{
    if (!is_full && kills)
        (void)allows();
}

static ssize_t sqlite_write(int fd, const void *data, size_t n)
{
    return allows() ? __real_write(fd, data, n) : -1;
}

static ssize_t sqlite_pwrite(int fd, const void *data, size_t n, off_t at)
{
    return allows() ? pwrite(fd, data, n, at) : -1;
}

static int sqlite_truncate(int fd, off_t size)
{
    passes();
    return ftruncate(fd, size);
}

static int sqlite_unlink(const char *path)
{
    passes();
    return __real_unlink(path);
}

void disk_watch(void)
{
    sqlite3_initialize();
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    static const struct {
        const char *name;
        sqlite3_syscall_ptr call;
    } calls[] = {{"write", (sqlite3_syscall_ptr)sqlite_write},
                 {"pwrite", (sqlite3_syscall_ptr)sqlite_pwrite},
                 {"pwrite64", (sqlite3_syscall_ptr)sqlite_pwrite},
                 {"ftruncate", (sqlite3_syscall_ptr)sqlite_truncate},
                 {"unlink", (sqlite3_syscall_ptr)sqlite_unlink}};

    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
        if (vfs->xGetSystemCall(vfs, calls[i].name))
            ck_assert_int_eq(vfs->xSetSystemCall(vfs, calls[i].name, calls[i].call), SQLITE_OK);
}

void disk_kill_at(int n)
{
    kills = true;
    left = n;
}

void disk_full_at(int n)
{
    kills = is_full = failed = false;
    left = n;
}

bool disk_well(void)
{
    left = -1;
    syncs_left = INT_MAX;
    is_full = false;
    return atomic_exchange(&failed, false);
}

/* SQLite's own call comes here: the program's names go before the C library's. */
int fdatasync(int fd)
{
    if (syncs_left == INT_MAX)
        return __real_fsync(fd);
    if (atomic_fetch_sub(&syncs_left, 1) > 0)
        return __real_fsync(fd);
    failed = true;
    errno = EIO;
    return -1;
}

void disk_sync_fails_at(int n)
{
    syncs_left = n;
}

/* The standard streams are no disk. */
ssize_t __wrap_write(int fd, const void *data, size_t n)
{
    return fd <= 2 || allows() ? __real_write(fd, data, n) : -1;
}

int __wrap_rename(const char *from, const char *to)
{
    passes();
    return __real_rename(from, to);
}

int __wrap_unlink(const char *path)
{
    passes();
    return __real_unlink(path);
}

int __wrap_fsync(int fd)
{
    passes();
    return __real_fsync(fd);
}
