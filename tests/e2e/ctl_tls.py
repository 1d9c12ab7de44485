"""tgcalldctl by https://: the authorities that it believes, the certificate that it shows, and what it says of them."""
import subprocess

from ctl import CTL, ctl_alone, ended
from lib import PATIENCE, check, equal, run
from secure import Authority, Secure, openssl

servers, clients = Authority("servers"), Authority("clients")
CLIENTS = "tls_client_ca = %s\n[client billing]\nsubject = CN=billing\nscopes = read\n" % clients.certificate


def url(d, host="127.0.0.1"):
    return "https://%s:%d" % (host, d.tls_port)


def token(d):
    return "--token-file", d.state + "/admin.token"


def test_the_daemons_authority_is_named_and_the_token_counts():
    with Secure(servers) as d:
        ended(ctl_alone("--url", url(d), *token(d), "--cacert", servers.certificate, "accounts"), 0)
        ended(ctl_alone("--url", url(d, "localhost"), *token(d), "accounts", "--cacert", servers.certificate), 0)
        # The certificate itself will do, and what follows events is asked the same way.
        out = ended(ctl_alone("--url", url(d), *token(d), "--cacert", servers.certificate, "tokens"), 0).out
        check(out, "no token")


def test_what_is_not_believed_is_said_with_what_to_do():
    with Secure(servers) as d:
        ended(ctl_alone("--url", url(d), *token(d), "accounts"), 3, "no authority that is known here", "--cacert")
        ended(ctl_alone("--url", url(d), *token(d), "--cacert", clients.certificate, "accounts"), 3,
              "is of no authority in %s (--cacert)" % clients.certificate)
        ended(ctl_alone("--url", url(d), *token(d), "--cacert", d.pair[1], "accounts"), 3, "--cacert: no certificate in PEM can be used of " + d.pair[1])
    with Secure(servers, pair=servers.make("/CN=localhost", days=0)) as d:
        ended(ctl_alone("--url", url(d), *token(d), "--cacert", servers.certificate, "accounts"), 3, "does not hold", "expired")


def test_a_certificate_stands_in_for_a_token():
    certificate, key = clients.make("/CN=billing")
    both = clients.path("both.pem")
    with open(both, "w") as to:
        for name in (certificate, key):
            with open(name) as f:
                to.write(f.read())
    with Secure(servers, more=CLIENTS) as d:
        there = "--url", url(d), "--cacert", servers.certificate
        ended(ctl_alone(*there, "--cert", certificate, "--key", key, "accounts"), 0)
        ended(ctl_alone(*there, "--cert", both, "accounts"), 0)
        ended(ctl_alone(*there, "--cert", both, "tokens"), 1, "lacks the scope admin", "[client billing]")
        ended(ctl_alone(*there, "--cert", both, *token(d), "tokens"), 0)
        nobody = clients.make("/CN=nobody")
        ended(ctl_alone(*there, "--cert", nobody[0], "--key", nobody[1], "accounts"), 1, "[client NAME]", "CN=nobody")


def test_who_is_refused_hears_of_the_option():
    other = Authority("clients").make("/CN=billing")
    with Secure(servers, more=CLIENTS) as d:
        there = "--url", url(d), "--cacert", servers.certificate
        ended(ctl_alone(*there, *token(d), "accounts"), 3, "--cert")
        ended(ctl_alone(*there, "--cert", other[0], "--key", other[1], "accounts"), 3)


def test_files_that_cannot_be_used_are_named():
    certificate, key = clients.make("/CN=billing")
    locked = key + ".locked"
    openssl("pkey", "-in", key, "-aes256", "-passout", "pass:x", "-out", locked)
    there = "--url", "https://127.0.0.1:1"
    for option, more in (("--cacert", ("--cert", certificate)), ("--cert", ()), ("--key", ("--cert", certificate))):
        ended(ctl_alone(*there, *more, option, "/nowhere/x.pem", "accounts"), 2, option + ": /nowhere/x.pem: No such file")
    with Secure(servers, more=CLIENTS) as d:
        there = "--url", url(d), "--cacert", servers.certificate
        for pair in ((certificate, locked), (key, key), (certificate, servers.key)):
            # Nobody is asked for a passphrase.
            done = subprocess.run([CTL, *there, "--cert", pair[0], "--key", pair[1], "accounts"], capture_output=True,
                                  text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL, start_new_session=True)
            equal((done.returncode, "--cert, --key: " in done.stderr), (3, True))


def test_options_that_do_not_go_together_are_refused():
    certificate, key = clients.make("/CN=billing")
    for args, says in ((("--cacert", certificate), "for --url https://"), (("--unix", "/x", "--cert", certificate), "for --url https://"),
                       (("--url", "http://127.0.0.1:1", "--cert", certificate), "for --url https://"),
                       (("--url", "https://127.0.0.1:1", "--key", key), "--cert"), (("--url", "https://127.0.0.1:1"), "--token-file"),
                       (("--url", "https://127.0.0.1:1", "--cert", certificate, "--cert", certificate), "given twice")):
        ended(ctl_alone(*args, "accounts"), 2, says)


run(globals())
