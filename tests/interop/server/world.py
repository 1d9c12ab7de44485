"""The API behind the server: one user, a few chats, group calls. Enough for the daemon, and strict about what it is asked."""
import gzip
import hashlib
import os
import random
import struct

from . import crypto as c
from .session import Answer
from .tamper import tampered
from .tl import Reader, string

BEFORE_LOGIN = {"help.getConfig", "help.getNearestDc", "auth.sendCode", "auth.signIn", "auth.checkPassword", "account.getPassword"}
BEFORE_BINDING = {"auth.bindTempAuthKey", "help.getConfig", "help.getNearestDc"}
WRAPPERS = {"invokeWithLayer", "initConnection", "invokeAfterMsg", "invokeWithoutUpdates"}
# What account.password may say wrongly: p, g and B made from the right ones.
SRP_LIES = {"p is composite": lambda p, g, b: (p + 2, g, b), "p is not safe": lambda p, g, b: ((1 << 2047) + 1919, 4, b),
            "p of 2047 bits": lambda p, g, b: (p >> 1, g, b), "g is 1": lambda p, g, b: (p, 1, b), "g is 2": lambda p, g, b: (p, 2, b),
            "B is 0": lambda p, g, b: (p, g, 0), "B is p": lambda p, g, b: (p, g, p), "B is above p": lambda p, g, b: (p, g, p + 5)}
CODE, HASH = b"12345", b"hash-of-the-code"
UNKNOWN = struct.pack("<I", 0xDEADBEEF) + bytes(range(64))


class RpcError(Exception):
    def __init__(self, code, text):
        super().__init__(text)
        self.code, self.text = code, text


