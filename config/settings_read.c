#include "config/settings_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ini.h>

#include "daemon/base/utf8.h"

/* inih's own limit is 199 bytes and it splits what is longer without a word; line numbers it keeps to itself. So every
 * line is read, counted and judged here, and inih only sees those that are sound. */
enum { LINE_ROOM = 1024, DC_ID_MAX = 32767 };

static const char *const sections[] = {"server", "telegram",  "store",    "cluster",
                                       "events", "scheduler", "webhooks", "log"};
enum { SECTIONS = sizeof(sections) / sizeof(sections[0]) };

struct source {
    FILE *file;
    struct reading *r;
};

/* One line without its end, in ROOM bytes. 1; 0 at the end of the file; -1: it was longer, and is skipped. */
static int read_line(FILE *f, char *line, size_t room, size_t *ret_len)
{
    size_t n = 0;
    int c = fgetc(f);

    if (c == EOF)
        return 0;
    for (; c != EOF && c != '\n'; c = fgetc(f))
        if (n++ < room)
            line[n - 1] = (char)c;
    if (n > 0 && n <= room && line[n - 1] == '\r')
        n--;
    *ret_len = n;
    return n < room ? 1 : -1;
}

/* "dc 4" → 4, else 0. */
static int dc_of(const char *section)
{
    char *end;

    if (strncmp(section, "dc ", 3) != 0 || section[3] < '1' || section[3] > '9')
        return 0;
    long id = strtol(section + 3, &end, 10);
    return *end == '\0' && id <= DC_ID_MAX ? (int)id : 0;
}

static bool section_is_known(const struct reading *r, const char *name)
{
    if (dc_of(name))
        return true;
    for (size_t i = 0; i < SECTIONS && !r->shipped; i++)
        if (strcmp(sections[i], name) == 0)
            return true;
    return false;
}

static void judge_section(struct reading *r, const char *line)
{
    const char *end = strchr(line, ']');
    size_t len = end ? (size_t)(end - line) - 1 : 0;
    const char *client;

    r->skip = true;
    if (!end || end[1 + strspn(end + 1, " \t")] != '\0') {
        reading_error(r, NULL, NULL, "a section is [name] and nothing else");
        return;
    }
    if (len >= sizeof(r->section))
        len = sizeof(r->section) - 1;
    memcpy(r->section, line + 1, len);
    r->section[len] = '\0';
    if (!r->shipped && settings_client_section(r->section, &client)) {
        r->skip = !settings_begin_client(r, client);
        return;
    }
    r->skip = !section_is_known(r, r->section);
    if (r->skip)
        reading_error(r, r->section, NULL,
                      "unknown section; there are [server], [telegram], [dc N] with N from 1 to %d, [client NAME], "
                      "[store], [cluster], [events], [scheduler], [webhooks] and [log]",
                      DC_ID_MAX);
}

/* Whether inih is to see the line. */
static bool judge_line(struct reading *r, const char *line, size_t len)
{
    if (memchr(line, '\0', len) || !utf8_is_valid(line, len)) {
        reading_error(r, NULL, NULL, "not text in UTF-8");
        return false;
    }
    line += strspn(line, " \t");
    if (*line == '\0' || *line == ';' || *line == '#')
        return false;
    if (*line == '[') {
        judge_section(r, line);
        return !r->skip;
    }
    if (line[strcspn(line, "=:")] != '=') {
        reading_error(r, NULL, NULL, "expected key = value");
        return false;
    }
    return !r->skip;
}

static char *next_line(char *line, int num, void *stream)
{
    struct source *s = stream;
    size_t len = 0;

    /* Three bytes are inih's own: CR, LF, NUL. */
    int got = num > 3 ? read_line(s->file, line, (size_t)num - 2, &len) : 0;
    if (got == 0)
        return NULL;
    s->r->line++;
    line[got > 0 ? len : 0] = '\0';
    if (s->r->line == 1 && len >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0) {
        len -= 3;
        memmove(line, line + 3, len + 1);
    }
    if (got < 0)
        reading_error(s->r, NULL, NULL, "a line of more than %d bytes", num - 3);
    if (got < 0 || !judge_line(s->r, line, len))
        line[0] = '\0';
    strcat(line, "\n");
    return line;
}

static const struct settings_key *find_key(const char *section, const char *name, size_t *ret_at)
{
    for (size_t i = 0; i < settings_keys_n; i++) {
        if (strcmp(settings_keys[i].section, section) == 0 && strcmp(settings_keys[i].name, name) == 0) {
            *ret_at = i;
            return &settings_keys[i];
        }
    }
    return NULL;
}

static void refuse_key(struct reading *r, const char *section, const char *name)
{
    char all[512] = "";
    size_t n = 0;

    for (size_t i = 0; i < settings_keys_n && n < sizeof(all); i++)
        if (strcmp(settings_keys[i].section, section) == 0)
            n += (size_t)snprintf(all + n, sizeof(all) - n, "%s%s", n ? ", " : "", settings_keys[i].name);
    reading_error(r, section, name, "unknown key; [%s] has %s", section, all);
}

static bool is_repeatable(enum settings_value value)
{
    return value == VALUE_WORDS || value == VALUE_FILES || value == VALUE_LISTEN;
}

/* inih calls it for each key = value with blanks cut off. */
static int take_value(void *user, const char *section, const char *name, const char *value)
{
    struct reading *r = user;
    const struct settings_key *key;
    size_t at;
    int dc = dc_of(section);
    const char *client;

    if (*section == '\0')
        reading_error(r, NULL, name, "a key before the first [section]");
    else if (*value == '\0')
        reading_error(r, section, name, "no value; to leave a key at its default, leave the line out");
    else if (dc)
        settings_set_dc(r, dc, name, value);
    else if (settings_client_section(section, &client))
        settings_set_client(r, name, value);
    else if (!(key = find_key(section, name, &at)))
        refuse_key(r, section, name);
    else if (r->seen[at] && !is_repeatable(key->value))
        reading_error(r, section, name, "given twice, first in line %u", r->seen[at]);
    else {
        r->seen[at] = r->line;
        settings_set(r, key, value);
    }
    return 1;
}

void settings_read(struct reading *r, const char *file, bool shipped)
{
    struct source source = {fopen(file, "re"), r};

    r->file = file;
    r->shipped = shipped;
    r->line = 0;
    r->skip = false;
    r->section[0] = '\0';
    if (!source.file) {
        reading_error(r, NULL, NULL, "cannot read it: %s", strerror(errno));
        return;
    }
    ini_allow_multiline = false;
    ini_allow_inline_comments = false;
    ini_use_stack = true; /* on the heap it starts with 200 bytes whatever ini_max_line says */
    ini_max_line = LINE_ROOM;
    errno = 0;
    if (ini_parse_stream(next_line, &source, take_value, r) == -2)
        reading_note_err(r, TGC_ENOMEM);
    if (ferror(source.file)) {
        r->line = 0;
        reading_error(r, NULL, NULL, "cannot read it: %s", strerror(errno));
    }
    fclose(source.file);
}
