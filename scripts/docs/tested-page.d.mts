/** The latest run on one thing. */
export interface Run {
  readonly kind: string;
  readonly name: string;
  readonly version?: string;
  readonly passed: number;
  readonly failed: number;
  readonly leftOut: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly commit: string;
  readonly machine: string;
}

export function testedPage(runs: readonly Run[]): string;
