import type { StagedObject } from '../engines/engine.ts';
import type { QueuedFile } from './import-queue.ts';

/** A frozen file, ready to be imported. */
export interface ImportFile extends QueuedFile, StagedObject {}
