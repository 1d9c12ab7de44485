/* The configuration file: each input is told at least one mistake, or gives settings. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config/address.h"
#include "config/settings.h"
#include "tests/fuzz/fuzz.h"

/* Files of this machine that an input may name are none of the fuzzer's business. */
static bool names_files(const uint8_t *data, size_t len)
{
    return memmem(data, len, "/dev", 4) || memmem(data, len, "/proc", 5);
}

static void check_address(const char *text)
{
    struct address a;
    struct fault fault = {0};

    if (config_address_parse(text, true, &a, &fault) == 0)
        FUZZ_CHECK(a.host[0] != '\0' && strlen(a.host) < sizeof(a.host));
    else
        FUZZ_CHECK(fault.err == TGC_EINVAL && fault.text[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct feed f = {data, data + len};
    struct settings_report report = {0};
    struct settings s;
    char path[64];

    fuzz_begin();
    if (names_files(data, len))
        return 0;
    setenv("STATE_DIRECTORY", "/var/lib/tgcalld", 1);
    setenv("TGCALLD_DATADIR", fuzz_config_path("."), 1);
    int fd = memfd_create("settings", 0);
    FUZZ_CHECK(fd >= 0 && write(fd, data, len) == (ssize_t)len);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    struct options o = {.log_level = -1, .config = path};
    int err = settings_load(&o, &s, &report);
    if (err)
        FUZZ_CHECK(err == TGC_EINVAL && report.errors.n > 0);
    else
        settings_fini(&s);
    settings_report_fini(&report);
    close(fd);
    char *text = feed_text(&f);
    check_address(text);
    free(text);
    return 0;
}
