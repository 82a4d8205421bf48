import { armFailpoint } from '../../src/failpoints.ts';
import { deferred } from './deferred.ts';

/** Imports of this process stop right before their commit until they are released, or the scope is left. */
export interface HeldCommit extends Disposable {
  /** The first import has come there. */
  readonly reached: Promise<void>;
  release(): void;
}

export function holdCommit(): HeldCommit {
  const { promise: released, resolve: release } = deferred();
  const { promise: reached, resolve: arrive } = deferred();
  const disarm = armFailpoint('before-commit', () => {
    arrive();
    return released;
  });
  return {
    reached,
    release,
    [Symbol.dispose]() {
      release();
      disarm();
    },
  };
}
