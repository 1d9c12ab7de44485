#!/usr/bin/env python3
"""A round robin in front of several servers, by TCP connection: each new one goes to the next server that takes it, whatever is spoken.

    balancer.py LISTEN ADDR:PORT…     LISTEN is an address too, port 0 is any free one; prints where it listens

A server that takes no connections is passed over, one that stands still is not: it takes them. What a connection's end was on one
side, it is on the other."""
import asyncio
import contextlib
import socket
import sys
import threading

PIECE = 1 << 16


async def carry(reader, writer):
    try:
        while piece := await reader.read(PIECE):
            writer.write(piece)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
    except OSError:
        # No end of a stream: who waits for the rest is to see that.
        writer.transport.abort()


class Balancer:
    """On a thread of its own. SERVERS() is asked for every connection: what it has then, as (host, port), in an order that stays."""

    def __init__(self, servers, listen="127.0.0.1:0"):
        self.servers, self.turn = servers, 0
        self.clients = set()  # a task that nobody else holds may be collected while it waits
        host, port = listen.rsplit(":", 1)
        self.listener = socket.create_server((host, int(port)), backlog=1024)
        self.host, self.port = self.listener.getsockname()[:2]
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        asyncio.set_event_loop(self.loop)
        self.loop.create_task(self.serve())
        self.loop.run_forever()
        left = asyncio.all_tasks(self.loop)
        for task in left:
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self.loop.close()

    async def serve(self):
        self.server = await asyncio.start_server(self.on_client, sock=self.listener)

    async def next_server(self):
        """A connection to the next one that takes it; None: none does."""
        servers = self.servers()
        self.turn += 1
        for i in range(len(servers)):
            with contextlib.suppress(OSError):
                return await asyncio.open_connection(*servers[(self.turn + i) % len(servers)])
        return None

    async def on_client(self, reader, writer):
        task = asyncio.current_task()
        self.clients.add(task)
        task.add_done_callback(self.clients.discard)
        upstream = await self.next_server()
        if not upstream:
            writer.transport.abort()
            return
        try:
            await asyncio.gather(carry(reader, upstream[1]), carry(upstream[0], writer))
        finally:
            for w in (writer, upstream[1]):
                w.close()

    def close(self):
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.loop.stop)
            self.thread.join()
        self.listener.close()


def main(args):
    if len(args) < 2:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    servers = [(a.rsplit(":", 1)[0], int(a.rsplit(":", 1)[1])) for a in args[1:]]
    b = Balancer(lambda: servers, args[0])
    print("%s:%d" % (b.host, b.port), flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        b.thread.join()


if __name__ == "__main__":
    main(sys.argv[1:])
