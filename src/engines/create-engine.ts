import { AwsS3Engine } from './aws-s3.ts';
import { CopyEngine } from './copy.ts';
import type { Engine, EngineContext } from './engine.ts';
import { GreenplumEngine } from './greenplum.ts';
import { PostgresEngine } from './postgres.ts';
import type { EngineProfile } from './profiles.ts';
import { RelytEngine } from './relyt.ts';

/** The engine that works as the profile says. */
export function createEngine(profile: EngineProfile, context: EngineContext): Engine {
  switch (profile.engine) {
    case 'relyt':
      return new RelytEngine(context);
    case 'greenplum':
      return new GreenplumEngine(profile, context);
    case 'copy':
      return new CopyEngine(context);
    case 'postgres':
      return new PostgresEngine(context);
    case 'aws-s3':
      return new AwsS3Engine(context);
  }
}
