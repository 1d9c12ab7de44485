#include "config/settings_internal.h"

#include "daemon/base/database_url.h"

/* What is wrong with the URL, said where it was given. */
static void url_error(struct reading *r, const char *text)
{
    if (r->options->store)
        reading_option_error(r, "--store", "%s", text);
    else
        reading_error_at(r, reading_line_of(r, "store", "url"), "store", "url", "%s", text);
}

void settings_check_store(struct reading *r)
{
    const struct settings *s = r->s;
    struct fault fault = {0};

    if (s->store_url && database_url_check(s->store_url, &fault) != 0)
        url_error(r, fault.text);
    if (s->store_url && s->store_path)
        url_error(r, "path is given too: the store is in a file or in PostgreSQL");
}
