/* What the files of settings share: the table of keys, and the state of one reading. */
#ifndef TGCALLD_CONFIG_SETTINGS_INTERNAL_H
#define TGCALLD_CONFIG_SETTINGS_INTERNAL_H

#include "config/settings.h"
#include "daemon/base/fault.h"

enum settings_value {
    VALUE_BOOL,     /* bool */
    VALUE_COUNT,    /* unsigned, min..max */
    VALUE_SIZE,     /* size_t in bytes, min..max */
    VALUE_DURATION, /* int64_t in microseconds, min..max */
    VALUE_NAME,     /* int: the place in `names`, plus min */
    VALUE_WORD,     /* char *: one of `names` */
    VALUE_WORDS,    /* struct text_list: repeatable, each any number of words; of `names` where there are */
    VALUE_TEXT,     /* char *, at most max bytes */
    VALUE_SECRET,   /* the same; never shown */
    VALUE_PATH,     /* char *: relative to the file's folder */
    VALUE_FILE,     /* the same, and it must be readable */
    VALUE_FILES,    /* struct text_list: repeatable */
    VALUE_UNIX,     /* unix_path, or "none" */
    VALUE_LISTEN,   /* a listener, or "none"; repeatable */
};

struct settings_key {
    const char *section, *name;
    enum settings_value value;
    size_t offset; /* in struct settings */
    int64_t min, max;
    const char *const *names;
};

extern const struct settings_key settings_keys[];
extern const size_t settings_keys_n;
extern const char *const settings_scopes[]; /* NULL ends them */
enum { SETTINGS_KEYS_MAX = 72 };

struct reading {
    struct settings *s;
    struct settings_report *report;
    int err; /* TGC_ENOMEM sticks */

    /* The file at hand. */
    const char *file;
    bool shipped; /* a list of ours: [dc N] only */
    unsigned line;
    bool skip; /* inside a section that is not known */
    char section[64];

    unsigned seen[SETTINGS_KEYS_MAX]; /* the line of each key's last value; 0: not given */
    bool listen_none;
    const struct options *options;
};

/* settings_report.c: a line of the report, at the reading's file and line; at another line; naming an option; or a
 * path.
 */
void reading_error(struct reading *r, const char *section, const char *key, const char *format, ...) TGC_PRINTF(4, 5);
void reading_error_at(struct reading *r, unsigned line, const char *section, const char *key, const char *format, ...)
    TGC_PRINTF(5, 6);
void reading_option_error(struct reading *r, const char *option, const char *format, ...) TGC_PRINTF(3, 4);
void reading_warning_at(struct reading *r, unsigned line, const char *section, const char *key, const char *format, ...)
    TGC_PRINTF(5, 6);
void reading_place_warning(struct reading *r, const char *path, const char *format, ...) TGC_PRINTF(3, 4);
void reading_note_err(struct reading *r, int err);

/* The line of a key's value; 0 where it was not given. */
unsigned reading_line_of(const struct reading *r, const char *section, const char *name);

/* settings_read.c: reads FILE over what is in r->s. */
void settings_read(struct reading *r, const char *file, bool shipped);

/* settings_value.c: puts one value in its place or says what is wrong with it. */
void settings_set(struct reading *r, const struct settings_key *key, const char *value);
/* The next of the words between blanks and commas: 1; 0 at the end; -1 where it was cut to ROOM. */
enum { SETTINGS_WORD_MAX = 300 };
int settings_next_word(const char **p, char *word, size_t room);
/* Relative paths start at the file that names them, wherever the daemon was started. The caller frees; NULL: no memory.
 */
char *settings_resolve_path(struct reading *r, const char *path);

/* settings_net.c: listeners and data centres. LINE 0: from the command line. */
int settings_add_listener(struct settings *s, const char *text, unsigned line, struct fault *fault) TGC_MUST;
void settings_drop_listeners(struct settings *s);
void settings_set_dc(struct reading *r, int id, const char *key, const char *value);
void settings_drop_dcs(struct settings *s);

/* settings_clients.c: [client NAME]. Whether SECTION is to be one, and the name in it; its beginning, false: it is
 * skipped; a key of the last that began. */
bool settings_client_section(const char *section, const char **ret_name);
bool settings_begin_client(struct reading *r, const char *name);
void settings_set_client(struct reading *r, const char *key, const char *value);
void settings_drop_clients(struct settings *s);
void settings_check_clients(struct reading *r);

/* settings_web.c: names and origins that a browser could really send. */
void settings_check_web(struct reading *r);

/* settings_cluster.c: one node of several. */
void settings_check_cluster(struct reading *r);
/* settings_store.c: where the accounts are kept. */
void settings_check_store(struct reading *r);

/* settings_check.c: the rules between keys, and what this version cannot do. */
void settings_check(struct reading *r);

#endif
