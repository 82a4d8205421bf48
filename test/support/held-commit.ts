import { armFailpoint } from '../../src/failpoints.ts';

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

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
