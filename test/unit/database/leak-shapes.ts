/** The shapes in which secrets were seen to leave a database, an S3 server or a tool, each with what must not be shown. */

/** A secret with the characters AWS uses, never told to the package: only its form can give it away. */
export const SECRET = 'wJalrXUt/nFEMI+K7MDENG=bPxRfi';
const TOKEN = 'FwoGZXIvYXdzEBYaDH/token+part==';
export const PASSWORD = 'hunter2-of-the-loader';
const SIGNATURE = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b';
const KEY_ID = 'AKIAIOSFODNN7EXAMPLE';

export interface LeakShape {
  readonly shape: string;
  readonly text: string;
  readonly hidden: readonly string[];
}

const PRESIGNED = `https://s3.example:9000/b/relyt/f.csv?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${KEY_ID}%2F20261123%2Feu%2Fs3%2Faws4_request&X-Amz-Security-Token=${encodeURIComponent(TOKEN)}&X-Amz-Signature=${SIGNATURE}`;
const S3_URL = 's3://s3.example:9000/b/relyt/import-000001/';

const presigned: readonly LeakShape[] = [
  ['a presigned URL', PRESIGNED],
  ['one in quotes', `could not get "${PRESIGNED}", will try again`],
  ['two in one line', `first ${PRESIGNED} and ${PRESIGNED}`],
  ['one without what stands before its query', PRESIGNED.slice(PRESIGNED.indexOf('?'))],
  ['one in another URL', `http://proxy.example/?to=${encodeURIComponent(PRESIGNED)}`],
  ['one of which the beginning was cut off', `…s4_request&X-Amz-Signature=${SIGNATURE}`],
  ['the command of a foreign table', `program "curl -q -fsS --globoff '${PRESIGNED}'" failed`],
  ['a curl command', `child process: curl -fsS --max-redirs 0 '${PRESIGNED}' '${PRESIGNED}'`],
].map(([shape = '', text = '']) => ({
  shape,
  text,
  hidden: [SIGNATURE, encodeURIComponent(TOKEN)],
}));

const commands: readonly LeakShape[] = [
  [
    'curl that signs',
    `curl --aws-sigv4 aws:amz:eu:s3 --user ${KEY_ID}:${SECRET} https://s3.example/b`,
  ],
  [
    'curl that signs, with an equals sign',
    `curl --user="${KEY_ID}:${SECRET}" https://s3.example/b`,
  ],
  ['curl with a short flag', `sh: curl -s -u '${KEY_ID}:${SECRET}' https://s3.example/b`],
].map(([shape = '', text = '']) => ({ shape, text, hidden: [SECRET] }));

const location = (shape: string, parameters: string): LeakShape => ({
  shape: `a LOCATION ${shape}`,
  text: `External table e, line 4 of ${S3_URL} ${parameters}: "4,40"`,
  hidden: [SECRET, TOKEN],
});
const locations: readonly LeakShape[] = [
  location('as Relyt has it', `accessid=${KEY_ID} secret=${SECRET} token=${TOKEN} version=2`),
  location('in capitals', `ACCESSID=${KEY_ID} SECRET=${SECRET} TOKEN=${TOKEN}`),
  location('with quotes', `accessid='${KEY_ID}' secret='${SECRET}' token="${TOKEN}"`),
  location('with doubled quotes', `accessid=''${KEY_ID}'' secret=''${SECRET}'' token=''${TOKEN}''`),
  location('with escaped quotes', `secret=\\"${SECRET}\\" token=\\'${TOKEN}\\'`),
  location('over several lines', `\n  accessid=${KEY_ID}\n  secret=${SECRET}\n\ttoken=${TOKEN}\n`),
  location('with spaces', `accessid = ${KEY_ID} secret = ${SECRET} token =  ${TOKEN}`),
  location('with spaces and quotes', `secret = '${SECRET}' token = "${TOKEN}"`),
  location('with other names', `access_key_id=A secret_key=${SECRET} session_token=${TOKEN}`),
  location('of a configuration file', `[default]\nsecret = "${SECRET}"\ntoken = "${TOKEN}"`),
  location('of the environment', `AWS_SECRET_ACCESS_KEY=${SECRET} AWS_SESSION_TOKEN=${TOKEN}`),
  location('in the catalogue', `{"${S3_URL} accessid=A secret=${SECRET} token=${TOKEN}"}`),
];

