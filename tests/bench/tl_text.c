/* TL to JSON text: an Updates with 500 users and 500 chats. usage: tl_text SCHEMA.tl
 * Prints "tl BYTES json BYTES read N write N tree N": sizes, MB/s of TL read and of text written, of TL read to a tree.
 */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/clock.h"
#include "daemon/base/limits.h"
#include "daemon/tl/encode.h"
#include "daemon/tl/text.h"
#include "daemon/tl/tree.h"

enum { MANY = 500 };

static json_t *user(int i)
{
    char name[32], phone[32], id[32];

    snprintf(name, sizeof(name), "Name number %d", i);
    snprintf(phone, sizeof(phone), "1555%07d", i);
    snprintf(id, sizeof(id), "%lld", 5000000000LL + i);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:{s:s, s:i, s:s, s:o}, s:{s:s, s:i}}", "_", "user",
                     "id", id, "access_hash", "-6700480189419895787", "first_name", name, "last_name", "Планёрка",
                     "username", "some_user_name", "phone", phone, "contact", 1, "photo", "_", "userProfilePhoto",
                     "dc_id", 2, "photo_id", "5366182128746793135", "stripped_thumb",
                     json_string("AQgIsBoydxcDwBkU7yM4JzVTrT6UACJpAAFMAJ7A"), "status", "_", "userStatusOffline",
                     "was_online", 1700000000 + i);
}

static json_t *chat(int i)
{
    char title[64], id[32];

    snprintf(title, sizeof(title), "A supergroup with a title, number %d", i);
    snprintf(id, sizeof(id), "%lld", 1500000000LL + i);
    return json_pack("{s:s, s:b, s:b, s:s, s:s, s:s, s:s, s:{s:s}, s:i, s:i, s:{s:s, s:b, s:b, s:b}}", "_", "channel",
                     "megagroup", 1, "has_link", 1, "id", id, "access_hash", "8671175386481439762", "title", title,
                     "username", "some_chat_name", "photo", "_", "chatPhotoEmpty", "date", 1700000000 + i,
                     "participants_count", i, "default_banned_rights", "_", "chatBannedRights", "send_media", 1,
                     "pin_messages", 1, "change_info", 1);
}

static json_t *updates(void)
{
    json_t *users = json_array(), *chats = json_array(), *date = json_integer(2147483647);

    for (int i = 0; i < MANY; i++) {
        json_t *c = chat(i);
        json_object_set(json_object_get(c, "default_banned_rights"), "until_date", date);
        json_array_append_new(users, user(i));
        json_array_append_new(chats, c);
    }
    json_decref(date);
    return json_pack("{s:s, s:[], s:o, s:o, s:i, s:i}", "_", "updates", "updates", "users", users, "chats", chats,
                     "date", 1700000000, "seq", 1);
}

static int to_text(const struct tl_schema *s, const struct buf *tl, struct buf *text)
{
    buf_reset(text);
    return tl_text_object(s, tl->data, tl->len, text, NULL, NULL);
}

static int to_tree(const struct tl_schema *s, const struct buf *tl, struct buf *text)
{
    json_t *tree;
    int err = tl_tree_object(s, tl->data, tl->len, &tree, NULL, NULL);

    if (!err)
        json_decref(tree);
    return err;
}

typedef int conversion(const struct tl_schema *s, const struct buf *tl, struct buf *text);

/* Microseconds a run. */
static double measure(conversion *run, const struct tl_schema *s, const struct buf *tl, struct buf *text)
{
    int64_t begin = clock_mono_us(&clock_system), now = begin;
    int runs = 0;

    while (now - begin < 2 * SECOND_US) {
        if (run(s, tl, text) != 0)
            exit(1);
        runs++;
        now = clock_mono_us(&clock_system);
    }
    return (double)(now - begin) / runs;
}

int main(int argc, char **argv)
{
    struct tl_schema *s;
    struct fault fault = {0};
    struct buf tl, text;

    buf_init(&tl, LIMIT_PACKET);
    buf_init(&text, LIMIT_JSON_TEXT);
    json_t *json = updates();
    if (argc != 2 || tl_schema_read(argv[1], &s, &fault) != 0 ||
        tl_encode_object(s, json, TL_ENCODE_STRICT, &tl, &fault) != 0) {
        fprintf(stderr, "%s %s\n", fault.path, fault.text);
        return 1;
    }
    json_decref(json);
    double text_us = measure(to_text, s, &tl, &text), tree_us = measure(to_tree, s, &tl, &text);
    printf("tl %zu json %zu read %.0f write %.0f tree %.0f\n", tl.len, text.len, (double)tl.len / text_us,
           (double)text.len / text_us, (double)tl.len / tree_us);
    tl_schema_free(s);
    buf_fini(&tl);
    buf_fini(&text);
    return 0;
}
