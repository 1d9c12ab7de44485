/* tgcalldctl schema */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/paths.h"
#include "daemon/ctl/command.h"
#include "daemon/ctl/say.h"
#include "daemon/ctl/schema_diff.h"
#include "daemon/tg/needs.h"

enum { PATTERN_SIZE = 4096 };

static const struct ctl_column list_columns[] = {
    {.title = "LAYER", .path = "layer"},
    {.title = "SPOKEN", .path = "spoken"},
    {0},
};
static const struct ctl_column check_columns[] = {
    {.title = "FILE", .path = "file", .is_whole = true},    {.title = "LAYER", .path = "layer"},
    {.title = "CONSTRUCTORS", .path = "constructors"},      {.title = "METHODS", .path = "methods"},
    {.title = "IDS NOT THEIR CRC32", .path = "mismatches"}, {0},
};
static const struct ctl_column diff_columns[] = {
    {.title = "CHANGE", .path = "change", .is_whole = true},
    {.title = "KIND", .path = "kind", .is_whole = true},
    {.title = "NAME", .path = "name", .is_whole = true},
    {.title = "USED", .path = "used", .where = CTL_IN_PIPE},
    {.title = "WHAT", .path = "what"},
    {0},
};

/* In the answer of /version the layers are numbers. */
static void name_layers(json_t *answer)
{
    json_t *rows = json_array();
    const json_t *layer;
    size_t i;

    json_array_foreach (json_object_get(answer, "layers"), i, layer) {
        bool is_spoken = json_equal(layer, json_object_get(answer, "layer"));
        (void)!json_array_append_new(rows, json_pack("{s:O, s:b}", "layer", layer, "spoken", is_spoken));
    }
    (void)!json_object_set_new(answer, "layers", rows);
}

static const struct ctl_view list_view = {"layers", list_columns, name_layers}, check_view = {.columns = check_columns},
                             diff_view = {.list = "changes", .columns = diff_columns};

/* NULL: said why. */
static struct tl_schema *read_schema(const char *path)
{
    struct fault fault = {0};
    struct tl_schema *schema;
    int err = tl_schema_read(path, &schema, &fault);

    if (!err && tl_schema_layer(schema) != 0)
        return schema;
    if (!err) {
        say_fault("%s: there is no line \"// LAYER N\" in it", path);
        tl_schema_free(schema);
    } else if (fault.line) {
        say_fault("%s:%u:%u: %s", path, fault.line, fault.column, fault.text);
    } else {
        say_fault("%s: %s", path, fault.text[0] ? fault.text : tgc_err_text(err));
    }
    return NULL;
}

/* The newest that is shipped; NULL: none was found. The caller frees it. */
static char *find_shipped(void)
{
    char *folder = NULL, *newest = NULL, pattern[PATTERN_SIZE];
    glob_t found = {0};
    int best = 0, layer;

    if (paths_data("schema", &folder) != 0)
        return NULL;
    snprintf(pattern, sizeof(pattern), "%s/layer-*.tl", folder);
    if (glob(pattern, 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++) {
            const char *name = strrchr(found.gl_pathv[i], '/');
            if (!name || sscanf(name, "/layer-%d.tl", &layer) != 1 || layer <= best)
                continue;
            best = layer;
            free(newest);
            newest = strdup(found.gl_pathv[i]);
        }
    }
    if (!newest)
        say_fault("no schema was found in %s: say with --from which one it is held against", folder);
    globfree(&found);
    free(folder);
    return newest;
}

/* ANSWER is taken. */
static enum ctl_exit show(const struct ctl *ctl, const struct ctl_view *view, json_t *answer)
{
    int err = !answer ? TGC_ENOMEM : ctl->as_json ? say_result(answer) : ctl_view_put(ctl, view, answer);

    json_decref(answer);
    if (err)
        say_fault("out of memory");
    return err ? CTL_REFUSED : CTL_DONE;
}

static enum ctl_exit judge(const struct tl_schema *schema, bool is_strict)
{
    const struct tl_comb *first;
    struct fault fault = {0};
    size_t wrong = tl_schema_mismatches(schema, &first);

    if (wrong && is_strict)
        say_fault("%s:%u: the id of %s is %08x and not the CRC32 of its line, %08x", tl_schema_name(schema),
                  first->line, first->name, first->id, first->crc32);
    if (tg_needs_check(schema, &fault) == 0)
        return wrong && is_strict ? CTL_REFUSED : CTL_DONE;
    say_fault("%s", fault.text);
    say("  The daemon does not start with it: take a newer daemon, or another layer.");
    return CTL_REFUSED;
}

