import { describe, expect, it } from 'vitest'
import type { World } from '../harness/world.ts'

/** Values as Python has them, and what `ts.show` makes of them: with kombu from 5.3 on, and before where it differs. */
const values: readonly (readonly [python: string, shown: string, shownBefore53?: string])[] = [
  ['None', 'null null'],
  ['True', 'boolean true'],
  ['"grüße, 世界 🎈 \\u2028 \\x00 \\\\"', 'text grüße, 世界 🎈 \u2028 \u0000 \\'],
  ['{"a": [1, {"b": [None, []]}], "ü": {}}', '{a: [number 1, {b: [null null, []]}],ü: {}}'],
  ['(1, "x")', '[number 1, text x]'],
  ['2 ** 53', 'bigint 9007199254740992'],
  ['-(2 ** 80)', 'bigint -1208925819614629174706176'],
  ['float("nan")', 'number NaN'],
  ['[float("inf"), float("-inf")]', '[number Infinity, number -Infinity]'],
  ['[1e22, 1.0, 5e-324, 0.1]', '[number 1e+22, number 1, number 5e-324, number 0.1]'],
  ['Decimal("19.900")', 'Decimal 19.900', 'text 19.900'],
  [
    'datetime(2026, 11, 23, 10, 53, 39, 140305, tzinfo=timezone.utc)',
    'Date 2026-11-23T10:53:39.140Z',
    'text 2026-11-23T10:53:39.140305Z',
  ],
  [
    'datetime(2026, 11, 23, 10, 53, 39, tzinfo=timezone(timedelta(hours=2)))',
    'Date 2026-11-23T08:53:39.000Z',
    'text 2026-11-23T10:53:39+02:00',
  ],
  ['datetime(2026, 11, 23, 10, 53, 39)', 'Date 2026-11-23T10:53:39.000Z', 'text 2026-11-23T10:53:39'],
  ['date(2026, 11, 23)', 'PlainDate 2026-11-23', 'text 2026-11-23T00:00:00'],
  ['time(8, 15)', 'PlainTime 08:15:00', 'text 08:15:00'],
  [
    'UUID("8eec5a4c-7d1c-4d2a-9c57-0c1ce2f3a6b7")',
    'Uuid 8eec5a4c-7d1c-4d2a-9c57-0c1ce2f3a6b7',
    'text 8eec5a4c-7d1c-4d2a-9c57-0c1ce2f3a6b7',
  ],
  ['b"bytes \\xc3\\xbc"', 'bytes 627974657320c3bc', 'none'],
  ['b"\\xff\\x00\\xfe"', 'bytes ff00fe', 'none'],
]

/** Python is the client, ours the worker. */
export function pythonCallsUs(world: () => World): void {
  const isOld = () => Number(world().python.version.split('.')[1]) < 3

  describe('Python calls a worker in TypeScript', () => {
    it('which gets every kind of value, and gives it back', async () => {
      const { ask } = world()
      const rows = values.filter((row) => row[2] !== 'none' || !isOld())
      const code = rows.map(([python]) => python).join(', ')
      // One after the other would wait for each.
      const answers = await ask<[string, boolean][]>(`
        values = [${code}]
        sent = [(value, send('ts.show', value), send('ts.echo', value)) for value in values]
        same = lambda given, back: given == back or given != given and back != back
        return [(shown.get(timeout=SECONDS), same(value, echoed.get(timeout=SECONDS)))
                for value, shown, echoed in sent]
      `)
      const expected = rows.map(([python, shown, before]) => [python, (isOld() && before) || shown])
      expect(answers.map(([shown], index) => [rows[index]?.[0], shown])).toEqual(expected)
      const changed = rows.filter((row, index) => !answers[index]?.[1] && !(isOld() && row[2]) && row[0] !== '(1, "x")')
      expect(changed).toEqual([])
    })

    it('which gets positional and keyword arguments', async () => {
      const { ask } = world()
      expect(await ask(`call('ts.add', 2, 3)`)).toBe(5)
      expect(await ask(`call('ts.add', 2, y=3)`)).toBe(5)
      expect(await ask(`call('ts.add', x=2, y=3)`)).toBe(5)
      expect(await ask(`call('ts.arguments', 1, None, a='ü', b={'c': []})`)).toEqual([
        [1, null],
        { a: 'ü', b: { c: [] } },
      ])
    })

    it('which gets an argument of 1 MB', async () => {
      expect(await world().ask(`call('ts.length', 'x' * 1_000_000)`)).toBe(1_000_000)
      expect(await world().ask(`len(call('ts.echo', 'ü' * 500_000))`)).toBe(500_000)
    })
  })
}
