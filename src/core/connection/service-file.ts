/** Service files of libpq: sections of connection options, each with a name. */

import { RelytError } from '../../errors.ts';

/**
 * The options of a service; undefined where the file does not have it.
 * @throws RelytError CONFIG_INVALID with the line that is wrong; it quotes nothing
 */
export function serviceOptions(
  text: string,
  service: string,
  file: string,
): (readonly [name: string, value: string])[] | undefined {
  let found: (readonly [string, string])[] | undefined;
  let isInside = false;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('[')) {
      // The first section of a name counts.
      if (isInside) return found;
      isInside = line === `[${service}]`;
      if (isInside) found = [];
    } else if (isInside) {
      found?.push(optionOf(line, `${file}, line ${index + 1}`));
    }
  }
  return found;
}

function optionOf(line: string, place: string): readonly [string, string] {
  const end = line.indexOf('=');
  const name = line.slice(0, Math.max(end, 0));
  const ldap = line.startsWith('ldap:');
  if (ldap || name === '' || /\s/.test(name)) {
    throw new RelytError('CONFIG_INVALID', `The service file is malformed: ${place}.`, {
      hint: ldap
        ? 'Write the options of the service into the file: relyt does not ask an LDAP server.'
        : 'Write each option as key=value, without spaces before the =.',
    });
  }
  if (name === 'service' || name === 'servicefile') {
    throw new RelytError('CONFIG_INVALID', `A service cannot name another one: ${place}.`, {
      hint: 'Write the options of the other service here as well.',
    });
  }
  return [name, line.slice(end + 1)];
}
