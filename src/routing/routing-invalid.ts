import { RelytError } from '../errors.ts';

interface Named {
  readonly schema: string;
  readonly name: string;
}

export function shownName({ schema, name }: Named): string {
  return `${schema}.${name}`;
}

export function routingInvalid(table: Named, message: string, hint: string): RelytError {
  return new RelytError('ROUTING_INVALID', message, { details: { table: shownName(table) }, hint });
}
