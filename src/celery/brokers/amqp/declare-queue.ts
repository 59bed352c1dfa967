import type { ExchangeDeclaration, QueueDeclaration } from '../broker.ts'
import { declarationRefusal } from './declaration-refusal.ts'
import type { Link } from './link.ts'
import { writeTable } from './write-table.ts'

/**
 * Makes exchange, queue and binding; with `passive` it only sees whether they are there.
 *
 * @throws DeclarationError when the broker refuses
 */
export async function declareQueue(link: Link, queue: QueueDeclaration): Promise<void> {
  const { name, exchange, passive } = queue
  const bound = exchange !== undefined && exchange.name !== '' ? exchange : undefined
  if (bound !== undefined) await declareExchange(link, bound, passive)
  await attempt(name, () =>
    link.admin.run(`declare the queue "${name}"`, (channel) =>
      passive ? channel.checkQueue(name) : channel.assertQueue(name, flags(queue)),
    ),
  )
  if (bound !== undefined && !passive) await bindQueue(link, name, bound.name, queue.routingKey)
}

/** @throws DeclarationError when the broker refuses */
export async function declareExchange(link: Link, exchange: ExchangeDeclaration, passive = false): Promise<void> {
  const { name, type } = exchange
  await attempt(name, () =>
    link.admin.run(`declare the exchange "${name}"`, (channel) =>
      passive ? channel.checkExchange(name) : channel.assertExchange(name, type, flags(exchange)),
    ),
  )
}

/** @throws DeclarationError when the broker refuses */
export async function bindQueue(link: Link, queue: string, exchange: string, routingKey: string): Promise<void> {
  await attempt(queue, () =>
    link.admin.run(`bind the queue "${queue}"`, (channel) => channel.bindQueue(queue, exchange, routingKey, {})),
  )
}

/** @throws DeclarationError when the broker refuses */
export async function bindExchange(link: Link, to: string, from: string, routingKey: string): Promise<void> {
  await attempt(to, () =>
    link.admin.run(`bind the exchange "${to}"`, (channel) => channel.bindExchange(to, from, routingKey, {})),
  )
}

async function attempt(target: string, operation: () => Promise<unknown>): Promise<void> {
  try {
    await operation()
  } catch (error) {
    throw declarationRefusal(target, error)
  }
}

function flags(declared: ExchangeDeclaration | QueueDeclaration) {
  return {
    durable: declared.durable,
    autoDelete: declared.autoDelete,
    exclusive: 'exclusive' in declared && declared.exclusive,
    arguments: writeTable(declared.arguments),
  }
}
