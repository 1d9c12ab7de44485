/* Every maximum of the daemon, with its reason. Nothing that comes from outside grows without one of these. */
#ifndef TGCALLD_BASE_LIMITS_H
#define TGCALLD_BASE_LIMITS_H

enum {
    /* One transport packet. The protocol's useful limit is 1 MiB, abridged can say 64 MiB; clients refuse above 16 MiB.
     */
    LIMIT_PACKET = 16 << 20,
    /* What one gzip_packed may unpack to: the largest answers known are a few MiB. */
    LIMIT_UNPACKED = 16 << 20,
    /* A result as JSON text: TL to JSON grows at most about five-fold in practice. */
    LIMIT_JSON_TEXT = 64 << 20,
    /* One TL string or bytes: the length has 24 bits. */
    LIMIT_TL_STRING = (1 << 24) - 1,
    /* Objects inside objects, in TL and in JSON. The schema's own types nest about 10 deep; rich text may go further.
     */
    LIMIT_TL_DEPTH = 64,
    /* Objects and vector items in one walk: bounds the work of a hostile packet whose items take 4 bytes. */
    LIMIT_TL_ITEMS = 4 << 20,
    /* A schema file; layer 229 has 283 KB. */
    LIMIT_SCHEMA_TEXT = 4 << 20,
    /* One encoded query. Servers take packets of some 1,044,400 bytes at most, and initConnection goes along. */
    LIMIT_QUERY = (1 << 20) - (9 << 10),
    /* Messages and bytes of a container that we send (a server takes 1020 and about 1 MiB). */
    LIMIT_CONTAINER_MESSAGES = 100,
    LIMIT_CONTAINER_BYTES = 512 << 10,
    /* Messages in a container that we read: the documented maximum. */
    LIMIT_CONTAINER_READ = 1024,
    /* Server message ids remembered for duplicate detection. */
    LIMIT_SEEN_MESSAGES = 1024,
    /* Acks in one msgs_ack. */
    LIMIT_ACKS = 8192,
    /* Requests in flight and queued in one session. */
    LIMIT_SESSION_REQUESTS = 4096,
    /* Requests of one account that were sent, not answered in time, and are still waited for: the oldest is given up.
     */
    LIMIT_UNKNOWN_REQUESTS = 256,
    /* Creates of one account whose fate is not known. */
    LIMIT_UNSETTLED = 256,
    /* Chats that are remembered for who made a call there last. */
    LIMIT_CHAT_LOCKS = 4096,
    /* Accounts of one process: ten thousand are meant to fit. */
    LIMIT_ACCOUNTS = 10240,
    /* Calls remembered for one account: about 400 bytes each, and the oldest ended one goes first. */
    LIMIT_CALLS = 2000,
    /* Calls of one account that a message tells of and that are still to be asked for, 48 bytes each: after days
     * without a link there is one in many a chat. */
    LIMIT_CALL_RUMOURS = 256,
    /* Peers remembered for one account; the least used goes first. */
    LIMIT_PEERS = 20000,
    /* Chats of one account whose call is known, or that they have none; the longest unused goes first. */
    LIMIT_CHATS = 20000,
    /* Names, phones, invites and ids that were asked for, with who was found or that nobody was. */
    LIMIT_NAMES = 20000,
    /* Updates of one account that came too early and wait for those before them; what does not fit is asked for. */
    LIMIT_HELD_UPDATES = 256,
    LIMIT_HELD_BYTES = 256 << 10,
    /* Channels of one account whose sequence of updates is followed, the quietest making room: 40 bytes each. */
    LIMIT_UPDATE_CHANNELS = 4096,
    /* Facts taken out of one answer or update: a full page of dialogs has some hundreds. */
    LIMIT_FACTS = 8192,
    /* A peer as text: links are the longest form. */
    LIMIT_PEER_TEXT = 256,
    /* A word that may be a slip of one of ours: the longest method of layer 229 has 45 letters. */
    LIMIT_WORD = 64,
    /* A recurrence as text: one with each minute of the hour and each day of the month has some 300 bytes. */
    LIMIT_RRULE = 1024,
    /* Occurrences that a recurrence counts: a year of hours, 27 years of days. */
    LIMIT_RRULE_COUNT = 10000,
    /* A zone's name, and its file: the longest have 32 bytes and 3.5 KB. */
    LIMIT_ZONE_NAME = 64,
    LIMIT_ZONE_FILE = 64 << 10,
    /* A call's title, in code points. */
    LIMIT_CALL_TITLE = 64,
    /* The same before its fields are filled in. */
    LIMIT_TITLE_FIELDS = 256,
    /* A conference's invite link, in bytes: Telegram's have some forty. */
    LIMIT_CALL_LINK = 256,
    /* The text of an RPC error that the sandbox answers with. */
    LIMIT_RPC_ERROR = 128,
    /* A session string of another client library: mtcute's with two addresses is the longest known, of some 500
     * characters. */
    LIMIT_SESSION_STRING = 1024,
    /* A text as a QR code: the longest login link that is taken has 530 bytes, Telegram's have some 60. */
    LIMIT_QR_TEXT = 640,
    /* Addresses that are dialled for one connection. */
    LIMIT_DIAL_ADDRESSES = 16,
    /* What a proxy may say before the stream begins: a head of HTTP has 8 KiB at most as a rule, two full
     * records of TLS have 33. */
    LIMIT_PROXY_ANSWER = 40 << 10,
    /* Bytes of the log that wait for who takes it: some thousand lines. */
    LIMIT_LOG_WAITING = 512 << 10,
    /* Bytes that wait for the store's thread, or for who asked: peers of a whole account are 3 MB. A disk that stalls
     * for longer makes puts fail. */
    LIMIT_STORE_QUEUE = 32 << 20,
    /* Waits of one account that are loaded: more than it keeps. */
    LIMIT_FLOODS_LOADED = 1024,
    /* One text or value of a row: a user as JSON has some KiB. */
    LIMIT_STORE_VALUE = 1 << 20,
    /* One event: an update with the users and chats that came along has some KiB. */
    LIMIT_EVENT = 512 << 10,
    /* Events in memory, for who reads along; who is further behind asks the store. */
    LIMIT_EVENTS_HERE = 4096,
    LIMIT_EVENTS_HERE_BYTES = 4 << 20,
    /* Numbers of events that are given before the disk has to say so again. */
    LIMIT_EVENTS_RESERVED = 10000,
    /* Bytes of the audit that wait for the disk, of each kind: with a disk that keeps up, a quarter of a second's. */
    LIMIT_AUDIT_WAITING = 512 << 10,
    /* Webhooks, and what each may be: addresses that hold a token have some hundreds of bytes. */
    LIMIT_HOOKS = 100,
    LIMIT_HOOK_URL = 2048,
    LIMIT_HOOK_TYPES = 64,
    /* Of a receiver's answer, head and body each: more is not read. */
    LIMIT_HOOK_ANSWER = 64 << 10,
    /* Intents of one worker, for a day each: about 1.4 KB, beside the words of those that go on. What comes beyond is
     * refused: a key is good for its day. */
    LIMIT_INTENTS = 50000,
    /* The last so many are for tokens that have few: whoever has many leaves room for others. */
    LIMIT_INTENTS_LAST = 5000,
    LIMIT_INTENTS_FEW = 1000,
    /* Beside them the daemon's own, which are forgotten as soon as what came of them is written down elsewhere. */
    LIMIT_INTENTS_OWN = 10000,
    /* Those words, and the answers that no store keeps, as JSON text: one body has up to 1 MiB. */
    LIMIT_INTENTS_BYTES = 32 << 20,
    /* Chats that one account keeps live, of some 2 KB each: more than anybody has. */
    LIMIT_LIVE = 1000,
    /* Schedules of the daemon, about 1 KB each: one for each account that fits. */
    LIMIT_SCHEDULES = 10240,
    /* Of one account: more than anybody has, and a list of them leaves room for others. */
    LIMIT_SCHEDULES_EACH = 1000,
    /* Nodes that share one database: a few are meant, and all are looked at together. */
    LIMIT_CLUSTER_NODES = 64,
    /* Parts into which the accounts fall, by their ids: what nodes hold, and give each other. More than there are
     * nodes, many divide it evenly, and a set of them and the lead is one word. */
    CLUSTER_SHARES = 60,
    /* Accounts that one statement takes or releases: thousands take some tens of statements. */
    LIMIT_CLUSTER_BATCH = 256,
    /* Accounts that a node gives up at a time for others to have as many: each is without a node for a moment. */
    LIMIT_CLUSTER_MOVES = 64,
    /* What TLS has made for a client by itself and that was not taken, before no more of it is heard. */
    LIMIT_TLS_WAITING = 64 << 10,
    /* Bytes not yet written to one connection before it is closed as too slow. */
    LIMIT_SEND_QUEUE = 32 << 20,
};

#endif
