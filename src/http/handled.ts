/** A response that the view has given, or is giving, to the framework by the framework's own means. */
export class Handled {
  readonly native: unknown
  readonly status: number

  constructor(native: unknown, status: number) {
    this.native = native
    this.status = status
  }
}
