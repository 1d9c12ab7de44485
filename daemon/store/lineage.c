#include "daemon/store/lineage.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/base/digest.h"
#include "daemon/base/hex.h"

/* The tag of the first seal (32 digits) is like no other, and who copies the file copies it too. From then on it is
 * written down, since the seal changes with the key. */
#define OF_SEAL "(SELECT CAST(lower(hex(substr(value, -16))) AS BLOB) FROM meta WHERE name = 'seal')"

enum { LINEAGE_MAX = 64, NAME_BYTES = 8 };

static int read_lineage(struct store *s, char out[static LINEAGE_MAX + 1], struct fault *fault)
{
    static const char sql[] = "SELECT coalesce((SELECT value FROM meta WHERE name = 'lineage'), " OF_SEAL ")";
    struct db_stmt *st = NULL;
    bool row = false;
    size_t len = 0;
    int err = db_prepare(s->db, sql, &st, fault);

    if (!err)
        err = db_step(st, &row, fault);
    const uint8_t *value = !err && row ? db_blob(st, 0, &len) : NULL;
    if (!err && (!len || len > LINEAGE_MAX))
        err = fault_set(fault, TGC_EDAMAGED, "the database does not say its lineage: put a backup in its place");
    if (!err)
        snprintf(out, LINEAGE_MAX + 1, "%.*s", (int)len, (const char *)value);
    db_reset(st);
    return err;
}

/* Of "LINEAGE MACHINE": all users of a machine can read the names of its sockets, and that of the machine is in it for
 * containers that share a network. */
static int name_of(const struct store *s, const char *lineage, char *out, size_t size)
{
    uint8_t digest[DIGEST_SIZE];
    char text[LINEAGE_MAX + 80], hex[2 * NAME_BYTES + 1];
    int n = snprintf(text, sizeof(text), "%s %.*s", lineage, (int)strcspn(s->config.place, " "), s->config.place);

    digest_sha256(text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1, digest);
    hex_encode(digest, NAME_BYTES, hex);
    return snprintf(out, size, "tgcalld-%s", hex);
}

int store_lineage_take(struct store *s, struct fault *fault)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX}; /* its path begins with a NUL */
    char lineage[LINEAGE_MAX + 1];
    int err = read_lineage(s, lineage, fault);

    if (err)
        return err;
    int n = name_of(s, lineage, address.sun_path + 1, sizeof(address.sun_path) - 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, len) == 0) {
        s->lineage_fd = fd;
        return 0;
    }
    if (errno == EADDRINUSE)
        err = fault_set(fault, TGC_EBUSY,
                        "another daemon on this machine uses a copy of this database or its original (ss -xap: @%s): "
                        "stop that one for good first; " STORE_WHY_ALONE,
                        address.sun_path + 1);
    else
        err = fault_set(fault, TGC_ESYSTEM, "no Unix socket is to be had: %s", strerror(errno));
    if (fd >= 0)
        close(fd);
    return err;
}

int store_lineage_is_kept(struct store *s, bool *ret, struct fault *fault)
{
    int64_t n = 0;
    int err = db_number(s->db, "SELECT count(*) FROM meta WHERE name = 'lineage'", &n, fault);

    *ret = n > 0;
    return err;
}

int store_lineage_keep(struct store *s, struct fault *fault)
{
    return db_exec(s->db,
                   "INSERT INTO meta (name, value) SELECT 'lineage', " OF_SEAL
                   " WHERE NOT EXISTS (SELECT 1 FROM meta WHERE name = 'lineage')",
                   fault);
}
