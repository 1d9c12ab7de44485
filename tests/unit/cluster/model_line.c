#include "tests/unit/cluster/model.h"

#include <stdlib.h>

static bool is_before(const struct model_event *a, const struct model_event *b)
{
    return a->at_us != b->at_us ? a->at_us < b->at_us : a->seq < b->seq;
}

void model_line_put(struct model_line *line, struct model_event e)
{
    size_t i = line->n++;

    if (line->n > line->cap) {
        line->cap = line->cap ? 2 * line->cap : 64;
        line->heap = realloc(line->heap, line->cap * sizeof(*line->heap));
    }
    e.seq = ++line->seq;
    for (; i && is_before(&e, &line->heap[(i - 1) / 2]); i = (i - 1) / 2)
        line->heap[i] = line->heap[(i - 1) / 2];
    line->heap[i] = e;
}

struct model_event model_line_take(struct model_line *line)
{
    struct model_event first = line->heap[0], last = line->heap[--line->n];
    size_t i = 0;

    for (size_t k; (k = 2 * i + 1) < line->n; i = k) {
        k += k + 1 < line->n && is_before(&line->heap[k + 1], &line->heap[k]);
        if (!is_before(&line->heap[k], &last))
            break;
        line->heap[i] = line->heap[k];
    }
    line->heap[i] = last;
    return first;
}
