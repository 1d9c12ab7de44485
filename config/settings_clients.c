#include "config/settings_internal.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCOPES "read, calls, accounts, methods, secrets, admin"

enum { NAME_MAX_LEN = 32 };

bool settings_client_section(const char *section, const char **ret_name)
{
    if (strncmp(section, "client", 6) != 0 || (section[6] && section[6] != ' '))
        return false;
    *ret_name = section + 6 + strspn(section + 6, " ");
    return true;
}

/* As the API has it for accounts and tokens. */
static bool is_name(const char *text)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
    size_t len = strlen(text);

    return len > 0 && len <= NAME_MAX_LEN && strspn(text, allowed) == len && *text != '_' && *text != '-';
}

static bool is_new(struct reading *r, const char *name)
{
    const struct settings *s = r->s;

    if (!is_name(name)) {
        reading_error(r, r->section, NULL,
                      "a client's section is [client NAME], the name 1 to %d of a-z, 0-9, '_' and '-', not starting "
                      "with '_' or '-'",
                      NAME_MAX_LEN);
        return false;
    }
    for (size_t i = 0; i < s->clients_n; i++)
        if (strcmp(s->clients[i].name, name) == 0) {
            reading_error(
                r, r->section, NULL,
                "given twice, first in line %u: put all of a client into one section, and give another client "
                "another name",
                s->clients[i].line);
            return false;
        }
    if (s->clients_n == SETTINGS_CLIENTS_MAX)
        reading_error(r, r->section, NULL, "more than %d clients", SETTINGS_CLIENTS_MAX);
    return s->clients_n < SETTINGS_CLIENTS_MAX;
}

bool settings_begin_client(struct reading *r, const char *name)
{
    struct settings *s = r->s;

    if (!is_new(r, name))
        return false;
    struct settings_client *all = realloc(s->clients, (s->clients_n + 1) * sizeof(*all));
    if (all)
        s->clients = all;
    char *copy = all ? strdup(name) : NULL;
    if (!copy) {
        reading_note_err(r, TGC_ENOMEM);
        return false;
    }
    all[s->clients_n++] = (struct settings_client){.name = copy, .line = r->line};
    return true;
}

static bool is_scope(const char *word)
{
    bool is = false;

    for (const char *const *scope = settings_scopes; *scope && !is; scope++)
        is = strcmp(*scope, word) == 0;
    return is;
}

static void add_words(struct reading *r, const char *key, bool (*is_one)(const char *), const char *rule,
                      struct text_list *list, const char *text)
{
    char word[SETTINGS_WORD_MAX];
    bool has_one = false;

    while (settings_next_word(&text, word, sizeof(word)) != 0) {
        has_one = true;
        if (!is_one(word)) {
            reading_error(r, r->section, key, "'%s' is not %s", word, rule);
            continue;
        }
        int err = text_list_add(list, word);
        if (err == TGC_ELIMIT)
            reading_error(r, r->section, key, "more than %d", TEXT_LIST_MAX);
        else
            reading_note_err(r, err);
    }
    /* None would be all accounts. */
    if (!has_one)
        reading_error(r, r->section, key, "no value");
}

static size_t type_len(const char *text)
{
    size_t n = 0;

    while (isalnum((unsigned char)text[n]) || text[n] == '-' || text[n] == '.')
        n++;
    return n;
}

/* The length of a value's text up to what ends it (RFC 2253, 3); 0: it is none. */
static size_t value_len(const char *text)
{
    size_t n = 0;

    if (*text == ' ')
        return 0;
    while (text[n] && !strchr(",+", text[n])) {
        if (strchr("\"<>;", text[n]) || (unsigned char)text[n] > '~' || (text[n] == '\\' && !text[n + 1]))
            return 0;
        n += text[n] == '\\' ? 2 : 1;
    }
    /* A blank at its end has a backslash before it. */
    return n > 1 && text[n - 1] == ' ' && text[n - 2] != '\\' ? 0 : n;
}

