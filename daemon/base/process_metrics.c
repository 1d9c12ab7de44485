#include "daemon/base/process_metrics.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "daemon/base/metrics.h"

static void put_seconds(struct buf *out, const char *family, const char *type, const char *help, int64_t us)
{
    metrics_put_family(out, family, type, help);
    buf_printf(out, "%s %" PRId64 ".%06" PRId64 "\n", family, us / 1000000, us % 1000000);
}

static void put_number(struct buf *out, const char *family, const char *help, int64_t value)
{
    metrics_put_family(out, family, "gauge", help);
    metrics_put_number(out, family, "", value);
}

static void put_cpu(struct buf *out)
{
    struct rusage usage;

    if (getrusage(RUSAGE_SELF, &usage) != 0)
        return;
    put_seconds(out, "process_cpu_seconds_total", "counter", "CPU time of this process, of its own and the kernel's.",
                (int64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 + usage.ru_utime.tv_usec +
                    usage.ru_stime.tv_usec);
}

/* The text of a file of /proc; false where there is none. */
static bool read_text(const char *path, char *out, size_t size)
{
    FILE *f = fopen(path, "re");
    size_t n = f ? fread(out, 1, size - 1, f) : 0;

    if (f)
        fclose(f);
    out[n] = '\0';
    return n > 0;
}

static void put_memory(struct buf *out)
{
    char text[128];
    int64_t pages, resident;

    if (!read_text("/proc/self/statm", text, sizeof(text)) ||
        sscanf(text, "%" SCNd64 " %" SCNd64, &pages, &resident) != 2)
        return;
    put_number(out, "process_virtual_memory_bytes", "Address space.", pages * sysconf(_SC_PAGESIZE));
    put_number(out, "process_resident_memory_bytes", "Memory that is there, with what is shared.",
               resident * sysconf(_SC_PAGESIZE));
}

/* The 20 fields from the state to the start (proc(5)), after the program's name, which may hold anything. */
static bool read_stat(int64_t *ret_threads, int64_t *ret_started_ticks)
{
    char text[1024];
    const char *end;

    if (!read_text("/proc/self/stat", text, sizeof(text)))
        return false;
    end = strrchr(text, ')');
    return end &&
           sscanf(end + 1,
                  " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %" SCNd64 " %*d %" SCNd64,
                  ret_threads, ret_started_ticks) == 2;
}

static void put_stat(struct buf *out)
{
    int64_t threads, ticks;
    struct timespec now, since_boot;

    if (!read_stat(&threads, &ticks))
        return;
    clock_gettime(CLOCK_REALTIME, &now);
    clock_gettime(CLOCK_BOOTTIME, &since_boot);
    int64_t booted_us = ((int64_t)now.tv_sec - since_boot.tv_sec) * 1000000 + (now.tv_nsec - since_boot.tv_nsec) / 1000;
    put_number(out, "process_threads", "Threads.", threads);
    /* In whole seconds: the two clocks do not go together to the microsecond, and a start does not move. */
    put_number(out, "process_start_time_seconds", "When it was started, in Unix time.",
               (booted_us + ticks * 1000000 / sysconf(_SC_CLK_TCK) + 500000) / 1000000);
}

static void put_descriptors(struct buf *out)
{
    struct rlimit limit;
    DIR *dir = opendir("/proc/self/fd");
    int64_t n = 0;

    if (dir) {
        while (readdir(dir))
            n++;
        closedir(dir);
        /* Without "." and "..", and what it was read by. */
        put_number(out, "process_open_fds", "Descriptors that are open.", n - 3);
    }
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        put_number(out, "process_max_fds", "Descriptors that may be.", (int64_t)limit.rlim_cur);
}

void process_metrics_put(struct buf *out)
{
    put_cpu(out);
    put_memory(out);
    put_stat(out);
    put_descriptors(out);
}
