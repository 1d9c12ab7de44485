#include "api/query.h"

#include <string.h>

#include "api/target.h"

static json_t *value_of(const struct field *spec, const char *name, const char *text)
{
    int64_t n;

    for (; spec->name; spec++)
        if ((spec->type == FIELD_INTEGER || spec->type == FIELD_TIME) && strcmp(spec->name, name) == 0 &&
            field_parse_int64(text, &n))
            return json_integer(n);
    return json_string(text);
}

static int add(const struct field *spec, char *pair, json_t *object, struct faults *faults, struct fault *fault)
{
    char *text = strchr(pair, '=');
    int err;

    if (text)
        *text++ = '\0';
    if ((err = target_decode(pair, fault)) != 0 || (text && (err = target_decode(text, fault)) != 0))
        return err;
    if (json_object_get(object, pair))
        faults_add(faults, pair, "is given twice");
    else if (json_object_set_new(object, pair, value_of(spec, pair, text ? text : "")) < 0)
        faults_add(faults, pair, "out of memory");
    return 0;
}

int query_check(const struct field *spec, char *raw, json_t *object, struct faults *faults, struct fault *fault)
{
    char *save = NULL;

    for (char *pair = raw ? strtok_r(raw, "&", &save) : NULL; pair; pair = strtok_r(NULL, "&", &save)) {
        int err = add(spec, pair, object, faults, fault);
        if (err)
            return err;
    }
    fields_check(spec, object, faults);
    return 0;
}
