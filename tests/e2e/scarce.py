"""Where the machine gives too little: descriptors and threads. The program serves, or says in one line what it lacks and
ends with 1; it never ends by a signal."""
import http.client
import json
import os
import re
import resource
import select
import shutil
import socket
import subprocess
import tempfile

from lib import PATIENCE, TGCALLD, check, equal, run, start

# Somebody with no other process: the kernel counts threads by user, and never root's.
NOBODY = 54321
# Whose files are in there may pass through.
os.chmod(tempfile.tempdir, 0o711)


def limited(what, limit, hard=None, user=None):
    def apply():
        resource.setrlimit(what, (limit, hard or limit))
        if user:
            os.setgroups([])
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)
    return apply


def outcome(args, before, then=None):
    """None where the program says that it is ready (THEN it is used, and stops cleanly), else its exit status and words."""
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o777)
    state, notify = os.path.join(folder, "state"), os.path.join(folder, "notify")
    told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    told.bind(notify)
    os.chmod(notify, 0o666)
    more = [] if args[0] == "sandbox" else ["--state-dir", state]
    p = start(*args, "--listen", "127.0.0.1:0", *more, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
              preexec_fn=before, env={**os.environ, "NOTIFY_SOCKET": notify})
    said, ready = b"", False
    try:
        while not ready:
            some = select.select([p.stdout, told], [], [], PATIENCE)[0]
            check(some, "neither ready nor ended: %r" % said)
            if p.stdout in some:
                read = os.read(p.stdout.fileno(), 65536)
                said += read
                if not read:
                    return p.wait(PATIENCE), said.decode()
            ready = b'"ready"' in said or (told in some and b"READY=1" in told.recv(4096))
        if then:
            with open(os.path.join(state, "listen")) as f, open(os.path.join(state, "admin.token")) as g:
                then(f.readline().strip().removeprefix("http://"), g.read().strip())
        p.terminate()
        equal(p.wait(PATIENCE), 0)
        return None
    finally:
        p.kill()
        p.wait()
        p.stdout.close()
        told.close()
        shutil.rmtree(folder, ignore_errors=True)


def told_in_one_line(said, pattern):
    lines = [line for line in said.splitlines() if re.search(r" error |^tgcalld: ", line)]
    return len(lines) == 1 and re.search(pattern, lines[0])


def log_in_with_a_password(address, token):
    def post(path, body):
        connection = http.client.HTTPConnection(address, timeout=PATIENCE)
        connection.request("POST", path, json.dumps(body),
                           {"Authorization": "Bearer " + token, "Content-Type": "application/json"})
        answer = connection.getresponse()
        raw = answer.read()
        check(answer.status in (200, 201), raw)
        return json.loads(raw)

    post("/v1/accounts", {"name": "bob"})
    post("/v1/accounts/bob/login", {"phone": "+15550002"})
    post("/v1/accounts/bob/login/code", {"code": "12345"})
    equal(post("/v1/accounts/bob/login/password", {"password": "correct horse"})["state"], "ready")


def test_with_too_few_descriptors_it_says_so_and_ends_with_1():
    for args in (["--sandbox"], ["sandbox"]):
        served = False
        for limit in (3, 4, 5, 6, 7, 9, 12, 14, 17, 20, 24, 30, 40, 52, 64, 80):
            ended = outcome(args, limited(resource.RLIMIT_NOFILE, limit))
            if ended is None:
                served = True
                continue
            status, said = ended
            check(not served, "%d descriptors are too few where fewer were enough: %s" % (limit, said))
            # With 3 the dynamic linker opens no library: that is its own status.
            if limit == 3 and status == 127:
                continue
            check(status == 1 and told_in_one_line(said, "descriptors"),
                  "%s with %d: %d\n%s" % (args, limit, status, said))
        check(served, args)


def test_too_few_descriptors_for_the_configuration_are_1_and_not_2():
    path = os.path.join(tempfile.mkdtemp(), "tgcalld.conf")
    with open(path, "w") as f:
        f.write("[server]\nworkers = 16\n[telegram]\nenvironment = test\n")
    for limit in (4, 14, 80):
        status, said = outcome(["--config", path], limited(resource.RLIMIT_NOFILE, limit))
        check(status == 1 and told_in_one_line(said, "descriptors"), "%d: %d\n%s" % (limit, status, said))
    equal(outcome(["--config", path], limited(resource.RLIMIT_NOFILE, 256)), None)


def test_a_soft_limit_is_raised_to_what_is_needed():
    equal(outcome(["--sandbox"], limited(resource.RLIMIT_NOFILE, 8, hard=512)), None)
    equal(outcome(["sandbox"], limited(resource.RLIMIT_NOFILE, 8, hard=512)), None)


def test_with_too_few_threads_it_says_so_and_ends_with_1_and_else_no_work_lacks_one():
    if os.geteuid() != 0:
        return "needs root to be another user"
    with open(TGCALLD, "rb") as f:
        if re.search(rb"__[at]san_init", f.read()):
            return "a sanitizer wants threads of its own"
    try:
        reached = subprocess.run([TGCALLD, "--check-config", "--sandbox"], user=NOBODY, capture_output=True, text=True)
    except PermissionError:
        return "another user cannot run %s" % TGCALLD
    if "schema" in reached.stderr:
        return "another user cannot read the sources"
    for args, then in ((["--sandbox"], log_in_with_a_password), (["sandbox"], None)):
        for limit in range(1, 32):
            ended = outcome(args, limited(resource.RLIMIT_NPROC, limit, user=NOBODY), then)
            if ended is None:
                break
            status, said = ended
            check(status == 1 and told_in_one_line(said, "thread"), "%s with %d: %d\n%s" % (args, limit, status, said))
        check(ended is None and limit > 1, "%d threads" % limit)


run(globals())
