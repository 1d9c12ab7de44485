"""TDLib by its JSON interface, in this process, with the sandbox's key and behind a proxy to the sandbox: what its
users cannot set is set from outside.
"""
import contextlib
import ctypes
import itertools
import json
import mmap
import re
import socket
import socketserver
import tempfile
import threading
import time

PEM = re.compile(b'-----BEGIN RSA PUBLIC KEY-----\n[A-Za-z0-9+/=\n]+-----END RSA PUBLIC KEY-----\n?')
# Where TDLib looks for data centres 1 and 2 before it has been told.
BUILT_IN = {'149.154.175.50': 'dc1', '149.154.167.51': 'dc2', '95.161.76.100': 'dc2'}


class Library:
    """One library, all its clients; their updates and answers come on one thread."""

    def __init__(self, path, pem, log):
        self.c = ctypes.CDLL(path)
        self.c.td_send.argtypes = [ctypes.c_int, ctypes.c_char_p]
        self.c.td_receive.argtypes = [ctypes.c_double]
        self.c.td_receive.restype = ctypes.c_char_p
        self.c.td_execute.argtypes = [ctypes.c_char_p]
        self.c.td_execute.restype = ctypes.c_char_p
        self.clients = {}
        replace_keys(path, PEM.search(pem).group().rstrip())
        self.execute('setLogStream', log_stream={'@type': 'logStreamFile', 'path': log, 'max_file_size': 1 << 30})
        self.execute('setLogVerbosityLevel', new_verbosity_level=1)
        threading.Thread(target=self.receive, daemon=True).start()

    def execute(self, method, **params):
        answer = json.loads(self.c.td_execute(json.dumps({'@type': method, **params}).encode()))
        if answer['@type'] != 'ok':
            raise OSError(answer)

    def receive(self):
        while True:
            text = self.c.td_receive(1)
            event = json.loads(text) if text else {}
            if event.get('@client_id') in self.clients:
                self.clients[event['@client_id']].take(event)


def replace_keys(path, pem):
    """Each public key in the mapped file that is as long as PEM becomes PEM."""
    protect = ctypes.CDLL(None, use_errno=True).mprotect
    protect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    count = 0
    with open('/proc/self/maps', encoding='utf-8') as maps:
        lines = [line.split() for line in maps if line.rstrip().endswith(path) and line.split()[1].startswith('r')]
    for span, mode, *_ in lines:
        start, end = [int(n, 16) for n in span.split('-')]
        found = [m for m in PEM.finditer(ctypes.string_at(start, end - start)) if len(m.group().rstrip()) == len(pem)]
        if not found:
            continue
        executable = 'x' in mode and mmap.PROT_EXEC
        if protect(start, end - start, mmap.PROT_READ | mmap.PROT_WRITE | executable):
            raise OSError(ctypes.get_errno(), 'mprotect')
        for m in found:
            ctypes.memmove(start + m.start(), pem, len(pem))
        protect(start, end - start, mmap.PROT_READ | executable)
        count += len(found)
    if not count:
        raise LookupError('no key of TDLib is as long as the one of the sandbox')


class Refused(Exception):
    pass


