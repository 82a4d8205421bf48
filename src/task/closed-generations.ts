import type { ReachedPlace } from '../core/source-place.ts';
import type { Generation } from './generation.ts';

/** Takes the generations of a load as they are closed, and brings them to the database in their order. */
export interface ClosedGenerations {
  /** A failure ends the task; nothing is thrown. */
  add(generation: Generation, source: ReachedPlace): void;
  /** Resolves when the records of every generation added before are durable, or the task has failed. */
  idle(): Promise<void>;
}
