// What is done in calls, and conferences: two clients of mtcute's, who hear of each other by the sandbox alone.
import { randomInt } from 'node:crypto'

import { Long } from '@mtcute/core'

import { calls, equal, refused } from './tap.mjs'

const input = call => ({ _: 'inputGroupCall', id: call.id, accessHash: call.accessHash })
const callOf = updates => updates.updates.filter(u => u._ === 'updateGroupCall').at(-1).call
const inputUser = ({ userId, accessHash }) => ({ _: 'inputUser', userId, accessHash })

// A request whose answer is updates: as mtcute's own methods do, its count of them is told. One that is left behind waits
// half a second for what lies between, by a timer of its own that now and then wakes too early and is not set again.
export async function told(tg, request) {
    const updates = await tg.call(request)
    tg.handleClientUpdate(updates)
    return updates
}

// The first update of TG's from now on that FITS.
function heard(tg, fits) {
    return new Promise(yes => {
        const look = ({ update }) => {
            if (!fits(update)) return
            tg.onRawUpdate.remove(look)
            yes(update)
        }
        tg.onRawUpdate.add(look)
    })
}

const isRing = update => update._ === 'updateNewMessage' && update.message.action?._ === 'messageActionConferenceCall'
const isMissed = update => update._ === 'updateEditMessage' && update.message.action?.missed

export async function makesAConference(alice, bob) {
    const randomId = randomInt(1, 2 ** 31)
    const made = callOf(await alice.call({ _: 'phone.createConferenceCall', randomId }))
    equal([made.conference, made.creator], [true, true], 'what it is')
    equal(callOf(await alice.call({ _: 'phone.createConferenceCall', randomId })).id, made.id, 'the same intent')
    const slug = made.inviteLink.match(/^https:\/\/t\.me\/call\/(.+)$/)[1]
    equal((await calls()).at(-1).slug, slug, 'the link')
    const seen = await bob.call({ _: 'phone.getGroupCall', call: { _: 'inputGroupCallSlug', slug }, limit: 0 })
    equal([seen.call.id, seen.call.creator ?? false, seen.chats.length], [made.id, false, 0], 'what a guest sees')
    await refused(alice.call({ _: 'phone.inviteToGroupCall', call: input(made), users: [] }), 'CHAT_TYPE_INVALID')
    return made
}

export async function invitesToAConference(alice, bob) {
    const made = callOf(await alice.call({ _: 'phone.createConferenceCall', randomId: randomInt(1, 2 ** 31) }))
    const rings = heard(bob, isRing)
    await told(alice, {
        _: 'phone.inviteConferenceCallParticipant', call: input(made), userId: inputUser(await alice.resolvePeer('bobby')),
    })
    const { message } = await rings
    equal([message.action.callId, message.action.missed ?? false], [made.id, false], 'what rings')
    const call = { _: 'inputGroupCallInviteMessage', msgId: message.id }
    equal((await bob.call({ _: 'phone.getGroupCall', call, limit: 0 })).call.id, made.id, 'the call of the invitation')
    const missed = heard(alice, isMissed)
    await told(bob, { _: 'phone.declineConferenceCallInvite', msgId: message.id })
    equal((await missed).message.action.callId, made.id, 'what was declined')
    await refused(bob.call({ _: 'phone.declineConferenceCallInvite', msgId: message.id }), 'MESSAGE_ID_INVALID')
    equal(callOf(await alice.call({ _: 'phone.discardGroupCall', call: input(made) }))._, 'groupCallDiscarded', 'its end')
}

export async function speaksInACall(alice, bob, call) {
    for (const [tg, ssrc] of [[alice, 1], [bob, 2]]) {
        await tg.call({
            _: 'phone.joinGroupCall', call, joinAs: { _: 'inputPeerSelf' }, muted: true,
            params: { _: 'dataJSON', data: JSON.stringify({ ssrc }) },
        })
    }
    const randomId = Long.fromNumber(randomInt(1, 2 ** 40))
    const say = () => alice.call({
        _: 'phone.sendGroupCallMessage', call, randomId, message: { _: 'textWithEntities', text: 'hello', entities: [] },
    })
    const hears = heard(bob, update => update._ === 'updateGroupCallMessage')
    const said = (await say()).updates.find(u => u._ === 'updateGroupCallMessage').message
    const { message } = await hears
    equal([message.id, message.message.text, message.fromId.userId], [said.id, 'hello', 1001], 'what is heard')
    equal((await say()).updates.find(u => u._ === 'updateGroupCallMessage').message.id, said.id, 'the same message again')
    await refused(bob.call({ _: 'phone.deleteGroupCallMessages', call, messages: [said.id] }), 'MESSAGE_DELETE_FORBIDDEN')
    const deleted = heard(bob, update => update._ === 'updateDeleteGroupCallMessages')
    await alice.call({ _: 'phone.deleteGroupCallMessages', call, messages: [said.id] })
    equal((await deleted).messages, [said.id], 'what is deleted')
}
