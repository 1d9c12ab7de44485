/* The configuration file: each input is told at least one mistake, or gives settings. */
#include <string.h>

#include "daemon/base/address.h"
#include "config/settings.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/temp.h"

static char *file;

/* In a folder of its own: relative paths in it start there, and there is nothing to find. */
static void write_file(const uint8_t *data, size_t len)
{
    if (!file) {
        temp_make();
        file = strdup(temp_path("a.conf"));
        atexit(temp_remove);
    }
    FILE *f = fopen(file, "w");
    FUZZ_CHECK(f != NULL && fwrite(data, 1, len, f) == len && fclose(f) == 0);
}

/* Files of this machine that an input may name are none of the fuzzer's business. */
static bool names_files(const uint8_t *data, size_t len)
{
    return memmem(data, len, "/dev", 4) || memmem(data, len, "/proc", 5) || memmem(data, len, "../", 3);
}

static void check_address(const char *text)
{
    struct address a;
    struct fault fault = {0};

    if (address_from_text(text, true, &a, &fault) == 0)
        FUZZ_CHECK(a.host[0] != '\0' && strlen(a.host) < sizeof(a.host));
    else
        FUZZ_CHECK(fault.err == TGC_EINVAL && fault.text[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct feed f = {data, data + len};
    struct settings_report report = {0};
    struct settings s;

    fuzz_begin();
    if (names_files(data, len))
        return 0;
    setenv("STATE_DIRECTORY", "/var/lib/tgcalld", 1);
    setenv("TGCALLD_DATADIR", fuzz_config_path("."), 1);
    write_file(data, len);
    struct options o = {.log_level = -1, .config = file};
    int err = settings_load(&o, &s, &report);
    if (err)
        FUZZ_CHECK(err == TGC_EINVAL && report.errors.n > 0);
    else
        settings_fini(&s);
    settings_report_fini(&report);
    char *text = feed_text(&f);
    check_address(text);
    free(text);
    return 0;
}
