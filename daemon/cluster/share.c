#include "daemon/cluster/share.h"

#include <string.h>

static bool is_newest_of_name(const struct share_node *nodes, size_t n, size_t i)
{
    for (size_t k = i + 1; k < n; k++)
        if (nodes[k].is_candidate && strcmp(nodes[k].name, nodes[i].name) == 0)
            return false;
    return true;
}

/* Whether A comes before B where some get one more than EVEN: who has it already keeps it. By how much, or who is
 * nearer to it, must not count: that changes while accounts are on their way, and with it who has to give. */
static bool comes_before(const struct share_node *a, const struct share_node *b, size_t even)
{
    bool a_has = a->held > even, b_has = b->held > even;

    return a_has != b_has ? a_has : a->id < b->id;
}

static size_t rank_of(const struct share_node *nodes, size_t n, size_t i, size_t even)
{
    size_t rank = 0;

    for (size_t k = 0; k < n; k++)
        rank += nodes[k].is_member && comes_before(&nodes[k], &nodes[i], even);
    return rank;
}

void share_out(struct share_node *nodes, size_t n, size_t accounts)
{
    size_t members = 0;

    for (size_t i = 0; i < n; i++) {
        nodes[i].is_member = nodes[i].is_candidate && is_newest_of_name(nodes, n, i);
        nodes[i].target = 0;
        members += nodes[i].is_member;
    }
    for (size_t i = 0; i < n; i++) {
        if (!nodes[i].is_member)
            continue;
        size_t even = accounts / members;
        nodes[i].target = (uint32_t)(even + (rank_of(nodes, n, i, even) < accounts % members));
    }
}

static size_t room_of(const struct share_node *node)
{
    return node->target > node->held ? node->target - node->held : 0;
}

void share_free(const struct share_node *nodes, size_t n, size_t me, size_t *ret_first, size_t *ret_n)
{
    *ret_first = 0;
    for (size_t i = 0; i < me && i < n; i++)
        *ret_first += room_of(&nodes[i]);
    *ret_n = me < n ? room_of(&nodes[me]) : 0;
}
