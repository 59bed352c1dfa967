import { expect, it } from 'vitest'
import { redisKeys } from '../../../../src/celery/backends/redis/redis-keys.ts'

it.each([
  ['', 'celery-task-meta-a'],
  ['school', 'school_celery-task-meta-a'],
  ['school:', 'school:celery-task-meta-a'],
  ['school_', 'school_celery-task-meta-a'],
  ['school-', 'school-celery-task-meta-a'],
  ['school.', 'school.celery-task-meta-a'],
  ['school/', 'school/_celery-task-meta-a'],
])('puts the prefix "%s" before a result as Celery does', (prefix, key) => {
  expect(redisKeys(prefix).task('a')).toBe(key)
})

it('names groups and what counts a chord as Celery does', () => {
  const keys = redisKeys('p')
  const group = 'p_celery-taskset-meta-g'
  expect(keys.group('g')).toBe(group)
  expect(keys.chord('g')).toEqual([`${group}.j`, `${group}.t`, `${group}.s`])
})
