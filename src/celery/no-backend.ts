import type { ResultBackend } from './backends/result-backend.ts'
import { NoResultBackendError } from './errors.ts'

const refuse = (): Promise<never> => Promise.reject(new NoResultBackendError())
const nothing = async (): Promise<void> => undefined

/** Stands where an app has no result store: sending works, asking for results is refused with the reason. */
export const noBackend: ResultBackend = {
  kind: 'memory',
  address: 'none',
  abilities: { shared: true, chords: false },
  replyTo: '',
  connect: nothing,
  expect: nothing,
  store: nothing,
  forgetChord: nothing,
  ping: nothing,
  close: nothing,
  get: refuse,
  watch: refuse,
  forget: refuse,
  addChordPart: refuse,
  setChordSize: refuse,
  getGroup: refuse,
}