const awsS3: readonly LeakShape[] = [
  ['a credentials value', `malformed record literal: "(${KEY_ID},${SECRET},${TOKEN})"`],
  ['a credentials value in quotes', `("${KEY_ID}","${SECRET}","${TOKEN}")`],
  ['a credentials value with blanks', `( ${KEY_ID} , ${SECRET}, ${TOKEN} )`],
  [
    'the making of credentials',
    `SQL statement "select aws_commons.create_aws_credentials('${KEY_ID}', '${SECRET}', '${TOKEN}')"`,
  ],
  [
    'the making of credentials over lines',
    `aws_commons.create_aws_credentials(\n  'whatever-id',\n  '${SECRET}',\n  '${TOKEN}'\n)`,
  ],
  [
    'an import',
    `table_import_from_s3('t','','(format csv)','b','k','r','${KEY_ID}','${SECRET}','${TOKEN}')`,
  ],
].map(([shape = '', text = '']) => ({ shape: `aws_s3: ${shape}`, text, hidden: [SECRET, TOKEN] }));

const database: readonly LeakShape[] = [
  ['a URL', `postgres://loader:${PASSWORD}@db.example:5432/app`],
  ['a URL in text', `invalid connection "postgresql://loader:${PASSWORD}@db/app?sslmode=require"`],
  ['a URL whose password has an @', `postgres://loader:p@${PASSWORD}@db/app`],
  ['a URL whose password has a slash', `postgresql://loader:p/${PASSWORD}@db/app`],
  ['a URL of something else', `redis://:${PASSWORD}@cache.example/0`],
  ['key words', `host=db password=${PASSWORD} dbname=app`],
  ['key words with quotes', `host=db password='${PASSWORD}\\' it' dbname=app`],
  ['the parameter of a URL', `postgres://db/app?user=loader&password=${PASSWORD}&x=1`],
  ['the environment', `PGPASSWORD=${PASSWORD} psql`],
  ['an object', `{ user: 'loader', password: '${PASSWORD}' }`],
  ['JSON', `{"user":"loader","password":"${PASSWORD}"}`],
  ['JSON in JSON', JSON.stringify(`{"password":"${PASSWORD}"}`)],
].map(([shape = '', text = '']) => ({ shape: `a connection: ${shape}`, text, hidden: [PASSWORD] }));

const answers: readonly LeakShape[] = [
  {
    shape: 'the answer to a wrong signature',
    text: `<Error><Code>SignatureDoesNotMatch</Code><AWSAccessKeyId>${KEY_ID}</AWSAccessKeyId><StringToSign>AWS4-HMAC-SHA256\n20261123T000000Z\n20261123/eu/s3\nsts-line</StringToSign><SignatureProvided>${SIGNATURE}</SignatureProvided><CanonicalRequest>GET\n/b/f\nx-amz-security-token:${TOKEN}</CanonicalRequest></Error>`,
    hidden: [KEY_ID, SIGNATURE, 'sts-line', TOKEN],
  },
  {
    shape: 'one that was cut off',
    text: `<StringToSign>AWS4-HMAC-SHA256 sts-line`,
    hidden: ['sts-line'],
  },
  {
    shape: 'temporary credentials of a service',
    text: `<SecretAccessKey>${SECRET}</SecretAccessKey><SessionToken>${TOKEN}</SessionToken> {"SecretAccessKey":"${SECRET}","Token" : "${TOKEN}"}`,
    hidden: [SECRET, TOKEN],
  },
];

const headers: readonly LeakShape[] = [
  [
    'Authorization',
    `Authorization: AWS4-HMAC-SHA256 Credential=${KEY_ID}/20261123/eu/s3/aws4_request, SignedHeaders=host, Signature=${SIGNATURE}`,
  ],
  [
    'Authorization as an argument',
    `curl -H 'Authorization: Bearer ${SIGNATURE}' https://s3.example`,
  ],
  ['Authorization in JSON', `{"authorization":"Basic ${SIGNATURE}","host":"s3"}`],
  [
    'the value of Authorization alone',
    `AWS4-HMAC-SHA256 Credential=${KEY_ID}/x, Signature=${SIGNATURE}`,
  ],
  ['a signature of version 2', `AWS ${KEY_ID}:${SIGNATURE}`],
  ['x-amz-security-token', `x-amz-security-token: ${SIGNATURE}\r\nhost: s3.example`],
  ['X-Amz-Security-Token in JSON', `{"X-Amz-Security-Token":"${SIGNATURE}"}`],
].map(([shape = '', text = '']) => ({ shape: `the header ${shape}`, text, hidden: [SIGNATURE] }));

export const LEAK_SHAPES: readonly LeakShape[] = [
  ...presigned,
  ...commands,
  ...locations,
  ...awsS3,
  ...database,
  ...answers,
  ...headers,
];
