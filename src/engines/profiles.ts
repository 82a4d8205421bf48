import { type Dialect, POSTGRESQL } from '../core/dialect.ts';

/** What a user chooses. `relyt engines` lists them. */
export const ENGINE_NAMES = ['relyt', 'greenplum', 'aws-s3', 'copy', 'postgres', 'direct'] as const;

export type EngineName = (typeof ENGINE_NAMES)[number];

/** Everything in which one kind of database differs from the others. The code asks the profile, never a version. */
export interface EngineProfile {
  readonly engine: EngineName;
  /** Tells the profiles of one engine apart, as Greenplum 6 from 7; stored nowhere. */
  readonly name: string;
  /** Databases it is for. */
  readonly databases: string;
  /** How such a database reads staged files, as a sentence. */
  readonly reads: string;
  /** What an administrator prepares, as a sentence. */
  readonly needs: string;
  /** How a key that exists already is treated, as a sentence. */
  readonly upserts: string;
  readonly dialect: Dialect;
  /** The files of an import are in a folder of their own, and all that is in it is read. */
  readonly folderPerImport: boolean;
  /** Most files one import may read. */
  readonly maxFilesPerImport: number;
  /** The external table is a temporary one; where that is not possible it has a random name. */
  readonly temporaryExternalTable: boolean;
  /** The database's downloads cannot be tied to the objects that were staged: the loader looks before and after. */
  readonly readsUnseen: boolean;
  /** Staged files may be tuples of binary COPY; otherwise they are CSV. */
  readonly readsBinary: boolean;
  /** Rows of the layout `tuples` may go straight into the target, without a relation that INSERT … SELECT reads. */
  readonly copiesStraight: boolean;
  /**
   * A transfer that breaks off is an error of the database. Another number of rows than were staged, without an error,
   * then comes of how its servers are set up, and comes again; elsewhere another reading may bring all of them.
   */
  readonly miscountIsFinal: boolean;
  /** How the database itself is let into S3. */
  readonly access: Access;
  /**
   * Closed files stay in memory until their import commits, and no S3 is used: nothing is durable before, so a resume
   * replays the source from there.
   */
  readonly inMemory: boolean;
}

/**
 * - `presigned`: URLs made by the loader, so whatever lets the loader in will do;
 * - `none`: the database reads nothing, the loader hands the files over;
 * - `keys`: the loader hands over an access key and a secret, and nothing else would work;
 * - `server`: a file on the server holds an access key and a secret.
 * - `keys-or-role`: the loader's keys, session token included, or a role the database has itself.
 */
export type Access = 'presigned' | 'none' | 'keys' | 'server' | 'keys-or-role';

/** PostgreSQL 9.4 underneath. */
const GREENPLUM_6: Dialect = {
  onConflict: false,
  distributed: true,
  modernCatalogue: false,
  rowSecurity: false,
  temporaryKind: '',
  tableStorage: (key) => ` distributed by (${key})`,
};

const GREENPLUM_7: Dialect = {
  ...GREENPLUM_6,
  onConflict: true,
  modernCatalogue: true,
  rowSecurity: true,
};

/** Bookkeeping is small and changed row by row: it lives on the coordinator, in a heap. */
const RELYT: Dialect = {
  ...GREENPLUM_7,
  // Not known of its coordinator's tables, and a schema that cannot be installed is worse.
  rowSecurity: false,
  temporaryKind: ' using heap',
  tableStorage: () => ' using heap distributed none',
};

const EXTERNAL_TABLE_LIMITS = {
  inMemory: false,
  folderPerImport: true,
  // A scan lists the folder on every segment; far more files than segments only cost requests.
  maxFilesPerImport: 1000,
  readsUnseen: true,
  readsBinary: false,
  copiesStraight: false,
  miscountIsFinal: true,
} as const;

const UPSERTS = 'INSERT … ON CONFLICT, or MERGE on PostgreSQL 15 and later while many rows are new';

