#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/store/db.h"

/* The database's head says how it is written (sqlite.org/fileformat2.html, 1.3.3): 1 with a journal of before, 2 with
 * one of what comes (WAL). */
enum { HEAD_SIZE = 20, WRITE_VERSION = 18, WAL = 2 };

/* Of a file that cannot be read here SQLite's own word is told. */
static bool has_wal_head(const char *path)
{
    uint8_t head[HEAD_SIZE];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return errno != ENOENT;
    ssize_t n = read(fd, head, sizeof(head));
    close(fd);
    return n < 0 || (n == HEAD_SIZE && head[WRITE_VERSION] == WAL);
}

int db_check_journal(const char *path, struct fault *fault)
{
    struct stat st;
    char *journal;
    int err = 0;

    if (asprintf(&journal, "%s-wal", path) < 0)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    if (stat(journal, &st) == 0 && st.st_size > 0 && !has_wal_head(path))
        err = fault_set(fault, TGC_EDAMAGED,
                        "%s is not the journal of %s, which is a copy that was never used, or empty, or gone: put the "
                        "database that it belongs to back, or move the journal away for the copy to be used as it is",
                        journal, path);
    free(journal);
    return err;
}
