import { z } from 'zod';
import { configSchema } from '../../dist/config/load-schema.js';
import { normalizeS3Settings } from '../../dist/core/s3-settings.js';
import { configMembers } from './config-members.mjs';
import { bytes, code, page, table } from './markdown.mjs';

/** Field of LOADER_CONFIG() → property of S3Settings it becomes, and its meaning. */
const LOADER_CONFIG_FIELDS = {
  endpoint: [
    'endpoint',
    'Endpoint; a host without a scheme means https, a loopback host means http.',
  ],
  region: ['region', 'Region used for signing.'],
  bucket_name: ['bucket', 'Bucket.'],
  prefix: ['prefix', 'Prefix of all keys.'],
  access_key: [
    'accessKey',
    'Access key id. With neither key, the loader uses the AWS credentials of its process.',
  ],
  secret_key: ['secretKey', 'Secret access key.'],
  session_token: ['sessionToken', 'Session token of temporary credentials.'],
  concurrency: [
    'uploadConcurrency',
    'Parallel part uploads of one file; more than 50 count as 50.',
  ],
  part_size: ['partSizeBytes', 'Bytes of a multipart part.'],
  import_timeout: ['importTimeoutSeconds', 'Seconds an import may take, retries included.'],
  import_error_sleep_time: [
    'importErrorSleepSeconds',
    'Longest pause between two attempts, in seconds.',
  ],
  server_side_encryption: [
    'serverSideEncryption',
    'Encryption asked for staged files: `AES256`, `aws:kms` or `aws:kms:dsse`.',
  ],
  sse_kms_key_id: ['sseKmsKeyId', 'Id, alias or ARN of the KMS key, for the `aws:kms` ones.'],
};

/** docs/reference/config.md: types, defaults and limits from the schema, meanings from the interfaces of src/config. */
export function configPage() {
  const schema = z.toJSONSchema(configSchema, {
    io: 'input',
    unrepresentable: 'any',
    override: describeCustomType,
  });
  const sections = Object.keys(INTERFACES);
  const loading = Object.fromEntries(
    Object.entries(schema.properties).filter(([name]) => !sections.includes(name)),
  );
  const members = configMembers();
  const section = (name) => [
    `## ${name}`,
    members.BulkProcessorConfig[name].meaning,
    settings(`${name}.`, schema.properties[name], members[INTERFACES[name]]),
  ];
  return page(
    '# Configuration',
    'The object `BulkProcessor.create()` takes. A setting that is not listed here is an error (`CONFIG_INVALID`).',
    settings('', { properties: loading, required: schema.required }, members.BulkProcessorConfig),
    ...sections.flatMap(section),
    '## LOADER_CONFIG',
    'The S3 settings the database holds, and what a missing or null field means. ' +
      'The settings of `s3` above, where given, replace the field beside them. ' +
      'Where the fields come from is in [S3 settings](../guide/s3.md#s3-settings).',
    loaderConfig(schema.properties.s3.properties),
  );
}

/** Of each section, the interface that describes it. */
const INTERFACES = {
  postgresql: 'TargetConfig',
  s3: 'S3Config',
  greenplum: 'GreenplumConfig',
  awsS3: 'AwsS3Config',
};

/** A type JSON Schema has no word for: what the schema itself expects. */
function describeCustomType({ zodSchema, jsonSchema }) {
  if (zodSchema._zod.def.type !== 'custom') return;
  const [issue] = zodSchema.safeParse(0).error.issues;
  jsonSchema.type = issue.message.replace(/^expected an? /, '');
}

function settings(prefix, { properties, required = [] }, members) {
  const rows = Object.entries(properties).map(([name, schema]) => [
    code(prefix + name),
    typeOf(schema),
    required.includes(name) ? 'required' : defaultOf(name, schema.default),
    rangeOf(name, schema),
    members[name].meaning,
  ]);
  return table(['setting', 'type', 'default', 'range', 'meaning'], rows);
}

function typeOf(schema) {
  if (schema.enum !== undefined) return schema.enum.map((value) => code(`'${value}'`)).join(', ');
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(' or ');
  if (schema.type === 'array') return `array of ${typeOf(schema.items)}`;
  const values = schema.additionalProperties;
  if (schema.type === 'object' && values?.anyOf) return `object of ${typeOf(values)}`;
  return schema.type;
}

function defaultOf(name, value) {
  if (value === undefined) return '';
  if (typeof value === 'string') return code(`'${value}'`);
  return code(number(name, value));
}

function rangeOf(name, schema) {
  if (schema.type !== 'integer' && schema.type !== 'number') return '';
  const { minimum, exclusiveMinimum, maximum } = schema;
  const least = minimum === undefined ? `more than ${exclusiveMinimum}` : number(name, minimum);
  const unlimited = maximum === undefined || maximum === Number.MAX_SAFE_INTEGER;
  return unlimited ? `${least} and up` : `${least} to ${number(name, maximum)}`;
}

function number(name, value) {
  return typeof value === 'number' && /Bytes$/.test(name) ? bytes(value) : String(value);
}

/** Defaults come from the code that fills them in, given only what has none. */
function loaderConfig(overrides) {
  const given = { endpoint: 's3.example.com', bucket_name: 'bucket' };
  const completed = normalizeS3Settings(given, 'the page generator');
  const rows = Object.entries(LOADER_CONFIG_FIELDS).map(([field, [property, meaning]]) => {
    const value = completed[property];
    const shown = typeof value === 'string' ? code(`'${value}'`) : code(number(property, value));
    const optional = value === undefined || value === '' ? 'none' : shown;
    if (!(property in overrides))
      throw new Error(`s3.${property} is not a setting of the configuration`);
    return [code(field), code(`s3.${property}`), field in given ? 'required' : optional, meaning];
  });
  return table(['field', 'setting', 'default', 'meaning'], rows);
}