class World:
    def __init__(self, password=None):
        self.user = {"_": "user", "self": True, "id": 1001, "access_hash": -7777777777777777777, "first_name": "Alice",
                     "username": "alice", "phone": "15550001"}
        self.chats = {("channel", 6001): {"_": "channel", "creator": True, "broadcast": True, "id": 6001,
                                          "access_hash": -6001600160016001600, "title": "Channel", "username": "chan",
                                          "photo": {"_": "chatPhotoEmpty"}, "date": 1},
                      ("channel", 6002): {"_": "channel", "creator": True, "megagroup": True, "id": 6002,
                                          "access_hash": 6002600260026002600, "title": b"bad \xff\xfe utf-8\x00", "username": "group",
                                          "photo": {"_": "chatPhotoEmpty"}, "date": 1},
                      ("chat", 5001): {"_": "chat", "creator": True, "id": 5001, "title": "Basic", "participants_count": 1,
                                       "photo": {"_": "chatPhotoEmpty"}, "date": 1, "version": 1}}
        self.calls, self.by_chat, self.by_random_id, self.counts = {}, {}, {}, {}
        self.executions = []    # (random_id, title) of each execution of phone.createGroupCall.
        self.password = password.encode() if password else None
        self.salt1, self.salt2 = os.urandom(40), os.urandom(16)
        self.srp = {}

    # From a message to an answer.

    def rpc(self, inbox, session, number, body):
        server = inbox.server
        layer = session.key.layer
        if struct.unpack("<I", body[:4])[0] == 0xDA9B0D0D and len(body) >= 8:
            layer = struct.unpack("<i", body[4:8])[0]
        api = server.api(layer)
        if api is None:
            session.complain("layer %s is unknown" % layer)
            return self.answer(session, number, server.error(400, "CONNECTION_LAYER_INVALID"))
        reader = Reader(api, body, session.complain)
        query = reader.boxed("!X")
        reader.end()
        while query["_"] in WRAPPERS:
            if query["_"] == "invokeWithLayer":
                session.key.layer = layer
            if query["_"] == "initConnection":
                session.inited = True
                if not (query["api_id"] > 0 and query["device_model"] and query["system_version"] and query["app_version"]
                        and query["system_lang_code"] and query["lang_code"]):
                    session.complain("initConnection lacks something: %r" % {k: v for k, v in query.items() if k != "query"})
            query = query["query"]
        name, self.number = query["_"], number
        server.count(name)
        if name == "auth.bindTempAuthKey" and body[:4] != struct.pack("<I", 0xCDD42A05):
            session.complain("auth.bindTempAuthKey inside of something")
        for rule in [r for r in server.habits.rules if r["method"] in (name, "*") and r.get("count", 1) > 0]:
            rule["count"] = rule.get("count", 1) - 1
            done = self.rule(rule, inbox, session, number, query, api)
            if done is not None:
                return done
        return self.answer(session, number, self.execute(server, session, query, api))

    def execute(self, server, session, query, api):
        """The serialised result: of the method, or the error it ends in."""
        name = query["_"]
        self.counts[name] = self.counts.get(name, 0) + 1
        try:
            if name == "auth.bindTempAuthKey":
                return self.bind(server, session, query, api)
            if not session.key.owner() and name not in BEFORE_BINDING:
                session.complain("%s under a temporary key that is bound to none" % name)
                raise RpcError(401, "AUTH_KEY_PERM_EMPTY")
            if not session.inited:
                raise RpcError(400, "CONNECTION_NOT_INITED")
            if not session.key.user and name not in BEFORE_LOGIN:
                raise RpcError(401, "AUTH_KEY_UNREGISTERED")
            method = getattr(self, name.replace(".", "_"), None)
            if not method:
                server.note("no such method here: " + name)
                raise RpcError(400, "METHOD_INVALID")
            return self.encode(server, api, method(server, session, query, api), api.by_name[name].result)
        except RpcError as e:
            return server.error(e.code, e.text)

    def bind(self, server, session, q, api):
        """Ties a temporary key to a permanent one; every number of the sealed message is known from elsewhere."""
        key, sealed = session.key, q["encrypted_message"]
        whole = struct.pack("<q", q["perm_auth_key_id"])
        permanent = server.keys.get(whole)
        if key.expires_at is None:
            session.complain("a permanent key is bound")
            raise RpcError(400, "TEMP_AUTH_KEY_EMPTY")
        if key.permanent and key.permanent is not permanent:
            session.complain("a temporary key is bound to another one")
            raise RpcError(400, "TEMP_AUTH_KEY_ALREADY_BOUND")
        # The client counts from the server_time of the key exchange, the server from its end.
        if not server.now() < q["expires_at"] <= key.expires_at:
            session.complain("a binding until %d of a key until %d" % (q["expires_at"], key.expires_at))
            raise RpcError(400, "EXPIRES_AT_INVALID")
        if not permanent or permanent.expires_at is not None:
            raise RpcError(400, "ENCRYPTED_MESSAGE_INVALID")
        if len(sealed) != 24 + 80 or sealed[:8] != whole:
            session.complain("the sealed message of a binding has %d bytes for %s" % (len(sealed), sealed[:8].hex()))
            raise RpcError(400, "ENCRYPTED_MESSAGE_INVALID")
        plain = c.ige(*c.message_keys_1(permanent.data, sealed[8:24]), sealed[24:], False)
        want = struct.pack("<qiiI", self.number, 0, 40, 0x75A3F765) + struct.pack("<q", q["nonce"]) + key.id + whole + struct.pack(
            "<qi", session.id, q["expires_at"])
        if c.sha1(plain[:72])[4:20] != sealed[8:24] or plain[16:72] != want:
            session.complain("the sealed message of a binding is %s, and not %s" % (plain[16:72].hex(), want.hex()))
            raise RpcError(400, "ENCRYPTED_MESSAGE_INVALID")
        if not plain[:16].strip(b"\0") or not plain[72:].strip(b"\0"):
            session.complain("a binding without random bytes")
        for other in server.keys.values():
            other.permanent = None if other.permanent is permanent else other.permanent
        key.permanent = permanent
        return api.encode({"_": "boolTrue"}, "Bool")

    def encode(self, server, api, result, kind):
        return api.encode(result, kind if isinstance(result, list) else "Object")

    def answer(self, session, number, result):
        if session.server.habits.gzip:
            result = struct.pack("<I", 0x3072CFA1) + string(gzip.compress(result))
        body = Answer(struct.pack("<Iq", 0xF35C6D01, number) + result)
        body.request = number
        return [(body, True)]

    def rule(self, rule, inbox, session, number, query, api):
        """What a rule has the server do instead of answering; None lets it answer too."""
        server, do = inbox.server, rule["do"]
        if do == "error_after":
            self.execute(server, session, query, api)
        if do in ("error", "error_after"):
            return self.answer(session, number, server.error(rule["code"], rule["text"]))
        if do == "ignore":
            session.lost.add(number)
            return []
        if do == "drop_before":
            session.lost.add(number)
            inbox.connection.close()
            return []
        if do == "transport":
            session.lost.add(number)
            inbox.connection.transport_error(rule["code"])
            return []
        if do == "freeze":
            # The line is cut, and neither end is told.
            session.lost.add(number)
            inbox.connection.mute = True
            return []
        if do == "uninit":
            session.inited = False
            return None
        if do == "lost_request":
            # The server lost its memory, this request with it; only the news of it arrives.
            self.forget(session)
            later = session.new_id()
            return [(server.service({"_": "new_session_created", "first_msg_id": later & ~3, "unique_id": random.getrandbits(63),
                                     "server_salt": session.key.salts[0]}), True)]
        if do == "forget":
            self.forget(session)
            session.remember(number, 0, query["_"])
            return [(server.service({"_": "new_session_created", "first_msg_id": number, "unique_id": random.getrandbits(63),
                                     "server_salt": session.key.salts[0]}), True),
                    *self.answer(session, number, self.execute(server, session, query, api))]
        if do == "before":
            for body in rule["bodies"](server, session, number, api):
                inbox.connection.send(session.pack(session.message(body)))
            return None
        if do == "tamper":
            forged = self.execute(server, session, query, api).replace(b"TRUTH", b"LIARS")
            body = self.answer(session, number, forged)[0][0]
            server.told.append(rule["how"])
            for data in tampered(rule["how"], session, number, body):
                inbox.connection.send(data)
            if rule.get("honest", True):
                return None
            return []
        done = self.answer(session, number, self.execute(server, session, query, api))
        if do in ("no_answer", "drop_after"):
            # Made and kept, but it never arrives, nor does the ack.
            session.answers[number] = session.message(done[0][0], True, True)
            if do == "drop_after":
                inbox.connection.close()
            else:
                session.lost_acks.add(number)
            return []
        if do == "detailed":
            message = session.message(done[0][0], True, True)
            return [(server.service({"_": "msg_detailed_info", "msg_id": number, "answer_msg_id": message[0],
                                     "bytes": len(message[2]), "status": 0}), False)]
        if do == "new_detailed":
            message = session.message(done[0][0], True, True)
            return [(server.service({"_": "msg_new_detailed_info", "answer_msg_id": message[0], "bytes": len(message[2]),
                                     "status": 0}), False)]
        raise AssertionError(do)

    @staticmethod
    def forget(session):
        session.seen, session.order, session.answers = {}, [], {}
        session.forgotten |= set(session.unacked) | set(session.sent)
        session.unacked, session.content, session.sent = {}, 0, {}
        session.server.lossy = True

    # Methods.

    def help_getConfig(self, server, session, q, api):
        options = [{"_": "dcOption", "id": s.dc, "ip_address": "127.0.0.1", "port": s.port} for s in server.all]
        if server.habits.many_dcs:
            options = [{"_": "dcOption", "id": i % 6 - 1, "ipv6": bool(i % 2), "media_only": i % 3 == 0, "tcpo_only": i % 5 == 0,
                        "ip_address": "2001:db8::%x" % i if i % 2 else "192.0.2.%d" % i, "port": 443,
                        "cdn": i % 7 == 3, "secret": os.urandom(17) if i % 5 == 0 else None} for i in range(200)] + options
        now = int(server.now())
        return {"_": "config", "date": now, "expires": now + 3600, "this_dc": server.dc, "test_mode": False, "dc_options": options,
                "dc_txt_domain_name": "", "me_url_prefix": "https://t.me/", "suggested_lang_code": "en", "lang_pack_version": 1,
                "base_lang_pack_version": 1, "flags": 1 << 30 if server.habits.undefined_flags else 0}

    def auth_sendCode(self, server, session, q, api):
        if q["phone_number"].lstrip(b"+") != b"15550001":
            raise RpcError(400, "PHONE_NUMBER_INVALID")
        return {"_": "auth.sentCode", "type": {"_": "auth.sentCodeTypeApp", "length": 5}, "phone_code_hash": HASH + b"%d" % server.dc}

    def auth_signIn(self, server, session, q, api):
        if q["phone_code_hash"] != HASH + b"%d" % server.dc or q["phone_number"].lstrip(b"+") != b"15550001":
            session.complain("auth.signIn with another hash or phone")
        if q.get("phone_code") != CODE:
            raise RpcError(400, "PHONE_CODE_INVALID")
        if self.password:
            session.key.pending = True
            raise RpcError(401, "SESSION_PASSWORD_NEEDED")
        return self.authorized(session)

    def authorized(self, session):
        session.key.user = 1001
        return {"_": "auth.authorization", "user": self.user}

    def account_getPassword(self, server, session, q, api):
        p, g, b = server.habits.prime, server.habits.g, c.number(os.urandom(256))
        wide = lambda n: c.octets(n, 256)
        sh = lambda data, salt: c.sha256(salt, data, salt)
        x = c.number(sh(hashlib.pbkdf2_hmac("sha512", sh(sh(self.password or b"", self.salt1), self.salt2), self.salt1, 100000),
                        self.salt2))
        v, k = pow(g, x, p), c.number(c.sha256(wide(p), wide(g)))
        big_b = (k * v + pow(g, b, p)) % p
        if server.habits.srp_lie:
            p, g, big_b = SRP_LIES[server.habits.srp_lie](p, g, big_b)
            server.told.append(server.habits.srp_lie)
        srp_id = random.getrandbits(63)
        self.srp = {srp_id: (b, v, big_b, p, g)}
        algo = {"_": "passwordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow", "salt1": self.salt1, "salt2": self.salt2,
                "g": g, "p": wide(p)}
        return {"_": "account.password", "has_password": True, "current_algo": algo, "srp_B": c.octets(big_b, 256), "srp_id": srp_id,
                "hint": "hint", "new_algo": dict(algo, salt1=os.urandom(8)),
                "new_secure_algo": {"_": "securePasswordKdfAlgoUnknown"}, "secure_random": os.urandom(256)}

    def auth_checkPassword(self, server, session, q, api):
        q = q["password"]
        if q["_"] != "inputCheckPasswordSRP" or q["srp_id"] not in self.srp:
            raise RpcError(400, "SRP_ID_INVALID")
        b, v, big_b, p, g = self.srp.pop(q["srp_id"])
        wide = lambda n: c.octets(n, 256)
        big_a = c.number(q["A"])
        if len(q["A"]) != 256 or not 1 < big_a < p - 1:
            session.complain("SRP: A has %d bytes or is out of range" % len(q["A"]))
        u = c.number(c.sha256(wide(big_a), wide(big_b)))
        s = pow(big_a * pow(v, u, p), b, p)
        m1 = c.sha256(c.xor(c.sha256(wide(p)), c.sha256(wide(g))), c.sha256(self.salt1), c.sha256(self.salt2), wide(big_a),
                      wide(big_b), c.sha256(wide(s)))
        if m1 != q["M1"]:
            raise RpcError(400, "PASSWORD_HASH_INVALID")
        return self.authorized(session)

    def auth_logOut(self, server, session, q, api):
        session.key.user = None
        return {"_": "auth.loggedOut"}

    def updates_getState(self, server, session, q, api):
        return {"_": "updates.state", "pts": 1, "qts": 0, "date": int(server.now()), "seq": 1, "unread_count": 0}

    def updates_getDifference(self, server, session, q, api):
        return {"_": "updates.differenceEmpty", "date": int(server.now()), "seq": 1}

    def users_getUsers(self, server, session, q, api):
        return [self.user for u in q["id"] if u["_"] == "inputUserSelf" or u.get("user_id") == 1001]

    def chat(self, peer):
        kind = {"inputPeerChannel": "channel", "inputChannel": "channel", "inputPeerChat": "chat"}.get(peer["_"])
        chat = self.chats.get((kind, peer.get("channel_id", peer.get("chat_id"))))
        if not chat:
            raise RpcError(400, "PEER_ID_INVALID")
        if kind == "channel" and peer["access_hash"] != chat["access_hash"]:
            raise RpcError(400, "CHANNEL_INVALID")
        return chat

    def contacts_resolveUsername(self, server, session, q, api):
        for (kind, number), chat in self.chats.items():
            if chat.get("username", "").encode() == q["username"].lower() and kind == "channel":
                users = [dict(self.user, self=None, id=999, access_hash=None, min=True, username=None)] if server.habits.noise else []
                return {"_": "contacts.resolvedPeer", "peer": {"_": "peerChannel", "channel_id": number},
                        "chats": [self.shown(server, chat)], "users": users}
        raise RpcError(400, "USERNAME_NOT_OCCUPIED")

    def messages_getChats(self, server, session, q, api):
        return {"_": "messages.chats", "chats": [self.chats["chat", i] for i in q["id"] if ("chat", i) in self.chats]}

    def channels_getChannels(self, server, session, q, api):
        return {"_": "messages.chats", "chats": [self.chat(i) for i in q["id"]]}

    def messages_getDialogs(self, server, session, q, api):
        return {"_": "messages.dialogs", "chats": [self.shown(server, chat) for chat in self.chats.values()], "users": [self.user]}

    def shown(self, server, chat):
        return dict(chat, flags2=1 << 31, flags=1 << 31) if server.habits.undefined_flags and chat["_"] == "channel" else chat

    def full(self, server, chat):
        call = self.by_chat.get((chat["_"], chat["id"]))
        running = {"_": "inputGroupCall", "id": call["id"], "access_hash": call["access_hash"]} if call else None
        full = {"_": chat["_"] + "Full", "id": chat["id"], "about": "", "chat_photo": {"_": "photoEmpty", "id": 0},
                "notify_settings": {"_": "peerNotifySettings"}, "call": running,
                "participants": {"_": "chatParticipants", "chat_id": chat["id"], "version": 1}}
        return {"_": "messages.chatFull", "full_chat": full, "chats": [self.shown(server, chat)], "users": [self.user]}

    def channels_getFullChannel(self, server, session, q, api):
        return self.full(server, self.chat(q["channel"]))

    def messages_getFullChat(self, server, session, q, api):
        return self.full(server, self.chat({"_": "inputPeerChat", "chat_id": q["chat_id"]}))

    # Group calls.

    def phone_createGroupCall(self, server, session, q, api):
        chat = self.chat(q["peer"])
        title = q.get("title")
        self.executions.append((q["random_id"], title))
        if q["random_id"] == 0:
            session.complain("random_id is 0")
        key = (chat["_"], chat["id"])
        call = self.by_random_id.get((key, q["random_id"]))
        if not call:
            old = self.by_chat.get(key)
            if old:
                old["discarded"] = True
            call = {"_": "groupCall", "id": random.getrandbits(64) - (1 << 63), "access_hash": -random.getrandbits(62) - 1,
                    "title": title, "schedule_date": q.get("schedule_date"), "participants_count": 0, "unmuted_video_limit": 30,
                    "version": 1, "rtmp_stream": q.get("rtmp_stream"), "creator": True, "can_change_join_muted": True}
            self.calls[call["id"]] = call
            self.by_chat[key] = call
            self.by_random_id[key, q["random_id"]] = call
            call["chat"] = chat
        return self.updates(server, api, call, [] if server.habits.bare_create else None)

    def group_call(self, call):
        if call.get("discarded"):
            return {"_": "groupCallDiscarded", "id": call["id"], "access_hash": call["access_hash"], "duration": 5}
        return {k: v for k, v in call.items() if k not in ("chat", "discarded")}

    def update_of(self, server, call, **changed):
        chat = call["chat"]
        peer = {"_": "peerChannel", "channel_id": chat["id"]} if chat["_"] == "channel" else {"_": "peerChat", "chat_id": chat["id"]}
        shown = dict(self.group_call(call), **changed)
        if server.habits.undefined_flags and shown["_"] == "groupCall":
            shown["flags"] = 1 << 31
        return {"_": "updateGroupCall", "peer": peer, "chat_id": chat["id"], "call": shown}

    def updates(self, server, api, call, updates=None, habits=None):
        now, chat = int(server.now()), call["chat"]
        if updates is None:
            updates = [self.update_of(server, call)]
        users, chats = [self.user], [self.shown(server, chat)]
        if server.habits.noise:
            message = {"_": "updateNewChannelMessage", "pts": 77, "pts_count": 1,
                       "message": {"_": "messageService", "id": 9, "peer_id": {"_": "peerChannel", "channel_id": chat["id"]}, "date": now,
                                   "action": {"_": "messageActionGroupCall",
                                              "call": {"_": "inputGroupCall", "id": call["id"], "access_hash": call["access_hash"]}}}}
            updates = [{"_": "updateUserStatus", "user_id": 999, "status": {"_": "userStatusOnline", "expires": now + 300}}, message,
                       *updates, {"_": "updateConfig"}]
            users = users + [{"_": "userEmpty", "id": 3}]
            chats = chats + [{"_": "channelForbidden", "id": 9, "access_hash": -1, "title": b"\xc3\x28"}, {"_": "chatEmpty", "id": 8}]
        form = server.habits.updates
        if form == "short" and len(updates) == 1:
            return {"_": "updateShort", "update": updates[0], "date": now}
        if form == "combined":
            return {"_": "updatesCombined", "updates": updates, "users": users, "chats": chats, "date": now, "seq_start": 0, "seq": 0}
        return {"_": "updates", "updates": updates, "users": users, "chats": chats, "date": now, "seq": 0}

    def call(self, q):
        call = self.calls.get(q["call"].get("id"))
        if not call or call["access_hash"] != q["call"]["access_hash"]:
            raise RpcError(400, "GROUPCALL_INVALID")
        return call

    def phone_getGroupCall(self, server, session, q, api):
        call = self.call(q)
        return {"_": "phone.groupCall", "call": self.group_call(call), "participants_next_offset": "", "chats": [call["chat"]],
                "users": [self.user]}

    def phone_getGroupParticipants(self, server, session, q, api):
        return {"_": "phone.groupParticipants", "count": 0, "next_offset": "", "version": 1}

    def changed(self, server, api, call):
        call["version"] += 1
        return self.updates(server, api, call)

    def phone_startScheduledGroupCall(self, server, session, q, api):
        call = self.call(q)
        if not call.get("schedule_date"):
            raise RpcError(403, "GROUPCALL_ALREADY_STARTED")
        call["schedule_date"] = None
        return self.changed(server, api, call)

    def phone_editGroupCallTitle(self, server, session, q, api):
        call = self.call(q)
        call["title"] = q["title"]
        return self.changed(server, api, call)

    def phone_toggleGroupCallSettings(self, server, session, q, api):
        call = self.call(q)
        if "join_muted" in q:
            call["join_muted"] = q["join_muted"]
        return self.changed(server, api, call)

    def phone_discardGroupCall(self, server, session, q, api):
        call = self.call(q)
        if call.get("discarded"):
            raise RpcError(400, "GROUPCALL_ALREADY_DISCARDED")
        call["discarded"] = True
        self.by_chat.pop((call["chat"]["_"], call["chat"]["id"]), None)
        return self.changed(server, api, call)
