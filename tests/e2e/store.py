"""What a daemon keeps, seen by somebody else: the file in its state directory, or, with TGCALLD_TEST_STORE=postgresql in the
environment, a database that belongs to the directory, in a server of the test's own."""
import contextlib
import ctypes
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading

NODES = int(os.environ.get("TGCALLD_TEST_NODES", "1"))  # several.py
POSTGRESQL = os.environ.get("TGCALLD_TEST_STORE") == "postgresql" or NODES > 1
IS_A_FILE = "the store is no file here"
OWN_SANDBOX = "of --sandbox, which several nodes cannot share"
ONE_PROCESS = "of one process's own sockets, memory or files, and there are several nodes here"
SERVER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support", "postgres.py")
BOOL, BYTES, INTEGERS = 16, 17, (20, 21, 23, 1700)

urls = {}
making = threading.Lock()


def needs_a_file():
    """Of a program of which no test is about a server."""
    if POSTGRESQL:
        print("1..0 # SKIP " + IS_A_FILE)
        sys.exit(0)


def needs_one_process():
    """Of a program of which no test is about what several nodes do."""
    if NODES > 1:
        print("1..0 # SKIP " + ONE_PROCESS)
        sys.exit(0)


def needs_a_durable_server():
    """Of a program that asks what the server is like: the tests' own forgets, to be fast."""
    os.environ["TGCALLD_POSTGRESQL"] = "durable"


def server_folder():
    """Not in the tests' own folder: the server is another user's where root tests."""
    return tempfile.gettempdir() + ".pg"


def server(*words):
    """A command of tests/support/postgres.py."""
    done = subprocess.run([sys.executable, SERVER, words[0], server_folder(), *words[1:]], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise AssertionError("the server does not %s" % " ".join(words))
    return done.stdout.strip()


def url(state):
    """The database that belongs to the state directory; None: a file in it is the store."""
    if not POSTGRESQL:
        return None
    state = os.path.realpath(state)
    with making:
        if not urls:
            server("start", str(os.getpid()))
        if state not in urls:
            urls[state] = server("create", "s" + hashlib.sha256(state.encode()).hexdigest()[:16])
        return urls[state]


class Database:
    """A connection of libpq's, which the daemon has too."""

    def __init__(self, at):
        self.pq = ctypes.CDLL("libpq.so.5")
        for name, kind in (("PQconnectdb", ctypes.c_void_p), ("PQexecParams", ctypes.c_void_p), ("PQerrorMessage", ctypes.c_char_p),
                           ("PQgetvalue", ctypes.POINTER(ctypes.c_char)), ("PQftype", ctypes.c_uint)):
            getattr(self.pq, name).restype = kind
        self.c = ctypes.c_void_p(self.pq.PQconnectdb(at.encode()))
        self.must(self.pq.PQstatus(self.c) == 0)

    def must(self, holds):
        if not holds:
            raise AssertionError(self.pq.PQerrorMessage(self.c).decode())

    def close(self):
        self.pq.PQfinish(self.c)

    def run(self, sql, values=()):
        """Question marks in SQL are the values: bytes, texts and numbers. The rows, as sqlite3 has them."""
        for n in range(len(values)):
            sql = sql.replace("?", "$%d" % (n + 1), 1)
        sent = [v if isinstance(v, bytes) else str(v).encode() for v in values]
        n = len(sent)
        binary = [isinstance(v, bytes) for v in values]
        r = ctypes.c_void_p(self.pq.PQexecParams(
            self.c, sql.encode(), n, (ctypes.c_uint * n)(*[BYTES * b for b in binary]), (ctypes.c_char_p * n)(*sent),
            (ctypes.c_int * n)(*map(len, sent)), (ctypes.c_int * n)(*binary), 0))
        self.must(self.pq.PQresultStatus(r) in (1, 2))
        rows = [tuple(self.value(r, row, i) for i in range(self.pq.PQnfields(r))) for row in range(self.pq.PQntuples(r))]
        self.pq.PQclear(r)
        return rows

    def value(self, r, row, i):
        if self.pq.PQgetisnull(r, row, i):
            return None
        kind, text = self.pq.PQftype(r, i), self.pq.PQgetvalue(r, row, i)[:self.pq.PQgetlength(r, row, i)]
        if kind in INTEGERS:
            return int(text)
        if kind == BYTES:
            return bytes.fromhex(text[2:].decode())
        return text == b"t" if kind == BOOL else text.decode()


def change(state, sql, *values):
    """Runs SQL in the store of a daemon that has ended, and gives its rows."""
    if POSTGRESQL:
        with contextlib.closing(Database(url(state))) as db:
            return db.run(sql, values)
    with contextlib.closing(sqlite3.connect(os.path.join(state, "store.db"))) as db:
        rows = db.execute(sql, values).fetchall()
        db.commit()
    return rows


def look(state, sql, *values):
    """Of one that may be running. None: what was seen was of the midst of a write, as a daemon has its file to itself and a
    copy is read."""
    if POSTGRESQL:
        return change(state, sql, *values)
    with tempfile.TemporaryDirectory() as copy:
        for name in ("store.db", "store.db-wal"):
            with contextlib.suppress(FileNotFoundError):
                shutil.copy(os.path.join(state, name), copy)
        try:
            return change(copy, sql, *values)
        except sqlite3.DatabaseError:
            return None


def stored(state):
    """All bytes that it has."""
    data = b""
    if POSTGRESQL:
        with contextlib.closing(Database(url(state))) as db:
            for table, in db.run("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
                for row in db.run("SELECT * FROM \"%s\"" % table):
                    data += b"".join(v if isinstance(v, bytes) else str(v).encode() for v in row)
        return data
    for name in ("store.db", "store.db-wal"):
        with contextlib.suppress(FileNotFoundError), open(os.path.join(state, name), "rb") as f:
            data += f.read()
    return data


def is_sound(state):
    """Of PostgreSQL that is PostgreSQL's own business."""
    if not POSTGRESQL:
        file_is_sound(os.path.join(state, "store.db"))


def file_is_sound(path):
    with contextlib.closing(sqlite3.connect(path)) as db:
        said = db.execute("PRAGMA integrity_check").fetchall()
        if said != [("ok",)]:
            raise AssertionError("%s: %r" % (path, said))
