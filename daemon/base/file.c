#include "daemon/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int write_all(int fd, const char *data, size_t len)
{
    while (len) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        data += n;
        len -= (size_t)n;
    }
    return fsync(fd);
}

static int set_write_fault(const char *path, struct fault *fault)
{
    if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)
        return fault_set(fault, TGC_EFULL, "cannot write %s: the disk is full: free some space on it", path);
    return fault_set(fault, TGC_ESYSTEM, "cannot write %s: %s", path, strerror(errno));
}

int file_sync_folder(const char *path, struct fault *fault)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
    int err = 0;

    if (!folder)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* Some file systems know no such thing. */
    if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL))
        err = fault_set(fault, TGC_ESYSTEM, "cannot write the folder %s: %s", folder, strerror(errno));
    if (fd >= 0)
        close(fd);
    free(folder);
    return err;
}

int file_replace(const char *path, const void *data, size_t len, struct fault *fault)
{
    char *temp;
    int err = 0;

    if (asprintf(&temp, "%s.new", path) < 0)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    unlink(temp);
    int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 || write_all(fd, data, len) != 0 || rename(temp, path) != 0) {
        err = set_write_fault(path, fault);
        unlink(temp);
    }
    if (fd >= 0)
        close(fd);
    free(temp);
    return err ? err : file_sync_folder(path, fault);
}

/* NFS and others do not know RENAME_NOREPLACE: a link takes nobody's place either. */
int file_name_new(const char *part, const char *path)
{
    if (renameat2(AT_FDCWD, part, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
        return 0;
    if ((errno != EINVAL && errno != ENOSYS) || link(part, path) != 0)
        return -1;
    unlink(part);
    return 0;
}
