/** Where a worker is in its life. See `createWorker` for what leads from one to the other. */
export type WorkerState = 'idle' | 'starting' | 'running' | 'stopping' | 'stopped' | 'failed'
