#include "daemon/tg/account/flood.h"

#include "daemon/base/clock.h"

static struct flood *find(struct floods *f, const struct tl_comb *method, int64_t now_us)
{
    for (size_t i = 0; i < f->n;) {
        if (f->list[i].until_us <= now_us)
            f->list[i] = f->list[--f->n];
        else if (f->list[i].method == method)
            return &f->list[i];
        else
            i++;
    }
    return NULL;
}

int64_t floods_until(struct floods *f, const struct tl_comb *method, int64_t now_us)
{
    const struct flood *flood = find(f, method, now_us);

    return flood ? flood->until_us : 0;
}

void floods_put(struct floods *f, const struct tl_comb *method, int64_t until_us, int64_t now_us)
{
    struct flood *flood = find(f, method, now_us);

    if (!flood && f->n < FLOODS_MAX) {
        flood = &f->list[f->n++];
        flood->method = method;
    }
    if (flood)
        flood->until_us = until_us;
}

json_t *floods_json(struct floods *f, int64_t now_us, int64_t wall_us)
{
    json_t *list = json_array();

    find(f, NULL, now_us);
    for (size_t i = 0; i < f->n; i++) {
        int64_t until = (wall_us + f->list[i].until_us - now_us + SECOND_US - 1) / SECOND_US;
        json_array_append_new(list,
                              json_pack("{s:s, s:I}", "method", f->list[i].method->name, "until", (json_int_t)until));
    }
    return list;
}
