import { connect } from 'amqplib'

/** Removes what a run has left on a RabbitMQ that others use too. */
export async function removeQueues(url: string, id: string): Promise<void> {
  const connection = await connect(url.replace(/\/\/$/, '/%2F'))
  connection.on('error', () => undefined)
  for (const name of names(id)) {
    // Each on its own: what does not exist, or is of another kind, ends the channel.
    for (const remove of ['deleteQueue', 'deleteExchange'] as const) {
      const channel = await connection.createChannel()
      channel.on('error', () => undefined)
      await channel[remove](name).catch(() => undefined)
      await channel.close().catch(() => undefined)
    }
  }
  await connection.close()
}

function* names(id: string): Generator<string> {
  for (const suffix of ['py', 'ts', 'default', 'both', 'poison', 'priority']) yield `${id}.${suffix}`
  for (const node of ['alone.py', 'alone.ts']) yield `${node}@${id}.dq2`
  for (const suffix of ['ev', 'pidbox']) yield `${id}.${suffix}`
  yield `reply.${id}.pidbox`
}
