#include "daemon/ctl/calls.h"

#include <string.h>

#include "daemon/ctl/pick.h"

enum { ID_SIZE = 32 };

/* By marked id, so that a long list is not searched for each. */
static void index_names(json_t *names, const json_t *objects)
{
    char id[ID_SIZE], name[PICK_SIZE];
    const json_t *object;
    size_t i;

    json_array_foreach (objects, i, object) {
        pick_text(object, "first_name last_name|title|username", PICK_PLAIN, false, name);
        if (name[0] && pick_marked_id(object, id, sizeof(id)))
            (void)!json_object_set_new(names, id, json_string(name));
    }
}

static void name_rows(const json_t *answer, const char *list, const char *member)
{
    json_t *names = json_object(), *row;
    char id[ID_SIZE];
    size_t i;

    index_names(names, json_object_get(answer, "users"));
    index_names(names, json_object_get(answer, "chats"));
    json_array_foreach (json_object_get(answer, list), i, row) {
        const json_t *peer = member ? json_object_get(row, member) : row;
        json_t *name = pick_marked_id(peer, id, sizeof(id)) ? json_object_get(names, id) : NULL;
        if (name)
            (void)!json_object_set(row, "name", name);
    }
    json_decref(names);
}

void call_name_participants(json_t *answer)
{
    name_rows(answer, "participants", "peer");
}

void call_name_peers(json_t *answer)
{
    name_rows(answer, "peers", NULL);
}
