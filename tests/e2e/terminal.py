"""tgcalldctl before a person, in a terminal: what shows and what does not, the QR code, and what Ctrl-C leaves."""
import base64
import os
import signal

import screen
import store
from secrecy import can_look, found_in_memory
from lib import BUILD, PATIENCE, check, equal, expect, run, wait_for
from remote import Remote, login_of_another

CTL = os.path.join(BUILD, "tgcalldctl")


def login(d, s, name, *args):
    s.run(CTL, "--unix", d.unix, "login", name, *args)


def forget(d, name):
    expect(d.request("DELETE", "/v1/accounts/" + name), 200)


def state(d, name):
    return expect(d.get("/v1/accounts/" + name), 200).json["state"]


def link(d, name):
    return expect(d.get("/v1/accounts/%s/login/qr" % name), 200).json["qr"]["url"]


def accept(d, url, by="sandbox"):
    token = base64.b64encode(base64.urlsafe_b64decode(url.removeprefix("tg://login?token=") + "==")).decode()
    return expect(d.method("auth.acceptLoginToken", "?account=" + by, token=token), 200)


def hidden(s, prompt):
    """At the prompt, with the terminal silent."""
    s.wait(prompt)
    wait_for("silence", lambda: not s.echoes())


def test_a_person_is_asked_step_by_step_and_secrets_do_not_show(d):
    if screen.missing():
        return screen.missing()
    with screen.Screen() as s:
        login(d, s, "bob")
        s.wait("Phone number in international form")
        check(s.echoes(), "the number is to show")
        s.type("12")
        s.wait("not valid", "/phone", "Phone number in international form")
        s.type("+15550002")
        s.wait("a message from Telegram in its app", "'resend' has it sent by SMS, from ", "'cancel' gives the login up.", "Code")
        hidden(s, "Code (hidden): ")
        s.type("54321")
        s.wait("Telegram refused the request", "PHONE_CODE_INVALID", "Code (hidden): ")
        check("in its app" in s.text() and s.text().count("in its app") == 1, "said twice:\n" + s.text())
        s.type("resend")
        s.wait("Telegram asks to wait", "Code (hidden): ")
        s.type("12345")
        hidden(s, "Password of two-step verification")
        s.type("battery")
        s.wait("PASSWORD_HASH_INVALID", "Password of two-step verification")
        hidden(s, "Password of two-step verification")
        s.type("correct horse")
        text = s.ended(0)
        check("bob is logged in as Bob (@bobby, id 1002)." in text, text)
        for secret in ("54321", "12345", "correct horse", "): battery"):
            check(secret not in text, "%r shows:\n%s" % (secret, text))
        check(s.echoes(), "the terminal is silent at the end")
    forget(d, "bob")


def test_ctrl_c_at_a_password_leaves_the_terminal_as_it_was(d):
    if screen.missing():
        return screen.missing()
    with screen.Screen() as s:
        login(d, s, "bob", "--phone", "+15550002")
        for prompt, answer in (("Code (hidden): ", "12345"), ("Password of two-step verification", None)):
            hidden(s, prompt)
            if answer:
                s.type(answer)
        s.type("correct", enter=False)
        s.press("C-c")
        s.wait("$ ")
        wait_for("the echo", s.echoes)
        equal(state(d, "bob"), "wait_password")
        # Ctrl-Z: the shell has its echo, and the program is silent again when it goes on.
        login(d, s, "bob")
        hidden(s, "Password of two-step verification")
        s.press("C-z")
        s.wait("Stopped")
        wait_for("the echo", s.echoes)
        s.type("fg")
        wait_for("silence", lambda: not s.echoes())
        s.type("correct horse")
        text = s.wait("logged in as Bob")
        check("correct" not in text, text)
        # A kill that can be caught, too.
        forget(d, "bob")
        login(d, s, "bob", "--phone", "+15550002")
        hidden(s, "Code (hidden): ")
        os.kill(s.child(), 15)
        s.wait("Terminated")
        wait_for("the echo", s.echoes)
        # The end of the input: what is to be done next is said.
        login(d, s, "bob")
        hidden(s, "Code (hidden): ")
        s.press("C-d")
        s.wait("no code on stdin", "'tgcalldctl login bob' goes on with the login", "status=1")
        check(s.echoes(), "silent after the end of the input")
    forget(d, "bob")


