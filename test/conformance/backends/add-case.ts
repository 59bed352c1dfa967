import type { Bench } from './bench.ts'

/** Registers one case of the suite. */
export type AddCase = (title: string, run: (bench: Bench) => Promise<void>, timeoutMs?: number) => void
