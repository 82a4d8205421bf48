import type { Dialect } from '../../core/dialect.ts';
import {
  type CodeFact,
  foreignCodeHint,
  foreignCodeText,
  isForeign,
} from '../../core/foreign-code.ts';
import { RelytError } from '../../errors.ts';
import { databaseError } from '../database-error.ts';
import type { Reader, Session } from '../session.ts';
import { codeFacts } from '../statements/foreign-code.ts';
import { ownDefinition } from './own-definitions.ts';

/**
 * Objects of ours that `relyt init` made before it set a search path keep what it found by the role's. To be called
 * before anything of relyt_sys is read or written.
 * @throws RelytError FOREIGN_CODE
 */
export async function refuseForeignCode(session: Reader, dialect: Dialect): Promise<void> {
  const findings = await foreignCode(session);
  if (findings.length > 0) throw refused(findings, dialect);
}

/**
 * The same for an installation.
 * @returns SQL that makes those objects again which an installation makes, to be run before anything else
 * @throws RelytError FOREIGN_CODE when there are others
 */
export async function foreignCodeToMend(session: Session, dialect: Dialect): Promise<string[]> {
  const findings = await foreignCode(session);
  const texts = findings.map((finding) => ownDefinition(finding, dialect));
  const known = texts.filter((text) => text !== undefined);
  if (known.length < findings.length) throw refused(findings, dialect);
  return [...new Set(known)];
}

async function foreignCode(session: Reader): Promise<readonly CodeFact[]> {
  try {
    return (await session.query<CodeFact>(codeFacts())).filter(isForeign);
  } catch (error) {
    throw databaseError(error, 'look for foreign code in relyt_sys');
  }
}

function refused(findings: readonly CodeFact[], dialect: Dialect): RelytError {
  const mendable = (finding: CodeFact) => ownDefinition(finding, dialect) !== undefined;
  return new RelytError('FOREIGN_CODE', findings.map(foreignCodeText).join('; '), {
    hint: foreignCodeHint(findings, mendable),
  });
}
