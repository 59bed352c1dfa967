import { brand } from '../../lib/brand.ts'
import { TwopiError } from '../../lib/twopi-error.ts'

/** What can go wrong with a broker. `docs/errors.md` says what to do about each. */
export type BrokerErrorCode =
  | 'ERR_CELERY_CONNECTION'
  | 'ERR_CELERY_DECLARATION'
  | 'ERR_CELERY_DELIVERY_LOST'
  | 'ERR_CELERY_DRIVER_MISSING'
  | 'ERR_CELERY_NOT_ROUTED'
  | 'ERR_CELERY_PUBLISH_UNKNOWN'

/** The base of what brokers throw. Messages have addresses without their secrets, and nothing of what a message holds. */
export abstract class BrokerError extends TwopiError {
  abstract override readonly code: BrokerErrorCode

  static {
    brand(this, 'BrokerError')
  }
}

/**
 * Thrown when the broker cannot be reached, or the handle was closed: what was asked for was certainly not done.
 * Codes: `ERR_CELERY_CONNECTION`.
 */
export class BrokerConnectionError extends BrokerError {
  override readonly code = 'ERR_CELERY_CONNECTION'
  /** Of the broker, without its secrets. */
  readonly address: string

  constructor(address: string, reason: string, options?: ErrorOptions) {
    super(`The broker \`${address}\` cannot be reached: ${reason}`, options)
    this.address = address
  }

  static {
    brand(this, 'BrokerConnectionError')
  }
}

/**
 * Thrown when an exchange or a queue exists with other arguments, or does not exist and is only to be checked.
 * Codes: `ERR_CELERY_DECLARATION`.
 */
export class DeclarationError extends BrokerError {
  override readonly code = 'ERR_CELERY_DECLARATION'
  /** Name of the exchange or queue. */
  readonly target: string

  constructor(target: string, reason: string, options?: ErrorOptions) {
    super(`"${target}" cannot be declared: ${reason}`, options)
    this.target = target
  }

  static {
    brand(this, 'DeclarationError')
  }
}

/** Thrown when no queue took a message: it is not stored. Codes: `ERR_CELERY_NOT_ROUTED`. */
export class NotRoutedError extends BrokerError {
  override readonly code = 'ERR_CELERY_NOT_ROUTED'
  readonly exchange: string
  readonly routingKey: string

  constructor(exchange: string, routingKey: string, reason = 'no queue is bound there', options?: ErrorOptions) {
    super(`No queue took the message for exchange "${exchange}", routing key "${routingKey}": ${reason}`, options)
    this.exchange = exchange
    this.routingKey = routingKey
  }

  static {
    brand(this, 'NotRoutedError')
  }
}

/**
 * Thrown when the connection was lost between a message and its confirmation: it may be stored or not.
 * Codes: `ERR_CELERY_PUBLISH_UNKNOWN`.
 */
export class PublishUnknownError extends BrokerError {
  override readonly code = 'ERR_CELERY_PUBLISH_UNKNOWN'
  /** Of the broker, without its secrets. */
  readonly address: string

  constructor(address: string, options?: ErrorOptions) {
    super(`The connection to \`${address}\` was lost before it confirmed the message: it may be stored or not`, options)
    this.address = address
  }

  static {
    brand(this, 'PublishUnknownError')
  }
}

/** Thrown when a delivery cannot be settled any more: the broker gives it again. Codes: `ERR_CELERY_DELIVERY_LOST`. */
export class DeliveryLostError extends BrokerError {
  override readonly code = 'ERR_CELERY_DELIVERY_LOST'
  readonly queue: string

  constructor(queue: string, reason = 'the connection it came through is gone', options?: ErrorOptions) {
    super(`A delivery from queue "${queue}" cannot be settled, and will come again: ${reason}`, options)
    this.queue = queue
  }

  static {
    brand(this, 'DeliveryLostError')
  }
}

/** Thrown when the package of a driver is not installed. Codes: `ERR_CELERY_DRIVER_MISSING`. */
export class DriverMissingError extends BrokerError {
  override readonly code = 'ERR_CELERY_DRIVER_MISSING'
  /** Name of the package. */
  readonly driver: string

  constructor(driver: string, options?: ErrorOptions) {
    super(
      `The package \`${driver}\` is needed for this URL and is not installed. Run \`npm install ${driver}\`.`,
      options,
    )
    this.driver = driver
  }

  static {
    brand(this, 'DriverMissingError')
  }
}
