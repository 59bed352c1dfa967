// What does a task cost to send, to run, and to send and wait for? Beside Python Celery, BullMQ and celery-node.
import { consumeQuestion } from './consume.mjs'
import { publishQuestion, rabbitmqQuestion } from './publish.mjs'
import { startRedis } from './redis-server.mjs'
import { roundTripQuestion } from './round-trip.mjs'

export const packages = ['redis', 'amqplib', 'bullmq', 'celery-node']

/** The next question is made when the one before is measured. */
export async function* questions() {
  const redis = await startRedis()
  try {
    for (const make of [publishQuestion, consumeQuestion, roundTripQuestion]) {
      const { question, close } = await make(redis)
      yield question
      await close()
    }
  } finally {
    await redis.close()
  }
  const { question, close } = await rabbitmqQuestion()
  yield question
  await close()
}
