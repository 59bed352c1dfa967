import { describe, expect, it } from 'vitest'
import { batchWords, type Outgoing } from '../../../../../src/celery/brokers/redis/outgoing.ts'

function item(...copies: [list: string, text: string][]): Outgoing {
  return {
    copies: copies.map(([list, text]) => ({ list, text })),
    retry: true,
    deadline: 0,
    resolve: () => {},
    reject: () => {},
  }
}

describe('a batch of messages', () => {
  it('says each list once, and has messages in a row for one list as one run', () => {
    expect(batchWords([item(['a', '1']), item(['a', '2']), item(['b', '3']), item(['a', '4'])])).toEqual({
      lists: ['a', 'b'],
      words: ['1', '2', '1', '2', '2', '1', '3', '1', '1', '4'],
      runs: [0, 2, 3],
    })
  })

  it('has every copy of a message for several lists', () => {
    expect(batchWords([item(['a', '1'], ['b', '2']), item(['b', '3'])])).toEqual({
      lists: ['a', 'b'],
      words: ['1', '1', '1', '2', '2', '2', '3'],
      runs: [0, 0],
    })
  })
})
