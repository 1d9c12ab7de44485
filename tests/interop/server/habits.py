"""What a server does, among all that the documents allow it, and what it does wrong on purpose."""
from . import crypto as c


class Habits:
    def __init__(self, **changed):
        # Key exchange.
        self.lie, self.lies = None, 0               # A name of handshake.LIES, and how often it is told.
        self.fingerprints, self.dh_retries = 1, 0   # Fingerprints in resPQ, the known one last; dh_gen_retry this often.
        self.g, self.prime = 3, c.KNOWN_PRIME
        self.leading_zeros = False                  # server_nonce, dh_prime and g_a start with a zero byte.
        self.told_time = None                       # The server_time of the key exchange, where it is not the true one.
        self.tail = 0                               # Bytes after the object in plain answers.
        self.refuse_first = None                    # A transport error for the first query.
        # Packets and messages.
        self.first_salt, self.salt_every = False, 0  # bad_server_salt for the first packet of a key; for each n-th.
        self.new_session, self.container, self.result_first, self.duplicates = True, False, False, False
        self.gzip, self.ahead, self.skew = False, 0, 0   # Seconds: ids ahead of the clock; the clock off the real one.
        self.split = False                          # One byte a TCP segment.
        self.drip = 0                               # Seconds between the bytes.
        self.close_first, self.mute_first = 0, 0    # So many connections are closed at once, or never answered.
        self.bad_msg = None                         # (method, code): once.
        self.mute_on, self.close_after = (), False  # Names of service queries that are ignored; closes after each rpc_result.
        self.refuse_all = None                      # A code of bad_msg_notification for every packet.
        self.state_reqs = False                     # Asks msgs_state_req for what the client sent.
        # The API.
        self.rules = []                             # [{"method", "do", "count"}], see world.World.rule.
        self.updates = "updates"                    # The form of an Updates: updates, combined, short.
        self.bare_create = False                    # createGroupCall's answer lacks updateGroupCall.
        self.noise = False                          # Objects the client does not need, around those it does.
        self.undefined_flags = False                # Undefined bits on known constructors.
        self.many_dcs = False
        self.password = None
        self.srp_lie = None                         # A name of world.SRP_LIES.
        for name, value in changed.items():
            assert hasattr(self, name), name
            setattr(self, name, value)
