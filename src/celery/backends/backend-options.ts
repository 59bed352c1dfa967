import type { Broker } from '../brokers/broker.ts'
import type { AmqpAddress, BrokerAddress } from '../brokers/broker-address.ts'

/** Where a result store is, read from its URL. */
export type BackendAddress = Exclude<BrokerAddress, AmqpAddress>

/**
 * What a store is made from. Settings give it; all times are seconds, as in Celery.
 *
 * @typeParam Address - the kind of address a store takes
 */
export interface BackendOptions<Address extends BackendAddress = BackendAddress> {
  readonly address: Address
  /** `result_expires`: seconds a result is kept; null or 0: for ever. */
  readonly resultExpires: number | null
  /** `result_serializer`. Default `json`. */
  readonly serializer?: string | undefined
  /** `result_accept_content`, or else `accept_content`. Default `['json']`. */
  readonly accept?: readonly string[] | undefined
  /** `result_compression`, of the messages of `rpc://`. */
  readonly compression?: string | undefined
  /** `result_backend_transport_options`, by Celery's own names: `global_keyprefix`, `result_chord_ordered`. */
  readonly transportOptions?: Readonly<Record<string, unknown>> | undefined
  /** `result_persistent`: messages of `rpc://` survive a restart of the broker. Default false. */
  readonly persistent?: boolean | undefined
  /** Name of the queue of `rpc://`, which is what tasks say in `reply_to`: a UUID. Made when missing. */
  readonly replyTo?: string | undefined
  /** What `rpc://` sends and receives by. */
  readonly broker?: Broker | undefined
  /** Shown by the server as the name of the connections: `celery@host`. */
  readonly connectionName?: string | undefined
  /** `redis_socket_timeout`: seconds until a command must be answered; null: no limit. Default 120. */
  readonly socketTimeout?: number | null | undefined
  /** `redis_socket_connect_timeout`: seconds until a connection must stand. */
  readonly connectionTimeout?: number | undefined
  /** `redis_socket_keepalive`. Default false. */
  readonly socketKeepalive?: boolean | undefined
  /** `redis_retry_on_timeout`. Default false. */
  readonly retryOnTimeout?: boolean | undefined
  /**
   * Further tries to connect, and of each command; null: for ever. Celery makes 20, and `result_backend_max_retries` of them with
   * `result_backend_always_retry`. Default 20.
   */
  readonly maxRetries?: number | null | undefined
  /** `result_backend_base_sleep_between_retries_ms`, in seconds: doubled for each further try. Default 0.01. */
  readonly baseSleep?: number | undefined
  /** `result_backend_max_sleep_between_retries_ms`, in seconds. Default 10. */
  readonly maxSleep?: number | undefined
}
