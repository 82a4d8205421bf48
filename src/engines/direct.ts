import { CopyEngine } from './copy.ts';
import { type EngineProfile, PROFILES } from './profiles.ts';

/** The engine `copy` over files that are in the memory of the loader: without S3, a load needs nothing but a database. */
export class DirectEngine extends CopyEngine {
  override readonly profile: EngineProfile = PROFILES.direct;
}
