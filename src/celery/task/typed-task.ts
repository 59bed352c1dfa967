import type { StandardSchemaV1 } from '../../lib/standard-schema.ts'
import type { TaskContext } from './task-context.ts'
import type { ArgsSchema, KwargsSchema, LooseKwargs } from './task-schema.ts'

// How the types of a task follow from its schemas and its function.

/**
 * The function of a task. With a schema of its arguments it takes what the schema gives; without one it says itself what it
 * takes, and what it does not say is `unknown`.
 */
export type TaskFunction<Args extends ArgsSchema | undefined, Kwargs extends KwargsSchema | undefined> =
  Args extends StandardSchemaV1<unknown, infer Output extends readonly unknown[]>
    ? (context: TaskContext<KwargsOutput<Kwargs>>, ...args: Output) => unknown
    : AnyArguments<KwargsOutput<Kwargs>>['call']

/** A method, because the compiler lets a method's parameters be narrower: here `unknown` means "say what you take". */
interface AnyArguments<Kwargs extends object> {
  call(context: TaskContext<Kwargs>, ...args: unknown[]): unknown
}

/** What a schema of keyword arguments gives to the function. */
export type KwargsOutput<Kwargs extends KwargsSchema | undefined> =
  Kwargs extends StandardSchemaV1<unknown, infer Output extends object> ? Output : LooseKwargs

/** What a caller gives as keyword arguments. */
export type KwargsInput<Kwargs extends KwargsSchema | undefined> =
  Kwargs extends StandardSchemaV1<infer Input, object> ? (Input extends object ? Input : LooseKwargs) : LooseKwargs

/** What a caller gives as arguments: the schema's input, or else what the function takes. */
export type TaskArgs<Args extends ArgsSchema | undefined, Fn> =
  Args extends StandardSchemaV1<infer Input, readonly unknown[]>
    ? Input extends readonly unknown[]
      ? Input
      : readonly unknown[]
    : Fn extends (context: never, ...args: infer Own) => unknown
      ? Own
      : readonly unknown[]

/** What the function's result is once it is there. */
export type TaskReturn<Fn> = Fn extends (...args: never) => infer Result ? Awaited<Result> : never

/** The arguments a signature may hold: the last ones, since results of earlier tasks are put before them. */
export type LastArgs<Args extends readonly unknown[]> = number extends Args['length']
  ? Args
  : Args extends readonly []
    ? []
    : Args | (Args extends readonly [unknown?, ...infer Rest] ? LastArgs<Rest> : never)

/** The arguments that are still missing when a signature holds some. */
export type MissingArgs<
  Args extends readonly unknown[],
  Given extends readonly unknown[],
> = number extends Args['length'] ? readonly unknown[] : (Given extends Args ? [] : never) | WithoutLast<Args, Given>

type WithoutLast<Args extends readonly unknown[], Given extends readonly unknown[]> = Given extends readonly [
  unknown,
  ...infer Rest,
]
  ? Required<Args> extends readonly [...infer First, unknown]
    ? WithoutLast<First, Rest>
    : never
  : Args

/** True when a call cannot do without keyword arguments. */
export type NeedsKwargs<Kwargs extends object> = Record<never, never> extends Kwargs ? false : true

/** What the compiler says of `delay` on a task whose keyword arguments are required. */
export type KwargsAreRequired = 'this task needs keyword arguments: call applyAsync([…], { kwargs: { … } })'
