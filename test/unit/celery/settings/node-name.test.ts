import { hostname } from 'node:os'
import { describe, expect, it } from 'vitest'
import { anonymousNodeName, formatForNode, nodeName } from '../../../../src/celery/settings/node-name.ts'

describe('nodeName', () => {
  it.each([
    ['', 'celery@web1.example.com'],
    ['%h', 'celery@web1.example.com'],
    ['w1@%h', 'w1@web1.example.com'],
    ['w1@%n', 'w1@web1'],
    ['w1@%d', 'w1@example.com'],
    ['%n@%d', 'web1@example.com'],
    ['w1', 'celery@w1'],
    ['w1@', 'w1@web1.example.com'],
    ['w%i%I@x', 'w0@x'],
    ['a@b@c', 'a@b@c'],
  ])('makes of "%s" %s', (pattern, expected) => {
    expect(nodeName(pattern, 'web1.example.com')).toBe(expected)
  })

  it('takes this machine by default, which may have no domain', () => {
    expect(nodeName()).toBe(`celery@${hostname()}`)
    expect(nodeName('w@%n.%d', 'web1')).toBe('w@web1.')
  })

  it('refuses another letter', () => {
    expect(() => nodeName('w@%x', 'h')).toThrow('`%x` is not known in the name of a node; known are h, n, d')
  })
})

it('formats names of files for a node', () => {
  expect(formatForNode('/var/log/%n-%p-%h-%d.log', 'w1@web1.example.com')).toBe(
    '/var/log/w1-w1@web1.example.com-web1.example.com-example.com.log',
  )
})

it('names processes that are no workers', () => {
  expect(anonymousNodeName(12, 'h')).toBe('gen12@h')
})
