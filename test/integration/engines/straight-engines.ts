/** Suites for the engines that stream rows straight into the target. */

import { describe } from 'vitest';
import { PROFILES } from '../../../src/engines/profiles.ts';
import { enginesUnderTest } from '../../support/engines-under-test.ts';
import { type MakeTarget, targetsOn } from '../../support/loading.ts';

const STRAIGHT = enginesUnderTest().filter(({ name }) =>
  Object.values(PROFILES).some(({ engine, copiesStraight }) => engine === name && copiesStraight),
);

export const row = (n: number) => ({ id: n, v: `value ${n}` });

export function describeStraight(title: string, suite: (makeTarget: MakeTarget) => void): void {
  for (const engine of STRAIGHT) {
    for (const server of engine.servers)
      describe(`${title}: the engine ${engine.name} on ${server.name}`, () => {
        suite(targetsOn(server, engine));
      });
  }
}