/** The loader itself streams the rows through COPY. */
const STREAMED = {
  needs: 'the right to create temporary tables',
  upserts: UPSERTS,
  dialect: POSTGRESQL,
  folderPerImport: false,
  temporaryExternalTable: true,
  readsUnseen: false,
  readsBinary: true,
  copiesStraight: true,
  miscountIsFinal: false,
  access: 'none',
} as const;

export const PROFILES = {
  relyt: {
    engine: 'relyt',
    name: 'relyt',
    databases: 'Relyt',
    reads:
      'an S3 external table whose LOCATION holds access key and secret; segments read in parallel',
    needs: 'LOADER_CONFIG() with static keys; CREATE on the schema of the target table',
    upserts: 'INSERT … ON CONFLICT, after a reduction to the last record of each key',
    dialect: RELYT,
    ...EXTERNAL_TABLE_LIMITS,
    temporaryExternalTable: false,
    access: 'keys',
  },
  greenplum6: {
    engine: 'greenplum',
    name: 'greenplum 6',
    databases: 'Greenplum 6',
    reads:
      'an S3 external table with the keys in a configuration file of the servers; segments read in parallel',
    needs:
      'the protocol s3 with SELECT for the role, and its configuration file on every segment host',
    upserts: 'UPDATE and INSERT of the last record of each key, under a lock of the table',
    dialect: GREENPLUM_6,
    ...EXTERNAL_TABLE_LIMITS,
    temporaryExternalTable: true,
    access: 'server',
  },
  greenplum7: {
    engine: 'greenplum',
    name: 'greenplum 7',
    databases: 'Greenplum 7, Cloudberry',
    reads:
      'an S3 external table with the keys in a configuration file of the servers; segments read in parallel',
    needs:
      'the protocol s3 with SELECT for the role, and its configuration file on every segment host',
    upserts: 'INSERT … ON CONFLICT, after a reduction to the last record of each key',
    dialect: GREENPLUM_7,
    ...EXTERNAL_TABLE_LIMITS,
    temporaryExternalTable: true,
    access: 'server',
  },
  awsS3: {
    engine: 'aws-s3',
    name: 'aws-s3',
    databases: 'Amazon RDS and Aurora for PostgreSQL 12 and later',
    reads: 'aws_s3.table_import_from_s3 into a temporary table',
    needs: 'the extension aws_s3 with its rights, and an IAM role of the instance or keys',
    upserts: UPSERTS,
    dialect: POSTGRESQL,
    folderPerImport: false,
    maxFilesPerImport: 60,
    temporaryExternalTable: true,
    readsUnseen: true,
    readsBinary: false,
    copiesStraight: false,
    miscountIsFinal: false,
    access: 'keys-or-role',
    inMemory: false,
  },
  copy: {
    engine: 'copy',
    name: 'copy',
    databases: 'any PostgreSQL 12 and later: Cloud SQL, Azure, Neon, Supabase …',
    reads:
      'nothing itself: the loader streams the staged files through COPY, straight into the table or into a temporary one',
    ...STREAMED,
    maxFilesPerImport: 60,
    inMemory: false,
  },
  postgres: {
    engine: 'postgres',
    name: 'postgres',
    databases: 'PostgreSQL 13 and later on a server of your own',
    reads: 'a file_fdw foreign table whose program, curl, downloads presigned URLs',
    needs: '`relyt init` by a superuser, once; curl on the server',
    upserts: UPSERTS,
    dialect: POSTGRESQL,
    folderPerImport: false,
    maxFilesPerImport: 60,
    temporaryExternalTable: true,
    readsUnseen: false,
    readsBinary: true,
    copiesStraight: false,
    miscountIsFinal: false,
    access: 'presigned',
    inMemory: false,
  },
  direct: {
    engine: 'direct',
    name: 'direct',
    databases: 'any PostgreSQL 12 and later, without S3',
    reads:
      'no S3: the loader keeps its files in memory and streams them through COPY, straight into the table or into a temporary one',
    ...STREAMED,
    maxFilesPerImport: 1,
    inMemory: true,
  },
} as const satisfies Record<string, EngineProfile>;
