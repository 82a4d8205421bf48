/** Checked by our own compiler alone: the interface says what the validator takes, and the other way round. */

import type { z } from 'zod';
import type { BulkProcessorConfig } from '../../../src/config/load-config.ts';
import type { configSchema } from '../../../src/config/load-schema.ts';

export const taken: z.input<typeof configSchema> = {} as BulkProcessorConfig;
export const said: BulkProcessorConfig = {} as z.input<typeof configSchema>;
