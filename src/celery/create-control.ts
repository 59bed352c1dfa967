import { isTwopiError } from '../lib/twopi-error.ts'
import type { Broker } from './brokers/broker.ts'
import type { CeleryControl } from './celery-app.ts'
import { type ControlRequest, controlRequest, controlTarget } from './control/control-request.ts'
import { loadSerializer, serializerName } from './protocol/serializers.ts'
import type { Settings } from './settings/settings.ts'

/** What commands need of the app. */
export interface ControlParts {
  readonly settings: Settings
  readonly broker: () => Broker
  /** The app's logical clock, moved on. */
  readonly tick: () => number
}

/** Makes the commands for workers. */
export function createControl({ settings, broker, tick }: ControlParts): CeleryControl {
  const serializer = serializerName(settings.taskSerializer)
  const target = controlTarget(settings.controlExchange)
  const broadcast = async (request: ControlRequest): Promise<void> => {
    await loadSerializer(serializer)
    const message = controlRequest(request, { serializer, clock: tick(), expires: 0 })
    try {
      await broker().publish(message, target)
    } catch (error) {
      // No worker is there that could hear it.
      if (!isTwopiError(error) || error.code !== 'ERR_CELERY_NOT_ROUTED') throw error
    }
  }
  return {
    revoke: (ids, { terminate = false, signal = 'SIGTERM' } = {}) =>
      broadcast({ method: 'revoke', arguments: { task_id: typeof ids === 'string' ? [ids] : ids, terminate, signal } }),
  }
}
