#include "daemon/ctl/object.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/buf.h"
#include "daemon/ctl/say.h"

/* The API takes a megabyte unless its administrator has it take more. */
enum { OBJECT_MAX = 16 << 20 };

static int read_stdin(struct buf *text)
{
    char part[4096];
    size_t n;

    while ((n = fread(part, 1, sizeof(part), stdin)) > 0)
        if (buf_put(text, part, n) != 0)
            return TGC_ELIMIT;
    return ferror(stdin) ? TGC_EIO : 0;
}

json_t *object_read(const char *text, const char *like)
{
    json_error_t error;
    json_t *object = NULL;
    struct buf in;

    buf_init(&in, OBJECT_MAX);
    if (strcmp(text, "-") == 0 && read_stdin(&in) != 0)
        say_fault("stdin cannot be read, or is longer than any request");
    else if (!(object = json_loadb(in.len ? (const char *)in.data : text, in.len ? in.len : strlen(text),
                                   JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error)))
        say_fault("the parameters are no JSON: line %d, column %d: %s", error.line, error.column, error.text);
    else if (!json_is_object(object))
        say_fault("the parameters are no object, %s", like);
    buf_fini_secret(&in);
    if (object && !json_is_object(object)) {
        json_decref(object);
        object = NULL;
    }
    return object;
}
