/**
 * Hides secrets, in one place (G7): every text that leaves this package in an error, an event, a log line
 * or a row passes `redact`. It knows secrets in two ways: by the forms they come in, and, once `keepSecret` was told,
 * by heart, wherever they are.
 */

/** What is in the place of a secret. */
const MASK = '…';

/** A shorter secret would hide ordinary words, and guards nothing: only its forms are looked for. */
const SHORTEST_KNOWN = 6;
/** A shorter one is hidden only where it is alone, for the same reason. */
const SHORTEST_ANYWHERE = 12;
/** Temporary credentials are renewed for as long as a process lives. */
const MOST_KNOWN = 256;

/** Of this process: a secret of one task must not show in an error of another one, either. Oldest first. */
const knownSecrets = new Map<string, (text: string) => string>();

/** Remembers what no text may show from now on. Undefined and '' are not secrets. */
export function keepSecret(...secrets: readonly (string | undefined)[]): void {
  for (const secret of secrets) {
    if (secret === undefined || secret.length < SHORTEST_KNOWN) continue;
    knownSecrets.delete(secret);
    knownSecrets.set(secret, hider(secret));
  }
  for (const oldest of knownSecrets.keys()) {
    if (knownSecrets.size <= MOST_KNOWN) return;
    knownSecrets.delete(oldest);
  }
}

/** The text without anything that is, or looks like, a secret. Doing it again changes nothing. */
export function redact(text: string): string {
  let shown = text;
  for (const hide of knownSecrets.values()) shown = hide(shown);
  for (const [form, replacement] of FORMS) shown = shown.replace(form, replacement);
  return shown;
}

/** The text without these secrets, however short, in any of their spellings; the longest go first. */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  const all = secrets.filter((secret) => secret !== '').flatMap(spellings);
  all.sort((a, b) => b.length - a.length);
  return all.reduce((shown, secret) => shown.replaceAll(secret, MASK), text);
}

function hider(secret: string): (text: string) => string {
  const all = spellings(secret).sort((a, b) => b.length - a.length);
  if (secret.length >= SHORTEST_ANYWHERE) {
    return (text) => all.reduce((shown, spelling) => shown.replaceAll(spelling, MASK), text);
  }
  const literal = all.map((spelling) => spelling.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
  const alone = new RegExp(`(?<!\\w)(?:${literal.join('|')})(?!\\w)`, 'g');
  return (text) => text.replace(alone, MASK);
}

/** As it is, in a URL, in CSV, in an SQL literal, in JSON. */
function spellings(secret: string): string[] {
  const escaped = secret.replaceAll('\\', '\\\\');
  const all = [
    secret,
    inUrl(secret),
    secret.replaceAll('"', '""'),
    secret.replaceAll("'", "''"),
    escaped.replaceAll("'", "''"),
    escaped.replaceAll('"', '\\"'),
  ];
  return [...new Set(all)];
}

function inUrl(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

const NAMES =
  'access_?id|access_?key(?:_?id)?|secret(?:_?access)?(?:_?key)?|token|passw(?:or)?d|pwd|signature|x-amz-(?:signature|credential|security-token)';
/** In doubled or escaped quotes, as within a literal; in quotes, with doubled or escaped ones inside; or up to a blank or quote. */
const VALUE = `(?:''[^'\\s][^']*(?:'')?|\\\\["'][^"'\\\\]*(?:\\\\["'])?|'(?:[^'\\\\]|''|\\\\.)*'?|"(?:[^"\\\\]|""|\\\\.)*"?|[^\\s'"]+)`;
const XML =
  'AWSAccessKeyId|AccessKeyId|SecretAccessKey|SessionToken|StringToSign(?:Bytes)?|SignatureProvided|CanonicalRequest(?:Bytes)?|Token(?:-\\d+)?';

/**
 * The forms secrets come in. None may take more than linear time: a message can quote megabytes of a record.
 * Names are found at the end of longer ones, too: `aws_session_token`, `PGPASSWORD`.
 */
const FORMS: readonly (readonly [RegExp, string])[] = [
  // PostgreSQL quotes the whole command, presigned URLs included.
  [/program "(?:(?!program ")[\s\S])*?" failed/g, 'program failed'],
  // A presigned URL is a key to its object, until it is over.
  [/\?[^\s'"?]*X-Amz[^\s'"]*/gi, `?${MASK}`],
  [/AWS4-HMAC-SHA256[\s,]+Credential=[^\r\n'"]*/g, `AWS4-HMAC-SHA256 ${MASK}`],
  [/(\bAWS )[^\s:'"]{1,200}:[\w+/=]{20,}/g, `$1${MASK}`],
  [/(\bAuthorization["']?[^\S\r\n]*[:=][^\S\r\n]*["']?)[^\r\n'"]+/gi, `$1${MASK}`],
  [/(\bx-amz-security-token["']?[^\S\r\n]*:[^\S\r\n]*["']?)[^\s'"]+/gi, `$1${MASK}`],
  // User and password of curl, also in place of keys: --aws-sigv4 takes them so.
  [/(--(?:proxy-)?user(?:=|\s+))(?:'[^']*'?|"[^"]*"?|\S+)/g, `$1${MASK}`],
  [/(\bcurl\b[^\r\n]{0,2000}?\s-[uU]\s*)(?:'[^']*'?|"[^"]*"?|\S+)/g, `$1${MASK}`],
  // LOCATION, conninfo, SQL (but its placeholders), query strings, environment.
  [
    new RegExp(
      `((?:${NAMES})["'\`]?\\s*(?:=|%3D)\\s*)(?!\\$\\d|${MASK}(?:[\\s'":,;)]|$))${VALUE}`,
      'gi',
    ),
    `$1${MASK}`,
  ],
  // JSON, also as a string within JSON, and objects as Node prints them.
  [
    new RegExp(
      `((?:${NAMES})\\\\?["']?\\s*:\\s*)(?:\\\\"[^"\\\\]*|"(?:[^"\\\\]|\\\\.)*"?|'[^']*'?)`,
      'gi',
    ),
    `$1"${MASK}"`,
  ],
  [new RegExp(`(<(?:${XML})>)[^<]*`, 'gi'), `$1${MASK}`],
  // Connection URLs. Of a password with @ in it everything goes; one with a slash is wrong but may have been tried.
  [/(\bpostgres(?:ql)?:\/\/[^\s/:@'"]{0,500}:)[^\s'"]{0,2000}@/gi, `$1${MASK}@`],
  [/(:\/\/[^\s/:@'"]{0,500}:)[^\s'"/]{0,2000}@/g, `$1${MASK}@`],
  // aws_s3: credentials as a composite value, as arguments, and after a key id.
  [/\(\s*\\?"*(?:AKIA|ASIA)[A-Z0-9]{8,}[\s"\\]*,[^)]*\)?/g, `(${MASK})`],
  [/(create_aws_credentials\s*\()(?=[^)]*')[^)]*\)?/gi, `$1${MASK})`],
  [/'(?:AKIA|ASIA)[A-Z0-9]{8,}'(?:\s*,\s*'[^']*'?){1,2}/g, `'${MASK}'`],
  // Where on a cluster it happened: internal addresses, and other ones at every run.
  [/\s*\((?:seg\d+|entry db)\b[^)]{0,300}pid=\d+\)/g, ''],
];
