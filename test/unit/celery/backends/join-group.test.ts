import { expect, it } from 'vitest'
import { joinGroup } from '../../../../src/celery/backends/redis/join-group.ts'

const task = (id: string) => [[id, null], null]

it('puts results where their tasks are', () => {
  const tuple = [
    ['g', null],
    [
      task('a'),
      [
        ['h', null],
        [task('b'), [['i', null], []]],
      ],
      task('c'),
    ],
  ]
  const group = joinGroup('g', tuple)
  expect(group.taskIds).toEqual(['a', 'b', 'c'])
  expect(group.results((id) => id.toUpperCase())).toEqual(['A', ['B', []], 'C'])
})

it.each([[null], [5], [[]], [task('a')], [[['g', null], [5]]], [[['g', null], [[[7, null], null]]]]])(
  'refuses %j, which is no group',
  (tuple) => {
    expect(() => joinGroup('g', tuple)).toThrow(/What is stored for "g"/)
  },
)

it('refuses groups nested beyond reason', () => {
  let tuple: unknown = task('a')
  for (let i = 0; i < 2000; i++) tuple = [['g', null], [tuple]]
  expect(() => joinGroup('g', tuple)).toThrow(/What is stored for "g"/)
})