static enum ctl_exit run_check(const struct ctl *ctl, const struct ctl_words *given)
{
    const char *path = ctl_given(given, "file");
    struct tl_schema *schema = read_schema(path);
    json_int_t methods = 0;
    size_t n;

    if (!schema)
        return CTL_REFUSED;
    const struct tl_comb *combs = tl_schema_combs(schema, &n);
    for (size_t i = 0; i < n; i++)
        methods += combs[i].is_method ? 1 : 0;
    enum ctl_exit e = show(ctl, &check_view,
                           json_pack("{s:s, s:i, s:I, s:I, s:I}", "file", path, "layer", tl_schema_layer(schema),
                                     "constructors", (json_int_t)n - methods, "methods", methods, "mismatches",
                                     (json_int_t)tl_schema_mismatches(schema, NULL)));
    e = e ? e : judge(schema, ctl_given(given, "strict") != NULL);
    tl_schema_free(schema);
    return e;
}

static size_t count(const json_t *rows, const char *change)
{
    const json_t *row;
    size_t i, n = 0;

    json_array_foreach (rows, i, row)
        n += strcmp(json_string_value(json_object_get(row, "change")), change) == 0;
    return n;
}

static enum ctl_exit put_diff(const struct ctl *ctl, const struct tl_schema *before, const struct tl_schema *after,
                              bool used_alone)
{
    json_t *rows = schema_diff(before, after, used_alone);
    size_t came = count(rows, "came"), went = count(rows, "went"), changed = count(rows, "changed");
    enum ctl_exit e = show(ctl, &diff_view,
                           rows ? json_pack("{s:i, s:i, s:o}", "from", tl_schema_layer(before), "to",
                                            tl_schema_layer(after), "changes", rows)
                                : NULL);

    if (!e)
        say("From layer %d to %d%s: %zu came, %zu went, %zu changed.", tl_schema_layer(before), tl_schema_layer(after),
            used_alone ? " in what the daemon uses and what is about group calls" : "", came, went, changed);
    return e;
}

static enum ctl_exit run_diff(const struct ctl *ctl, const struct ctl_words *given)
{
    const char *from = ctl_given(given, "from");
    char *found = from ? NULL : find_shipped();
    struct tl_schema *before = NULL, *after = NULL;
    enum ctl_exit e = CTL_REFUSED;

    if ((from || found) && (before = read_schema(from ? from : found)) &&
        (after = read_schema(ctl_given(given, "file")))) {
        e = put_diff(ctl, before, after, ctl_given(given, "all") == NULL);
        e = e ? e : judge(after, ctl_given(given, "strict") != NULL);
    }
    tl_schema_free(before);
    tl_schema_free(after);
    free(found);
    return e;
}

#define WORD_FILE(text)                                                                                                \
    {                                                                                                                  \
        .name = "file", .arg = "FILE", .help = (text)                                                                  \
    }
#define WORD_STRICT                                                                                                    \
    {                                                                                                                  \
        .name = "strict", .option = "strict", .kind = CTL_TRUE,                                                        \
        .help = "Refuse it where an id is not the CRC32 of its line"                                                   \
    }

static const struct ctl_word check_words[] = {WORD_FILE("A schema in TL"), WORD_STRICT, {0}};
static const struct ctl_word diff_words[] = {
    WORD_FILE("The new schema in TL"),
    {.name = "from", .option = "from", .arg = "FILE", .help = "What it is held against; the newest that is shipped"},
    {.name = "all", .option = "all", .kind = CTL_TRUE, .help = "All of it, not only what the daemon uses"},
    WORD_STRICT,
    {0},
};

const struct ctl_verb ctl_schema[] = {
    {.name = "list",
     .method = "GET",
     .path = "/version",
     .view = &list_view,
     .summary = "List the layers that the daemon has, and which it speaks"},
    {.name = "check",
     .words = check_words,
     .run = run_check,
     .is_local = true,
     .summary = "Say whether a schema can be read, and be used"},
    {.name = "diff",
     .words = diff_words,
     .run = run_diff,
     .is_local = true,
     .summary = "Say what a new layer changes for the daemon"},
    {0},
};