class Client:
    """A client with a folder of its own below FOLDER."""

    def __init__(self, library, folder, proxy, pfs=False):
        self.library = library
        self.changed = threading.Condition()
        self.ids = itertools.count(1)
        self.answers = {}
        self.updates = []
        self.state = ''
        self.id = library.c.td_create_client_id()
        library.clients[self.id] = self
        where = tempfile.mkdtemp(dir=folder)
        address = {'@type': 'proxy', 'server': '127.0.0.1', 'port': proxy, 'type': {'@type': 'proxyTypeSocks5'}}
        self.send('addProxy', proxy=address, enable=True)
        self.send('setOption', name='use_pfs', value={'@type': 'optionValueBoolean', 'value': pfs})
        self.call('setTdlibParameters', database_directory=where, files_directory=where, api_id=12345,
                  api_hash='0123456789abcdef0123456789abcdef', system_language_code='en', device_model='interop',
                  application_version='1.0')

    def take(self, event):
        with self.changed:
            if '@extra' in event:
                self.answers[event['@extra']] = event
            elif event['@type'] == 'updateAuthorizationState':
                self.state = event['authorization_state']['@type'].removeprefix('authorizationState')
                self.link = event['authorization_state'].get('link')
            else:
                self.updates.append(event)
            self.changed.notify_all()

    def wait(self, found, what, seconds=180):
        """What FOUND returns, once it is not None."""
        end = time.monotonic() + seconds
        with self.changed:
            while (value := found()) is None:
                if not self.changed.wait(end - time.monotonic()):
                    raise TimeoutError(what)
            return value

    def send(self, method, **params):
        extra = next(self.ids)
        self.library.c.td_send(self.id, json.dumps({'@type': method, '@extra': extra, **params}).encode())
        return extra

    def call(self, method, **params):
        extra = self.send(method, **params)
        answer = self.wait(lambda: self.answers.pop(extra, None), method)
        if answer['@type'] == 'error':
            raise Refused(answer['message'])
        return answer

    def until_state(self, *names):
        return self.wait(lambda: self.state if self.state in names else None, 'state %s' % ' or '.join(names))

    def until_update(self, kind, judge):
        """The first update of the KIND for which JUDGE says True, even an earlier one."""
        def found():
            return next((u for u in self.updates if u['@type'] == kind and judge(u)), None)
        return self.wait(found, kind)

    def login(self, phone, password=None):
        self.until_state('WaitPhoneNumber')
        self.call('setAuthenticationPhoneNumber', phone_number=phone)
        self.until_state('WaitCode')
        self.call('checkAuthenticationCode', code='12345')
        self.until_logged_in(password)

    def show_qr(self):
        self.until_state('WaitPhoneNumber')
        self.call('requestQrCodeAuthentication', other_user_ids=[])
        self.until_state('WaitOtherDeviceConfirmation')

    def until_logged_in(self, password):
        if self.until_state('WaitPassword', 'Ready') == 'WaitPassword':
            self.call('checkAuthenticationPassword', password=password)
        self.until_state('Ready')

    def close(self):
        if self.state != 'Closed':
            self.send('close')
            self.until_state('Closed')


class Socks(socketserver.ThreadingTCPServer):
    """A SOCKS 5 proxy to the sandbox that is at READY, for Telegram's addresses of its data centres and for its own."""
    daemon_threads = True

    def __init__(self, ready):
        super().__init__(('127.0.0.1', 0), Relay)
        self.ready = ready
        self.open = set()
        threading.Thread(target=self.serve_forever, args=(0.1,), daemon=True).start()

    def handle_error(self, request, client_address):
        pass

    def cut(self):
        """Every connection that goes through it ends."""
        for s in list(self.open):
            with contextlib.suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)


class Relay(socketserver.StreamRequestHandler):
    def handle(self):
        self.rfile.read(self.rfile.read(2)[1])
        self.request.sendall(b'\5\0')
        if self.rfile.read(4) != b'\5\1\0\1':
            return
        host, port = socket.inet_ntoa(self.rfile.read(4)), int.from_bytes(self.rfile.read(2), 'big')
        if host in BUILT_IN:
            host, port = self.server.ready[BUILT_IN[host]].split(':')
        elif host != '127.0.0.1':
            return
        with socket.create_connection((host, int(port))) as there:
            self.server.open |= {self.request, there}
            self.request.sendall(b'\5\0\0\1' + bytes(6))
            back = threading.Thread(target=pump, args=(there, self.request), daemon=True)
            back.start()
            pump(self.request, there)
            back.join()
            self.server.open -= {self.request, there}


def pump(source, sink):
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            sink.sendall(piece)
    for s in (source, sink):
        with contextlib.suppress(OSError):
            s.shutdown(socket.SHUT_RDWR)
