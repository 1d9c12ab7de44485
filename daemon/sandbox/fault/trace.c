#include "daemon/sandbox/fault/trace.h"

#include <string.h>

void trace_init(struct trace *t)
{
    memset(t, 0, sizeof(*t));
    t->next = 1;
    t->methods = json_object();
}

void trace_fini(struct trace *t)
{
    for (size_t i = 0; i < TRACE_EVENTS; i++)
        json_decref(t->ring[i]);
    json_decref(t->methods);
    memset(t, 0, sizeof(*t));
}

void trace_add(struct trace *t, int64_t wall_us, json_t *event)
{
    json_t **slot = &t->ring[t->next % TRACE_EVENTS];

    json_object_set_new(event, "n", json_integer((json_int_t)t->next++));
    json_object_set_new(event, "at_us", json_integer(wall_us));
    json_decref(*slot);
    *slot = event;
}

void trace_count(struct trace *t, const char *method)
{
    json_t *count = json_object_get(t->methods, method);

    if (count)
        json_integer_set(count, json_integer_value(count) + 1);
    else
        json_object_set_new(t->methods, method, json_integer(1));
}

json_t *trace_list(const struct trace *t, uint64_t since)
{
    json_t *list = json_array();
    uint64_t first = t->next > TRACE_EVENTS ? t->next - TRACE_EVENTS : 1;

    for (uint64_t n = first; n < t->next; n++)
        if (n > since)
            json_array_append(list, t->ring[n % TRACE_EVENTS]);
    return json_pack("{s:o, s:I}", "events", list, "next", (json_int_t)(t->next - 1));
}
