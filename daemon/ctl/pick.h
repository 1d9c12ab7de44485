/* A field out of JSON, as text. */
#ifndef TGCALLD_CTL_PICK_H
#define TGCALLD_CTL_PICK_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

/* The longest field before a person, its NUL included. */
enum { PICK_SIZE = 2048 };

enum pick_form {
    PICK_PLAIN,
    PICK_TIME, /* Unix seconds; for people the local date */
    PICK_PEER, /* a Peer, User or Chat object as a marked id (-100… is a channel) */
};

/* The member of JSON at PATH: "user.id" by names; "title|name" the first that is not empty; "first_name last_name"
 * those that are there with a blank between. Of an array each item's, with commas between. A number, yes or no for
 * truth; "" for what is missing or has no text. Cut at PICK_SIZE, which keeps UTF-8 whole. */
void pick_text(const json_t *json, const char *path, enum pick_form form, bool for_people, char out[static PICK_SIZE]);
/* The same for programs, whole; the caller gives it to wiped_free(). NULL: no memory. */
char *pick_whole(const json_t *json, const char *path, enum pick_form form);

/* A Peer, User or Chat object as a marked id; false where it is none. */
bool pick_marked_id(const json_t *peer, char *out, size_t size);

#endif