def test_a_stop_that_cannot_be_caught_leaves_the_echo_on_too(d):
    if screen.missing():
        return screen.missing()
    with screen.Screen() as s:
        # Unlike bash it leaves the terminal as a stopped program had it.
        s.type("exec env PS1='$ ' dash -i")
        login(d, s, "new", "--phone", "+15551665")
        hidden(s, "Code (hidden): ")
        os.kill(s.child(), signal.SIGSTOP)
        s.wait("Stopped")
        # In the background it can neither read nor set the terminal back; the shell tells of its stop at the next prompt.
        s.type("bg")
        wait_for("its stop", lambda: s.press("Enter") or s.text().count("Stopped") > 1)
        s.type("fg")
        # dash names what it stopped, sends to the background, and fetches from it.
        s.wait(*["login new"] * 4)
        wait_for("silence", lambda: not s.echoes())
        s.type("12345")
        s.wait("First name: ")
        check(s.echoes(), "the name is to show")
        s.type("Dora")
        s.wait("Last name (may be empty): ")
        s.type("")
        check("12345" not in s.wait("logged in as Dora"), s.text())
    forget(d, "new")


def test_what_was_typed_is_not_in_memory_once_it_was_sent(d):
    if screen.missing() or not can_look():
        return screen.missing() or "needs root, and a build without a sanitizer"
    secret = "Tr0ub4dor & 3 xkcd"
    with screen.Screen() as s:
        login(d, s, "bob", "--phone", "+15550002")
        hidden(s, "Code (hidden): ")
        s.type("12345")
        hidden(s, "Password of two-step verification")
        s.type(secret)
        s.wait("PASSWORD_HASH_INVALID")
        hidden(s, "Password of two-step verification")
        check(found_in_memory(s.child(), ["/v1/accounts/bob"]), "not even what is there is found")
        equal(found_in_memory(s.child(), [secret]), [])
        s.press("C-c")
        s.wait("$ ")
    forget(d, "bob")


def test_a_login_is_given_up_by_a_word_and_signing_up_shows_the_terms(d):
    if screen.missing():
        return screen.missing()
    with screen.Screen() as s:
        login(d, s, "new", "--phone", "+15551666")
        hidden(s, "Code (hidden): ")
        s.type("cancel")
        s.wait("The login was given up.", "status=1")
        equal(state(d, "new"), "wait_login")
        login(d, s, "new", "--phone", "+15551666")
        hidden(s, "Code (hidden): ")
        s.type("12345")
        s.wait("it signs up", "terms of service", "First name: ")
        s.type("Dora")
        s.wait("Last name (may be empty): ")
        s.type("")
        check("new is logged in as Dora (id " in s.ended(0), s.text())
    forget(d, "new")


def test_the_qr_code_is_drawn_renewed_in_its_place_and_scanned(d):
    if screen.missing():
        return screen.missing()
    with screen.Screen(80, 30) as s:
        login(d, s, "scanned", "--qr")
        s.wait("Scan it with an app of Telegram", "'cancel' and Enter gives the login up.")
        first = link(d, "scanned")
        check(screen.scan(s.photograph()) in ("", first), "another code is drawn")
        s.type("what?")
        renewed = wait_for("the next code", lambda: (lambda u: u != first and u)(link(d, "scanned")), max(PATIENCE, 60))
        wait_for("it on the screen", lambda: screen.scan(s.photograph()) in ("", renewed))
        text = s.text()
        equal((text.count("Scan it with"), "what?" in text), (1, False))
        accept(d, renewed)
        check("scanned is logged in as Alice (@alice, id 1001)." in s.ended(0), s.text())
        check(s.echoes(), "silent")
        forget(d, "scanned")
        login(d, s, "scanned", "--qr")
        s.wait("gives the login up.")
        s.type("cancel")
        s.wait("The login was given up.", "status=1")
        login(d, s, "scanned", "--qr")
        s.wait("gives the login up.")
        s.press("C-c")
        s.wait("$ ")
        equal((s.echoes(), state(d, "scanned")), (True, "wait_qr"))
    forget(d, "scanned")


