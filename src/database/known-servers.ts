import type pg from 'pg';
import { RelytError } from '../errors.ts';
import { runTogether } from './burst.ts';
import { asOwnerUntrusted } from './own-schema.ts';
import type { StatementAnswer } from './session.ts';
import { begin, beginFirst, type FirstBegin } from './session-rules.ts';
import type { Statement } from './statement.ts';

/** What the first transaction of a connection tells. */
export interface KnownServer {
  /** Begins every transaction of it. */
  readonly begin: readonly Statement[];
  /** The server process it was made to is the one that runs its statements: it does not lead to a pooler. */
  readonly isDirect: boolean;
}

/** The servers behind connections: another connection may lead to one of another version. */
export class KnownServers {
  readonly #known = new WeakMap<pg.Client, KnownServer>();
  #latest: KnownServer | undefined;

  /** Of the connection that was new last; undefined before the first one. */
  get latest(): KnownServer | undefined {
    return this.#latest;
  }

  /** Begins a transaction with these statements, in one round trip. Gives the answers to them. */
  async begin(
    client: pg.Client,
    statements: readonly Statement[],
  ): Promise<readonly StatementAnswer[]> {
    const known = this.#known.get(client);
    const beginning = known?.begin ?? beginFirst();
    const answers = await runTogether(client, [...beginning, ...statements]).catch((error) => {
      throw known === undefined ? asOwnerUntrusted(error) : error;
    });
    const last = answers[beginning.length - 1];
    if (known === undefined) {
      this.#latest = knownFrom(client, last);
      this.#known.set(client, this.#latest);
    }
    return answers.slice(beginning.length);
  }
}

function knownFrom(client: pg.Client, answer: StatementAnswer | undefined): KnownServer {
  const rows = answer?.rows as readonly FirstBegin[] | undefined;
  if (rows?.[0] === undefined)
    throw new RelytError('INTERNAL', 'The server does not know any setting.');
  const { processID } = client as { readonly processID?: unknown };
  return { begin: begin(rows.map(({ name }) => name)), isDirect: rows[0].pid === processID };
}