/* A name as OpenSSL writes it by RFC 2253: type=value, by commas, without blanks around them. */
static bool is_subject(const char *text)
{
    for (;;) {
        size_t n = type_len(text);
        if (n == 0 || text[n] != '=')
            return false;
        text += n + 1;
        n = value_len(text);
        if (n == 0)
            return false;
        text += n;
        if (!*text)
            return true;
        text++;
    }
}

/* What they are wont to be given by mistake: the line of openssl whole. */
static void set_subject(struct reading *r, struct settings_client *c, const char *value)
{
    if (c->subject) {
        reading_error(r, r->section, "subject", "given twice");
        return;
    }
    if (strncmp(value, "subject=", 8) == 0 || !is_subject(value)) {
        reading_error(
            r, r->section, "subject",
            "'%s' is no name like CN=billing,O=Example: take what stands behind subject= where \"openssl x509 "
            "-in FILE -noout -subject -nameopt RFC2253\" writes it",
            value);
        c->is_subject_bad = true;
        return;
    }
    c->subject = strdup(value);
    if (!c->subject)
        reading_note_err(r, TGC_ENOMEM);
}

void settings_set_client(struct reading *r, const char *key, const char *value)
{
    struct settings_client *c = &r->s->clients[r->s->clients_n - 1];

    if (strcmp(key, "subject") == 0)
        set_subject(r, c, value);
    else if (strcmp(key, "scopes") == 0)
        add_words(r, key, is_scope, "one of " SCOPES, &c->scopes, value);
    else if (strcmp(key, "accounts") == 0)
        add_words(r, key, is_name, "the name of an account", &c->accounts, value);
    else
        reading_error(r, r->section, key, "unknown key; a [client NAME] has subject, scopes and accounts");
    c->has_scopes = c->has_scopes || strcmp(key, "scopes") == 0;
}

void settings_drop_clients(struct settings *s)
{
    for (size_t i = 0; i < s->clients_n; i++) {
        free(s->clients[i].name);
        free(s->clients[i].subject);
        text_list_fini(&s->clients[i].scopes);
        text_list_fini(&s->clients[i].accounts);
    }
    free(s->clients);
    s->clients = NULL;
    s->clients_n = 0;
}

/* Who has the subject of the one at AT before it. NULL: nobody. */
static const char *namesake(const struct settings *s, size_t at)
{
    const char *name = NULL;

    for (size_t i = 0; i < at && !name && s->clients[at].subject; i++)
        if (s->clients[i].subject && strcmp(s->clients[i].subject, s->clients[at].subject) == 0)
            name = s->clients[i].name;
    return name;
}

static void check_client(struct reading *r, size_t at)
{
    const struct settings_client *c = &r->s->clients[at];
    const char *other = namesake(r->s, at);
    char section[8 + NAME_MAX_LEN];

    snprintf(section, sizeof(section), "client %s", c->name);
    if (!r->s->tls_client_ca)
        reading_error_at(r, c->line, section, NULL,
                         "no client is asked for a certificate without tls_client_ca in the section [server]");
    if (!c->subject && !c->is_subject_bad)
        reading_error_at(r, c->line, section, "subject",
                         "missing: whose certificate it is, such as CN=billing,O=Example");
    if (other)
        reading_error_at(r, c->line, section, "subject", "it is that of [client %s]: a certificate is one client's",
                         other);
    if (!c->has_scopes)
        reading_error_at(r, c->line, section, "scopes", "missing: what it may do, of " SCOPES);
}

void settings_check_clients(struct reading *r)
{
    const struct settings *s = r->s;

    if (s->tls_client_ca && !s->tls_certificate)
        reading_error_at(
            r, reading_line_of(r, "server", "tls_client_ca"), "server", "tls_client_ca",
            "clients are asked for certificates by https:// alone, which needs tls_certificate and tls_key");
    for (size_t i = 0; i < s->clients_n; i++)
        check_client(r, i);
}
