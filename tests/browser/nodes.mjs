// What a daemon says that is one of several: this one waits, and one of the others says of itself what it must not.
const AT = Math.floor(Date.now() / 1000)

export const NODES = {
    nodes: [
        { name: 'north', state: 'active', lease_left_ms: 600000, seen_at: AT, accounts: 12, advertise: 'https://north.example:8765' },
        { name: 'south', state: 'waiting', lease_left_ms: 500000, seen_at: AT, accounts: 0, advertise: 'http://south.example:8765', self: true },
        { name: 'east', state: 'leaving', lease_left_ms: 0, seen_at: AT, accounts: 0, advertise: 'javascript:alert(1)' },
        { name: 'west', state: 'waiting', lease_left_ms: 1000, seen_at: AT, advertise: '<img src=x onerror=alert(1)>' },
    ],
    database: { seen_at: AT, clock_ahead_ms: -61000, connections_left: 3, fsync: false, full_page_writes: false, synchronous_commit: true, synchronous_standby: false },
}
