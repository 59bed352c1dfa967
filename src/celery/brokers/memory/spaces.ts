import { MemorySpace } from './memory-space.ts'

interface Shared {
  readonly space: MemorySpace
  handles: number
}

const spaces = new Map<string, Shared>()

/** The space of this name, for one more handle. */
export function joinSpace(name: string): MemorySpace {
  const shared = spaces.get(name) ?? { space: new MemorySpace(), handles: 0 }
  shared.handles += 1
  spaces.set(name, shared)
  return shared.space
}

/** A space that nobody has a handle to stays as long as there are queues in it, as a server would. */
export function leaveSpace(name: string): void {
  const shared = spaces.get(name)
  if (shared === undefined) return
  shared.handles -= 1
  if (shared.handles === 0 && shared.space.isEmpty) spaces.delete(name)
}
