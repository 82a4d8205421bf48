/** Files of the segment hosts and endpoints that an engine is told: who names them decides where keys go. */

import { type EngineFlags, engineSettingsOf } from '../engine-option.ts';
import { resumeRefused } from './resume-refused.ts';

type Details = Pick<ReturnType<typeof engineSettingsOf>, 'greenplum' | 'awsS3'>;

const FLAGS = {
  'greenplum.config': '--greenplum-config',
  'greenplum.configServer': '--greenplum-config-server',
  'greenplum.section': '--greenplum-section',
  'awsS3.endpointUrl': '--aws-s3-endpoint',
} as const;

/**
 * What the engine is told, from the flags or else as the task was started with it. The word of another role is taken
 * only where the flags repeat it (G7).
 * @throws RelytError RESUME_REFUSED
 */
export function engineDetails(
  processId: string,
  settings: Readonly<Record<string, unknown>>,
  { ofAnotherRole, flags }: { readonly ofAnotherRole: boolean; readonly flags: EngineFlags },
): Details {
  const { greenplum, awsS3 } = engineSettingsOf(flags);
  const given = { greenplum, awsS3 };
  const stored = { greenplum: asObject(settings.greenplum), awsS3: asObject(settings.awsS3) };
  const unsaid = detailsOf(stored).filter(
    ({ path }) => !detailsOf(given).some((one) => one.path === path),
  );
  const [first] = unsaid;
  if (ofAnotherRole && first !== undefined) {
    throw resumeRefused(
      processId,
      `was created by another role, whose word is not taken for ${first.path} ${JSON.stringify(first.value)}`,
      `If that is right, say so yourself: ${unsaid.map(({ path }) => `${FLAGS[path]} VALUE`).join(' ')}.`,
    );
  }
  return {
    greenplum: { ...stored.greenplum, ...given.greenplum },
    awsS3: { ...stored.awsS3, ...given.awsS3 },
  };
}

interface Detail {
  readonly path: keyof typeof FLAGS;
  readonly value: unknown;
}

function detailsOf(details: Readonly<Record<'greenplum' | 'awsS3', object>>): Detail[] {
  const all = Object.entries(details).flatMap(([engine, values]) =>
    Object.entries(values).map(([name, value]) => ({ path: `${engine}.${name}`, value })),
  );
  return all.filter((detail): detail is Detail => Object.hasOwn(FLAGS, detail.path));
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
