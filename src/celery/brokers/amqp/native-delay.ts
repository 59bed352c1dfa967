/** How a delay is written into a routing key: as so many bits, each of which is a queue to wait in or to pass by. */
export const delayBits = 28

/** Where messages come out when their time has come. */
export const deliveryExchange = 'celery_delayed_delivery'

const longest = 2 ** delayBits - 1

/** Name of the queue and of the exchange that hold messages for 2^level seconds. */
export function levelName(level: number): string {
  return `celery_delayed_${level}`
}

/**
 * The routing key by which the exchange of the highest level delays a message.
 *
 * @param delay - in seconds, from 1 on; what is over 2^28 − 1, eight years, is cut off
 * @param routingKey - by which it shall come out
 */
export function delayedRoutingKey(delay: number, routingKey: string): string {
  const seconds = Math.min(Math.trunc(delay), longest)
  return `${[...seconds.toString(2).padStart(delayBits, '0')].join('.')}.${routingKey}`
}

/**
 * The way a delayed message would have come without the delay, so that a retry goes that way, too.
 *
 * @param exchange - by which it came
 * @param own - name of the exchange that its queue hangs on
 */
export function withoutDelay(
  exchange: string,
  routingKey: string,
  own: string,
): readonly [exchange: string, key: string] {
  if (exchange !== deliveryExchange && exchange !== levelName(delayBits - 1)) return [exchange, routingKey]
  const bits = /^(?:[01]\.){28}/.exec(routingKey)
  return bits === null ? [exchange, routingKey] : [own, routingKey.slice(bits[0].length)]
}

/** The pattern that takes a message whatever bits stand before its routing key. */
export function afterDelay(routingKey: string): string {
  return routingKey.startsWith('#') ? routingKey : `#.${routingKey}`
}
