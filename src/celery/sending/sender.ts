import type { Broker, PublishTarget, QueueDeclaration } from '../brokers/broker.ts'
import { NotRoutedError } from '../brokers/errors.ts'
import { encodeTask } from '../protocol/encode-task.ts'
import { MAX_BYTES } from '../protocol/limits.ts'
import type { Message } from '../protocol/message.ts'
import { MessageError } from '../protocol/message-error.ts'
import type { SerializerName } from '../protocol/serializer.ts'
import { loadSerializer, serializerName } from '../protocol/serializers.ts'
import type { TaskMessage } from '../protocol/task-message.ts'
import type { ResolvedRoute } from '../settings/resolve-route.ts'
import type { Settings } from '../settings/settings.ts'
import type { TaskHooks } from '../task/task-hooks.ts'
import { taskSentEvent } from './task-sent-event.ts'

/** What sending needs of the app. */
export interface SenderParts {
  readonly settings: Settings
  readonly hooks: TaskHooks
  /** The connection for sending; opened when it is asked for. */
  readonly broker: () => Broker
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** The present value of the app's logical clock, moved on. */
  readonly tick: () => number
}

/** How one message is written. */
export interface Format {
  readonly serializer: string
  readonly compression: string | undefined
}

/** How many queues are remembered to be declared; signatures that travel may name any. */
const MOST_DECLARED = 10_000

/** Sends the messages of an app over one connection. */
export class Sender {
  readonly #parts: SenderParts
  /** Queues that are declared, or being declared, on {@link #declaredOn}. */
  readonly #declared = new Map<string, Promise<void> | true>()
  #declaredOn: Broker | undefined
  /** Serializers that are loaded, by the names they are asked for by. */
  readonly #loaded = new Map<string, SerializerName>([['json', 'json']])

  constructor(parts: SenderParts) {
    this.#parts = parts
  }

  /**
   * Sends a message. Resolves when the broker has stored it.
   *
   * @throws TypeError when something in it cannot be sent; `ERR_CELERY_TOO_LARGE`; whatever the broker throws
   */
  async send(task: TaskMessage, route: ResolvedRoute, format: Format): Promise<void> {
    const { settings, hooks } = this.#parts
    const serializer = this.#loaded.get(format.serializer) ?? (await this.#load(format.serializer))
    const message = encodeTask(task, {
      serializer,
      compression: format.compression,
      protocol: settings.taskProtocol === 1 ? 1 : 2,
      deliveryMode: route.deliveryMode,
      now: this.#parts.now(),
    })
    assertSize(message, task)
    const broker = this.#parts.broker()
    const { queue } = route
    const target = this.#target(broker, task, route.target)
    if (queue === undefined) await broker.publish(message, target)
    else await this.#publish(broker, message, target, queue)
    hooks.emit('task-sent', { id: task.id, name: task.task, queue: queue?.name })
    if (settings.taskSendSentEvent) await this.#tellMonitors(broker, task, route, message)
  }

  async #publish(broker: Broker, message: Message, target: PublishTarget, queue: QueueDeclaration): Promise<void> {
    const isDeclared = this.#declaredOn === broker && this.#declared.get(queue.name) === true
    if (!isDeclared) await this.#declare(broker, queue)
    try {
      await broker.publish(message, target)
    } catch (error) {
      // Somebody removed the queue since it was declared, or it expired: it was certainly not stored.
      if (!isDeclared || !(error instanceof NotRoutedError)) throw error
      this.#declared.delete(queue.name)
      await this.#declare(broker, queue)
      await broker.publish(message, target)
    }
  }

  #target(broker: Broker, task: TaskMessage, target: PublishTarget): PublishTarget {
    const { settings, now } = this.#parts
    const isDelayed = task.eta !== undefined && broker.abilities.nativeDelay
    if (!isDelayed && settings.taskPublishRetry) return target
    const delay = isDelayed && task.eta !== undefined ? Math.max(0, (task.eta.getTime() - now()) / 1000) : undefined
    return { ...target, delay, retry: settings.taskPublishRetry }
  }

  /** One who waits for the declaration of another gets its failure too; the next call tries again. */
  async #declare(broker: Broker, queue: QueueDeclaration): Promise<void> {
    if (this.#declaredOn !== broker || this.#declared.size >= MOST_DECLARED) {
      this.#declared.clear()
      this.#declaredOn = broker
    }
    const declared = this.#declared
    let declaring = declared.get(queue.name)
    if (declaring === undefined) {
      declaring = broker.declare(queue, { soon: true }).then(
        () => void declared.set(queue.name, true),
        (error: unknown) => {
          declared.delete(queue.name)
          throw error
        },
      )
      declared.set(queue.name, declaring)
    }
    if (declaring !== true) await declaring
  }

  async #load(name: string): Promise<SerializerName> {
    const serializer = serializerName(name)
    await loadSerializer(serializer)
    this.#loaded.set(name, serializer)
    return serializer
  }

  /** The task is stored: that monitors do not hear of it must not make its caller send it again. */
  async #tellMonitors(broker: Broker, task: TaskMessage, route: ResolvedRoute, message: Message): Promise<void> {
    const { settings, now, tick } = this.#parts
    const event = taskSentEvent(task, message.headers, route, {
      settings,
      broker: broker.kind,
      now: now(),
      clock: tick(),
    })
    await broker.publish(event.message, event.target).catch(() => undefined)
  }
}

function assertSize({ body }: Message, { task, id }: TaskMessage): void {
  if (body.length <= MAX_BYTES) return
  throw new MessageError(
    'ERR_CELERY_TOO_LARGE',
    'body',
    `the message of ${task}[${id}] has ${body.length} bytes; at most ${MAX_BYTES} are sent. Store what is large elsewhere, and send where it is`,
    { taskId: id, taskName: task },
  )
}
