#include "tests/support/temp.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[4000];
static pid_t janitor;
static int alive = -1; /* the write end of a pipe that the janitor sees closed by our end, whatever that is */

static void must(bool done, const char *what)
{
    if (done)
        return;
    perror(what);
    abort();
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    return remove(path);
}

/* In a process group of its own: what is sent to ours, by a terminal or by Check, does not reach it. */
static void wait_and_remove(int heard)
{
    char byte;

    close(STDOUT_FILENO);
    close(STDERR_FILENO);
    while (read(heard, &byte, 1) > 0) {
    }
    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    _exit(0);
}

void temp_make(void)
{
    const char *base = getenv("TMPDIR");
    int ends[2];

    snprintf(folder, sizeof(folder), "%s/tgcalld-test-XXXXXX", base && base[0] ? base : "/tmp");
    must(mkdtemp(folder) != NULL, folder);
    must(pipe2(ends, O_CLOEXEC) == 0, "pipe2");
    janitor = fork();
    must(janitor >= 0, "fork");
    if (janitor == 0) {
        setpgid(0, 0);
        close(ends[1]);
        wait_and_remove(ends[0]);
    }
    setpgid(janitor, janitor);
    close(ends[0]);
    alive = ends[1];
}

void temp_remove(void)
{
    close(alive);
    waitpid(janitor, NULL, 0);
    alive = -1;
}

const char *temp_path(const char *name)
{
    static char path[sizeof(folder) + 64];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}
