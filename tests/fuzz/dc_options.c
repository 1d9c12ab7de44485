/* What is said of data centres: a config or an update in either layer, or what a store has. Whatever is taken is good,
 * is no more than may be, and is written down and read back as the same. The first byte chooses. */
#include <string.h>

#include "daemon/tg/dc_options.h"
#include "tests/fuzz/fuzz.h"

static void check_again(const struct tg_dc_options *options, bool local)
{
    struct tg_dc_options again;
    int64_t until = 0;
    struct buf text;

    FUZZ_CHECK(options->n <= TG_DC_OPTIONS_MAX);
    for (size_t i = 0; i < options->n; i++) {
        struct tg_dc_option o = options->list[i];
        FUZZ_CHECK(tg_dc_option_is_good(&o, local) && o.is_v6 == options->list[i].is_v6);
    }
    buf_init(&text, TG_DC_OPTIONS_TEXT_MAX);
    FUZZ_CHECK(tg_dc_options_write(options, 7, &text) == 0 && buf_put_byte(&text, 0) == 0);
    FUZZ_CHECK(tg_dc_options_read((const char *)text.data, local, &again, &until) == 0 && until == 7);
    FUZZ_CHECK(tg_dc_options_are_same(options, &again));
    buf_fini(&text);
}

static void read_text(const uint8_t *data, size_t len, bool local)
{
    struct tg_dc_options options;
    int64_t until;
    char text[4096];

    if (len >= sizeof(text))
        return;
    memcpy(text, data, len);
    text[len] = '\0';
    if (tg_dc_options_read(text, local, &options, &until) == 0)
        check_again(&options, local);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct tg_config config;

    fuzz_begin();
    if (len == 0)
        return 0;
    bool local = data[0] & 1;
    if (data[0] & 2) {
        read_text(data + 1, len - 1, local);
        return 0;
    }
    const struct tl_schema *schema = fuzz_schema(data[0] & 4 ? 0 : 1);
    const struct tl_comb *method = data[0] & 8 ? tl_find_method(schema, "help.getConfig") : NULL;
    if (tg_config_read(schema, method, data + 1, len - 1, local, &config, NULL) == 0)
        check_again(&config.options, local);
    return 0;
}
