#!/usr/bin/env python3
"""What the client calls and makes or reads by name is in the table of daemon/tg/needs.c, so that a schema that lacks it is
refused at start."""

import re

from tap import Tap, read, source_files

SCHEMA = "config/schema/layer-229.tl"
NEEDS = "daemon/tg/needs.c"
# Tables of names that may be called by others, and are only compared with.
TABLES = ["daemon/tg/account/flood.c", "daemon/tg/account/repeat.c", "daemon/tg/updates/split.c",
          "daemon/worker/live_hint.c", "daemon/worker/op_method_invoke.c", "daemon/worker/service_notice.c"]
# What is understood where a layer has it and missed nowhere else, and words that are names of something else too.
OPTIONAL = {
    "account.deleteAccount", "auth.acceptLoginToken", "auth.checkRecoveryPassword", "auth.dropTempAuthKeys",
    "account.sendVerifyEmailCode", "account.verifyEmail", "emailVerificationCode", "emailVerifyPurposeLoginSetup",
    "auth.loginToken", "auth.loginTokenMigrateTo", "auth.loginTokenSuccess", "auth.exportLoginToken",
    "auth.importLoginToken", "auth.resetAuthorizations", "config", "help.getAppConfig", "jsonObject",
    "auth.authorizationSignUpRequired", "auth.codeTypeSms", "auth.sentCodePaymentRequired", "auth.sentCodeSuccess",
    "auth.sentCodeTypeApp", "authorization", "inputChannelEmpty", "inputPeerChannelFromMessage",
    "inputPeerUserFromMessage", "inputUserEmpty", "message", "timezone", "updateChat", "updates", "username",
    "phone.createConferenceCall", "phone.inviteConferenceCallParticipant",
    "dataJSON", "error", "textWithEntities", "updateGroupCallConnection", "updateChannelTooLong", "updatePtsChanged",
    "updateNewMessage", "updateNewChannelMessage", "updateNewEncryptedMessage",
}
# A route of one method answers that the layer lacks it.
ROUTE_METHOD = re.compile(rb'(?:call|peer)_act\(\s*w,\s*job,\s*"([\w.]+)"')


def names_of_schema():
    return set(re.findall(rb"^([A-Za-z][\w.]*)#[0-9a-f]+ ", read(SCHEMA), re.M))


def used():
    for path in source_files():
        if path.startswith(("daemon/tg/", "daemon/worker/")) and path.endswith(".c") and path != NEEDS and path not in TABLES:
            for name in re.findall(rb'"([A-Za-z][\w.]*)"', read(path)):
                yield path, name


def methods_of_routes():
    return {name for path in source_files() if path.startswith("daemon/worker/op_") for name in ROUTE_METHOD.findall(read(path))}


tap = Tap()
known = names_of_schema()
needs = set(re.findall(rb'"([A-Za-z][\w.]*)', read(NEEDS))) | methods_of_routes()
tap.check("names are found in the schema and in the code", [] if len(known) > 1000 and len(needs) > 50 else ["too few"])
tap.check("what the client relies on is in the table of what it needs", sorted({
    f"{path}: {name.decode()} is not in {NEEDS}" for path, name in used()
    if name in known and name not in needs and name.decode() not in OPTIONAL}))
tap.end()
