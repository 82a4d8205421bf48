import { refuseForeignCode } from '../database/schema/foreign-code.ts';
import { known } from './findings.ts';
import type { Step } from './step.ts';

/** Before all steps that read or write relyt_sys: they would run what is found here. */
export const FOREIGN_CODE: Step = {
  name: 'foreign code',
  asks: 'database',
  seconds: 20,
  async run({ findings }) {
    const { database, profile } = known(findings, 'database', 'profile');
    await refuseForeignCode(database, profile.dialect);
    findings.ownCode = true;
    return 'what relyt_sys and the views over routed tables run is all of PostgreSQL or of this package';
  },
};
