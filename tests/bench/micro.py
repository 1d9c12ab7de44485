"""What parts cost by themselves: TL to JSON, AES-IGE, the look-up of a token."""
import os
import subprocess

from processes import PROGRAMS, TOP


def output(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout


def told(program, *args):
    """Its "name number" pairs."""
    words = output(os.path.join(PROGRAMS, program), *args).split()
    return dict(zip(words[::2], map(float, words[1::2])))


def micro():
    tl = told("tl_text", TOP + "/config/schema/layer-229.tl")
    print("\nTL to JSON text, an Updates with 500 users and 500 chats (%d bytes, %d as JSON): %d MB/s of TL, %d MB/s of JSON; to a"
          " tree: %d MB/s of TL" % (tl["tl"], tl["json"], tl["read"], tl["write"], tl["tree"]))
    ige = told("ige")
    for way, flag in (("encrypt", []), ("decrypt", ["-decrypt"])):
        lines = output("openssl", "speed", "-seconds", "1", "-bytes", "16384", *flag, "-evp", "aes-256-cbc").splitlines()
        speed = float(lines[-1].split()[-1].rstrip("k")) / 1000
        print("AES-256-IGE %s: %d MB/s; openssl's aes-256-cbc: %d MB/s; ratio %.2f" % (way, ige[way], speed, ige[way] / speed))
    look = told("tokens")
    print("A token looked up among 1: %d ns; among 10,000: %d ns; ratio %.2f" % (look["one"], look["many"], look["many"] / look["one"]))
