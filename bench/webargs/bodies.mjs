// The bodies that all contenders get, and what each must answer.

/** Five fields; a view answers with all of them. */
export const bodies = Array.from({ length: 64 }, (_, i) => ({
  name: `Algebra ${i}`,
  seats: 10 + i,
  level: i % 2 === 0 ? 'easy' : 'hard',
  open: i % 3 === 0,
  tags: i % 4 === 0 ? [] : ['a', `tag ${i}`],
}))

/** Each has one thing wrong with it. */
export const badBodies = [
  { ...bodies[0], name: '' },
  { ...bodies[0], name: undefined },
  { ...bodies[0], seats: 1.5 },
  { ...bodies[0], seats: -1 },
  { ...bodies[0], seats: null },
  { ...bodies[0], level: 'other' },
  { ...bodies[0], open: 'maybe' },
  { ...bodies[0], tags: 'a' },
  { ...bodies[0], tags: [5] },
]

export const callWith = (body) => {
  const text = JSON.stringify(body)
  return {
    method: 'POST',
    url: '/classes',
    headers: {
      host: 'localhost',
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(text)),
    },
    body: text,
  }
}
