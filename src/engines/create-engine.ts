import { RelytError } from '../errors.ts';
import { AwsS3Engine } from './aws-s3.ts';
import { CopyEngine } from './copy.ts';
import type { Engine, EngineContext, S3Context } from './engine.ts';
import { GreenplumEngine } from './greenplum.ts';
import { PostgresEngine } from './postgres.ts';
import type { EngineProfile } from './profiles.ts';
import { RelytEngine } from './relyt.ts';

/** The engine that works as the profile says. */
export function createEngine(profile: EngineProfile, context: EngineContext): Engine {
  switch (profile.engine) {
    case 'relyt':
      return new RelytEngine(withS3(context));
    case 'greenplum':
      return new GreenplumEngine(profile, withS3(context));
    case 'copy':
    case 'direct':
      return new CopyEngine(profile, context);
    case 'postgres':
      return new PostgresEngine(withS3(context));
    case 'aws-s3':
      return new AwsS3Engine(withS3(context));
  }
}

function withS3({ s3, ...context }: EngineContext): S3Context {
  if (s3 === undefined)
    throw new RelytError('INTERNAL', 'An engine that reads S3 was created without settings.');
  return { ...context, s3 };
}
