#include "config.h"

#include "config/settings_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "daemon/base/address.h"

int settings_add_listener(struct settings *s, const char *text, unsigned line, struct fault *fault)
{
    struct settings_listener l = {.line = line};
    struct address a;

    if (strncasecmp(text, "https://", 8) == 0) {
        l.tls = true;
        text += 8;
    } else if (strncasecmp(text, "http://", 7) == 0) {
        text += 7;
    }
    int err = address_from_text(text, true, &a, fault);
    if (err)
        return err;
    if (!a.numeric && !a.loopback)
        return fault_set(fault, TGC_EINVAL, "'%s' is a name; a listener needs an address", a.host);
    l.loopback = a.loopback;
    int n = a.v6 ? asprintf(&l.address, "[%s]:%u", a.host, a.port)
                 : asprintf(&l.address, "%s:%u", a.numeric ? a.host : "127.0.0.1", a.port);
    if (n < 0)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    struct settings_listener *all = NULL;
    if (s->listen_n < TEXT_LIST_MAX)
        all = realloc(s->listen, (s->listen_n + 1) * sizeof(*all));
    if (!all) {
        free(l.address);
        return fault_set(fault, TGC_ENOMEM, "no room for another listener");
    }
    s->listen = all;
    s->listen[s->listen_n++] = l;
    return 0;
}

void settings_drop_listeners(struct settings *s)
{
    for (size_t i = 0; i < s->listen_n; i++)
        free(s->listen[i].address);
    free(s->listen);
    s->listen = NULL;
    s->listen_n = 0;
}

static struct settings_dc *find_dc(struct reading *r, int id)
{
    struct settings *s = r->s;
    size_t at = s->dcs_n;

    for (size_t i = 0; i < s->dcs_n; i++)
        if (s->dcs[i].id == id)
            return &s->dcs[i];
    struct settings_dc *all = at < TEXT_LIST_MAX ? realloc(s->dcs, (at + 1) * sizeof(*all)) : NULL;
    if (!all) {
        reading_note_err(r, TGC_ENOMEM);
        return NULL;
    }
    s->dcs = all;
    for (; at > 0 && all[at - 1].id > id; at--)
        all[at] = all[at - 1];
    all[at] = (struct settings_dc){.id = id, .line = r->line};
    s->dcs_n++;
    return &all[at];
}

static void add_dc_addresses(struct reading *r, struct settings_dc *dc, const char *text)
{
    struct fault fault = {0};
    struct address a;
    char word[SETTINGS_WORD_MAX];

    while (settings_next_word(&text, word, sizeof(word)) != 0) {
        if (address_from_text(word, false, &a, &fault) != 0)
            reading_error(r, r->section, "address", "%s", fault.text);
        else
            reading_note_err(r, text_list_add(&dc->addresses, word));
    }
}

static void set_dc_key(struct reading *r, struct settings_dc *dc, const char *path)
{
    if (dc->public_key) {
        reading_error(r, r->section, "public_key", "given twice");
        return;
    }
    dc->public_key = settings_resolve_path(r, path);
    if (dc->public_key && access(dc->public_key, R_OK) != 0)
        reading_error(r, r->section, "public_key", "cannot read %s: %s", dc->public_key, strerror(errno));
}

void settings_set_dc(struct reading *r, int id, const char *key, const char *value)
{
    struct settings_dc *dc = find_dc(r, id);

    if (!dc)
        return;
    if (strcmp(key, "address") == 0)
        add_dc_addresses(r, dc, value);
    else if (strcmp(key, "public_key") == 0)
        set_dc_key(r, dc, value);
    else
        reading_error(r, r->section, key, "unknown key; a [dc N] has address and public_key");
}

void settings_drop_dcs(struct settings *s)
{
    for (size_t i = 0; i < s->dcs_n; i++) {
        text_list_fini(&s->dcs[i].addresses);
        free(s->dcs[i].public_key);
    }
    free(s->dcs);
    s->dcs = NULL;
    s->dcs_n = 0;
}
