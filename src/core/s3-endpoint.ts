import type { S3FieldReader } from './s3-field-reader.ts';

/** Hosts that stand for all of AWS: the region decides where requests really go. */
const SHARED_AWS_HOSTS: readonly string[] = [
  's3.amazonaws.com',
  'amazonaws.com',
  'cn.amazonaws.com',
  'amazonaws.com.cn',
];

/** The endpoint as a URL with scheme, without a path or a trailing slash. */
export function readEndpoint(read: S3FieldReader): string {
  const text = read.text('endpoint');
  const expected =
    "a host, host:port, or http(s) URL without path, user or query, as in 's3.example.com:9000'";
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  const candidate = hasScheme ? text : `https://${text}`;
  const url = URL.canParse(candidate) ? new URL(candidate) : undefined;
  // A user and password in the URL must not show in an error message.
  const shown = text.includes('@') ? undefined : text;
  const plain =
    url !== undefined &&
    /^https?:$/.test(url.protocol) &&
    url.hostname !== '' &&
    /^\/*$/.test(url.pathname) &&
    `${url.username}${url.password}${url.search}${url.hash}` === '';
  if (!plain || !/^[\x21-\x7e]+$/.test(text)) throw read.refuse('endpoint', expected, shown);
  const scheme = hasScheme ? url.protocol : isLoopback(url.hostname) ? 'http:' : 'https:';
  // `https:` hides its own port 443, and http its 80; an explicit port of the other scheme stays.
  return hasScheme ? url.origin : new URL(`${scheme}//${text}`).origin;
}

export function isAwsEndpoint(endpoint: string): boolean {
  return /(^|\.)amazonaws\.com(\.cn)?$/.test(new URL(endpoint).hostname);
}

/**
 * The URL that S3 requests are sent to. A host that stands for all of AWS (`s3.amazonaws.com`, `cn.amazonaws.com`)
 * becomes the one of the region, so that no request is redirected; every other endpoint stays as it is.
 */
export function regionalEndpoint(settings: {
  readonly endpoint: string;
  readonly region: string;
}): string {
  const { protocol, host } = new URL(settings.endpoint);
  if (!SHARED_AWS_HOSTS.includes(host)) return settings.endpoint;
  const partition = settings.region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return `${protocol}//s3.${settings.region}.${partition}`;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}
