"""tgcalldctl doctor: what is well is said to be, and each fault with what to do about it."""
import json
import os
import subprocess
import tempfile

from ctl import CTL, ctl, ctl_alone, ended
from lib import PATIENCE, check, equal, expect, run


def checks(done):
    return [line.split("\t") for line in done.out.splitlines()]


def faults(done):
    return [row for row in checks(done) if row[1] == "fault"]


def test_a_daemon_that_is_well_has_no_fault(d):
    done = ended(ctl(d, "doctor", "--state-dir", d.state), 0)
    equal(faults(done), [])
    found = {row[0] for row in checks(done) if row[1] == "good"}
    equal(found, {"daemon", "layer", "files", "ready", "account", "clock"})
    answer = json.loads(ended(ctl(d, "doctor", "--state-dir", d.state, "--json"), 0).out)
    equal([c["check"] for c in answer["checks"]], [row[0] for row in checks(done)])


def test_a_file_that_others_can_read_is_a_fault(d):
    path = os.path.join(d.state, "admin.token")
    mode = os.stat(path).st_mode & 0o777
    os.chmod(path, 0o644)
    try:
        equal(faults(ended(ctl(d, "doctor", "--state-dir", d.state), 1)),
              [["files", "fault", path + " has mode 644, so that others on this machine can get at it", "chmod go= '%s'" % path]])
    finally:
        os.chmod(path, mode)


def test_an_account_that_is_not_logged_in_is_a_fault(d):
    expect(d.post("/v1/accounts", {"name": "idle"}), 201)
    done = ended(ctl(d, "doctor", "--state-dir", d.state), 1)
    check(any(row[0] == "account" and row[2].startswith("idle wait_login") and row[3] for row in faults(done)), done)
    expect(d.request("DELETE", "/v1/accounts/idle"), 200)


def test_of_a_sandbox_the_files_of_a_service_say_nothing(d):
    p = subprocess.run(["unshare", "-Urm", "sh", "-c", 'mount -t tmpfs none /var/lib && mkdir /var/lib/tgcalld && exec "$@"', "sh",
                        CTL, "--unix", d.unix, "doctor"], capture_output=True, text=True, timeout=PATIENCE)
    if "unshare" in p.stderr or "mount" in p.stderr:
        return "no namespace for a directory of its own: " + p.stderr.strip()
    check(p.returncode == 0 and "files\t" not in p.stdout and "daemon\tgood" in p.stdout, p)
    return None


def test_without_a_daemon_the_rest_is_looked_at_all_the_same():
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o700)
        config = os.path.join(folder, "tgcalld.conf")
        with open(config, "w") as f:
            f.write("[server]\nnonsense = 1\n")
        env = {"XDG_RUNTIME_DIR": folder, "XDG_STATE_HOME": folder, "RUNTIME_DIRECTORY": "", "STATE_DIRECTORY": ""}
        done = ctl_alone("--unix", folder + "/none", "doctor", "--config", config, "--state-dir", folder, env=env)
        ended(done, 3)
        found = {row[0]: row for row in faults(done)}
        equal(set(found), {"daemon", "configuration"})
        check("nonsense" in found["configuration"][2] and "--check-config" in found["configuration"][3], done)
        check("none" in found["daemon"][2] and "systemctl start" in found["daemon"][3], done)
        with open(config, "w") as f:
            f.write("")
        equal([row[0] for row in faults(ctl_alone("--unix", folder + "/none", "doctor", "--config", config, "--state-dir", folder, env=env))],
              ["daemon"])


if __name__ == "__main__":
    run(globals())
