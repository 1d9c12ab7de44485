#include "daemon/tl/schema_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/base/buf.h"
#include "daemon/base/limits.h"
#include "daemon/base/pages.h"

int tl_schema_parse(const char *text, size_t len, const char *name, struct tl_schema **ret, struct fault *fault)
{
    struct tl_raw raw = {0};
    int err = 0;

    struct tl_schema *schema = calloc(1, sizeof(*schema));
    if (!schema)
        return fault_set(fault, TGC_ENOMEM, "no memory for the schema");
    if ((err = tl_parse(text, len, &raw, fault)) || (err = tl_link(schema, &raw, fault)))
        goto done;
    char *own_name = tl_arena_text(&schema->arena, strlen(name) + 1);
    if (!own_name) {
        err = fault_set(fault, TGC_ENOMEM, "no memory for the schema");
        goto done;
    }
    memcpy(own_name, name, strlen(name));
    schema->name = own_name;
    *ret = schema;
    schema = NULL;

done:
    tl_raw_free(&raw);
    tl_schema_free(schema);
    return err;
}

static int read_all(const char *path, struct buf *text, struct fault *fault)
{
    int err = 0;
    FILE *f = fopen(path, "rbe");
    struct stat st;

    if (!f)
        return fault_set(fault, TGC_EIO, "%s: %s", path, strerror(errno));
    setvbuf(f, NULL, _IONBF, 0);
    if (fstat(fileno(f), &st) == 0 && st.st_size > 0 && (size_t)st.st_size < text->max) {
        void *room = buf_room(text, (size_t)st.st_size + 1);
        if (room)
            pages_ready(room, (size_t)st.st_size + 1);
    }
    for (;;) {
        /* One byte past the limit is enough to tell a file that is too long. */
        size_t want = text->cap > text->len ? text->cap - text->len : 65536;
        want = text->max - text->len < want ? text->max - text->len : want;
        uint8_t *p = buf_room(text, want);
        if (!p) {
            err = fault_set(fault, buf_err(text), "%s: %s", path, tgc_err_text(buf_err(text)));
            break;
        }
        size_t got = fread(p, 1, want, f);
        buf_add(text, got);
        if (ferror(f)) {
            err = fault_set(fault, TGC_EIO, "%s: cannot be read", path);
            break;
        }
        if (got == 0)
            break;
    }
    fclose(f);
    return err;
}

int tl_schema_read(const char *path, struct tl_schema **ret, struct fault *fault)
{
    struct buf text;

    buf_init(&text, LIMIT_SCHEMA_TEXT + 1);
    int err = read_all(path, &text, fault);
    if (!err)
        err = tl_schema_parse(text.data ? (const char *)text.data : "", text.len, path, ret, fault);
    buf_fini(&text);
    return err;
}

void tl_schema_free(struct tl_schema *schema)
{
    if (!schema)
        return;
    tl_arena_free(&schema->arena);
    free(schema);
}

int tl_schema_layer(const struct tl_schema *schema)
{
    return schema->layer;
}

const char *tl_schema_name(const struct tl_schema *schema)
{
    return schema->name;
}

size_t tl_schema_size(const struct tl_schema *schema)
{
    return sizeof(*schema) + schema->arena.total;
}

static struct tl_slice slice_of(const char *text)
{
    return (struct tl_slice){text, strlen(text)};
}

const struct tl_comb *tl_find_constructor(const struct tl_schema *schema, uint32_t id)
{
    uint32_t index = tl_ids_find(&schema->constructor_ids, id);

    return index ? &schema->combs[index - 1] : NULL;
}

const struct tl_comb *tl_find_method_id(const struct tl_schema *schema, uint32_t id)
{
    uint32_t index = tl_ids_find(&schema->method_ids, id);

    return index ? &schema->combs[index - 1] : NULL;
}

const struct tl_comb *tl_find_constructor_name(const struct tl_schema *schema, const char *name)
{
    return tl_names_find(&schema->constructor_names, slice_of(name));
}

const struct tl_comb *tl_find_method(const struct tl_schema *schema, const char *name)
{
    return tl_names_find(&schema->method_names, slice_of(name));
}

const struct tl_type *tl_find_type(const struct tl_schema *schema, const char *name)
{
    return tl_names_find(&schema->type_names, slice_of(name));
}

const struct tl_comb *tl_schema_combs(const struct tl_schema *schema, size_t *ret_n)
{
    *ret_n = schema->combs_n;
    return schema->combs;
}

size_t tl_schema_mismatches(const struct tl_schema *schema, const struct tl_comb **ret_first)
{
    size_t n = 0;

    for (size_t i = 0; i < schema->combs_n; i++) {
        if (schema->combs[i].id == schema->combs[i].crc32)
            continue;
        if (n++ == 0 && ret_first)
            *ret_first = &schema->combs[i];
    }
    return n;
}
