/** Whether a stream gets colours: a terminal does, unless the user says otherwise. */

export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * `NO_COLOR` and `FORCE_COLOR` are the variables that other programs obey, too (no-color.org, force-color.org); an empty
 * one says nothing. `FORCE_COLOR=0` and `=false` are the other way to say no.
 */
export function wantsColours(isTerminal: boolean, env: Variables): boolean {
  if (isSet(env.NO_COLOR)) return false;
  if (isSet(env.FORCE_COLOR)) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  return isTerminal && env.TERM !== 'dumb';
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}
