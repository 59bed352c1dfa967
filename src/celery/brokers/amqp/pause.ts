/** A wait that can be cut short. It holds the process: what waits here is still to be done. */
export function pause(milliseconds: number): { readonly over: Promise<void>; readonly stop: () => void } {
  let stop = (): void => undefined
  const over = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    stop = () => {
      clearTimeout(timer)
      resolve()
    }
  })
  return { over, stop: () => stop() }
}
