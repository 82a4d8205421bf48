import type { Context, Hono, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { AccessToken } from './access-token.ts';
import { isOwnHost } from './host-check.ts';
import type { PageFile } from './page-files.ts';

/** Headers of every answer: the page loads nothing from other hosts, and no other site can show or read it. */
const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Cache-Control': 'no-store',
};

const LOGIN = '/login';
/** Paths that need no token: the form and its style, and the health check. */
const OPEN_PATHS: ReadonlySet<string> = new Set([LOGIN, '/page.css', '/healthz']);
const MOST_FORM_BYTES = 4096;

export interface Gate {
  /** Host on which the monitor listens. */
  readonly host: string;
  /** Undefined where none is asked for. */
  readonly token: AccessToken | undefined;
  readonly loginPage: PageFile;
}

/** Refuses every request that the monitor must not answer. Runs before all routes. */
export function addGate(app: Hono, gate: Gate): void {
  app.use(withHeaders);
  app.use(ownHostOnly(gate.host));
  app.use(readingOnly);
  if (gate.token === undefined) return;
  app.use(admittedOnly(gate.token));
  addLogin(app, gate.token, gate.loginPage);
}

const withHeaders: MiddlewareHandler = async (context, next) => {
  await next();
  for (const [name, value] of Object.entries(HEADERS)) context.res.headers.set(name, value);
};

function ownHostOnly(host: string): MiddlewareHandler {
  return async (context, next) => {
    if (isOwnHost(context.req.header('host'), host)) return next();
    return context.text('This monitor does not answer under this host name.\n', 421);
  };
}

const readingOnly: MiddlewareHandler = async (context, next) => {
  const { method, path } = context.req;
  if (method === 'GET' || method === 'HEAD' || (method === 'POST' && path === LOGIN)) return next();
  return context.text('The monitor only reads.\n', 405, { Allow: 'GET, HEAD' });
};

function admittedOnly(token: AccessToken): MiddlewareHandler {
  return async (context, next) => {
    const { path } = context.req;
    if (OPEN_PATHS.has(path)) return next();
    const { authorization, cookie } = context.req.header();
    if (token.admits({ authorization, cookie })) return next();
    if (path === '/') return context.redirect(LOGIN);
    const refusal = { ok: false, message: 'This monitor asks for its token.' };
    return context.json(refusal, 401, { 'WWW-Authenticate': 'Bearer realm="relyt monitor"' });
  };
}

function addLogin(app: Hono, token: AccessToken, page: PageFile): void {
  const form = (context: Context, status: 200 | 401) =>
    context.body(page.text, status, { 'Content-Type': page.type });
  app.get(LOGIN, (context) => form(context, 200));
  const tooLong = (context: Context) => context.text('This is not a token.\n', 413);
  const limit = bodyLimit({ maxSize: MOST_FORM_BYTES, onError: tooLong });
  app.post(LOGIN, limit, async (context) => {
    const { token: given } = await context.req.parseBody();
    if (typeof given !== 'string' || !token.matches(given.trim())) return form(context, 401);
    return context.body(null, 303, { Location: '/', 'Set-Cookie': token.setCookie });
  });
}
