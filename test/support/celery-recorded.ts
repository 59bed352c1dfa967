import { readFileSync } from 'node:fs'
import type { Message } from '../../src/celery/protocol/message.ts'

/** An envelope of kombu's virtual transports. */
interface Envelope {
  readonly body: string
  readonly 'content-type': string
  readonly 'content-encoding': string
  readonly headers: Readonly<Record<string, unknown>>
  readonly properties: Readonly<Record<string, unknown>>
}

/** What `test/fixtures/celery/record.py` wrote. */
export interface Recorded {
  readonly celery: string
  readonly messages: Readonly<Record<string, Envelope | { readonly unable: string }>>
  readonly results: Readonly<Record<string, string>>
  readonly reprs: readonly { readonly args: string; readonly size: number; readonly repr: string }[]
}

/** The versions of Celery that were recorded. */
export const recordings: readonly Recorded[] = ['5.2.6', '5.6.3'].map((version) =>
  JSON.parse(readFileSync(new URL(`../fixtures/celery/recorded-${version}.json`, import.meta.url), 'utf8')),
)

/** A recorded message; undefined when that version could not write it. */
export function recordedMessage({ messages }: Recorded, name: string): Message | undefined {
  const envelope = messages[name]
  if (envelope === undefined) throw new Error(`nothing is recorded as "${name}"`)
  if ('unable' in envelope) return undefined
  const {
    correlation_id: correlationId,
    reply_to: replyTo,
    delivery_mode: mode,
    priority,
    expiration,
  } = envelope.properties
  return {
    body: Buffer.from(envelope.body, 'base64'),
    contentType: envelope['content-type'],
    contentEncoding: envelope['content-encoding'],
    headers: envelope.headers,
    properties: {
      correlationId: textOf(correlationId),
      replyTo: textOf(replyTo),
      deliveryMode: mode === 1 ? 1 : 2,
      priority: typeof priority === 'number' ? priority : undefined,
      expiration: textOf(expiration),
    },
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
