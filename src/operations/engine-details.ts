/** Files of the segment hosts and endpoints that an engine is told: who names them decides where keys go. */

import type { BulkProcessorConfig } from '../config/load-config.ts';
import { RelytError } from '../errors.ts';

type Details = Pick<BulkProcessorConfig, 'greenplum' | 'awsS3'>;

const FLAGS = {
  'greenplum.config': '--greenplum-config',
  'greenplum.configServer': '--greenplum-config-server',
  'greenplum.section': '--greenplum-section',
  'awsS3.endpointUrl': '--aws-s3-endpoint',
} as const;

/**
 * What the engine is told, by the caller or else as the task was started with it. The word of another role is taken
 * only where the caller repeats it (G7).
 * @throws RelytError RESUME_REFUSED
 */
export function engineDetails(
  processId: string,
  settings: Readonly<Record<string, unknown>>,
  { ofAnotherRole, given }: { readonly ofAnotherRole: boolean; readonly given: Details },
): Details {
  const { greenplum = {}, awsS3 = {} } = given;
  const said = { greenplum, awsS3 };
  const stored = { greenplum: asObject(settings.greenplum), awsS3: asObject(settings.awsS3) };
  const unsaid = detailsOf(stored).filter(
    ({ path }) => !detailsOf(said).some((one) => one.path === path),
  );
  const [first] = unsaid;
  if (ofAnotherRole && first !== undefined) {
    const again = unsaid.map(({ path }) => `${FLAGS[path]} VALUE (${path} in code)`).join(', ');
    throw new RelytError(
      'RESUME_REFUSED',
      `The task ${processId} was created by another role, whose setting ${first.path} ${JSON.stringify(first.value)} is not trusted.`,
      {
        details: { processId },
        hint: `If it is right, give it yourself: ${again}.`,
      },
    );
  }
  return {
    greenplum: { ...stored.greenplum, ...greenplum },
    awsS3: { ...stored.awsS3, ...awsS3 },
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
