import type { ArgsSettings } from './args-settings.ts'
import type { ArgsShape } from './args-types.ts'
import { ShapesByLocation } from './in-locations.ts'

/** What a step made by `useArgs` declares, for those who document an API. */
export interface ArgsDeclaration {
  readonly shape: ArgsShape
  /** Whether the body is a list of the shape. */
  readonly many: boolean
  readonly settings: ArgsSettings
  /** The names it takes; undefined when they cannot be seen. */
  readonly names: ReadonlySet<string> | undefined
}

/** Whether a declaration receives files, which then exist until the steps after it are done. */
export function declaresFiles({ shape, settings }: Pick<ArgsDeclaration, 'shape' | 'settings'>): boolean {
  if (shape instanceof ShapesByLocation) return shape.shapes.files !== undefined
  return settings.location === 'files' && settings.firstOf === undefined
}

function declaresForm({ shape, settings }: ArgsDeclaration): boolean {
  if (shape instanceof ShapesByLocation) return (shape.shapes.form ?? shape.shapes.json_or_form) !== undefined
  if (settings.firstOf !== undefined) return settings.firstOf.includes('form')
  return settings.location === 'form' || settings.location === 'json_or_form'
}

const DECLARES = Symbol.for('twopi.args')
/** Called by a pipeline at set-up, with the steps before. */
const CHECK = Symbol.for('twopi.check')

/** What a step declares; undefined when it was not made by `useArgs`. */
function declarationOf(step: unknown): ArgsDeclaration | undefined {
  return typeof step === 'function' ? (step as { readonly [DECLARES]?: ArgsDeclaration })[DECLARES] : undefined
}

/** Writes a declaration onto its step, which from then on refuses to stand after one that declares the same names. */
export function declare<Step extends object>(step: Step, declaration: ArgsDeclaration): Step {
  return Object.defineProperties(step, {
    [DECLARES]: { value: declaration },
    [CHECK]: { value: (before: readonly unknown[]) => assertNoClash(declaration, before) },
  })
}

function assertNoClash(declaration: ArgsDeclaration, before: readonly unknown[]): void {
  const { names, many } = declaration
  const earlier = before.flatMap((step) => declarationOf(step) ?? [])
  if (earlier.length > 0 && (many || earlier.some((declaration) => declaration.many))) {
    throw new TypeError('`args` of a useArgs with `many` is a list, so no other useArgs can stand in the same pipeline')
  }
  if (declaresFiles(declaration) && earlier.some((other) => declaresFiles(other) || declaresForm(other))) {
    throw new TypeError(
      'a body is read once, by the first useArgs that needs it: declare all `files` there, with inLocations() if a form comes with them',
    )
  }
  const taken = new Set(earlier.flatMap((declaration) => [...(declaration.names ?? [])]))
  const both = [...(names ?? [])].filter((name) => taken.has(name))
  if (both.length > 0) {
    throw new TypeError(`${both.map((name) => `"${name}"`).join(', ')}: declared by an earlier useArgs already`)
  }
}