def test_the_qr_code_is_drawn_in_ascii_where_there_is_no_utf_8(d):
    if screen.missing():
        return screen.missing()
    with screen.Screen(100, 60, LC_ALL="C") as s:
        login(d, s, "plain", "--qr")
        s.wait("gives the login up.")
        check(not set(s.text()) & set("▀▄█"), "half blocks in a locale of ASCII")
        check(screen.scan(s.photograph(2)) in ("", link(d, "plain")), "another code is drawn")
        s.type("cancel")
        s.ended(1)
    forget(d, "plain")


def test_a_terminal_that_cannot_show_the_code_gets_its_link(d):
    if screen.missing():
        return screen.missing()
    with screen.Screen(30, 24) as s:
        login(d, s, "narrow", "--qr")
        s.wait("Show this as a QR code")
        check(link(d, "narrow") in s.text().replace("\n", ""), s.text())
        s.type("cancel")
        s.ended(1)
    forget(d, "narrow")


def test_a_session_string_is_asked_for_and_does_not_show():
    if screen.missing():
        return screen.missing()
    with Remote() as r, screen.Screen(100, 30) as s:
        text = login_of_another(r)
        s.run(CTL, "--unix", r.daemon.unix, "import", "copy")
        s.wait("Format (telethon, pyrogram, gramjs or mtcute): ")
        s.type("telethon")
        hidden(s, "Session string: ")
        s.type(text)
        seen = s.ended(0)
        check("copy is logged in as Alice" in seen and "must not be used elsewhere" in seen and text[20:60] not in seen, seen)
        check(s.echoes(), "silent")
        s.run(CTL, "--unix", r.daemon.unix, "accounts")
        s.wait("copy ", "ready ", "1001 ", "alice ", "Alice", "status=0")


def test_each_list_and_record_before_a_person(d):
    if screen.missing():
        return screen.missing()
    call = expect(d.create("@sandbox_channel", account="sandbox", if_exists="replace", title="Seen", rtmp_stream=True), 201).json["call"]["id"]
    expect(d.post("/v1/calls/%s/join?account=sandbox" % call, {"params": {"ssrc": 5}}), 200)
    job = d.post("/v1/calls", {"peer": "@sandbox_group", "account": "sandbox"}, headers={"Prefer": "respond-async"}).json["id"]
    wait_for("the job's end", lambda: d.get("/v1/jobs/" + job).json["state"] == "done")
    # What is asked, and the words that are to be seen in this order.
    asked = ((["accounts"], ["NAME", "STATE", "sandbox ", "ready"]), (["accounts", "show", "sandbox"], ["NAME", "STATE", "USERNAME", "alice"]),
             (["call", "show", call, "--account", "sandbox"], ["ID", "STATE", "TITLE", "Seen", "IN IT", "1"]),
             (["call", "participants", call, "--account", "sandbox"], ["ID", "NAME", "1001", "Alice"]),
             (["call", "link", call, "--account", "sandbox"], ["LINK", "https://t.me/"]),
             (["call", "join-as", "@sandbox_channel"], ["ID", "NAME", "1001", "Alice"]),
             (["peers", "show", "me"], ["ID", "1001", "USERNAME", "alice"]),
             (["peers", "preflight", "@sandbox_noright"], ["CAN CREATE", "no", "MISSING", "manage_call", "REMEDY"]),
             (["peers", "rtmp", "@sandbox_channel"], ["URL", "rtmps://", "KEY", "FFMPEG", "ffmpeg -re"]),
             (["jobs"], ["ID", job]), (["jobs", "show", job], ["ID", job, "done"]),
             (["events", "--types", "job"], [job]), (["schema"], ["LAYER", "138", "229"]), (["tokens"], ["NAME", "admin"]),
             (["doctor"], ["CHECK", "clock"]))
    # Tall enough that nothing scrolls away, narrow as terminals are.
    with screen.Screen(80, 60) as s:
        for words, seen in asked:
            s.run(CTL, "--unix", d.unix, *words)
            s.wait(*seen)
            s.ended(0)
    return None


if __name__ == "__main__":
    store.needs_a_durable_server()
    run(globals())
