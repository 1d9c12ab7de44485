/* Room for who comes. libmicrohttpd hears of nobody while as many connections are open as it may have, or from when
 * there was no descriptor for one until the next of its own is closed. So a door has one place free: where it is full
 * the connection that patience.h names is closed, at once or as soon as there is one. And where descriptors are at
 * their end libmicrohttpd is told that nobody waits: a connection of any loop is closed instead, and after a moment it
 * looks again. It accepts by accept4(), a name that the dynamic linker binds to this program's function, as with recv()
 * (gate.h). On the front's thread. */
#ifndef TGCALLD_API_ROOM_H
#define TGCALLD_API_ROOM_H

#include <stdbool.h>
#include <stdint.h>

struct door;
struct front;

/* Runs libmicrohttpd once. True: a connection is about to be closed for the next newcomer. */
bool room_run(struct door *d);

/* Once a turn: hears what other loops ask for, and listens again. When to be called again; INT64_MAX: no need. */
int64_t room_turn(struct front *f, int64_t now);

/* The front's host is not there any more. */
void room_leave(struct front *f);

#endif
