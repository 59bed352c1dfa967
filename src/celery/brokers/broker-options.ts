import type { BrokerAddress } from './broker-address.ts'

/**
 * What a driver is made from. Settings give it; all times are seconds, as in Celery.
 *
 * @typeParam Address - the kind of address a driver takes
 */
export interface BrokerOptions<Address extends BrokerAddress = BrokerAddress> {
  readonly address: Address
  /** `broker_transport_options`, by Celery's own names: `visibility_timeout`, `global_keyprefix`, `priority_steps`. */
  readonly transportOptions?: Readonly<Record<string, unknown>> | undefined
  /** `broker_failover_strategy`: servers are tried in turn, or in an order thrown anew each time. Default `round-robin`. */
  readonly failoverStrategy?: 'round-robin' | 'shuffle' | undefined
  /** `broker_heartbeat`: seconds between signs of life; 0 for none. Default 120. */
  readonly heartbeat?: number | undefined
  /** `broker_connection_timeout`: seconds until a connection must stand. Default 4. */
  readonly connectionTimeout?: number | undefined
  /** `broker_connection_retry`: connect again after a loss. Default true. */
  readonly connectionRetry?: boolean | undefined
  /** `broker_connection_max_retries`: tries of one connection; null: for ever. Default 100. */
  readonly maxRetries?: number | null | undefined
  /** Shown to the broker as the name of the connection: `celery@host`. */
  readonly connectionName?: string | undefined
}
